// Standard output of this process, caught in a file of its own for as long as the object lives.
#pragma once

#include <cstdio>
#include <string>

#include <unistd.h>

namespace beckon::testing {

class CapturedStdout {
 public:
  CapturedStdout() : file_(std::tmpfile()) {
    std::fflush(stdout);
    before_ = dup(STDOUT_FILENO);
    dup2(fileno(file_), STDOUT_FILENO);
  }
  ~CapturedStdout() {
    restore();
    std::fclose(file_);
  }
  CapturedStdout(const CapturedStdout&) = delete;
  CapturedStdout& operator=(const CapturedStdout&) = delete;

  std::string text() {
    restore();
    std::string text;
    std::rewind(file_);
    for (int c; (c = std::fgetc(file_)) != EOF;) text += static_cast<char>(c);
    return text;
  }

 private:
  void restore() {
    if (before_ < 0) return;
    dup2(before_, STDOUT_FILENO);
    close(before_);
    before_ = -1;
  }
  std::FILE* file_;
  int before_ = -1;
};

}  // namespace beckon::testing
