#include "sink/crash_note.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <string>

namespace beckon::core {
namespace {

constexpr std::array<int, 5> crashes = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
constexpr std::size_t longest = 24;   // a row's number, and a line's end

struct Line {
  char text[longest];
  volatile sig_atomic_t size = 0;
};
thread_local Line inside;   // of this thread; nothing while it is in no plugin

char notes[4096];             // the file's path; empty: no notes are kept
std::array<struct sigaction, crashes.size()> before;

// Only what a signal handler may do. The one before us is put back and has its turn: a faulty instruction is run again, and
// what somebody raised is raised again.
void note(int signal, siginfo_t* about, void*) {
  if (inside.size > 0 && notes[0] != '\0') {
    const int descriptor = ::open(notes, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor >= 0) (void)!::write(descriptor, inside.text, static_cast<std::size_t>(inside.size));
  }
  for (std::size_t i = 0; i < crashes.size(); ++i)
    if (crashes[i] == signal) ::sigaction(signal, &before[i], nullptr);
  if (about->si_code <= 0) ::raise(signal);
}

}  // namespace

void keep_crash_notes(const std::filesystem::path& file) {
  const std::string path = file.string();
  const bool first = notes[0] == '\0';
  if (!first || path.size() >= sizeof notes) return;
  std::memcpy(notes, path.c_str(), path.size() + 1);
  struct sigaction action {};
  action.sa_sigaction = note;
  action.sa_flags = SA_ONSTACK | SA_SIGINFO;
  for (std::size_t i = 0; i < crashes.size(); ++i) ::sigaction(crashes[i], &action, &before[i]);
}

std::vector<std::int64_t> read_crash_notes(const std::filesystem::path& file) {
  std::vector<std::int64_t> subscriptions;
  std::ifstream in(file);
  for (std::int64_t one = 0; in >> one;) subscriptions.push_back(one);
  return subscriptions;
}

void clear_crash_notes(const std::filesystem::path& file) {
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
}

InsidePlugin::InsidePlugin(std::string_view subscription) {
  const std::size_t size = std::min(subscription.size(), longest - 1);
  std::memcpy(inside.text, subscription.data(), size);
  inside.text[size] = '\n';
  inside.size = static_cast<sig_atomic_t>(size + 1);
}

InsidePlugin::~InsidePlugin() { inside.size = 0; }

}  // namespace beckon::core
