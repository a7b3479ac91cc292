#include "feed/scan.hpp"

#include "mention/mention.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace beckon::core {
namespace {

constexpr std::size_t scanned_in_one_turn = 64 * 1024;

}  // namespace

task<std::vector<SeenPost>> scan(std::vector<Post> posts) {
  const auto executor = co_await asio::this_coro::executor;
  std::vector<SeenPost> seen;
  seen.reserve(posts.size());
  std::size_t scanned = 0;
  for (Post& post : posts) {
    scanned += post.body.size();
    auto names = find_mentions(post.body);
    seen.push_back({std::move(post), std::move(names)});
    if (scanned < scanned_in_one_turn) continue;
    scanned = 0;
    co_await asio::post(executor, use_task);
  }
  co_return seen;
}

}  // namespace beckon::core
