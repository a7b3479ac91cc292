#include "session.hpp"

#include "dialogue.hpp"

#include <beckon/text.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <string_view>

#include <poll.h>

namespace beckon::email {
namespace {

constexpr std::int64_t goodbye_ms = 2'000;  // how long QUIT may take when all is said
// libcurl looks at clock and host once a second, and may still wait for an answer to QUIT when the time is over.
constexpr std::int64_t libcurls_delay_ms = 1'500;
constexpr std::int64_t look_up_ms = 250;    // between two looks at clock and host
constexpr std::size_t longest_reply_line = 16 * 1024;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* what) const { Free(what); }
};
using Easy = std::unique_ptr<CURL, Freed<curl_easy_cleanup>>;
using Mime = std::unique_ptr<curl_mime, Freed<curl_mime_free>>;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

class Lines {
 public:
  void add(const std::string& line) { list_.reset(curl_slist_append(list_.release(), line.c_str())); }
  curl_slist* get() const { return list_.get(); }

 private:
  std::unique_ptr<curl_slist, Freed<curl_slist_free_all>> list_;
};

class Session {
 public:
  Session(const Account& account, const Envelope& envelope, const Patience& patience)
      : account_(account),
        envelope_(envelope),
        patience_(patience),
        end_ms_(patience.deadline_ms - libcurls_delay_ms),
        easy_(curl_easy_init()) {
    if (!easy_) throw std::bad_alloc();
    connect_as_said();
    watch();
    set(CURLOPT_MAIL_FROM, envelope_.sender.c_str());
    recipients_.add(envelope_.recipient);
    set(CURLOPT_MAIL_RCPT, recipients_.get());
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Outcome send(const Message& message) {
    const Mime mime(curl_mime_init(easy_.get()));
    add_part(mime.get(), message.text, "text/plain; charset=utf-8");
    if (!message.html.empty()) add_part(mime.get(), message.html, "text/html; charset=utf-8");
    Lines headers;
    for (const std::string& header : message.headers) headers.add(header);
    headers.add("Content-Type: multipart/alternative");
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_MIMEPOST, mime.get());
    const CURLcode ended = perform();
    return dialogue_.content_was_taken() ? Outcome::delivered() : what_happened(ended);
  }

