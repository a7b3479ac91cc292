#include "net/resolve.hpp"

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/redirect_error.hpp>

#include <memory>

namespace beckon::core {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// Shared by the coroutine and the resolver's callback, whichever stays longer.
struct Question {
  Question(Executor executor, Milliseconds limit) : resolver(executor), ready(executor, limit) {
    answer.error = asio::error::timed_out;
  }

  asio::ip::basic_resolver<tcp, Executor> resolver;
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
  question->resolver.async_resolve(
      host, std::to_string(port), tcp::resolver::numeric_service,
      [question](error_code error, const tcp::resolver::results_type& results) {
        question->answer.error = error;
        for (const auto& entry : results) question->answer.endpoints.push_back(entry.endpoint());
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
