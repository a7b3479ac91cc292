#include "plugins/host/prove.hpp"

#include "plugins/contract/contract.hpp"

namespace beckon::plugins {
namespace {

using wire::Kind;

// A library may throw through its C entries in spite of the contract.
std::vector<contract::Finding> findings_of(const contract::Check& check, const contract::Subject& subject) {
  constexpr const char* way_out = "catch everything at the C entries; the C++ face does";
  try {
    return contract::run(check, subject);
  } catch (const std::exception& error) {
    return {{contract::Weight::fault, std::string("it threw: ") + error.what(), way_out}};
  } catch (...) {
    return {{contract::Weight::fault, "it threw something that is no std::exception", way_out}};
  }
}

}  // namespace

void prove(Channel& channel, const std::variant<Plugin, Refusal>& opened) {
  const auto frame = channel.read();
  if (!frame || frame->kind != Kind::try_out) return;
  const std::uint64_t call = frame->call;
  if (const auto* refusal = std::get_if<Refusal>(&opened)) return channel.send_packed(Kind::refused, call, wire::Text{refusal->sentence});
  const std::string payload(frame->payload);
  wire::Decoder decoder(payload);
  wire::Level first;
  beckon_values settings{sizeof settings, nullptr, 0}, target{sizeof target, nullptr, 0};
  if (!wire::unpack(decoder, first, settings, target)) return;
  contract::Subject subject;
  subject.table = std::get<Plugin>(opened).table;
  subject.settings = &settings;
  subject.target = &target;
  const auto& checks = contract::all_checks();
  for (std::uint32_t i = first.level; i < checks.size(); ++i) {
    channel.send_packed(Kind::begun, call, wire::Level{i});
    if (const auto why = contract::why_not(checks[i], subject); !why.empty()) {
      channel.send_packed(Kind::passed_over, call, wire::Text{why});
      continue;
    }
    for (const contract::Finding& finding : findings_of(checks[i], subject))
      channel.send_packed(Kind::finding, call, wire::Level{finding.weight == contract::Weight::fault ? 0u : 1u},
                          wire::Text{finding.sentence}, wire::Text{finding.way_out});
  }
  channel.send(Kind::tried, call);
}

}  // namespace beckon::plugins