  // libcurl greets, encrypts and logs in; the rest is said here.
  Outcome ask() {
    set(CURLOPT_CONNECT_ONLY, 1L);
    set(CURLOPT_FORBID_REUSE, 0L);  // such a connection is closed without a word
    if (const CURLcode ended = perform(); ended != CURLE_OK) return what_happened(ended);
    const std::string utf8 = dialogue_.offers_smtputf8() && !is_plain_envelope() ? " SMTPUTF8" : "";
    for (const std::string& command : {"MAIL FROM:<" + envelope_.sender + ">" + utf8, "RCPT TO:<" + envelope_.recipient + ">"}) {
      const CURLcode ended = say(command);
      if (ended != CURLE_OK || dialogue_.last().code / 100 != 2) return what_happened(ended);
    }
    std::size_t ignored = 0;
    curl_easy_send(easy_.get(), "QUIT\r\n", 6, &ignored);
    return Outcome::delivered();
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK)
      throw std::runtime_error("libcurl does not take option " + std::to_string(option));
  }

  void connect_as_said() {
    set(CURLOPT_URL, account_.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_PROXY, "");  // whatever the environment says
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // or a name server that does not answer outlasts the deadline
    // libcurl says QUIT to a connection that it kept without any time limit.
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_USE_SSL, static_cast<long>(account_.tls == Tls::starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!account_.ca_file.empty()) set(CURLOPT_CAINFO, account_.ca_file.c_str());  // the system's folder stays
    if (account_.username.empty()) return;
    set(CURLOPT_USERNAME, account_.username.c_str());
    set(CURLOPT_PASSWORD, account_.password.c_str());
    // Of what the server offers, those that go with a password alone.
    set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN;AUTH=CRAM-MD5");
  }

  void watch() {
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGDATA, this);
    set(CURLOPT_DEBUGFUNCTION, +[](CURL*, curl_infotype type, char* data, std::size_t size, void* self) {
      if (type == CURLINFO_HEADER_OUT) static_cast<Session*>(self)->dialogue_.sent({data, size});
      return 0;
    });
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_HEADERFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
      return static_cast<Session*>(self)->heard({data, size}) ? size : 0;
    });
    set(CURLOPT_WRITEFUNCTION, +[](char*, std::size_t, std::size_t size, void*) { return size; });
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_XFERINFOFUNCTION, +[](void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
      return static_cast<Session*>(self)->must_end() ? 1 : 0;
    });
  }

  void add_part(curl_mime* mime, const std::string& content, const char* type) {
    curl_mimepart* part = curl_mime_addpart(mime);
    const bool made = part && curl_mime_data(part, content.data(), content.size()) == CURLE_OK &&
                      curl_mime_type(part, type) == CURLE_OK && curl_mime_encoder(part, "quoted-printable") == CURLE_OK;
    if (!made) throw std::bad_alloc();
  }

  CURLcode perform() {
    const std::int64_t left = end_ms_ - now_ms();
    if (left <= 0) return CURLE_OPERATION_TIMEDOUT;
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(left));
    return curl_easy_perform(easy_.get());
  }

  bool is_plain_envelope() const { return is_ascii(envelope_.sender) && is_ascii(envelope_.recipient); }

  // False ends the conversation: libcurl would send an address beyond ASCII to a server that has not offered to take it.
  bool heard(std::string_view line) {
    if (!dialogue_.received(line)) return true;
    if (dialogue_.content_was_taken()) taken_at_ms_ = now_ms();
    const bool is_last_hello = dialogue_.last().command == Command::hello && dialogue_.last().code / 100 == 2 &&
                               (account_.tls != Tls::starttls || dialogue_.starttls_was_sent());
    lacks_smtputf8_ = is_last_hello && !is_plain_envelope() && !dialogue_.offers_smtputf8();
    return !lacks_smtputf8_;
  }

  bool must_end() const {
    const std::int64_t now = now_ms();
    if (taken_at_ms_ && now > taken_at_ms_ + goodbye_ms) return true;
    return now >= end_ms_ || (patience_.cancelled && patience_.cancelled());
  }

  // A command, and the whole reply.
  CURLcode say(std::string command) {
    dialogue_.sent(command);
    command += "\r\n";
    for (std::string_view rest = command; !rest.empty();) {
      std::size_t done = 0;
      const CURLcode ended = curl_easy_send(easy_.get(), rest.data(), rest.size(), &done);
      if (ended != CURLE_OK && ended != CURLE_AGAIN) return ended;
      rest.remove_prefix(done);
      if (ended == CURLE_AGAIN && !wait_for(POLLOUT)) return CURLE_OPERATION_TIMEDOUT;
    }
    for (;;) {
      for (std::size_t end; (end = unread_.find('\n')) != std::string::npos;) {
        const bool is_whole = dialogue_.received(std::string_view(unread_).substr(0, end + 1));
        unread_.erase(0, end + 1);
        if (is_whole) return CURLE_OK;
      }
      if (unread_.size() > longest_reply_line) return CURLE_WEIRD_SERVER_REPLY;
      char buffer[2'048];
      std::size_t size = 0;
      const CURLcode ended = curl_easy_recv(easy_.get(), buffer, sizeof buffer, &size);
      if (ended == CURLE_AGAIN) {
        if (!wait_for(POLLIN)) return CURLE_OPERATION_TIMEDOUT;
        continue;
      }
      if (ended != CURLE_OK || size == 0) return ended == CURLE_OK ? CURLE_RECV_ERROR : ended;
      if (must_end()) return CURLE_OPERATION_TIMEDOUT;  // or a server that never stops talking would be heard for ever
      unread_.append(buffer, size);
    }
  }

  bool wait_for(short what) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(easy_.get(), CURLINFO_ACTIVESOCKET, &socket);
    pollfd ready{socket, what, 0};
    while (!must_end()) {
      if (::poll(&ready, 1, look_up_ms) > 0) return true;
    }
    return false;
  }

  Outcome what_happened(CURLcode ended) const {
    if (lacks_smtputf8_)
      return Outcome::misconfigured("no_smtputf8",
                                    "the mail server takes no addresses with letters beyond ASCII (it does not offer "
                                    "SMTPUTF8); use another address, or write its domain as xn--");
    Reply reply = dialogue_.last();
    if (reply.code >= 400) {
      if (!account_.password.empty() && reply.text.find(account_.password) != std::string::npos) reply.text.clear();
      return outcome_of(reply, patience_.attempt);
    }
    Outcome outcome = of_trouble(ended);
    outcome.scope = BECKON_SCOPE_SINK;
    outcome.ambiguous = dialogue_.content_is_due();
    return outcome;
  }

  // There was no answer that could be blamed.
  Outcome of_trouble(CURLcode ended) const {
    switch (ended) {
      case CURLE_COULDNT_RESOLVE_HOST:
        return Outcome::retry("unknown_host", "the mail server's name was not found; check `server` if this stays so");
      case CURLE_COULDNT_CONNECT:
        return Outcome::retry("no_connection", "there is no connection to the mail server" + detail());
      case CURLE_USE_SSL_FAILED:
        return Outcome::misconfigured("no_starttls", "the mail server offers no STARTTLS; use another port or smtps://, since "
                                                     "nothing is sent unencrypted");
      case CURLE_PEER_FAILED_VERIFICATION:
        return Outcome::misconfigured("bad_certificate", "the mail server's certificate is not to be trusted" + detail() +
                                                             "; check the name in `server`, or set ca_file");
      case CURLE_SSL_CACERT_BADFILE:
        return Outcome::misconfigured("bad_ca_file", "ca_file cannot be read; it must hold certificates in PEM form");
      case CURLE_SSL_CONNECT_ERROR:
        return Outcome::retry("tls_failed", "no encryption could be agreed upon with the mail server" + detail() +
                                                "; check port and `tls` if this stays so");
      case CURLE_LOGIN_DENIED:
        return Outcome::misconfigured("no_common_login", "the mail server offers no login with a password (PLAIN, LOGIN or "
                                                         "CRAM-MD5)");
      case CURLE_OPERATION_TIMEDOUT:
      case CURLE_ABORTED_BY_CALLBACK:
        if (patience_.cancelled && patience_.cancelled())
          return Outcome::retry("cancelled", dialogue_.content_is_due()
                                                 ? "Beckon was stopped before the mail server said whether it took the message"
                                                 : "Beckon was stopped before the mail server answered");
        return Outcome::retry("timed_out", dialogue_.content_is_due()
                                               ? "the mail server did not say in time whether it took the message"
                                               : "the mail server did not answer in time");
      default: break;
    }
    if (dialogue_.content_is_due())
      return Outcome::retry("no_answer", "the connection ended before the mail server said whether it took the message");
    return Outcome::retry("connection_lost", "the conversation with the mail server broke off" + detail());
  }

  std::string detail() const {
    std::string said = text::clean_line(text::clip(error_, 150));
    for (std::size_t at = 0; (at = said.find(". ", at)) != std::string::npos;) said[at] = ';';
    while (!said.empty() && std::string_view(".;,: ").find(said.back()) != std::string_view::npos) said.pop_back();
    return said.empty() ? said : " (" + said + ")";
  }

  const Account& account_;
  const Envelope& envelope_;
  const Patience& patience_;
  const std::int64_t end_ms_;
  char error_[CURL_ERROR_SIZE] = "";
  Dialogue dialogue_;
  std::int64_t taken_at_ms_ = 0;
  bool lacks_smtputf8_ = false;
  std::string unread_;
  Lines recipients_;
  Easy easy_;  // the first to go: it calls back
};

}  // namespace

void prepare_sessions() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Outcome send(const Account& account, const Envelope& envelope, const Message& message, const Patience& patience) {
  return Session(account, envelope, patience).send(message);
}

Outcome ask_for(const Account& account, const Envelope& envelope, const Patience& patience) {
  return Session(account, envelope, patience).ask();
}

}  // namespace beckon::email
