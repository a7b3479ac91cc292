// A Postfix of the test's own: its configuration, queue and mailboxes in the test's folder, a free port of the loopback, its
// own master, which ends with the object. Mail for example.org goes to mailboxes, for relay.test to the next server.
#pragma once

#include "email/mail_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <thread>

namespace beckon::testing {

inline sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline int free_port() {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(file, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(file);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

class Postfix {
 public:
  Postfix(const Folder& folder, const Pki& pki, const std::string& next_port) : folder_(folder), port_(free_port()) {
    // Its processes are not root.
    std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all | std::filesystem::perms::group_exec |
                                                    std::filesystem::perms::others_exec | std::filesystem::perms::others_read);
    for (const char* name : {"config", "mail", "queue"}) std::filesystem::create_directory(folder.path() / name);
    if (::chown((folder.path() / "mail").c_str(), mailbox_owner, mailbox_owner) != 0) throw std::runtime_error("no mailboxes");
    const std::string home = folder.path();
    std::ofstream(folder.path() / "config/main.cf")
        << "compatibility_level = 3.6\nqueue_directory = " << home << "/queue\ndata_directory = " << home
        << "/data\nmaillog_file = " << home << "/postfix.log\nmaillog_file_prefixes = " << home
        << "\nmyhostname = mx.test\nmydestination =\nlocal_recipient_maps =\nalias_maps =\nalias_database =\n"
           "inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmynetworks = 127.0.0.0/8\n"
           "smtpd_peername_lookup = no\ndisable_dns_lookups = yes\n"
           "virtual_mailbox_domains = example.org, example.com\n"
           "virtual_mailbox_maps = inline:{ {octo@example.org=octo/}, {bounces@example.com=bounces/} }\n"
           "recipient_delimiter = +\nvirtual_mailbox_base = "
        << home << "/mail\nvirtual_uid_maps = static:" << mailbox_owner
        << "\nvirtual_gid_maps = static:" << mailbox_owner
        << "\nrelay_domains = relay.test\ntransport_maps = inline:{ {relay.test=smtp:[127.0.0.1]:" << next_port
        << "} }\nsmtpd_tls_chain_files = " << pki.server_file
        << "\nsmtpd_tls_security_level = may\nsmtp_tls_security_level = none\n";
    std::ofstream(folder.path() / "config/master.cf")
        << "127.0.0.1:" << port_ << " inet n - n - - smtpd\n"
           "cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\ntlsmgr unix - - n 1000? 1 tlsmgr\n"
           "rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n"
           "trace unix - - n - 0 bounce\nproxymap unix - - n - - proxymap\nsmtp unix - - n - - smtp\nerror unix - - n - - error\n"
           "virtual unix - n n - - virtual\nanvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\n"
           "postlog unix-dgram n - n - 1 postlogd\n";
    const std::string config = home + "/config";
    const pid_t check = start({"/usr/sbin/postfix", "-c", config, "check"});
    int status = -1;
    ::waitpid(check, &status, 0);
    if (status != 0) throw std::runtime_error("Postfix is not content: " + folder.read("errors") + log());
    master_ = start({"/usr/lib/postfix/sbin/master", "-c", config, "-d"});
    const bool listens = within_half_a_minute([&] {
      const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in address = loopback(port_);
      const bool connected = ::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
      ::close(file);
      return connected;
    });
    if (!listens) {
      end();
      throw std::runtime_error("Postfix does not listen: " + folder.read("errors") + log());
    }
  }
  ~Postfix() { end(); }
  Postfix(const Postfix&) = delete;
  Postfix& operator=(const Postfix&) = delete;

  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
  std::string log() const { return folder_.read("postfix.log"); }
  // The next mail of that mailbox, as it lies there; empty when none comes.
  std::string mail_of(const std::string& mailbox) const {
    std::string text;
    const std::filesystem::path fresh = folder_.path() / "mail" / mailbox / "new";
    within_half_a_minute([&] {
      std::error_code none_yet;
      for (const auto& file : std::filesystem::directory_iterator(fresh, none_yet)) text = folder_.read(file.path());
      return !text.empty();
    });
    return text;
  }

 private:
  static constexpr unsigned mailbox_owner = 65'534;  // nobody

  template <class Met>
  static bool within_half_a_minute(const Met& met) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!met()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }

  // In a process group of its own: the master ends its whole group.
  pid_t start(std::vector<std::string> words) const {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    const std::string errors = folder_.path() / "errors";
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t pid = -1;
    const int failure = ::posix_spawn(&pid, argv[0], &files, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (failure != 0) throw std::runtime_error(words[0] + " does not start (scripts/setup tests all installs it)");
    return pid;
  }

  void end() {
    if (master_ <= 0) return;
    ::kill(master_, SIGTERM);
    ::waitpid(master_, nullptr, 0);
    master_ = -1;
  }

  const Folder& folder_;
  const int port_;
  pid_t master_ = -1;
};

}  // namespace beckon::testing
