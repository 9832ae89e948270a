#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "system/domain/redis_reply.h"
#include "tests/support/redis_client.h"
#include "tests/support/redis_server.h"

namespace firedrill::test {

/// A real Redis Cluster of three primaries without replicas, each with a third of the slots. A slot
/// whose node is dead is not served; the others are. Throws std::runtime_error where a server, or
/// the cluster, does not come up, or answers one of the methods with an error.
class RedisCluster {
 public:
  static constexpr std::size_t kNodes = 3;

  /// Returns when every node answers for its slots: that takes two seconds, for as long a primary
  /// that has just started does not trust what it remembers.
  RedisCluster();

  RedisServer& server(std::size_t node) { return *servers_.at(node); }
  /// The reply of one node, an error too. Over a new connection, for the node may have died since.
  RedisReply command(std::size_t node, const std::vector<std::string>& words) const;

  /// Which node had the slot when the cluster was made.
  static std::size_t first_owner(std::uint16_t slot) { return slot * kNodes / 16384; }

  /// Moving a slot: first the one; then each key, with what has been written to it; last the other,
  /// after which the old node sends everybody to the new one for good.
  void begin_move(std::uint16_t slot, std::size_t from, std::size_t to);
  void move_key(const std::string& key, std::size_t from, std::size_t to);
  void end_move(std::uint16_t slot, std::size_t from, std::size_t to);
  /// What a failover would do: `others` believe that the slot is now with the first of them.
  void take_over(std::uint16_t slot, const std::vector<std::size_t>& others);

  /// Waits until every node says that the cluster is whole.
  void wait_until_ok();
  /// How often the nodes have answered with errors of this code ("MOVED"), all together.
  std::uint64_t errors(const std::string& code) const;

 private:
  RedisReply must(std::size_t node, const std::vector<std::string>& words) const;
  bool is_ok(std::size_t node) const;

  std::vector<std::unique_ptr<RedisServer>> servers_;
  std::vector<std::string> ids_;
};

}  // namespace firedrill::test
