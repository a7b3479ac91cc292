#include "browser/web_driver.hpp"

#include <boost/asio/co_spawn.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

namespace beckon::core::testing {
namespace {

constexpr const char* element_key = "element-6066-11e4-a52e-4f735466cecf";   // of the WebDriver standard

std::string base64_decoded(const std::string& text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  const auto padding = std::count(text.begin(), text.end(), '=');   // decoded as zeros
  bytes.resize(static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, length - padding)));
  return bytes;
}

std::string run_together(const std::string& text) {
  static const std::regex blanks("\\s+");
  return std::regex_replace(text, blanks, " ");
}

}  // namespace

std::string WebDriver::program() {
  for (const char* path : {"/usr/bin/chromedriver", "/usr/local/bin/chromedriver"})
    if (::access(path, X_OK) == 0) return path;
  return {};
}

WebDriver::WebDriver(Rig& rig) : rig_(rig), folder_(rig.folder() / "browser") {
  HttpClientOptions options;
  options.allow_plain_http = true;
  client_ = std::move(make_http_client(rig.executor(), options)).value();
  std::filesystem::create_directory(folder_);
  try {
    start();
  } catch (...) {
    stop();
    throw;
  }
}

WebDriver::~WebDriver() { stop(); }

// It takes a free IPv6 port, and wants the same one of IPv4, which somebody may have: then another try is another port.
void WebDriver::start() {
  for (int tries = 1; !start_driver(); ++tries) {
    const std::string log = rig_.read("browser/chromedriver.log");
    stop();
    if (tries == 5) throw std::runtime_error("chromedriver says no port: " + log);
  }
  start_session();
}

// In a group of its own, so that the browser's many processes end with it, whatever becomes of them. False: it has no port.
bool WebDriver::start_driver() {
  const std::string path = program(), out = folder_ / "chromedriver.log";
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> arguments{path, "--port=0"};
  std::vector<char*> argv{arguments[0].data(), arguments[1].data(), nullptr};
  const int failure = ::posix_spawn(&driver_, path.c_str(), &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failure != 0) throw std::runtime_error("chromedriver does not start");

  std::smatch said;
  std::string log;
  rig_.until([&] {
    log = rig_.read("browser/chromedriver.log");
    return std::regex_search(log, said, std::regex("started successfully on port ([0-9]+)")) || log.find("Exiting") != std::string::npos;
  });
  if (said.empty()) return false;
  origin_ = "http://127.0.0.1:" + said[1].str();
  return true;
}

void WebDriver::start_session() {
  const json options = {{"args",
                         {"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
                          "--no-proxy-server", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en",
                          "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--user-data-dir=" + (folder_ / "profile").string()}}};
  const json wish = {{"browserName", "chrome"}, {"goog:chromeOptions", options}, {"goog:loggingPrefs", {{"browser", "ALL"}}}};
  session_ = send("POST", "/session", {{"capabilities", {{"alwaysMatch", wish}}}}).at("sessionId").get<std::string>();
  command("POST", "/timeouts", {{"script", 20'000}, {"pageLoad", 20'000}});
}

void WebDriver::stop() noexcept {
  try {
    if (!session_.empty()) send("DELETE", "/session/" + session_);
  } catch (const std::exception&) {
    // It is ended below.
  }
  if (driver_ <= 0) return;
  ::kill(-driver_, SIGKILL);
  ::waitpid(driver_, nullptr, 0);
  driver_ = -1;
}

// ---- the protocol -----------------------------------------------------------------------------------------------------------

WebDriver::json WebDriver::send(std::string method, std::string path, json body) {
  HttpRequest request;
  request.method = method;
  request.url = origin_ + path;
  if (method == "POST") {
    request.headers = {{"Content-Type", "application/json; charset=utf-8"}};
    request.body = body.dump();
  }
  HttpLimits limits;
  limits.total = 60s;
  limits.max_body = 64u << 20;
  std::optional<HttpResult> answer;
  asio::co_spawn(rig_.executor(), client_->send(std::move(request), limits), [&answer](std::exception_ptr failure, HttpResult result) {
    if (failure) std::rethrow_exception(failure);
    answer = std::move(result);
  });
  rig_.until([&answer] { return answer.has_value(); }, 70s);
  if (!answer || !*answer) throw std::runtime_error(path + ": " + (answer ? answer->error().message : "no answer"));
  const json said = json::parse((*answer)->body, nullptr, false);
  const json value = said.is_object() && said.contains("value") ? said.at("value") : json();
  if ((*answer)->status != 200) throw std::runtime_error(path + ": " + value.value("message", (*answer)->body));
  return value;
}

WebDriver::json WebDriver::command(std::string method, const std::string& path, json body) {
  return send(std::move(method), "/session/" + session_ + path, std::move(body));
}

