#include "cli/samples.hpp"

#include "mention/mention.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace beckon::core::cli {
namespace {

constexpr const char* texts[] = {
    "@octocat could you look at this? `close()` hangs when the peer is **gone**; see [the trace](https://example.org/trace).",
    "> it hangs\n\nI see it too, @octocat & others:\n\n```cpp\nsocket.close();  // never returns\n```",
    "Thanks @octocat! Two things are left:\n\n- [x] the timeout\n- [ ] a test"};

DeliveredMention sample_mention(std::size_t number) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  DeliveredMention mention;
  mention.repository = {"https://api.github.com", 1, "octo-org/hello", "https://github.com/octo-org/hello", false};
  mention.thread = {12, false, "Closing the socket hangs", "https://github.com/octo-org/hello/issues/12", now};
  mention.post.kind = PostKind::comment;
  mention.post.id = static_cast<std::int64_t>(number) + 1;
  mention.post.thread_number = 12;
  mention.post.url = fmt::format("https://github.com/octo-org/hello/issues/12#issuecomment-{}", number + 1);
  mention.post.author = {"alice", "https://github.com/alice", "https://avatars.githubusercontent.com/alice", false};
  mention.post.body = texts[number % std::size(texts)];
  mention.post.created = mention.post.updated = mention.appeared = now - std::chrono::minutes(3);
  mention.name = "octocat";
  mention.spans = read_markdown(mention.post.body).spans;
  return mention;
}

Delivery delivery_for(const OptionValues& target, Purpose purpose, std::size_t mentions) {
  Delivery delivery;
  delivery.id = "try-sink-1";
  delivery.purpose = purpose;
  delivery.now = wall_now();
  delivery.deadline = delivery.now + std::chrono::seconds(30);
  delivery.time_zone = local_time_zone();
  delivery.subscription = "try-sink";
  delivery.target = target;
  for (std::size_t i = 0; i < mentions; ++i) delivery.mentions.push_back(sample_mention(i));
  return delivery;
}

}  // namespace

std::vector<SampleOf> preview_samples(const OptionValues& target, std::size_t max_batch, bool handles_probe) {
  std::vector<SampleOf> samples = {{"a mention", delivery_for(target, Purpose::mention, 1)},
                                   {"a mention in the plain form", delivery_for(target, Purpose::mention, 1)}};
  samples.back().delivery.form = Form::plain;
  if (const std::size_t count = std::min(max_batch, std::size(texts)); count > 1)
    samples.push_back({fmt::format("a digest of {}", count), delivery_for(target, Purpose::mention, count)});
  samples.push_back({"a notice", delivery_for(target, Purpose::notice, 0)});
  samples.back().delivery.notice = "octo-org/hello cannot be read any more; nothing is lost meanwhile";
  if (handles_probe) samples.push_back({"a probe", delivery_for(target, Purpose::probe, 0)});
  return samples;
}

Delivery test_sample(const OptionValues& target, const std::string& command) {
  Delivery delivery = delivery_for(target, Purpose::test, 0);
  delivery.id = fmt::format("{}-{}", command, delivery.now.time_since_epoch().count());   // nobody has had it yet
  delivery.subscription = command;
  delivery.notice = fmt::format("A test by `beckon {}`: if you can read this, mentions will arrive here", command);
  return delivery;
}

}  // namespace beckon::core::cli
