// Opens a link as the desktop would (xdg-open).
#pragma once

#include <string>

namespace beckon::desktop {

// False when the program could not be started, or the link is no web address. Does not wait for the program, which may run
// as long as the browser: it is nobody's child, and has none of our descriptors. `token`: with which the compositor lets
// the browser come to the front; or empty. Any thread.
bool open_link(const std::string& url, const std::string& token);

}  // namespace beckon::desktop
