// A sink that does what its deliveries' notices say, "PHASE:DEED", as "render:crash". Without the C++ face, which would
// catch some of it. Built twice: as a webhook sink, and with MISDEEDS_WORKER as a worker sink.
#include <beckon/sink_abi.h>

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

extern char** environ;

namespace {

constexpr beckon_str text(std::string_view said) { return {said.data(), said.size()}; }
std::string_view view(const beckon_str& said) { return {said.data, said.size}; }

struct Sink {
  const beckon_host* host;
  std::string token;
  std::string always;    // a deed for every delivery
};

void say(const Sink& sink, const std::string& line) { sink.host->log(sink.host->context, BECKON_LOG_INFO, text(line)); }

// Into every socket that this process has, as a plugin that closes what is not its own and writes on might do.
void into_sockets(const std::string& bytes, bool for_ever) {
  do {
    for (int fd = 3; fd < 64; ++fd) {
      struct stat about {};
      if (::fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode) && ::write(fd, bytes.data(), bytes.size()) < 0) return;
    }
  } while (for_ever);
}

std::string header(std::uint32_t size, std::uint32_t kind) {
  std::string bytes(16, '\0');
  std::memcpy(bytes.data(), &size, sizeof size);
  std::memcpy(bytes.data() + 4, &kind, sizeof kind);
  return bytes;
}

// What this process has been given.
std::string inventory() {
  std::string found;
  if (DIR* folder = ::opendir("/proc/self/fd")) {
    while (const dirent* entry = ::readdir(folder)) {
      if (entry->d_name[0] == '.' || std::atoi(entry->d_name) == ::dirfd(folder)) continue;
      char target[256] = {};
      if (::readlink((std::string("/proc/self/fd/") + entry->d_name).c_str(), target, sizeof target - 1) < 0) continue;
      found += std::string("fd ") + entry->d_name + " " + target + "\n";
    }
    ::closedir(folder);
  }
  for (char** variable = environ; *variable; ++variable) found += std::string("env ") + *variable + "\n";
  rlimit core{};
  ::getrlimit(RLIMIT_CORE, &core);
  found += "core " + std::to_string(core.rlim_cur) + "\nsession " + (::getsid(0) == ::getpid() ? "own" : "shared") + "\n";
  return found;
}

