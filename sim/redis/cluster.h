#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/redis/command.h"

// A node of a Redis Cluster: what it believes about slots and nodes, and where it sends whom. The
// bus by which nodes agree is the host's: it changes the view.

namespace firedrill::sim::redis {

inline constexpr std::uint16_t kSlots = 16384;

/// CRC16 of the key, or of what stands between its first { and the next }, if that is anything.
std::uint16_t slot_of(std::string_view key);

struct ClusterNode {
  std::string id;  ///< 40 hex digits
  std::string host;
  std::uint16_t port = 0;
  std::string primary;  ///< of a replica: the id of its primary; else empty
  std::uint64_t config_epoch = 0;
};

/// What one node knows of the cluster. Nodes are numbered by their place in `nodes`.
class ClusterView {
 public:
  using Number = std::uint16_t;
  static constexpr Number kNobody = UINT16_MAX;

  /// The node itself is node 0.
  explicit ClusterView(ClusterNode myself);

  const std::vector<ClusterNode>& nodes() const { return nodes_; }
  const ClusterNode& myself() const { return nodes_[0]; }
  ClusterNode& node(Number number) { return nodes_[number]; }
  Number add(ClusterNode node);
  /// kNobody where there is none of this id.
  Number find(std::string_view id) const;

  Number owner_of(std::uint16_t slot) const { return owners_[slot]; }
  void set_owner(std::uint16_t slot, Number owner);
  /// How many slots have an owner.
  std::size_t assigned() const { return assigned_; }

  /// Slots on their way from this node, and to it: with the other node.
  std::map<std::uint16_t, Number> migrating;
  std::map<std::uint16_t, Number> importing;
  std::uint64_t epoch = 0;

 private:
  std::vector<ClusterNode> nodes_;
  std::array<Number, kSlots> owners_;
  std::size_t assigned_ = 0;
};

/// The engine is a node of a cluster from now on.
void join_cluster(EngineState& state, ClusterView view);

/// Whether the cluster answers at all: every slot has an owner, or that is not asked for.
bool cluster_is_up(const EngineState& state);

/// Why this node does not execute a command.
struct Redirection {
  enum class Why : std::uint8_t { cross_slot, try_again, moved, ask, not_served, down, read_only };
  Why why;
  std::uint16_t slot = 0;
  ClusterView::Number node = 0;  ///< moved, ask: to whom

  /// "MOVED 3999 10.0.0.2:6381".
  std::string text(const ClusterView& view) const;
};

/// Nothing where this node executes the command: of `session`, which may be ASKING or READONLY.
/// `flags` are those that count (EXEC has those of what it executes). `slot`, if it is asked for,
/// is that of the keys, where there are any and the cluster is up.
std::optional<Redirection> redirection(EngineState& state, const Session& session,
                                       const CommandSpec& spec, Arguments words,
                                       std::uint16_t flags,
                                       std::optional<std::uint16_t>* slot = nullptr);

}  // namespace firedrill::sim::redis
