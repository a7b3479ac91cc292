#include "outbox/batch.hpp"

#include "base/digest.hpp"

#include <charconv>

namespace beckon::core {
namespace {

// Its first is done; the others go one by one.
Settled without_first(const Batch& before, std::string fresh_id) {
  Settled after;
  after.position = before.seqs.front();
  after.batch.seqs.assign(before.seqs.begin() + 1, before.seqs.end());
  if (after.batch.seqs.empty()) return after;
  after.batch.id = std::move(fresh_id);
  after.batch.form = BatchForm::singles;
  return after;
}

}  // namespace

Settled settled(const Batch& before, Settlement::Kind kind, std::string fresh_id, bool fault) {
  if (before.seqs.empty()) return {};
  switch (kind) {
    case Settlement::Kind::delivered:
    case Settlement::Kind::held: {
      if (before.form != BatchForm::whole) return without_first(before, std::move(fresh_id));
      Settled after;
      after.position = before.seqs.back();
      return after;
    }
    case Settlement::Kind::retry: {
      Settled after{before, 0};
      ++after.batch.attempts;
      if (fault) ++after.batch.faults;
      return after;
    }
    case Settlement::Kind::split:
      return {{before.seqs, std::move(fresh_id), BatchForm::singles, 0}, 0};
    case Settlement::Kind::plain:
      return {{before.seqs, std::move(fresh_id), BatchForm::plain, 0}, 0};
    case Settlement::Kind::dead:
      return without_first(before, std::move(fresh_id));
  }
  return {before, 0};
}

std::string new_batch_id() { return random_hex(16); }

std::optional<WallTime> sane_next_at(std::optional<WallTime> next_at, WallTime now) {
  if (next_at && *next_at > now + 24h) return now + 1h;
  return next_at;
}

std::string format_seqs(const std::vector<std::int64_t>& seqs) {
  std::string text;
  for (const std::int64_t seq : seqs) {
    if (!text.empty()) text += ' ';
    text += std::to_string(seq);
  }
  return text;
}

std::vector<std::int64_t> parse_seqs(std::string_view text) {
  std::vector<std::int64_t> seqs;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    std::int64_t seq = 0;
    const auto [next, error] = std::from_chars(at, end, seq);
    if (error != std::errc()) break;
    seqs.push_back(seq);
    at = next < end ? next + 1 : end;
  }
  return seqs;
}

}  // namespace beckon::core
