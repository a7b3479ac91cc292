#include "access_proofs.hpp"

#include "base/digest.hpp"
#include "base/log.hpp"
#include "config/values.hpp"

#include <boost/asio/redirect_error.hpp>

#include <fmt/format.h>

namespace beckon::core {
namespace {

std::string hash_of(const std::string& token) { return token.empty() ? std::string() : sha256(token); }

std::string no_public(const std::string& repository) {
  return fmt::format("there is no public repository {}; private ones are shown to those who have signed in", repository);
}

bool is_no_answer(ForgeFailure failure) {
  return failure == ForgeFailure::transport || failure == ForgeFailure::unavailable || failure == ForgeFailure::rate_limited;
}

// The forge's own words name the daemon's configuration, which is none of a viewer's business.
std::string sentence_of(const ForgeError& error, const std::string& repository, bool with_token) {
  switch (error.failure) {
    case ForgeFailure::not_found:
    case ForgeFailure::forbidden:
      return with_token ? fmt::format("there is no repository {} that you may read", repository)
                        : no_public(repository);
    case ForgeFailure::unauthorized:
      return with_token ? "your sign-in is no longer accepted: sign in again" : "the forge does not accept the daemon's credential";
    case ForgeFailure::rate_limited:
      return "the forge asks us to wait; it is tried again later";
    case ForgeFailure::blocked:
      return fmt::format("the forge does not show {} any more", repository);
    case ForgeFailure::transport:
    case ForgeFailure::unavailable:
    case ForgeFailure::disabled:
    case ForgeFailure::endless: break;
  }
  return "the forge cannot be reached at present; it is tried again";
}

}  // namespace

task<std::optional<AccessProofs::Refusal>> AccessProofs::prove(std::string forge, std::string repository, std::string token) {
  const Key key(forge, lower(repository), hash_of(token));
  const auto now = std::chrono::steady_clock::now();
  if (proofs_.size() >= most_kept) forget_old(now);
  auto found = proofs_.find(key);
  std::shared_ptr<Proof> proof = found == proofs_.end() ? nullptr : found->second;
  if (!proof || (proof->known && proof->until <= now)) {
    proof = std::make_shared<Proof>(executor_);
    proofs_.insert_or_assign(key, proof);
    // Apart from whoever asks first, who may go before the others.
    auto asking = ask(proof, std::move(forge), std::move(repository), std::move(token));
    asio::co_spawn(executor_, std::move(asking), [proof](std::exception_ptr failure) {
      if (failure) proof->refused = Refusal{"access could not be proved: the daemon failed at it", true};
      proof->known = true;
      proof->done.cancel();
    });
  }
  while (!proof->known) {
    boost::system::error_code ignored;
    auto wait = proof->done.async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(wait);
  }
  co_return proof->refused;
}

task<void> AccessProofs::ask(std::shared_ptr<Proof> proof, std::string forge, std::string repository, std::string token) {
  const bool with_token = !token.empty();
  proof->until = std::chrono::steady_clock::now() + refused_for;
  const std::shared_ptr<Forge> asked = ask_(forge, token);
  if (!asked) {
    proof->refused = Refusal{fmt::format("there is no forge called {} here", in_quotes(forge)), false};
    co_return;
  }
  auto asking = asked->repository(repository);
  const auto answer = co_await std::move(asking);
  if (!answer) {
    const bool may_pass = is_no_answer(answer.error().failure);
    proof->refused = Refusal{sentence_of(answer.error(), repository, with_token), may_pass};
    if (may_pass) proof->until = std::chrono::steady_clock::now() + unknown_for;
    log::debug("web", "{} is not shown to a viewer: {}", repository, answer.error().message);
    co_return;
  }
  if (!with_token && answer->repository.is_private) {
    proof->refused = Refusal{no_public(repository), false};
    co_return;
  }
  proof->until = std::chrono::steady_clock::now() + good_for_;
}

void AccessProofs::forget_old(SteadyTime now) {
  std::erase_if(proofs_, [now](const auto& entry) { return entry.second->known && entry.second->until <= now; });
}

}  // namespace beckon::core
