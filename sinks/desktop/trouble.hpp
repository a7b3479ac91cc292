// What it means that a call on the session bus failed. Pure; decided by D-Bus' own names of errors.
#pragma once

#include <beckon/sink.hpp>

#include <string>

namespace beckon::desktop {

struct Failure {
  std::string name;     // "org.freedesktop.DBus.Error.NoReply"
  std::string message;  // of the bus or of a stranger's program: to be shown with care
};

// For what is found out on this side, as the bus names it.
inline constexpr char no_bus[] = "org.freedesktop.DBus.Error.NoServer";
inline constexpr char no_reply[] = "org.freedesktop.DBus.Error.NoReply";
inline constexpr char disconnected[] = "org.freedesktop.DBus.Error.Disconnected";

// What to wait for before the same call is worth another try.
enum class Remedy { none, bus, server, moment };
Remedy remedy(const Failure& failure);

Outcome trouble(const Failure& failure);

}  // namespace beckon::desktop
