#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "system/adapters/redis_cluster.h"
#include "system/adapters/redis_node.h"

namespace firedrill::adapters {

/// A way to a Redis: one connection to the server at the address; where that is a node of a Redis
/// Cluster, one to each node to which it sends commands on.
///
/// The order of commands and of answers is that of each RedisNode. A command is written once more,
/// elsewhere, only where a node answered that it did not execute it. Nothing is asked about slots:
/// a MOVED teaches the node of its slot, and an ASK teaches nothing. While the node of a slot is
/// not reached, each command for it asks another node first, since the slot may have moved. What a
/// node answers beside these two, CLUSTERDOWN and TRYAGAIN too, is for the caller.
///
/// The object may be destroyed at any time, from one of its own callers too; callers that are still
/// parked then stay parked.
class RedisLink {
 public:
  using Options = RedisNode::Options;

  RedisLink(boost::asio::any_io_executor executor, Timers& timers, Options options);
  RedisLink(const RedisLink&) = delete;
  RedisLink& operator=(const RedisLink&) = delete;

  /// See Redis::call().
  boost::asio::awaitable<Outcome<RedisReply>> call(std::vector<std::string> command,
                                                   Instant deadline);

  /// Whether nothing waits to be written or answered, late replies included.
  bool idle() const;

 private:
  RedisNode& node_of(const std::vector<std::string>& command);
  RedisNode& some_node();
  RedisNode& follow(const Redirection& to, const RedisNode& from);
  RedisNode& node_at(std::string host, std::uint16_t port);
  void forget_the_gone();

  boost::asio::any_io_executor executor_;
  Timers& timers_;
  Options options_;
  RedisNode home_;  ///< at the address of the options; the only one until somebody redirects
  std::map<std::pair<std::string, std::uint16_t>, RedisNode> others_;  ///< by host and port
  std::unordered_map<std::uint16_t, RedisNode*> slots_;                ///< home_, or within others_
};

}  // namespace firedrill::adapters
