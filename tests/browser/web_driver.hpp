// A browser that a test drives: Debian's Chromium through its chromedriver, over the W3C's WebDriver protocol. Both are started here,
// keep what they write in a folder of the test's own, reach nothing but loopback, and end with the object.
#pragma once

#include "end_to_end/rig.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core::testing {

class WebDriver {
 public:
  using json = nlohmann::json;

  // Where chromedriver is; empty: it is not installed.
  static std::string program();

  // `rig` serves its stand-ins while the browser is waited for, and outlives this. Throws, with the browser's words, when
  // something cannot be done: here, and in all that follows.
  explicit WebDriver(Rig& rig);
  ~WebDriver();
  WebDriver(const WebDriver&) = delete;
  WebDriver& operator=(const WebDriver&) = delete;

  void open(const std::string& url);
  void reload();
  void back();
  void new_tab();                                  // and goes there
  void close_tab();                                // and goes to one that is left
  // What the body of a function returns; a promise is waited for. arguments[0] and so on.
  json run(const std::string& script, json arguments = json::array());
  // Until the expression is true; the script's exceptions count as false.
  bool until(const std::string& expression, std::chrono::milliseconds limit = 15s);
  // What a person sees of the elements that a CSS selector finds: texts, blanks run together.
  std::vector<std::string> texts(const std::string& selector);
  std::string text(const std::string& selector);   // of the first; empty: there is none

  // As a person does it: what is hidden or covered cannot be pressed.
  void click(const std::string& selector);
  void click_word(const std::string& selector, const std::string& word);   // the first of them that says `word`
  void type(const std::string& selector, const std::string& text);         // instead of what is there
  void press(std::string_view key);                // UTF-8; WebDriver's code for a key that writes nothing
  static constexpr std::string_view tab = "\uE004", enter = "\uE007";

  // What an assistive technology is told of each visible element that the selector finds.
  struct Told {
    std::string role, name, html;
  };
  std::vector<Told> told(const std::string& selector);

  void look(int width, int height, bool dark);     // the window, and the scheme that the person prefers
  void calm();                                     // and that nothing should move
  void screenshot(const std::string& file);        // PNG, of the whole page
  // The console's errors since last asked: uncaught exceptions, what the content policy has stopped, what could not be loaded.
  std::vector<std::string> errors();

 private:
  json send(std::string method, std::string path, json body = nullptr);
  json command(std::string method, const std::string& path, json body = json::object());
  void tell_preferences();
  json devtools(const std::string& name, json parameters);
  std::string find(const std::string& selector);
  void press_element(const std::string& element);
  void start();
  bool start_driver();
  void start_session();
  void stop() noexcept;

  Rig& rig_;
  std::unique_ptr<HttpClient> client_;
  std::filesystem::path folder_;
  std::string origin_;
  std::string session_;
  pid_t driver_ = -1;
  bool dark_ = false;
  bool calm_ = false;
};

}  // namespace beckon::core::testing
