// HTTP between processes of one user on one machine: a socket that is a file beside another one. Its mode is 0600, and a
// peer of another user is sent away whatever the mode says.
#pragma once

#include "net/http.hpp"
#include "net/http_server.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace beckon::core {

// Listens at `path`, whose folder exists. Of a file in the way only a socket that nobody listens at any more is removed.
// The file goes with the server. Body limit 1 MiB. Fails with a sentence.
Result<std::unique_ptr<HttpServer>> serve_http_at(Executor executor, HttpHandler handler, const std::filesystem::path& path);

// One request, one answer; `url` is the target alone. Blocks its thread, `limit` for all of it. nullopt: nobody listens at
// `path`.
Result<std::optional<HttpResponse>> ask_http_at(const std::filesystem::path& path, const HttpRequest& request,
                                                Milliseconds limit);

}  // namespace beckon::core
