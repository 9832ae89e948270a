#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "system/domain/redis_reply.h"

namespace firedrill::test {

/// Redis servers, each on a host of its own, and what may happen to them: what host_cases() need.
/// Once over real processes (real_hosts.h), and once over simulated ones. All of it returns when it
/// has happened, unless it says otherwise.
class RedisHosts {
 public:
  using Words = std::vector<std::string>;
  using Milliseconds = std::chrono::milliseconds;

  /// What redis.conf says.
  struct Settings {
    bool appendonly = false;  ///< else nothing is kept, and no snapshot either
    std::string appendfsync = "everysec";
    std::size_t min_replicas_to_write = 0;
    std::size_t min_replicas_max_lag_s = 10;
  };

  RedisHosts() = default;
  virtual ~RedisHosts() = default;
  RedisHosts(const RedisHosts&) = delete;
  RedisHosts& operator=(const RedisHosts&) = delete;

  /// Hosts are numbered by the caller. Its first start: it is empty, and a primary.
  virtual void start(int host, const Settings& settings) = 0;
  /// The process dies, and connections to it break; its files stay, with all that it has written.
  virtual void kill(int host) = 0;
  /// The power goes, and what has not reached the disk with it. Called by cases that say so only.
  virtual void cut_power(int host) = 0;
  /// A dead one comes back with its files, and is a primary.
  virtual void restart(int host) = 0;
  /// The same, but loading a few thousand commands takes some 300 ms, and this returns at once.
  virtual void restart_slowly(int host) = 0;
  /// The append-only file of a dead one loses its last bytes.
  virtual void truncate_file(int host, std::size_t bytes) = 0;
  /// The process stands still, and goes on.
  virtual void pause(int host) = 0;
  virtual void resume(int host) = 0;

  /// REPLICAOF, and REPLICAOF NO ONE.
  virtual void follow(int replica, int primary) = 0;
  virtual void promote(int host) = 0;
  /// A partition between a replica and its primary: silence, which nobody is told of. What was sent
  /// meanwhile arrives when it is over.
  virtual void cut(int replica, int primary) = 0;
  virtual void heal(int replica, int primary) = 0;

  /// A command from a client, which has one connection to each host. Nothing: the connection broke;
  /// the next command makes a new one.
  virtual std::optional<RedisReply> ask(int client, int host, const Words& command) = 0;
  /// The command is executed, and the connection breaks before its reply is there.
  virtual void ask_and_lose_reply(int client, int host, const Words& command) = 0;

  virtual void pass(Milliseconds time) = 0;
};

/// What real Redises do with what happens to their hosts; the model's hosts must do the same. The
/// number is the line of the list of what real backends do.
struct HostCase {
  std::string_view name;
  int line = 0;
  bool cuts_power = false;
  void (*run)(RedisHosts& hosts) = nullptr;  ///< complains by EXPECT_* and ASSERT_*
};

std::span<const HostCase> host_cases();

/// Its name.
void PrintTo(const HostCase& host_case, std::ostream* out);

}  // namespace firedrill::test
