#include "net/http.hpp"

#include "net/proxy.hpp"

#include <boost/beast/core/string.hpp>

#include <cstdlib>
#include <initializer_list>

namespace beckon::core {
namespace {

void fill_from_environment(std::string& value, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (!value.empty()) return;
    if (const char* text = std::getenv(name)) value = text;
  }
}

}  // namespace

std::string_view find_header(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [candidate, value] : headers)
    if (boost::beast::iequals(candidate, name)) return value;
  return {};
}

void throw_exception_from_error(const HttpError& error, const boost::source_location&) {
  throw std::logic_error("unchecked HTTP error: " + error.message);
}

// HTTP_PROXY is left alone on purpose: plain http is the exception here, and a web server's CGI lets a stranger set
// that variable through a `Proxy:` header.
void apply_proxy_environment(HttpClientOptions& options) {
  if (const char* variable = proxy_variable()) fill_from_environment(options.proxy, {variable});
  fill_from_environment(options.no_proxy, {"NO_PROXY", "no_proxy"});
}

}  // namespace beckon::core
