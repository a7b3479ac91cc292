// Mention scan in MB/s, over recorded posts where they are (BECKON_RECORDED, or ../shared/data beside the
// project), else over posts made up here.
#include "core/mention/recorded.hpp"
#include "mention/mention.hpp"
#include "support/recorded.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace beckon::core {
namespace {

std::vector<std::string> made_up_posts() {
  std::vector<std::string> posts;
  for (int i = 0; i < 2000; ++i) {
    std::string post = "Thanks for the report. Same on **Debian 12**, with [this build](https://example.org/b).\n\n";
    for (int line = 0; line < i % 12; ++line) post += "> the window opens, and closes at once; see `ui/window.cpp`\n";
    if (i % 5 == 0) post += "\n@octocat, could you have a look? cc @octo-org/reviewers\n";
    posts.push_back(std::move(post));
  }
  return posts;
}

const std::vector<std::string>& posts() {
  static const std::vector<std::string> all = [] {
    const auto data = testing::recorded_data();
    if (data.empty()) return made_up_posts();
    std::vector<std::string> bodies;
    for (const auto& post : testing::json_lines(data / "github" / "bitcoin-core-gui.jsonl.gz")) {
      bodies.push_back(testing::body_of(post));
    }
    return bodies;
  }();
  return all;
}

template <class Read>
void over_all_posts(benchmark::State& state, Read read) {
  std::int64_t bytes = 0;
  for (const auto& post : posts()) bytes += static_cast<std::int64_t>(post.size());
  for (auto _ : state) {
    for (const auto& post : posts()) benchmark::DoNotOptimize(read(post));
  }
  state.SetBytesProcessed(state.iterations() * bytes);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(posts().size()));
}

void FindMentions(benchmark::State& state) {
  over_all_posts(state, [](const std::string& post) { return find_mentions(post); });
}
BENCHMARK(FindMentions)->Unit(benchmark::kMillisecond);

void ReadMarkdown(benchmark::State& state) {
  over_all_posts(state, [](const std::string& post) { return read_markdown(post); });
}
BENCHMARK(ReadMarkdown)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace beckon::core
