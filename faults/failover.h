#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "faults/links.h"

namespace firedrill::faults {

/// Another node becomes the primary: what the failovers of the stores share. How one is promoted,
/// and what becomes of the old primary, is theirs.
template <class Node>
class Failover : public ActiveFault {
 public:
  ~Failover() override { state_->over = true; }

 protected:
  Failover(sim::FlashSaleCluster& cluster, Node& old, std::vector<Node*> others)
      : cluster_(cluster), old_(old), others_(std::move(others)) {}

  /// The other nodes and the primary lose sight of each other, while its clients still reach it;
  /// `promote` is called after that time, unless the fault has ended.
  template <class Promote>
  void lose_sight(Duration until_promotion, Promote promote) {
    Links links;
    for (const Node* other : others_) {
      links.push_back(&world().link(*old_.host, *other->host));
      links.push_back(&world().link(*other->host, *old_.host));
    }
    cut_.emplace(std::move(links));
    world().at(world().now() + until_promotion, [state = state_, promote] {
      if (!state->over) promote();
    });
  }

  /// They see each other again, and nobody is promoted any more.
  void regain_sight() {
    state_->over = true;
    if (cut_) cut_->end();
  }

  /// The first of those that have received most, by `received`, which tells nothing of a node that
  /// cannot be promoted; nullptr where none can.
  template <class Received>
  Node* furthest(Received received) const {
    Node* best = nullptr;
    for (Node* other : others_) {
      const auto has = received(*other);
      if (has && (best == nullptr || *has > *received(*best))) best = other;
    }
    return best;
  }

  sim::World& world() { return cluster_.world(); }

  sim::FlashSaleCluster& cluster_;
  Node& old_;
  std::vector<Node*> others_;
  Node* promoted_ = nullptr;

 private:
  struct State {
    bool over = false;
  };

  std::optional<CutLinks> cut_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace firedrill::faults
