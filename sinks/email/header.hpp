// Header fields as they stand on the wire (RFC 5322, RFC 2047): ASCII unless an address is not, folded, no line over 998
// bytes, and whatever the text holds, one field. A field comes without its last CRLF.
#pragma once

#include "address.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace beckon::email {

// A text for people, as in Subject.
std::string text_field(std::string_view name, std::string_view text);

// "To: Octo Cat <octo@example.com>"
std::string mailbox_field(std::string_view name, const Mailbox& box);

// List-Id, RFC 2919: `label` for people, `id` as from list_label.
std::string list_field(std::string_view label, std::string_view id);

// "List-Unsubscribe: <mailto:bot@example.com?subject=unsubscribe%207>"
std::string mailto_field(std::string_view name, std::string_view address, std::string_view subject);

// "Date: Mon, 21 Sep 2026 14:13:20 +0000"
std::string date_field(std::int64_t unix_ms);

// What may stand in a Message-ID before the "@": letters, digits, "-", "_"; other bytes as "=2F". Never empty, bounded.
std::string id_part(std::string_view raw);

// A label of a domain name: "hello-world"; never empty.
std::string list_label(std::string_view raw);

}  // namespace beckon::email
