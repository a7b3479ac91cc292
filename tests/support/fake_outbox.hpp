// The feeds' side of the outbox, in memory: what a poller commits can be looked at, and any commit can be made to fail.
#pragma once

#include "outbox/outbox.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace beckon::core::testing {

class FakeOutbox : public Outbox {
 public:
  struct Kept {
    Post post;
    std::set<std::string> names;
  };

  std::map<std::string, std::int64_t> names;                        // configured name → feed
  std::map<std::int64_t, Feed> feeds;
  std::map<std::pair<PostKind, std::int64_t>, Kept> posts;
  std::map<std::int64_t, Thread> threads;
  std::map<std::int64_t, ForgeTime> reviews_read;
  std::vector<PageCommit> commits;
  std::vector<Cursor> saved;
  std::optional<Hold> kept_hold;
  std::vector<std::string> refused;                                 // in a row
  std::string failure;                                              // non-empty: every write fails with it

  const Cursor& cursor(SourceKind source, std::int64_t walk = 0) {
    for (Cursor& cursor : feeds.at(1).cursors)
      if (cursor.source == source && cursor.walk == walk) return cursor;
    throw std::out_of_range("no such cursor");
  }

  task<Result<std::optional<Feed>>> find_feed(std::string, std::string, std::string name) override {
    const auto found = names.find(name);
    if (found == names.end()) co_return std::optional<Feed>();
    co_return std::optional<Feed>(feeds.at(found->second));
  }

  task<Result<Feed>> open_feed(std::string, std::string name, Repository repository, ForgeTime since,
                               RepositoryMark mark) override {
    if (!failure.empty()) co_return fail(failure);
    std::int64_t id = 0;
    for (const auto& [known, feed] : feeds)
      if (feed.repository.forge_id == repository.forge_id) id = known;
    if (id == 0) {
      id = static_cast<std::int64_t>(feeds.size()) + 1;
      for (const auto source :
           {SourceKind::bodies, SourceKind::comments, SourceKind::review_comments, SourceKind::reviews,
            SourceKind::pull_requests}) {
        Cursor cursor;
        cursor.source = source;
        cursor.watermark = since;
        feeds[id].cursors.push_back(cursor);
      }
    }
    names[name] = id;
    feeds[id].id = id;
    feeds[id].repository = std::move(repository);
    feeds[id].mark = std::move(mark);
    co_return feeds[id];
  }

  task<Result<std::optional<Hold>>> held(std::string, std::string) override { co_return kept_hold; }
  task<Result<void>> hold(std::string, std::string, Hold hold) override {
    if (!failure.empty()) co_return fail(failure);
    kept_hold = std::move(hold);
    co_return Result<void>();
  }

  task<Result<void>> keep_feeds(std::vector<FeedName>) override { co_return fail("not a feed's call"); }

  task<Result<PageCommitted>> commit_page(PageCommit page) override {
    if (!failure.empty()) co_return fail(failure);
    PageCommitted committed;
    if (page.walk_finished) erase(page.feed, page.cursor);
    else store(page.feed, page.cursor);
    for (const Thread& thread : page.threads)
      if (thread.updated >= threads[thread.number].updated) threads[thread.number] = thread;
    for (const SeenPost& seen : page.posts) {
      const auto [kept, added] = posts.try_emplace({seen.post.kind, seen.post.id});
      kept->second.post = seen.post;
      committed.new_posts += added ? 1 : 0;
      for (const std::string& name : seen.names)
        if (kept->second.names.insert(name).second) committed.names.push_back(name);
    }
    committed.new_mentions = committed.names.size();
    if (page.reviews_read) reviews_read[page.reviews_read->first] = page.reviews_read->second;
    commits.push_back(std::move(page));
    co_return committed;
  }

  task<Result<void>> save_cursor(std::int64_t feed, Cursor cursor) override {
    if (!failure.empty()) co_return fail(failure);
    store(feed, cursor);
    saved.push_back(std::move(cursor));
    co_return Result<void>();
  }

