#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "faults/aim.h"

namespace firedrill::faults {

using Links = std::vector<sim::Link*>;

/// What a primary sends to the other nodes.
template <class Node>
Links links_from(sim::World& world, const Node& primary, const std::vector<Node*>& others) {
  Links links;
  for (const Node* other : others) links.push_back(&world.link(*primary.host, *other->host));
  return links;
}

/// The other nodes.
template <class Nodes, class Node>
std::vector<Node*> all_but(Nodes& nodes, const Node& one) {
  std::vector<Node*> others;
  for (Node& node : nodes) {
    if (&node != &one) others.push_back(&node);
  }
  return others;
}

/// How often such a thing happened, over all of them.
inline std::uint64_t sum(const Links& links, std::uint64_t (sim::Link::*count)() const) {
  std::uint64_t all = 0;
  for (const sim::Link* link : links) all += (link->*count)();
  return all;
}

/// Every message on these links takes longer.
class SlowLinks final : public ActiveFault {
 public:
  SlowLinks(Links links, Duration extra)
      : links_(std::move(links)), extra_(extra), slowed_before_(slowed()) {
    for (sim::Link* link : links_) link->slow_down(extra_);
  }
  void end() override {
    for (sim::Link* link : links_) link->speed_up(extra_);
  }
  bool took_effect() const override { return slowed() > slowed_before_; }

 private:
  std::uint64_t slowed() const { return sum(links_, &sim::Link::slowed); }

  Links links_;
  Duration extra_;
  std::uint64_t slowed_before_;
};

/// Nothing passes on these links.
class CutLinks final : public ActiveFault {
 public:
  explicit CutLinks(Links links) : links_(std::move(links)), stopped_before_(stopped()) {
    for (sim::Link* link : links_) link->cut();
  }
  void end() override {
    for (sim::Link* link : links_) link->heal();
  }
  bool took_effect() const override { return stopped() > stopped_before_; }

 private:
  std::uint64_t stopped() const { return sum(links_, &sim::Link::stopped); }

  Links links_;
  std::uint64_t stopped_before_;
};

}  // namespace firedrill::faults
