#include "forge/github_pages.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace beckon::core {

bool PageStack::take(Page page) {
  if (!begun_) {
    begun_ = true;
    whole_.not_modified = page.not_modified;
    whole_.etag = page.etag;
    whole_.etag_key = page.etag_key;
    whole_.date = page.date;
  }
  whole_.moved = whole_.moved || page.moved;
  std::ranges::move(page.unreadable, std::back_inserter(whole_.unreadable));
  const bool reached = !page.more || (!page.posts.empty() && page.posts.front().updated < since_);
  kept_.push_back(std::move(page));
  if (kept_.size() > most_kept_) {
    kept_.pop_front();
    whole_.more = true;
  }
  return !reached;
}

Page PageStack::whole() && {
  std::map<std::int64_t, Post> latest;   // what moved between two pages is in both
  for (Page& page : kept_) {
    if (page.newest) whole_.newest = std::max(whole_.newest.value_or(*page.newest), *page.newest);
    for (Thread& thread : page.threads)
      if (thread.updated >= since_) whole_.threads.push_back(std::move(thread));
    for (Post& post : page.posts) {
      if (post.updated < since_) continue;
      Post& known = latest[post.id];
      if (post.updated >= known.updated) known = std::move(post);
    }
  }
  for (auto& [id, post] : latest) whole_.posts.push_back(std::move(post));
  std::ranges::sort(whole_.posts, {}, [](const Post& post) { return std::pair(post.updated, post.id); });
  return std::move(whole_);
}

}  // namespace beckon::core
