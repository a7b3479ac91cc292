#include "outbox/batch.hpp"
#include "outbox/content.hpp"

#include <gtest/gtest.h>

#include <set>

namespace beckon::core {
namespace {

using Kind = Settlement::Kind;

const Batch whole{{3, 5, 8}, "old", BatchForm::whole, 2};

TEST(Settled, DeliveredBatchMovesPastItsLast) {
  const Settled after = settled(whole, Kind::delivered, "new");
  EXPECT_EQ(after.position, 8);
  EXPECT_TRUE(after.batch.seqs.empty());
}

TEST(Settled, RetryKeepsBatchAndIdAndCountsTheAttempt) {
  const Settled after = settled(whole, Kind::retry, "new");
  EXPECT_EQ(after.position, 0);
  EXPECT_EQ(after.batch.seqs, whole.seqs);
  EXPECT_EQ(after.batch.id, "old");
  EXPECT_EQ(after.batch.form, BatchForm::whole);
  EXPECT_EQ(after.batch.attempts, 3u);
}

TEST(Settled, SplitPlainAndDeadLeadFromADigestToADeadLetterAndOnToTheNext) {
  Settled after = settled(whole, Kind::split, "a");
  EXPECT_EQ(after.batch.form, BatchForm::singles);
  EXPECT_EQ(after.batch.id, "a");
  EXPECT_EQ(after.batch.attempts, 0u);
  EXPECT_EQ(after.position, 0);

  after = settled(after.batch, Kind::delivered, "b");
  EXPECT_EQ(after.position, 3);
  EXPECT_EQ(after.batch.seqs, (std::vector<std::int64_t>{5, 8}));
  EXPECT_EQ(after.batch.id, "b");
  EXPECT_EQ(after.batch.form, BatchForm::singles);

  after = settled(after.batch, Kind::plain, "c");
  EXPECT_EQ(after.position, 0);
  EXPECT_EQ(after.batch.seqs, (std::vector<std::int64_t>{5, 8}));
  EXPECT_EQ(after.batch.form, BatchForm::plain);
  EXPECT_EQ(after.batch.id, "c");

  after = settled(after.batch, Kind::dead, "d");
  EXPECT_EQ(after.position, 5);
  EXPECT_EQ(after.batch.seqs, (std::vector<std::int64_t>{8}));
  EXPECT_EQ(after.batch.form, BatchForm::singles);
  EXPECT_EQ(after.batch.id, "d");

  after = settled(after.batch, Kind::delivered, "e");
  EXPECT_EQ(after.position, 8);
  EXPECT_TRUE(after.batch.seqs.empty());
  EXPECT_TRUE(after.batch.id.empty());
}

TEST(Settled, WhatIsHeldIsDoneWithForAllThatWasSent) {
  EXPECT_EQ(settled(whole, Kind::held, "new").position, 8);
  EXPECT_TRUE(settled(whole, Kind::held, "new").batch.seqs.empty());
  const Settled after = settled({{3, 5, 8}, "old", BatchForm::singles, 2}, Kind::held, "new");
  EXPECT_EQ(after.position, 3);
  EXPECT_EQ(after.batch.seqs, (std::vector<std::int64_t>{5, 8}));
}

TEST(Settled, NothingFrozenStaysNothing) {
  EXPECT_TRUE(settled({}, Kind::delivered, "x").batch.seqs.empty());
  EXPECT_EQ(settled({}, Kind::dead, "x").position, 0);
}

TEST(SaneNextAt, OnlyAClockThatJumpedIsCorrected) {
  const WallTime now = from_unix_ms(1'780'000'000'000);
  EXPECT_EQ(sane_next_at(std::nullopt, now), std::nullopt);
  EXPECT_EQ(sane_next_at(now - 5h, now), now - 5h);
  EXPECT_EQ(sane_next_at(now + 6h, now), now + 6h);
  EXPECT_EQ(sane_next_at(now + 24h, now), now + 24h);
  EXPECT_EQ(sane_next_at(now + 24h + 1ms, now), now + 1h);
}

TEST(Seqs, ComeBackAsStored) {
  const std::vector<std::int64_t> seqs{1, 22, 9'007'199'254'740'993};
  EXPECT_EQ(format_seqs(seqs), "1 22 9007199254740993");
  EXPECT_EQ(parse_seqs(format_seqs(seqs)), seqs);
  EXPECT_TRUE(parse_seqs("").empty());
  EXPECT_TRUE(parse_seqs("rubbish").empty());
}

TEST(BatchId, Is128BitsAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = new_batch_id();
    EXPECT_EQ(id.size(), 32u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(CutText, NeverCutsACharacter) {
  EXPECT_EQ(cut_text("abc", 3), "abc");
  EXPECT_EQ(cut_text("abc", 2), "ab");
  EXPECT_EQ(cut_text("a\xc3\xa9", 2), "a");
  EXPECT_EQ(cut_text("a\xc3\xa9z", 3), "a\xc3\xa9");
  for (std::size_t limit : {1u, 2u, 3u, 4u}) EXPECT_EQ(cut_text("a\xf0\x9f\x98\x80", limit), "a");
  EXPECT_EQ(cut_text("\xf0\x9f\x98\x80", 3), "");
}

TEST(CutText, CutsBytesThatAreNoTextAtTheLimit) {
  EXPECT_EQ(cut_text(std::string(20, '\x80'), 10).size(), 10u);
}

TEST(Content, CarriesAuthorAndTimes) {
  Post post;
  post.url = "https://github.test/x";
  post.author = {"Mona", "https://github.test/mona", "https://avatars.test/1", true};
  post.submitted = from_unix_s(1'780'000'123);
  DeliveredMention read;
  unpack_content(pack_content(post), read);
  EXPECT_EQ(read.post.url, post.url);
  EXPECT_EQ(read.post.author.login, "Mona");
  EXPECT_EQ(read.post.author.url, post.author.url);
  EXPECT_EQ(read.post.author.avatar_url, post.author.avatar_url);
  EXPECT_TRUE(read.post.author.is_bot);
  EXPECT_EQ(read.post.submitted, post.submitted);
  EXPECT_FALSE(read.truncated);
}

TEST(Content, ThatCannotBeReadIsEmpty) {
  for (const char* rubbish :
       {"", "null", "[1]", "{\"url\": 3, \"bot\": \"yes\"", "{\"url\": 3, \"author\": null, \"submitted\": \"x\"}"}) {
    DeliveredMention read;
    unpack_content(rubbish, read);
    EXPECT_TRUE(read.post.url.empty()) << rubbish;
    EXPECT_TRUE(read.post.author.login.empty()) << rubbish;
    EXPECT_FALSE(read.post.submitted) << rubbish;
  }
}

}  // namespace
}  // namespace beckon::core
