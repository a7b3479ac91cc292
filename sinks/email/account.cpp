#include "account.hpp"

#include "header.hpp"

#include <algorithm>
#include <charconv>

namespace beckon::email {
namespace {

constexpr std::size_t longest_id = 40;  // of a delivery, or of a question about its recipient

constexpr std::string_view how_it_looks = "write smtp://mail.example.com:587, or smtps://mail.example.com:465";

bool begins(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

bool is_implicit(std::string_view server) { return begins(lower(server.substr(0, 8)), "smtps://"); }

std::string_view after_scheme(std::string_view server) { return server.substr(server.find("://") + 3); }

// "mail.example.com", "[::1]"
std::string_view host_of(std::string_view server) {
  const std::string_view rest = after_scheme(server);
  const std::size_t bracket = rest.find(']');
  return rest.substr(0, bracket == std::string_view::npos ? rest.find(':') : bracket + 1);
}

bool is_host(std::string_view host) {
  if (host.size() > 4 && host.front() == '[')
    return host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
  };
  for (const char c : host) {
    if (!allowed(c)) return false;
  }
  return !host.empty() && host.size() <= 253;
}

bool is_port(std::string_view port) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && end == port.data() + port.size() && number > 0 && number < 65'536;
}

std::string wrong_server(std::string_view server) {
  const std::string scheme = lower(server.substr(0, std::min<std::size_t>(server.find("://"), 16)));
  if (server.find("://") == std::string_view::npos || (scheme != "smtp" && scheme != "smtps"))
    return "this does not say how to reach the mail server; " + std::string(how_it_looks);
  std::string_view rest = after_scheme(server);
  if (rest.find('@') != std::string_view::npos)
    return "the login does not stand in `server`; set username and password";
  const std::string_view host = host_of(server);
  rest.remove_prefix(host.size());
  if (!is_host(host) || (!rest.empty() && (rest[0] != ':' || !is_port(rest.substr(1)))))
    return "this is no mail server's address; " + std::string(how_it_looks);
  return {};
}

bool is_loopback(std::string_view host) {
  const std::string name = lower(host);
  const bool is_four = begins(name, "127.") && name.find_first_not_of("0123456789.") == std::string::npos;
  return name == "localhost" || name == "[::1]" || is_four;
}

Tls tls_of(const Values& settings) {
  const std::string tls = settings.text("tls");
  if (tls.empty()) return is_implicit(settings.text("server")) ? Tls::implicit : Tls::starttls;
  return tls == "implicit" ? Tls::implicit : tls == "none" ? Tls::none : Tls::starttls;
}

std::string with_id(std::string_view pattern, std::string_view id) {
  std::string out(pattern);
  const std::size_t at = out.find(id_placeholder);
  return at == std::string::npos ? out : out.replace(at, id_placeholder.size(), id);
}

std::string wrong_sender(std::string_view written) {
  std::string wrong = wrong_mailbox(written);
  if (wrong.empty() && !is_ascii(mailbox(written).address))
    wrong = "a sender's address with letters beyond ASCII is refused by many servers; write its domain as xn--...";
  return wrong;
}

std::string wrong_return_path(std::string_view pattern) {
  if (pattern.find(id_placeholder) != pattern.rfind(id_placeholder)) return "{id} stands in it once";
  const std::string address = with_id(pattern, std::string(longest_id, '0'));
  if (address.find('<') == std::string::npos && wrong_mailbox(address).empty()) return wrong_sender(address);
  return "this is no address for bounces, which looks like bounces+{id}@example.com and leaves room for an id of 40 letters";
}

void check_encryption(const Values& settings, std::vector<Wrong>& wrong) {
  const std::string server = settings.text("server");
  const std::string tls = settings.text("tls");
  if (is_implicit(server) && (tls == "none" || tls == "starttls"))
    wrong.push_back({"tls", "smtps:// is encrypted from the first byte; leave tls out, or write smtp:// in `server`"});
  if (!is_implicit(server) && tls == "implicit")
    wrong.push_back({"tls", "with tls = \"implicit\" the server is written smtps://"});
  if (!is_implicit(server) && tls == "none" && !is_loopback(host_of(server)))
    wrong.push_back({"tls", "without encryption mail and login go in clear, so this is allowed for a server on this machine "
                            "only (localhost, 127.0.0.1, [::1])"});
}

}  // namespace

std::vector<Wrong> what_is_wrong(const Values& settings) {
  std::vector<Wrong> wrong;
  const auto add = [&](const char* option, std::string sentence) {
    if (!sentence.empty()) wrong.push_back({option, std::move(sentence)});
  };
  const std::string server = settings.text("server");
  if (std::string sentence = wrong_server(server); !sentence.empty()) add("server", std::move(sentence));
  else check_encryption(settings, wrong);
  const std::string username = settings.text("username"), password = settings.text("password");
  if (username.empty() && !password.empty()) add("username", "there is a password, but nobody whom it belongs to");
  if (!username.empty() && password.empty()) add("password", "there is a username, but no password");
  if ((username + password).find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos)
    add("password", "username or password hold a line break, which no login takes");
  const std::string from = settings.text("from"), return_path = settings.text("return_path");
  add("from", wrong_sender(from));
  if (!return_path.empty()) add("return_path", wrong_return_path(return_path));
  return wrong;
}

Account account(const Values& settings) {
  Account account;
  account.url = settings.text("server");
  account.tls = tls_of(settings);
  account.username = settings.text("username");
  account.password = settings.text("password");
  account.from = mailbox(settings.text("from"));
  account.return_path = settings.text("return_path");
  account.ca_file = settings.text("ca_file");
  return account;
}

std::string envelope_sender(const Account& account, std::string_view delivery) {
  if (account.return_path.empty()) return account.from.address;
  return with_id(account.return_path, id_part(delivery));
}

}  // namespace beckon::email
