// A sink that appends a line to a file for each mention: time, repository, author, whom it names, and the link.
#include <beckon/sink.hpp>
#include <beckon/text.hpp>
#include <beckon/when.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace {

constexpr beckon::Option options[] = {
    {"path", beckon::Type::path, beckon::required | beckon::target, "", "the file; it is made when missing"},
    {"separator", beckon::Type::string, beckon::optional, " ", "what stands between the fields of a line"},
};

class MySink {
 public:
  static constexpr std::string_view about = "appends a line to a file for each mention";
  static constexpr std::uint32_t max_batch = 100;

  explicit MySink(const beckon::Settings& settings) : separator_(settings.text("separator", " ")) {
    if (separator_.find('\n') != std::string::npos) {
      throw beckon::Complaint("separator", "a line break cannot separate the fields of a line; take another text");
    }
  }

  beckon::Outcome deliver(const beckon::Delivery& delivery) {
    if (delivery.notice.empty() && delivery.mentions.empty()) return beckon::Outcome::rejected("empty", "there is nothing to tell");
    const std::string path = delivery.target.text("path");
    const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (file < 0) {
      const std::string error = std::strerror(errno);
      return beckon::Outcome::misconfigured("cannot_open", "the file cannot be opened: " + error);
    }
    // One write for the whole batch, so that the lines of two deliveries never mix.
    const std::string text = lines(delivery);
    const ssize_t written = ::write(file, text.data(), text.size());
    const std::string error = written < 0 ? std::strerror(errno) : "the file took only a part of it; is the disk full?";
    ::close(file);
    if (written == static_cast<ssize_t>(text.size())) return beckon::Outcome::delivered();
    return beckon::Outcome::retry("cannot_write", error);
  }

 private:
  // `clean_line`: what comes from the forge is hostile and must not break out of its line.
  std::string lines(const beckon::Delivery& delivery) const {
    using beckon::text::clean_line;
    std::string text;
    if (!delivery.notice.empty()) {
      text += beckon::when::iso8601(delivery.now_ms) + separator_ + clean_line(delivery.notice) + '\n';
    }
    for (const beckon::Mention& mention : delivery.mentions) {
      text += beckon::when::iso8601(mention.post.appeared_ms) + separator_ + clean_line(mention.repository.name) +
              separator_ + clean_line(mention.author.login) + separator_ + '@' + clean_line(mention.name) + separator_ +
              clean_line(mention.post.url) + '\n';
    }
    return text;
  }

  std::string separator_;
};

}  // namespace

BECKON_SINK(MySink, "mysink", "1.0.0", options)
