// The system's resolver without its queue: `getaddrinfo` blocks, cannot be interrupted, and takes half a minute where a DNS
// server is silent. Each name is looked up on a thread of its own, so that one that is never answered delays no other; who
// asks for a name that is being looked up already waits with the others. Threads that never come back hold nothing of the
// io_context: it may go before them.
#pragma once

#include "base/task.hpp"

#include <boost/asio/ip/address.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace beckon::core {

struct LookedUp {
  boost::system::error_code error;
  std::vector<asio::ip::address> addresses;  // in the system's order of preference
};

// One for each io_context, asio::use_service<NameLookups>(context). The context's thread.
class NameLookups final : public asio::execution_context::service {
 public:
  using key_type = NameLookups;
  static inline asio::execution_context::id id;

  static constexpr std::size_t most_at_once = 64;  // names; more of them wait

  explicit NameLookups(asio::execution_context& context);
  ~NameLookups() override;

  // `heard` is called later, on the context's thread; not at all if the context goes before.
  using Heard = std::function<void(const LookedUp&)>;
  void ask(const std::string& host, Heard heard);

 private:
  void shutdown() noexcept override;

  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace beckon::core
