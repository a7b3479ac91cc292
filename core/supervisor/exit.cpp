#include "supervisor/exit.hpp"

#include "base/redaction.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace beckon::core::supervision {

Exit exit_of(Farewell farewell) {
  switch (farewell.kind) {
    case Farewell::Kind::idle: return Exit{Exit::Kind::idle, {}};
    case Farewell::Kind::gone: return Exit{Exit::Kind::gone, std::move(farewell.reason)};
    case Farewell::Kind::done: break;
  }
  return Exit{Exit::Kind::done, {}};
}

Exit exit_of(std::exception_ptr failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) return Exit{Exit::Kind::cancelled, {}};
    return Exit{Exit::Kind::failed, redact(error.what())};
  } catch (const std::exception& error) {
    return Exit{Exit::Kind::failed, redact(error.what())};
  } catch (...) {
    return Exit{Exit::Kind::failed, "something that is not a std::exception was thrown"};
  }
}

}  // namespace beckon::core::supervision
