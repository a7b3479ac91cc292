// A feed of a repository on a code host in memory, with what it commits laid open.
#pragma once

#include "feed/feed.hpp"

#include "base/log.hpp"
#include "forge/code_host.hpp"
#include "support/fake_http.hpp"
#include "support/fake_outbox.hpp"
#include "support/run.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {

inline constexpr ForgeTime noon{std::chrono::seconds{1'700'000'000}};

class Listener final : public FeedListener {
 public:
  task<Result<FeedRole>> opened(Feed feed, std::optional<ForgeTime> now) override {
    openings.push_back(feed.repository.full_name + (now ? " at " + format_iso_time(*now) : " without a clock"));
    if (!failure.empty()) co_return fail(failure);
    if (on_opened) on_opened(feed.id, now.has_value());
    co_return role;
  }
  void committed(std::int64_t, const PageCommitted& page) override {
    names.insert(names.end(), page.names.begin(), page.names.end());
  }
  void progressed(std::optional<FeedProgress> now) override { progress.push_back(now); }
  void concluded(const PollReport& report) override { results.push_back(report.result); }
  void noticed(std::int64_t feed) override { noticed_feeds.push_back(feed); }
  void polled(std::int64_t) override {
    names_by_poll.push_back(names.size());
    if (on_polled) on_polled();
  }
  std::vector<std::string> openings;
  std::vector<std::string> names;
  std::vector<std::size_t> names_by_poll;                           // how many there were at the end of each poll
  std::function<void(std::int64_t, bool)> on_opened;
  std::function<void()> on_polled;
  std::vector<std::int64_t> noticed_feeds;
  std::vector<std::optional<FeedProgress>> progress;                // all that was told
  std::vector<PollResult> results;                                  // of each poll
  FeedRole role = FeedRole::reads;
  std::string failure;                                              // non-empty: nobody can be enrolled
};

// A feed of "octo/lab" on a code host in memory, with its clock at noon.
class FeedTest : public ::testing::Test {
 protected:
  FeedTest() {
    host.add_repository("octo/lab");
    host.set_clock([this] { return now; });
    log::open(LogLevel::info, LogFormat::text);
    log::capture(&lines);
    start();
  }
  ~FeedTest() override { log::capture(nullptr); }

  // The daemon starts anew; the outbox stays.
  void start(std::chrono::seconds backfill = 0s, Milliseconds first_poll = 0ms, std::optional<Milliseconds> wanted_for = {}) {
    poller.reset();
    GithubOptions options;
    options.api_url = hosted_at;
    forge = make_github(http, options);
    FeedOptions feed;
    feed.repository = "octo/lab";
    feed.backfill = backfill;
    feed.first_poll = first_poll;
    if (wanted_for) feed.wanted_at = std::chrono::steady_clock::now() - *wanted_for;
    poller = make_feed(*forge, outbox, listener, feed);
  }
  PollReport poll() {
    return run(context, [this] { return poller->poll(); });
  }
  void issue(std::int64_t number, bool pull_request, std::string body, ForgeTime at) {
    HostedPost post;
    post.author = "mona";
    post.body = std::move(body);
    post.created = at;
    host.open_thread("octo/lab", number, HostedThread{pull_request, "A title"}, post);
  }
  std::int64_t say(PostKind kind, std::int64_t thread, std::string body, ForgeTime at) {
    HostedPost post;
    post.kind = kind;
    post.thread = thread;
    post.author = "mona";
    post.body = std::move(body);
    post.created = at;
    return host.add_post("octo/lab", post);
  }
  // The program's log, but for what it says only when it is asked to.
  std::string told() const {
    std::string kept;
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t end = lines.find('\n', at) + 1;
      if (lines.compare(at, 6, "debug ") != 0) kept.append(lines, at, end - at);
      at = end;
    }
    return kept;
  }
  // What was asked since the last call, without the query.
  std::vector<std::string> asked() {
    std::vector<std::string> paths;
    for (; reported < host.requests().size(); ++reported) {
      const std::string& line = host.requests()[reported];
      const std::size_t query = std::min(line.find('?'), line.rfind(" -> "));
      paths.push_back(line.substr(4, query - 4) + line.substr(line.rfind(" -> ")));
    }
    return paths;
  }
  // Answers to paths that contain `part` until it is empty.
  void refuse(std::string part, int status, std::string body = R"({"message": "Nope"})", HttpHeaders headers = {}) {
    host.set_interception([=](const HttpRequest& request) -> std::optional<HttpResponse> {
      if (request.url.find(part) == std::string::npos) return std::nullopt;
      return response(status, body, headers);
    });
  }
  void allow() { host.set_interception({}); }

  ForgeTime now = noon;
  asio::io_context context{1};
  CodeHost host{hosted_at};
  FakeHttp http{hosted_by(host)};
  FakeOutbox outbox;
  Listener listener;
  std::unique_ptr<Forge> forge;
  std::unique_ptr<FeedPoller> poller;
  std::string lines;
  std::size_t reported = 0;
};

}  // namespace beckon::core::testing
