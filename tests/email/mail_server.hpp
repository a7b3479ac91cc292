// A real mail server on loopback (aiosmtpd), started by the test and ended with the object; what it got, as an independent
// parser reads it. Everything in a folder of its own.
#pragma once

#include "core/net/certificates.hpp"

#include <nlohmann/json.hpp>
#include <openssl/pem.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

extern char** environ;

namespace beckon::testing {

class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "beckon-mail-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("no folder for the test: " + name);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string read(const std::filesystem::path& file) const {
    std::ifstream in(path_ / file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path path_;
};

// With its key, as a server reads it.
inline std::string pem_with_key(const core::testing::Certificate& certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PrivateKey(out.get(), certificate.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size)) + certificate.pem();
}

// Certificates for 127.0.0.1, or for whom else.
struct Pki {
  explicit Pki(const Folder& folder, const std::string& name = "IP:127.0.0.1")
      : authority(core::testing::make_authority()),
        server(core::testing::make_certificate(&authority, {{name}})),
        ca_file(folder.path() / "ca.pem"),
        server_file(folder.path() / "server.pem") {
    std::ofstream(ca_file) << authority.pem();
    std::ofstream(server_file) << pem_with_key(server);
  }
  core::testing::Certificate authority, server;
  std::string ca_file, server_file;
};

class MailServer {
 public:
  MailServer(const Folder& folder, std::vector<std::string> options) : folder_(folder) {
    std::vector<std::string> words = {"/usr/bin/python3", BECKON_SOURCE_DIR "/tests/email/server.py", folder.path()};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pipe[1], 1);
    const std::string errors = folder.path() / "errors";
    posix_spawn_file_actions_addopen(&files, 2, errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    const int failure = ::posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    ::close(pipe[1]);
    std::FILE* said = ::fdopen(pipe[0], "r");
    const bool started = failure == 0 && std::fscanf(said, "%d", &port_) == 1;
    std::fclose(said);
    if (!started) {
      end();
      throw std::runtime_error("the mail server does not start (scripts/setup tests installs it): " + folder.read("errors"));
    }
  }
  ~MailServer() { end(); }
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  std::string url(const std::string& scheme = "smtp") const { return scheme + "://127.0.0.1:" + std::to_string(port_); }
  // The messages that it took, in order.
  std::vector<nlohmann::json> taken() const {
    std::vector<nlohmann::json> all;
    for (int n = 1;; ++n) {
      const std::string text = folder_.read(std::to_string(n) + ".json");
      if (text.empty()) return all;
      all.push_back(nlohmann::json::parse(text));
    }
  }
  // "EHLO", "AUTH", "PLAIN with TLS", "MAIL"...
  std::vector<std::string> log() const {
    std::vector<std::string> lines;
    std::istringstream in(folder_.read("log"));
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

 private:
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  const Folder& folder_;
  pid_t pid_ = -1;
  int port_ = 0;
};

}  // namespace beckon::testing
