// The HTTP face of the operations: one implementation for the commands' Unix socket, the file where no daemon runs, and
// whatever else comes to serve it.
//
//   GET  /api/v1/status
//   GET  /api/v1/subscriptions
//   POST /api/v1/subscriptions           {"repo": "owner/name", "user": LOGIN, "sink": NAME, ...}: the keys of
//                                        [[subscriptions]], for a single one; 201 with it
//   DELETE /api/v1/subscriptions/NAME    one that was added so
//   POST /api/v1/subscriptions/NAME/pause | resume | revive      NAME percent-encoded, "/" too
//   GET  /api/v1/dead      ?subscription=NAME&limit=N
//   POST /api/v1/dead/retry | drop      {"subscription": NAME, "seqs": [N, ...]}, no seqs: all of them; or {"all": true}
//   GET  /api/v1/history   ?subscription=NAME&limit=N
//   GET  /api/v1/openapi.json   all of this for programs: core/control/openapi.json, which a new route, status or member goes into
//   POST /api/v1/feedback  a message that came back, such as a bounced mail, as it is: its first MiB
//   GET  /metrics          for Prometheus (text/plain; version=0.0.4), names in metrics/metrics.hpp
//   GET  /healthz          200 "ok" while requests are answered at all
//   GET  /readyz           200 "ok", or 503 while a part of the daemon is down or the state file does not answer
//
// Every other answer is JSON, every refusal {"error": "a sentence"}: 400 what cannot be understood or be so, 403, 404 what is not there, 405,
// 409 what cannot be done as things are, 413, 503 the store's trouble, or a sink's that
// cannot be asked now.
#pragma once

#include "control/operations.hpp"
#include "net/http.hpp"

namespace beckon::core {

// Who asks. A visitor may not have variables and files of this machine read into a subscription, which would be told to
// wherever the visitor says.
enum class Caller { visitor, own_user };

// `url` is the target alone. Throws only when cancelled. `operations` outlives it.
task<HttpResponse> answer_operator(Operations& operations, HttpRequest request, Caller caller = Caller::visitor);

}  // namespace beckon::core