WebDriver::json WebDriver::devtools(const std::string& name, json parameters) {
  return command("POST", "/goog/cdp/execute", {{"cmd", name}, {"params", std::move(parameters)}});
}

// ---- tabs and scripts -------------------------------------------------------------------------------------------------------

void WebDriver::open(const std::string& url) { command("POST", "/url", {{"url", url}}); }
void WebDriver::reload() { command("POST", "/refresh"); }
void WebDriver::back() { command("POST", "/back"); }

void WebDriver::new_tab() {
  const json tab = command("POST", "/window/new", {{"type", "tab"}});
  command("POST", "/window", {{"handle", tab.at("handle")}});
}

void WebDriver::close_tab() {
  const json left = command("DELETE", "/window");
  command("POST", "/window", {{"handle", left.at(0)}});
}

WebDriver::json WebDriver::run(const std::string& script, json arguments) {
  return command("POST", "/execute/sync", {{"script", script}, {"args", std::move(arguments)}});
}

bool WebDriver::until(const std::string& expression, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  const std::string script = "try { return Boolean(" + expression + "); } catch { return false; }";
  for (;;) {
    if (run(script) == true) return true;
    if (std::chrono::steady_clock::now() > end) return false;
    rig_.serve(20ms);
  }
}

std::vector<std::string> WebDriver::texts(const std::string& selector) {
  const json found = run("return [...document.querySelectorAll(arguments[0])].map((node) => node.innerText)", {selector});
  std::vector<std::string> all;
  for (const json& text : found) all.push_back(run_together(text.get<std::string>()));
  return all;
}

std::string WebDriver::text(const std::string& selector) {
  const auto all = texts(selector);
  return all.empty() ? std::string() : all.front();
}

// ---- a person's hands -------------------------------------------------------------------------------------------------------

std::string WebDriver::find(const std::string& selector) {
  return command("POST", "/element", {{"using", "css selector"}, {"value", selector}}).at(element_key).get<std::string>();
}

void WebDriver::press_element(const std::string& element) { command("POST", "/element/" + element + "/click"); }
void WebDriver::click(const std::string& selector) { press_element(find(selector)); }

void WebDriver::click_word(const std::string& selector, const std::string& word) {
  const json found = run("return [...document.querySelectorAll(arguments[0])].find((node) => node.innerText.trim() === arguments[1])",
                         {selector, word});
  if (!found.is_object()) throw std::runtime_error("nothing says \"" + word + "\" among " + selector);
  press_element(found.at(element_key).get<std::string>());
}

void WebDriver::type(const std::string& selector, const std::string& text) {
  const std::string element = find(selector);
  command("POST", "/element/" + element + "/clear");
  command("POST", "/element/" + element + "/value", {{"text", text}});
}

void WebDriver::press(std::string_view key) {
  const json strokes = {{{"type", "keyDown"}, {"value", key}}, {{"type", "keyUp"}, {"value", key}}};
  command("POST", "/actions", {{"actions", {{{"type", "key"}, {"id", "keyboard"}, {"actions", strokes}}}}});
}

// ---- what is seen and said --------------------------------------------------------------------------------------------------

std::vector<WebDriver::Told> WebDriver::told(const std::string& selector) {
  std::vector<Told> all;
  for (const json& one : command("POST", "/elements", {{"using", "css selector"}, {"value", selector}})) {
    const std::string element = "/element/" + one.at(element_key).get<std::string>();
    if (command("GET", element + "/displayed") != true) continue;
    all.push_back({command("GET", element + "/computedrole").get<std::string>(), command("GET", element + "/computedlabel").get<std::string>(),
                   run("return arguments[0].outerHTML.slice(0, 200)", json::array({one})).get<std::string>()});
  }
  return all;
}

void WebDriver::look(int width, int height, bool dark) {
  devtools("Emulation.setDeviceMetricsOverride", {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", false}});
  dark_ = dark;
  tell_preferences();
}

void WebDriver::calm() {
  calm_ = true;
  tell_preferences();
}

void WebDriver::tell_preferences() {
  const json scheme = {{"name", "prefers-color-scheme"}, {"value", dark_ ? "dark" : "light"}};
  const json motion = {{"name", "prefers-reduced-motion"}, {"value", calm_ ? "reduce" : "no-preference"}};
  devtools("Emulation.setEmulatedMedia", {{"features", json::array({scheme, motion})}});
}

void WebDriver::screenshot(const std::string& file) {
  const json picture = devtools("Page.captureScreenshot", {{"format", "png"}, {"captureBeyondViewport", true}});
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(file, std::ios::binary) << base64_decoded(picture.at("data").get<std::string>());
}

std::vector<std::string> WebDriver::errors() {
  std::vector<std::string> all;
  for (const json& entry : command("POST", "/se/log", {{"type", "browser"}}))
    if (entry.at("level") == "SEVERE") all.push_back(entry.at("message").get<std::string>());
  return all;
}

}  // namespace beckon::core::testing
