#include "forge/embedded.hpp"

#include "forge/code_host.hpp"

namespace beckon::core {
namespace {

class Embedded final : public EmbeddedForge {
 public:
  Embedded(Executor executor, std::uint16_t port) {
    server_ = serve_http(executor, [this](HttpRequest request) { return answer(std::move(request)); }, port);
    url_ = server_->origin();
    host_.emplace(url_);
  }

  std::string api_url() const override { return url_; }

  std::int64_t add_repository(std::string full_name) override { return host_->add_repository(std::move(full_name)); }
  void rename_repository(const std::string& from, std::string to) override {
    host_->rename_repository(from, std::move(to));
  }

  std::int64_t open_thread(const std::string& repository, std::int64_t number, bool pull_request, std::string title,
                           std::string author, std::string body, ForgeTime at) override {
    HostedPost post;
    post.author = std::move(author);
    post.body = std::move(body);
    post.created = at;
    return host_->open_thread(repository, number, HostedThread{pull_request, std::move(title)}, std::move(post));
  }

  std::int64_t add_post(const std::string& repository, PostKind kind, std::int64_t thread, std::string author,
                        std::string body, ForgeTime at) override {
    HostedPost post;
    post.kind = kind;
    post.thread = thread;
    post.author = std::move(author);
    post.body = std::move(body);
    post.created = at;
    return host_->add_post(repository, std::move(post));
  }

  void edit_post(PostKind, std::int64_t id, std::string body, ForgeTime at) override {
    host_->edit_post(id, std::move(body), at);
  }
  void delete_post(PostKind, std::int64_t id) override { host_->delete_post(id); }

  void set_clock(std::function<ForgeTime()> clock) override { host_->set_clock(std::move(clock)); }
  void set_interception(std::function<std::optional<HttpResponse>(const HttpRequest&)> hook) override {
    host_->set_interception(std::move(hook));
  }
  void set_token(std::string token, std::optional<ForgeTime> ends) override { host_->set_token(std::move(token), ends); }
  const std::vector<std::string>& requests() const override { return host_->requests(); }

 private:
  task<HttpResponse> answer(HttpRequest request) { co_return host_->answer(request); }

  std::string url_;
  std::optional<CodeHost> host_;        // needs the server's port
  std::unique_ptr<HttpServer> server_;  // dies first: its connections call `answer`
};

}  // namespace

std::unique_ptr<EmbeddedForge> make_embedded_forge(Executor executor, std::uint16_t port) {
  return std::make_unique<Embedded>(executor, port);
}

}  // namespace beckon::core
