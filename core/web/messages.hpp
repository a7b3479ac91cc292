// What is said to a tab over its WebSocket: one JSON object a message, with "type". Pure. Texts from the forge go as they are,
// as texts: the page makes nodes of them and never HTML, so there is nothing to escape and nothing that could run.
//
//   {"type":"watching","repo","user","viewer"}            the tab's syncer is there
//   {"type":"searching","pages_done":N,"pages_left":N|null}   the first look at a repository takes its time
//   {"type":"mentions","position":N,"more":bool,"mentions":[...]}   oldest first; read on behind "position" (`after`)
//   {"type":"polled","last_poll":T,"next_poll":T,"error":""}  the feed has been polled
//   {"type":"refused","error"}                            and the connection closes; asking again at once would not help
//   {"type":"status","left_out":{"subscriptions":N,"feeds":N}, ...}   /api/v1/events: what /api/v1/status answers, whenever it has
//                                                         changed; of very many the first ones, trouble first
#pragma once

#include "control/operations.hpp"
#include "outbox/outbox.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

using WebMessage = std::shared_ptr<const std::string>;

// How a repository that is watched from a tab stands.
struct ViewedFeed {
  std::int64_t row = 0;                 // of the outbox; 0: not yet known
  LiveFeed live;
  std::string error;                    // why it cannot be read now; empty: it can
  bool complete = false;                // it has been read to its end since the daemon's start
};

WebMessage watching_message(std::string_view repository, std::string_view login, std::string_view viewer);
WebMessage feed_message(const ViewedFeed& feed);
WebMessage refused_message(std::string_view sentence);
// `mentions` as JSON texts, made by mention_json.
WebMessage mentions_message(const std::vector<WebMessage>& mentions, std::int64_t position, bool more);
// {"seq","user","kind":"body"|"comment"|"review"|"review_comment","edited":bool,"appeared":T,"url","repo",
//  "author":{"login","url","bot"},"thread":{"number","title","url","pull_request"},"excerpt":[{"kind","text","url","depth"}],"cut":bool}
// The excerpt's spans as in model/delivery.hpp; links other than http and https lose their address.
std::string mention_json(const OwedMention& owed);
// Of more than a page can use only those that matter most are kept.
struct LeftOut {
  std::size_t subscriptions = 0;
  std::size_t feeds = 0;
};
LeftOut cut_down(StatusReport& report, std::size_t most);
// `status` as status_json made it.
WebMessage status_message(std::string_view status, LeftOut left_out);

}  // namespace beckon::core
