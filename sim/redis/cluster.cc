#include "sim/redis/cluster.h"

#include <algorithm>
#include <utility>

#include "system/domain/check.h"

namespace firedrill::sim::redis {

namespace {

/// CRC-16/XMODEM, which Redis Cluster hashes with.
constexpr std::array<std::uint16_t, 256> make_crc_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) ? (crc << 1) ^ 0x1021U : crc << 1;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}

std::uint16_t crc16(std::string_view text) {
  static constexpr auto kTable = make_crc_table();
  unsigned crc = 0;
  for (const char c : text) {
    crc = (crc << 8) ^ kTable[((crc >> 8) ^ static_cast<unsigned char>(c)) & 0xFFU];
  }
  return static_cast<std::uint16_t>(crc);
}

using Why = Redirection::Why;

/// The keys of a command, or of all commands of a transaction, looked at one after the other.
class KeyReader {
 public:
  KeyReader(EngineState& state, bool looks_for_keys)
      : state_(state), view_(*state.cluster), looks_for_keys_(looks_for_keys) {}

  /// Nothing where all is well so far.
  std::optional<Redirection> read(const CommandSpec& spec, Arguments words) {
    find_keys(spec, words, positions_);
    for (const std::size_t position : positions_) {
      if (auto problem = read(words[position])) return problem;
    }
    return std::nullopt;
  }

  bool has_keys() const { return has_keys_; }
  std::uint16_t slot() const { return slot_; }
  bool migrates() const { return migrates_; }
  bool is_imported() const { return is_imported_; }
  bool has_several() const { return has_several_; }
  std::size_t missing() const { return missing_; }
  std::size_t existing() const { return existing_; }

 private:
  std::optional<Redirection> read(std::string_view key) {
    const std::uint16_t slot = slot_of(key);
    if (!has_keys_) {
      has_keys_ = true;
      first_ = key;
      slot_ = slot;
      const ClusterView::Number owner = view_.owner_of(slot);
      if (owner == ClusterView::kNobody) return Redirection{Why::not_served, slot};
      migrates_ = owner == 0 && view_.migrating.contains(slot);
      is_imported_ = !migrates_ && view_.importing.contains(slot);
    } else if (key != first_) {
      if (slot != slot_) return Redirection{Why::cross_slot, slot};
      has_several_ = true;
    }
    if (looks_for_keys_ && (migrates_ || is_imported_)) ++(is_here(key) ? existing_ : missing_);
    return std::nullopt;
  }

  bool is_here(std::string_view key) const {
    const Keyspace::Entry* entry = state_.database(0).look(key);
    if (entry == nullptr) return false;
    const std::int64_t expires_ms = entry->value.expires_ms;
    return expires_ms == Keyspace::kForever || state_.now_ms() <= expires_ms;
  }

  EngineState& state_;
  const ClusterView& view_;
  bool looks_for_keys_;
  std::vector<std::size_t> positions_;
  bool has_keys_ = false;
  std::string_view first_;
  std::uint16_t slot_ = 0;
  bool migrates_ = false;
  bool is_imported_ = false;
  bool has_several_ = false;
  std::size_t missing_ = 0;
  std::size_t existing_ = 0;
};

std::optional<Redirection> read_all(KeyReader& reader, const Session& session,
                                    const CommandSpec& spec, Arguments words) {
  if (spec.name != "exec") return reader.read(spec, words);
  for (const auto& queued : session.queued) {
    const std::vector<std::string_view> views(queued.begin(), queued.end());
    if (auto problem = reader.read(*find_command(Arguments(views)), views)) return problem;
  }
  return std::nullopt;
}

/// What a cluster that is down answers, where somebody needs a key.
std::optional<Redirection> refusal_while_down(const EngineState& state, bool in_shard,
                                              std::uint16_t flags) {
  if (cluster_is_up(state) || in_shard) return std::nullopt;
  if (!state.config.cluster_allow_reads_when_down) return Redirection{Why::down};
  if (flags & kWrite) return Redirection{Why::read_only};
  return std::nullopt;
}

}  // namespace

