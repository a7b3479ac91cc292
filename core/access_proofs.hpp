// What a viewer may read, proved with the viewer's own token, or, of one without, by the repository being public; good for an
// hour. Whoever asks while a proof is under way waits for that one. Daemon's thread.
#pragma once

#include "base/task.hpp"
#include "forge/forge.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

namespace beckon::core {

class AccessProofs {
 public:
  static constexpr Milliseconds hour = 1h;
  static constexpr Milliseconds refused_for = 1min;     // asking again sooner costs nobody's quota
  static constexpr Milliseconds unknown_for = 5s;       // of a forge that could not be asked
  static constexpr std::size_t most_kept = 10'000;

  // The forge to ask, with a viewer's token or, of an empty one, the daemon's own; nullptr: there is none of that name.
  using Ask = std::function<std::shared_ptr<Forge>(const std::string& forge, const std::string& token)>;
  AccessProofs(Executor executor, Ask ask, Milliseconds good_for = hour)
      : executor_(executor), ask_(std::move(ask)), good_for_(good_for) {}

  struct Refusal {
    std::string sentence;                // for the viewer: the same for what is not there and what may not be seen
    bool may_pass = false;               // the forge could not be asked: that is no answer
  };
  // nullopt: may be read. Throws only when cancelled.
  task<std::optional<Refusal>> prove(std::string forge, std::string repository, std::string token);
  // Of what was proved longer ago than that, nothing is known any more.
  void forget_old(SteadyTime now);

 private:
  using Key = std::tuple<std::string, std::string, std::string>;   // forge, repository in lower case, the token's hash
  struct Proof {
    explicit Proof(Executor executor) : done(executor, SteadyTime::max()) {}
    Timer done;                        // cancelled when the answer is there
    bool known = false;
    std::optional<Refusal> refused;    // unset: may be read
    SteadyTime until{};
  };
  task<void> ask(std::shared_ptr<Proof> proof, std::string forge, std::string repository, std::string token);

  Executor executor_;
  Ask ask_;
  Milliseconds good_for_;
  std::map<Key, std::shared_ptr<Proof>> proofs_;
};

}  // namespace beckon::core