void act(const Sink& sink, std::string_view deed) {
  if (deed == "crash") ::raise(SIGSEGV);
  if (deed == "abort") std::abort();
  if (deed == "exit") std::exit(0);
  if (deed == "quit") ::_exit(3);
  if (deed == "kill") ::raise(SIGKILL);
  if (deed == "say so and hang") say(sink, "it hangs now");
  if (deed == "hang" || deed == "say so and hang") for (;;) ::pause();
  if (deed == "spin") for (;;) ::getppid();
  if (deed == "hog") for (;;) std::memset(new char[1 << 20], 1, 1 << 20);
  if (deed == "hog in C") for (;;) std::memset(std::malloc(1 << 20), 1, 1 << 20);
  if (deed == "garbage") into_sockets("HTTP/1.1 200 OK\r\n\r\n", false);
  if (deed == "endless") into_sockets(header(0x7fffffff, 38) + std::string(1 << 16, 'x'), true);
  if (deed == "large") into_sockets(header((20u << 20) - 4, 38) + std::string((20u << 20) - 16, 'x'), false);
  if (deed == "half") {
    into_sockets(header(1 << 20, 39), false);
    for (;;) ::pause();
  }
  if (deed == "deaf") {
    for (int fd = 3; fd < 64; ++fd) ::close(fd);
    for (;;) ::pause();
  }
  if (deed == "throw") throw std::runtime_error("thrown through C");
  if (deed == "shout") {
    std::printf("on stdout: %s\n", sink.token.c_str());
    std::fflush(stdout);
    std::fprintf(stderr, "last words: the token is %s", sink.token.c_str());
    std::abort();
  }
  if (deed == "chatter") for (int i = 0; i < 10'000; ++i) say(sink, "line " + std::to_string(i));
  // Somebody who stays and keeps every descriptor.
  if (deed == "leave a child" || deed == "leave a daemon") {
    const pid_t child = ::fork();
    if (child == 0) {
      if (deed == "leave a daemon") ::setsid();
      ::sleep(20);
      ::_exit(0);
    }
    say(sink, "child " + std::to_string(child) + ".");
    if (deed == "leave a daemon") std::abort();
  }
}

// What is to be done in this phase; nothing in others.
std::string_view deed_of(const beckon_delivery& delivery, std::string_view phase) {
  std::string_view notice = view(delivery.notice);
  if (notice.substr(0, phase.size()) != phase || notice.substr(phase.size(), 1) != ":") return {};
  return notice.substr(phase.size() + 1);
}

void emit(const beckon_emitter* emitter, const std::string& state = {}) {
  beckon_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.kind = BECKON_DELIVERED;
  outcome.certainty = BECKON_EXACT;
  outcome.scope = BECKON_SCOPE_DELIVERY;
  outcome.retry_after = outcome.not_before = outcome.ask_again_after = -1;
  outcome.code = text("ok");
  outcome.has_state = state.empty() ? 0 : 1;
  outcome.state = text(state);
  emitter->outcome(emitter->context, &outcome);
}

void* open_sink(const beckon_values* settings, const beckon_host* host, const beckon_complaints* complaints) {
  auto* sink = new Sink{host, {}, {}};
  for (std::size_t i = 0; i < settings->value_count; ++i)
    if (view(settings->values[i]->name) == "token") sink->token = view(settings->values[i]->text);
  for (std::size_t i = 0; i < settings->value_count; ++i) {
    if (view(settings->values[i]->name) != "open") continue;
    if (view(settings->values[i]->text) == "refuse") {
      complaints->complain(complaints->context, text("open"), text("it is of no use with " + sink->token));
      return nullptr;
    }
    const std::string_view what = view(settings->values[i]->text);
    if (what.ends_with(" in deliver")) sink->always = what.substr(0, what.find(' '));
    else act(*sink, what);
  }
  return sink;
}

void close_sink(void* opaque) {
  auto* sink = static_cast<Sink*>(opaque);
  if (sink->token == "hang in close") for (;;) ::pause();
  say(*sink, "closed in order");
  delete sink;
}

void check(const beckon_values* settings, const beckon_values*, const beckon_complaints* complaints) {
  for (std::size_t i = 0; i < settings->value_count; ++i) {
    if (view(settings->values[i]->name) != "open") continue;
    const Sink nobody{};
    if (view(settings->values[i]->text) == "complain") complaints->complain(complaints->context, text("open"), text("do not complain"));
    else if (view(settings->values[i]->text) != "refuse") act(nobody, view(settings->values[i]->text));
  }
}

#ifdef MISDEEDS_WORKER
void deliver(void* opaque, const beckon_delivery* delivery, const beckon_emitter* emitter) {
  const auto& sink = *static_cast<Sink*>(opaque);
  const std::string_view deed = deed_of(*delivery, "deliver");
  act(sink, sink.always);
  act(sink, deed);
  if (deed == "silent") return;
  emit(emitter, deed == "look" ? inventory() : std::string());
  if (deed == "exit after its answer") std::exit(0);
}
#else
void render(void* opaque, const beckon_delivery* delivery, const beckon_emitter* emitter) {
  const std::string_view deed = deed_of(*delivery, "render");
  act(*static_cast<Sink*>(opaque), deed);
  if (deed == "silent") return;
  if (deed == "look") return emit(emitter, inventory());
  const std::string body(deed == "much" ? std::size_t{17} << 20 : 2, '{');
  beckon_request request{};
  request.size = sizeof request;
  request.method = text("POST");
  request.url = text("http://127.0.0.1:9/hook");
  request.body = text(body);
  request.timeout = -1;
  emitter->request(emitter->context, &request);
}

void interpret(void* opaque, const beckon_delivery* delivery, const beckon_response*, const beckon_emitter* emitter) {
  const std::string_view deed = deed_of(*delivery, "interpret");
  act(*static_cast<Sink*>(opaque), deed);
  if (deed != "silent") emit(emitter);
}
#endif

// "DEED", or "delivery ID is gone".
void feedback(const beckon_values* settings, beckon_str message, const beckon_feedback_emitter* emitter) {
  std::string_view words = view(message);
  act(Sink{}, words);
  if (!words.starts_with("delivery ") || !words.ends_with(" is gone")) return;
  words.remove_prefix(9);
  words.remove_suffix(8);
  beckon_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.kind = BECKON_GONE;
  outcome.certainty = BECKON_EXACT;
  outcome.scope = BECKON_SCOPE_TARGET;
  outcome.retry_after = outcome.not_before = outcome.ask_again_after = -1;
  outcome.code = text("no_mailbox");
  std::string reason = "nobody lives there";
  for (std::size_t i = 0; i < settings->value_count; ++i)
    if (view(settings->values[i]->name) == "token") reason.append(", says ").append(view(settings->values[i]->text));
  outcome.reason = text(reason);
  emitter->outcome(emitter->context, text(words), &outcome);
  emitter->outcome(emitter->context, text("another"), &outcome);   // only the first word counts
}

const beckon_option open_option = {sizeof(beckon_option), text("open"), BECKON_STRING, 0, {}, text("what to do in open and check"), nullptr, 0};
const beckon_option token_option = {sizeof(beckon_option), text("token"), BECKON_STRING, BECKON_SECRET, {}, text("a secret"), nullptr, 0};
const beckon_option* const options[] = {&open_option, &token_option};

}  // namespace

extern "C" __attribute__((visibility("default"))) const beckon_sink_table* beckon_sink_v1() {
  static beckon_sink_table table{};
  table.size = sizeof table;
  table.major = BECKON_ABI_MAJOR;
  table.minor = BECKON_ABI_MINOR;
  table.version = text("1.0.0");
  table.options = options;
  table.option_count = 2;
  table.max_batch = 10;
  table.stale_after = -1;
  table.open = open_sink;
  table.close = close_sink;
  table.check = check;
  table.feedback = feedback;
#ifdef MISDEEDS_WORKER
  table.name = text("misdeeds_worker");
  table.max_concurrency = 2;
  table.deliver = deliver;
#else
  table.name = text("misdeeds_webhook");
  table.render = render;
  table.interpret = interpret;
#endif
  return &table;
}
