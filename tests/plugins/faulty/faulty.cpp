// A webhook sink over the bare table that breaks the contract in the way that its option `misdeed` names.
#include <beckon/sink_abi.h>

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace {

beckon_str str(const std::string& text) { return {text.data(), text.size()}; }

std::string text_of(const beckon_values* values, const std::string& name) {
  for (std::size_t i = 0; i < values->value_count; ++i)
    if (std::string(values->values[i]->name.data, values->values[i]->name.size) == name)
      return values->values[i]->text.size ? std::string(values->values[i]->text.data, values->values[i]->text.size) : std::string();
  return {};
}

struct Sink {
  std::string misdeed;
  int calls = 0;
  bool does(const char* what) const { return misdeed == what; }
};

void emit_outcome(const beckon_emitter* emitter, std::uint32_t kind, const std::string& code, const std::string& reason,
                  std::int64_t retry_after = -1) {
  beckon_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.kind = kind;
  outcome.certainty = BECKON_EXACT;
  outcome.scope = BECKON_SCOPE_TARGET;
  outcome.retry_after = retry_after;
  outcome.not_before = outcome.ask_again_after = -1;
  outcome.code = str(code);
  outcome.reason = str(reason);
  emitter->outcome(emitter->context, &outcome);
}

void* open_sink(const beckon_values* settings, const beckon_host*, const beckon_complaints* complaints) {
  auto* sink = new Sink{text_of(settings, "misdeed")};
  const bool refuses = sink->does("refuse"), silent = sink->does("refuse in silence");
  if (refuses) complaints->complain(complaints->context, str("misdeed"), str("not today"));
  if (!refuses && !silent) return sink;
  delete sink;
  return nullptr;
}

void close_sink(void* sink) { delete static_cast<Sink*>(sink); }

void render(void* self, const beckon_delivery* delivery, const beckon_emitter* emitter) {
  Sink& sink = *static_cast<Sink*>(self);
  ++sink.calls;
  const bool is_notice = delivery->purpose == BECKON_PURPOSE_NOTICE;
  if (sink.does("say nothing to a notice") && is_notice) return;
  while (sink.does("hang at a notice") && is_notice) ::pause();
  if (sink.does("exit at a notice") && is_notice) ::_exit(3);
  if (sink.does("write garbage at a notice") && is_notice) (void)!::write(3, "garbage garbage", 15);
  if (sink.does("throw at a notice") && is_notice) throw std::runtime_error("what a notice");
  const bool is_known = delivery->purpose <= BECKON_PURPOSE_TEST && (delivery->mention_count || delivery->notice.size);
  if (!is_known && !sink.does("take everything")) return emit_outcome(emitter, BECKON_REJECTED, "unknown", "there is nothing to tell");
  std::string title = delivery->mention_count ? std::string(delivery->mentions[0]->thread_title.data, delivery->mentions[0]->thread_title.size) : "";
  if (sink.does("cut within characters")) title = title.substr(0, 3);
  else if (!sink.does("write bad JSON") && !sink.does("inject headers")) title = "a mention";
  const std::string body = "{\"text\": \"" + title + (sink.does("count") ? std::to_string(sink.calls) : "") + "\"}";
  const std::string type = "application/json", called = "Content-Type", extra = "X-Title", host = "Host";
  const beckon_header rows[] = {{sizeof(beckon_header), str(called), str(sink.does("cut within characters") ? extra : type)},
                                {sizeof(beckon_header), str(sink.does("set the host") ? host : extra), str(sink.does("inject headers") ? title : extra)}};
  const beckon_header* headers[] = {&rows[0], &rows[1]};
  const std::string method = "POST", url = text_of(delivery->target, "url");
  beckon_request request{};
  request.size = sizeof request;
  request.method = str(method);
  request.url = str(sink.does("post nowhere") ? method : url);
  request.headers = headers;
  request.header_count = 2;
  request.body = str(body);
  request.timeout = -1;
  request.covered = sink.does("cover too many") ? 99 : 0;
  emitter->request(emitter->context, &request);
  if (sink.does("say everything twice")) emitter->request(emitter->context, &request);
}

void interpret(void* self, const beckon_delivery* delivery, const beckon_response* response, const beckon_emitter* emitter) {
  const Sink& sink = *static_cast<Sink*>(self);
  const std::string answer(response->body.size ? response->body.data : "", response->body.size);
  if (sink.does("crash at an answer") && response->status == 418) *static_cast<volatile int*>(nullptr) = 1;
  if (sink.does("take gone at its status") && response->status == 404) return emit_outcome(emitter, BECKON_GONE, "gone", "it is gone");
  if (sink.does("quote the answer") && !answer.empty()) return emit_outcome(emitter, BECKON_RETRY, "http", answer.substr(0, 80));
  if (sink.does("quote the target")) return emit_outcome(emitter, BECKON_RETRY, "http", "no answer from " + text_of(delivery->target, "url"));
  if (sink.does("speak in sentences")) return emit_outcome(emitter, BECKON_RETRY, "http", "It failed. Come back.", 5);
  if (sink.does("believe everything")) return emit_outcome(emitter, BECKON_DELIVERED, "ok", "");
  if (response->status >= 200 && response->status < 300) return emit_outcome(emitter, BECKON_DELIVERED, "ok", "");
  std::int64_t wait = -1;
  for (std::size_t i = 0; i < response->header_count && !sink.does("never wait"); ++i) {
    const std::string value(response->headers[i]->value.data, response->headers[i]->value.size);
    if (value == "7") wait = 7'000;
  }
  emit_outcome(emitter, BECKON_RETRY, "http", "the service answered something else", wait);
}

void feedback(const beckon_values* settings, beckon_str, const beckon_feedback_emitter* emitter) {
  if (text_of(settings, "misdeed") != "believe what comes back") return;
  beckon_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.kind = BECKON_GONE;
  emitter->outcome(emitter->context, str("delivery-1"), &outcome);
}

const std::string name = "faulty", version = "1.0.0", about = "breaks the contract", misdeed = "misdeed", url = "url", doc = "what it is";
const beckon_option misdeed_option{sizeof(beckon_option), str(misdeed), BECKON_STRING, 0, {}, str(doc), nullptr, 0};
const beckon_option url_option{sizeof(beckon_option), str(url), BECKON_URL, BECKON_SECRET | BECKON_TARGET, {}, str(doc), nullptr, 0};
const beckon_option* const options[] = {&misdeed_option, &url_option};

}  // namespace

extern "C" __attribute__((visibility("default"))) const beckon_sink_table* beckon_sink_v1() {
  static beckon_sink_table table{};
  table.size = sizeof table;
  table.major = BECKON_ABI_MAJOR;
  table.minor = BECKON_ABI_MINOR;
  table.name = str(name);
  table.version = str(version);
  table.about = str(about);
  table.options = options;
  table.option_count = 2;
  table.max_batch = 2;
  table.stale_after = -1;
  table.open = open_sink;
  table.close = close_sink;
  table.render = render;
  table.interpret = interpret;
  table.feedback = feedback;
  return &table;
}
