// What a notification says of a delivery. Pure.
#pragma once

#include "markup.hpp"

#include <beckon/sink.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::desktop {

inline constexpr std::uint32_t most_mentions = 10;

// The keys of what a person can do with a notification; "default" is a click on it.
inline constexpr std::string_view click = "default", open = "open", unsubscribe = "unsubscribe";

// What the notification server can do, from its GetCapabilities.
struct Abilities {
  Body body = Body::text;
  bool actions = false;
  bool sound = false;
};
Abilities abilities(const std::vector<std::string>& capabilities);

// What already stands in the notification that a new one replaces.
struct Earlier {
  std::size_t mentions = 0;
  std::string url;
};

struct Notification {
  std::string summary;                // one line, never markup
  std::string body;
  std::string url;                    // what a click opens; empty: nothing
  std::vector<std::string> actions;   // key, label, key, label...
  std::size_t mentions = 0;           // how many it tells of, earlier ones included
};

// Where all mentions of the delivery are of one thread: a name for that thread, as its subscription sees it. Else empty.
// A later notification of the same thread replaces an earlier one and counts on.
std::string thread_of(const Delivery& delivery);

// A click opens the first mention that was not yet seen, since whoever reads on from there comes to the others.
Notification notification(const Delivery& delivery, const Abilities& abilities, const Earlier& earlier = {});

}  // namespace beckon::desktop
