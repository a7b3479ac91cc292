// Guards the Markdown parser against text made to stall it. Debian 12's cmark-gfm (0.29.0.gfm.6) takes quadratic
// time or memory over many constructs, measured at up to half a minute for one comment of 100 KB; later versions
// cured some of them (CVE-2023-22483, -22486, -24824, -37463).
#pragma once

#include <string_view>

namespace beckon::core {

// An upper bound, from one linear pass over the source, says that parsing could take about 0.1 s or more. Ordinary
// text of 64 KB, logs and tables included, stays far below. Read such a text without Markdown (read_plain).
bool too_costly(std::string_view markdown);

}  // namespace beckon::core
