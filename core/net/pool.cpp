#include "net/pool.hpp"

#include <boost/asio/execution_context.hpp>

#include <algorithm>
#include <map>
#include <vector>

namespace beckon::core {

struct Pool::Shelf {
  // The youngest at the back.
  std::map<std::string, std::vector<std::shared_ptr<Connection>>> resting;
  bool closed = false;

  void close() {
    closed = true;
    resting.clear();
  }
};

namespace {

// A service hears of its io_context's end before any socket has become invalid; the client need not live that long,
// nor die so early.
template <class Shelf>
class Janitor : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;

  explicit Janitor(asio::execution_context& context) : service(context) {}

  void look_after(const std::shared_ptr<Shelf>& shelf) {
    std::erase_if(shelves_, [](const auto& known) { return known.expired(); });
    shelves_.push_back(shelf);
  }

 private:
  void shutdown() override {
    for (const auto& known : shelves_)
      if (const auto shelf = known.lock()) shelf->close();
    shelves_.clear();
  }

  std::vector<std::weak_ptr<Shelf>> shelves_;
};

}  // namespace

Pool::Pool(Executor executor, Milliseconds idle, std::size_t per_key)
    : shelf_(std::make_shared<Shelf>()), idle_(idle), per_key_(per_key) {
  asio::use_service<Janitor<Shelf>>(executor.context()).look_after(shelf_);
}

Pool::~Pool() = default;

std::shared_ptr<Connection> Pool::take(const std::string& key) {
  const auto found = shelf_->resting.find(key);
  if (found == shelf_->resting.end()) return nullptr;
  auto& row = found->second;
  std::shared_ptr<Connection> connection;
  while (!connection && !row.empty()) {
    if (row.back()->resting()) connection = std::move(row.back());
    row.pop_back();
  }
  if (row.empty()) shelf_->resting.erase(found);
  return connection;
}

void Pool::keep(const std::string& key, std::shared_ptr<Connection> connection) {
  if (shelf_->closed || per_key_ == 0) return;
  // Rows of places that are never asked again would stay for ever.
  for (auto row = shelf_->resting.begin(); row != shelf_->resting.end();) {
    std::erase_if(row->second, [](const auto& other) { return !other->resting(); });
    if (row->second.empty())
      row = shelf_->resting.erase(row);
    else
      ++row;
  }
  auto& row = shelf_->resting[key];
  if (row.size() >= per_key_) row.erase(row.begin());
  connection->expire_after(idle_);
  row.push_back(std::move(connection));
}

}  // namespace beckon::core
