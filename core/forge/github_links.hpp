// The addresses of GitHub's API: which to ask, and which of those it names may be followed. Pure.
#pragma once

#include "forge/forge.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace beckon::core {

// The target of `rel="next"` in a Link header (RFC 8288); empty when there is none.
std::string next_link(std::string_view header);

// How many pages follow the one that this Link header came with: 0 without a `next`; unset where `next` and `last` are
// not both numbered, as where a list is paged by keys.
std::optional<std::size_t> pages_left(std::string_view header);

// A Location or Link target made absolute against the URL it was found at; empty when it leaves that URL's origin, and
// so must not see our credential.
std::string follow_on_origin(std::string_view asked_url, std::string_view target);

// ".../repositories/17", the address that outlives a rename, or ".../repos/owner/name" for hosts that do not serve it.
std::string repository_url(const std::string& api_url, const Repository& repository, bool by_number);

// "owner/name" of the characters GitHub allows: anything else would reach other paths of the API.
bool is_full_name(std::string_view name);

// Page 1 of a source, oldest change first. Pull requests have no `since`: theirs is the newest change first.
std::string source_url(const std::string& repository_url, SourceKind source, ForgeTime since, std::size_t page_size);
std::string reviews_url(const std::string& repository_url, std::int64_t pull_request, std::size_t page_size);

// What an ETag is good for: the same URL, Accept and credential. A hash, so that it may be stored.
std::string etag_key(std::string_view url, std::string_view accept, std::string_view token);

}  // namespace beckon::core
