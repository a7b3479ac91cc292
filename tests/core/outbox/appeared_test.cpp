#include "outbox/appeared.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

constexpr ForgeTime created{std::chrono::seconds{1'780'000'000}};

Post post(PostKind kind, std::chrono::seconds updated_after) {
  Post post;
  post.kind = kind;
  post.created = created;
  post.updated = created + updated_after;
  return post;
}

TEST(Appeared, BodySeenFirstAppearedWhenItWasCreatedHoweverOftenItWasUpdated) {
  EXPECT_EQ(appeared_at_first_sight(post(PostKind::body, 0s)), (Appeared{created, false}));
  EXPECT_EQ(appeared_at_first_sight(post(PostKind::body, 1h)), (Appeared{created, false}));
  EXPECT_EQ(appeared_at_first_sight(post(PostKind::body, 9000h)), (Appeared{created, false}));
}

TEST(Appeared, CommentSeenFirstWithinADayAppearedWhenItWasUpdated) {
  for (const PostKind kind : {PostKind::comment, PostKind::review_comment}) {
    EXPECT_EQ(appeared_at_first_sight(post(kind, 0s)).at, created);
    EXPECT_EQ(appeared_at_first_sight(post(kind, 90s)).at, created + 90s);
    EXPECT_EQ(appeared_at_first_sight(post(kind, 24h)).at, created + 24h);
  }
}

TEST(Appeared, CommentSeenFirstAfterADayAppearedWhenItWasCreated) {
  for (const PostKind kind : {PostKind::comment, PostKind::review_comment}) {
    EXPECT_EQ(appeared_at_first_sight(post(kind, 24h + 1s)), (Appeared{created, false}));
  }
}

TEST(Appeared, CommentWhoseUpdateLiesBeforeItsCreationAppearedWhenItWasCreated) {
  EXPECT_EQ(appeared_at_first_sight(post(PostKind::comment, -5s)).at, created);
}

TEST(Appeared, ReviewAppearedWhenItWasSubmitted) {
  Post review = post(PostKind::review, 0s);
  review.submitted = created + 72h;
  EXPECT_EQ(appeared_at_first_sight(review), (Appeared{created + 72h, false}));
  review.submitted.reset();
  EXPECT_EQ(appeared_at_first_sight(review), (Appeared{created, false}));
}

TEST(Appeared, NameAddedByAnEditAppearedWhenThePostWasUpdated) {
  for (const PostKind kind : {PostKind::body, PostKind::comment, PostKind::review_comment}) {
    EXPECT_EQ(appeared_by_edit(post(kind, 900h)), (Appeared{created + 900h, true}));
  }
}

TEST(Appeared, EditedReviewWithoutATimeOfUpdateAppearedWhenItWasSubmitted) {
  Post review = post(PostKind::review, 0s);
  review.updated = {};
  review.submitted = created + 1h;
  EXPECT_EQ(appeared_by_edit(review), (Appeared{created + 1h, true}));
}

TEST(BodyHash, IsTheSameInEveryVersion) {
  EXPECT_EQ(static_cast<std::uint64_t>(body_hash("")), 0xe3b0c44298fc1c14u);
  EXPECT_EQ(static_cast<std::uint64_t>(body_hash("abc")), 0xba7816bf8f01cfeau);
}

TEST(ChangeOf, TellsEditsFromTouchesAndFromOldAnswers) {
  const KnownPost known{created, 5};
  EXPECT_EQ(change_of(known, post(PostKind::comment, 0s), 5), Change::none);
  EXPECT_EQ(change_of(known, post(PostKind::comment, 1s), 5), Change::touched);
  EXPECT_EQ(change_of(known, post(PostKind::comment, 1s), 6), Change::edited);
  EXPECT_EQ(change_of(known, post(PostKind::review, 0s), 6), Change::edited);
  EXPECT_EQ(change_of(known, post(PostKind::comment, -1s), 6), Change::stale);
}

}  // namespace
}  // namespace beckon::core
