#include "net/resolve.hpp"

#include "net/name_lookups.hpp"

#include <boost/asio/redirect_error.hpp>

#include <memory>

namespace beckon::core {
namespace {

using boost::system::error_code;

// Shared by the coroutine and the callback, whichever stays longer.
struct Question {
  Question(Executor executor, Milliseconds limit) : ready(executor, limit) {
    answer.error = asio::error::timed_out;
  }

  Timer ready;  // expires at the limit; cancelled when the answer is there
  Resolved answer;
};

}  // namespace

task<Resolved> resolve(std::string host, std::uint16_t port, Milliseconds limit) {
  error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  Resolved known;
  if (!no_address) {
    known.endpoints.emplace_back(address, port);
    co_return known;
  }
  if (host == "localhost" || host.ends_with(".localhost")) {
    known.endpoints.emplace_back(asio::ip::address_v4::loopback(), port);
    known.endpoints.emplace_back(asio::ip::address_v6::loopback(), port);
    co_return known;
  }
  const auto executor = co_await asio::this_coro::executor;
  const auto question = std::make_shared<Question>(executor, limit);
  asio::use_service<NameLookups>(executor.context()).ask(host, [question, port](const LookedUp& found) {
    question->answer.error = found.error;
    for (const auto& address : found.addresses) question->answer.endpoints.emplace_back(address, port);
    question->ready.cancel();
  });
  error_code woken;
  co_await question->ready.async_wait(asio::redirect_error(use_task, woken));
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
  co_return question->answer;
}

}  // namespace beckon::core
