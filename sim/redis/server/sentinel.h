#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/redis/server/server.h"
#include "sim/world/process.h"
#include "sim/world/rpc.h"
#include "sim/world/world.h"

namespace firedrill::sim::redis {

constexpr std::uint16_t kSentinelPort = 26379;

/// What one Sentinel asks another: whether the primary seems down, and, where `candidate` is not
/// empty, its vote for this epoch. It tells what it knows, as the hello messages of real ones do.
struct SentinelAsk {
  std::string candidate;
  std::uint64_t epoch = 0;
  std::uint64_t config_epoch = 0;
  std::string primary;
};
struct SentinelAnswer {
  bool down = false;
  std::string leader;  ///< whom it voted for in leader_epoch
  std::uint64_t leader_epoch = 0;
  std::uint64_t config_epoch = 0;
  std::string primary;
};

void fold(Digest& digest, const SentinelAsk& ask);
void fold(Digest& digest, const SentinelAnswer& answer);

/// What a Sentinel keeps in its file, over restarts.
struct SentinelDisk {
  std::string primary;             ///< the host of the primary, as it knows
  std::uint64_t config_epoch = 0;  ///< of that knowledge: the greater one is newer
  std::uint64_t epoch = 0;
  std::string leader;  ///< voted for, in leader_epoch
  std::uint64_t leader_epoch = 0;
};

/// How a group of Sentinels is set up: sentinel.conf.
struct SentinelSetup {
  std::vector<Host*> servers;    ///< primary and replicas
  std::vector<Host*> sentinels;  ///< all of them
  std::uint32_t quorum = 2;      ///< so many must find the primary down
  Duration down_after = from_ms(1000);
  Duration failover_timeout = from_ms(6000);  ///< between two attempts
  /// A leader has promoted this one: clients who ask from now on are led to it.
  std::function<void(Host& primary)> switched;
};

/// Watches a primary with others of its kind, and promotes a replica when enough of them find it
/// down and a majority lets one of them (redis.io, "High availability with Redis Sentinel"): votes
/// go to the first who asks in an epoch; the reachable replica with the greatest offset is
/// promoted; a server that comes back with an older idea of its role is corrected after a while,
/// and its clients are dropped.
///
/// Unlike the real one it learns of servers and of its peers from its setup alone.
class Sentinel final : public ProcessMemory {
 public:
  /// `setup` and `disk` outlive it.
  Sentinel(Process& process, const SentinelSetup& setup, SentinelDisk& disk);
  ~Sentinel() override;

 private:
  using Rpc = RpcServer<SentinelAsk, SentinelAnswer>;
  using Peer = RpcClient<SentinelAsk, SentinelAnswer>;
  using Awaitable = boost::asio::awaitable<void>;

  /// A server as it was last heard of.
  struct Watched {
    Watched(Process& process, Host& its_host) : host(its_host), client(process, its_host, kPort) {}

    Host& host;
    RpcClient<Command, RedisReply> client;
    Instant heard_of{};
    bool is_primary = false;
    std::string follows;  ///< the host, of a replica
    std::uint64_t offset = 0;
    Instant wrong_since = kNever;  ///< its role is not what it should be
  };
  static constexpr Instant kNever = Instant::max();

  void spawn(Awaitable task);
  Awaitable watch(Watched& server);
  Awaitable correct(Watched& server);
  Awaitable guard();
  Awaitable ask_peers(bool for_votes);
  Awaitable promote(std::uint64_t epoch);
  boost::asio::awaitable<bool> order(Watched& server, std::vector<std::string> words);
  void hear(Watched& server, const RedisReply& info);
  SentinelAnswer answer(const SentinelAsk& ask);
  void learn(std::uint64_t config_epoch, const std::string& primary);
  bool is_down(const Watched& server) const;
  Watched* find(std::string_view host);
  Watched* best_replica();
  Instant now() const { return process_.world().now(); }
  Awaitable sleep(Duration length);

  Process& process_;
  const SentinelSetup& setup_;
  SentinelDisk& disk_;
  RandomStream random_;
  std::vector<std::unique_ptr<Watched>> servers_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::uint32_t find_it_down_ = 0;  ///< of the last round of questions, with itself
  std::uint32_t votes_ = 0;
  Instant next_attempt_{};
  Rpc rpc_;
};

}  // namespace firedrill::sim::redis