  task<Result<std::vector<DueReview>>> due_reviews(std::int64_t, std::size_t limit) override {
    std::vector<DueReview> due;
    for (const auto& [number, thread] : threads)
      if (thread.is_pull_request && thread.updated > reviews_read[number] && due.size() < limit)
        due.push_back({number, thread.updated});
    co_return due;
  }

  task<Result<Feed>> feed(std::int64_t id) override { co_return feeds.at(id); }

  // The syncers' side is none of a feed's business.
  task<Result<std::vector<Enrolled>>> enroll(std::int64_t, std::vector<Wanted>, std::optional<ForgeTime>) override {
    co_return fail("not a feed's call");
  }
  task<Result<Claim>> claim(std::int64_t, Portion) override { co_return fail("not a feed's call"); }
  task<Result<void>> freeze(Freeze) override { co_return fail("not a feed's call"); }
  task<Result<Claim>> settle(Settlement, Portion) override { co_return fail("not a feed's call"); }
  task<Result<std::vector<std::int64_t>>> bury_endpoint(std::int64_t, std::string, std::string) override {
    co_return fail("not a feed's call");
  }
  task<Result<void>> end_subscription(std::int64_t, std::string, std::string) override { co_return fail("not a feed's call"); }
  task<Result<LogSlice>> read_log(std::int64_t, std::string, std::optional<std::int64_t>, std::size_t) override {
    co_return fail("not a feed's call");
  }
  task<Result<void>> reach_back(std::int64_t, std::chrono::seconds) override { co_return fail("not a feed's call"); }
  task<Result<void>> note_visit(std::int64_t) override { co_return fail("not a feed's call"); }
  task<Result<LateChange>> take_late(std::string, LateOutcome) override { co_return fail("not a feed's call"); }
  task<Result<void>> note_fault(std::int64_t) override { co_return fail("not a feed's call"); }
  task<Result<void>> ask_again() override { co_return fail("not a feed's call"); }
  task<Result<Enrolled>> open_alerts(Wanted) override { co_return fail("not a feed's call"); }
  task<Result<bool>> alert(std::string, std::string) override { co_return fail("not a feed's call"); }
  task<Result<bool>> note_refused(std::int64_t id, std::string reason) override {
    feeds.at(id).in_doubt = true;
    refused.push_back(std::move(reason));
    co_return refused.size() == 3;
  }
  task<Result<bool>> note_readable(std::int64_t id) override {
    feeds.at(id).in_doubt = false;
    const bool told = refused.size() >= 3;
    refused.clear();
    co_return told;
  }
  task<Result<SubscriptionChange>> pause(std::string) override { co_return fail("not a feed's call"); }
  task<Result<SubscriptionChange>> resume(std::string) override { co_return fail("not a feed's call"); }
  task<Result<SubscriptionChange>> revive(std::string) override { co_return fail("not a feed's call"); }
  task<Result<DeadChange>> retry_dead(DeadChoice) override { co_return fail("not a feed's call"); }
  task<Result<DeadChange>> drop_dead(DeadChoice) override { co_return fail("not a feed's call"); }
  task<Result<DeadLetters>> dead_letters(Listing) override { co_return fail("not a feed's call"); }
  task<Result<History>> history(Listing) override { co_return fail("not a feed's call"); }
  task<Result<OutboxStatus>> status() override { co_return fail("not a feed's call"); }
  task<Result<std::vector<std::string>>> subscription_names() override { co_return fail("not a feed's call"); }
  task<Result<Counts>> counts() override { co_return fail("not a feed's call"); }
  task<Result<Tally>> tally() override { co_return fail("not a feed's call"); }
  task<Result<void>> retain(WallTime) override { co_return fail("not a feed's call"); }

 private:
  void store(std::int64_t feed, const Cursor& cursor) {
    for (Cursor& known : feeds.at(feed).cursors)
      if (known.source == cursor.source && known.walk == cursor.walk) known = cursor;
  }
  void erase(std::int64_t feed, const Cursor& cursor) {
    std::erase_if(feeds.at(feed).cursors,
                  [&](const Cursor& known) { return known.source == cursor.source && known.walk == cursor.walk; });
  }
};

}  // namespace beckon::core::testing
