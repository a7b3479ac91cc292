// As much of MIME (RFC 2045, 2046, 5322) as it takes to find the parts of a bounce. Bounded, whatever it is given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace beckon::email {

struct Field {
  std::string name;   // in lower case
  std::string value;  // unfolded, without blanks at its ends
};

// Header fields from the beginning of `text` up to an empty line, which goes too. Lines that are no field are left out.
std::vector<Field> take_fields(std::string_view& text);

// Of the first field with that name, given in lower case; empty when there is none.
std::string_view value_of(const std::vector<Field>& fields, std::string_view name);

struct ContentType {
  std::string type;                // "multipart/report"; empty when there is none
  std::vector<Field> parameters;   // values without their quotation marks
};
ContentType content_type(std::string_view value);

// What stands between the boundaries, each with its own header.
std::vector<std::string_view> parts_of(std::string_view body, std::string_view boundary);

// As its Content-Transfer-Encoding says.
std::string decoded(std::string_view body, std::string_view encoding);

}  // namespace beckon::email
