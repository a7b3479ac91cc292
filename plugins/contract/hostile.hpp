// What the network can say, at its worst: answers of services and of what stands before them, and texts of a forge.
#pragma once

#include "plugins/contract/sample.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::plugins::contract {

std::string repeated(std::string_view what, std::size_t times);

// Bodies that mean nothing to anybody.
std::vector<std::string> bare_bodies();
// What the services that we know say, right or wrong.
std::vector<std::string> known_bodies();
std::vector<std::string> hostile_texts();

// The text in every place where a forge could put it.
SampleMention hostile_mention(const std::string& text, SpanKind kind);

extern const std::array<SpanKind, 16> all_kinds;

}  // namespace beckon::plugins::contract