std::uint16_t slot_of(std::string_view key) {
  const std::size_t open = key.find('{');
  const std::size_t close = open == key.npos ? key.npos : key.find('}', open + 1);
  const bool has_tag = close != key.npos && close != open + 1;
  return crc16(has_tag ? key.substr(open + 1, close - open - 1) : key) % kSlots;
}

ClusterView::ClusterView(ClusterNode myself) {
  owners_.fill(kNobody);
  add(std::move(myself));
}

ClusterView::Number ClusterView::add(ClusterNode node) {
  check(nodes_.size() < kNobody, "a cluster has fewer nodes than slots");
  nodes_.push_back(std::move(node));
  return static_cast<Number>(nodes_.size() - 1);
}

ClusterView::Number ClusterView::find(std::string_view id) const {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].id == id) return static_cast<Number>(i);
  }
  return kNobody;
}

void ClusterView::set_owner(std::uint16_t slot, Number owner) {
  assigned_ -= owners_[slot] != kNobody;
  owners_[slot] = owner;
  assigned_ += owner != kNobody;
}

void join_cluster(EngineState& state, ClusterView view) {
  state.cluster = std::make_unique<ClusterView>(std::move(view));
  state.config.cluster_enabled = true;
  state.update_guards();
}

bool cluster_is_up(const EngineState& state) {
  return !state.config.cluster_require_full_coverage || state.cluster->assigned() == kSlots;
}

std::string Redirection::text(const ClusterView& view) const {
  switch (why) {
    case Why::cross_slot: return "CROSSSLOT Keys in request don't hash to the same slot";
    case Why::try_again: return "TRYAGAIN Multiple keys request during rehashing of slot";
    case Why::not_served: return "CLUSTERDOWN Hash slot not served";
    case Why::down: return "CLUSTERDOWN The cluster is down";
    case Why::read_only: return "CLUSTERDOWN The cluster is down and only accepts read commands";
    case Why::moved:
    case Why::ask: break;
  }
  const ClusterNode& to = view.nodes()[node];
  return (why == Why::ask ? "ASK " : "MOVED ") + std::to_string(slot) + " " + to.host + ":" +
         std::to_string(to.port);
}

std::optional<Redirection> redirection(EngineState& state, const Session& session,
                                       const CommandSpec& spec, Arguments words,
                                       std::uint16_t flags,
                                       std::optional<std::uint16_t>* slot_of_keys) {
  const ClusterView& view = *state.cluster;
  const bool in_shard =
      spec.name == "ssubscribe" || spec.name == "sunsubscribe" || spec.name == "spublish";
  KeyReader keys(state, !in_shard);
  if (auto problem = read_all(keys, session, spec, words)) return problem;
  if (!keys.has_keys()) return std::nullopt;
  // EXEC itself does not write.
  const std::uint16_t own_flags = spec.name == "exec" ? spec.flags : flags;
  if (auto refused = refusal_while_down(state, in_shard, own_flags)) return refused;
  const std::uint16_t slot = keys.slot();
  if (slot_of_keys != nullptr) *slot_of_keys = slot;
  if (keys.migrates() && keys.missing() > 0) {
    if (keys.existing() > 0) return Redirection{Why::try_again, slot};
    return Redirection{Why::ask, slot, view.migrating.at(slot)};
  }
  if (keys.is_imported() && session.is(Session::kAsking)) {
    const bool lacks_some = keys.has_several() && keys.missing() > 0;
    return lacks_some ? std::optional(Redirection{Why::try_again, slot}) : std::nullopt;
  }
  const ClusterView::Number owner = view.owner_of(slot);
  const bool reads = (session.reads_from_replica || in_shard) && (flags & kWrite) == 0;
  const bool owner_is_primary_here =
      !view.myself().primary.empty() && view.nodes()[owner].id == view.myself().primary;
  if (owner == 0 || (reads && owner_is_primary_here)) return std::nullopt;
  return Redirection{Why::moved, slot, owner};
}

}  // namespace firedrill::sim::redis
