#include "net/name_lookups.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace beckon::core {
namespace {

boost::system::error_code error_of(int result) {
  switch (result) {
    case 0: return {};
    case EAI_AGAIN: return asio::error::host_not_found_try_again;
    case EAI_NONAME: return asio::error::host_not_found;
#ifdef EAI_NODATA
    case EAI_NODATA: return asio::error::host_not_found;
#endif
    case EAI_MEMORY: return asio::error::no_memory;
    case EAI_SYSTEM: return {errno, boost::system::system_category()};
    default: return asio::error::no_recovery;
  }
}

LookedUp look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = IPPROTO_TCP;
  addrinfo* all = nullptr;
  LookedUp found;
  found.error = error_of(::getaddrinfo(host.c_str(), nullptr, &hints, &all));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(all, &::freeaddrinfo);
  for (const addrinfo* one = found.error ? nullptr : all; one; one = one->ai_next) {
    if (one->ai_family == AF_INET) {
      sockaddr_in address{};
      std::memcpy(&address, one->ai_addr, sizeof address);
      found.addresses.emplace_back(asio::ip::address_v4(ntohl(address.sin_addr.s_addr)));
    } else if (one->ai_family == AF_INET6) {
      sockaddr_in6 address{};
      std::memcpy(&address, one->ai_addr, sizeof address);
      asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
      found.addresses.emplace_back(asio::ip::address_v6(bytes, address.sin6_scope_id));
    }
  }
  return found;
}

}  // namespace

// Kept alive by the threads. All but `open` belongs to the context's thread.
struct NameLookups::State : std::enable_shared_from_this<State> {
  explicit State(Executor to) : executor(std::move(to)) {}

  void ask(const std::string& host, Heard heard) {
    auto& waiting = names[host];
    waiting.push_back(std::move(heard));
    if (waiting.size() > 1) return;
    if (running < most_at_once) start(host);
    else queue.push_back(host);
  }

  void start(const std::string& host) {
    // Signals are for the context's thread.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      std::thread([state = shared_from_this(), host] { state->hand_over(host, look_up(host)); }).detach();
      ++running;
    } catch (const std::system_error& none) {
      asio::post(executor, [state = shared_from_this(), host, code = none.code().value()] {
        state->answer(host, LookedUp{boost::system::error_code(code, boost::system::system_category()), {}});
      });
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void hand_over(const std::string& host, LookedUp found) {
    const std::lock_guard lock(mutex);
    if (!open) return;
    asio::post(executor, [state = shared_from_this(), host, found = std::move(found)] {
      --state->running;
      state->answer(host, found);
    });
  }

  void answer(const std::string& host, const LookedUp& found) {
    const auto heard = names.extract(host);
    if (!queue.empty() && running < most_at_once) {
      start(queue.front());
      queue.pop_front();
    }
    if (!heard) return;
    for (const Heard& one : heard.mapped()) one(found);
  }

  Executor executor;
  std::unordered_map<std::string, std::vector<Heard>> names;   // under way, or in the queue
  std::deque<std::string> queue;
  std::size_t running = 0;
  std::mutex mutex;
  bool open = true;
};

NameLookups::NameLookups(asio::execution_context& context)
    : asio::execution_context::service(context),
      state_(std::make_shared<State>(static_cast<asio::io_context&>(context).get_executor())) {}

NameLookups::~NameLookups() = default;

void NameLookups::ask(const std::string& host, Heard heard) { state_->ask(host, std::move(heard)); }

void NameLookups::shutdown() noexcept {
  {
    const std::lock_guard lock(state_->mutex);
    state_->open = false;
  }
  state_->names.clear();
  state_->queue.clear();
}

}  // namespace beckon::core
