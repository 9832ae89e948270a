#pragma once

#include <map>
#include <memory>
#include <utility>

#include "tests/conformance/redis/host_cases.h"
#include "tests/support/redis_client.h"
#include "tests/support/redis_proxy.h"
#include "tests/support/redis_server.h"

namespace firedrill::test {

/// Hosts that are processes of this machine. Replication goes through a proxy, which a partition
/// stops. Their power cannot be cut: what the kernel has been given stays.
class RealHosts final : public RedisHosts {
 public:
  void start(int host, const Settings& settings) override;
  void kill(int host) override;
  void cut_power(int host) override;
  void restart(int host) override;
  void restart_slowly(int host) override;
  void truncate_file(int host, std::size_t bytes) override;
  void pause(int host) override;
  void resume(int host) override;
  void follow(int replica, int primary) override;
  void promote(int host) override;
  void cut(int replica, int primary) override;
  void heal(int replica, int primary) override;
  std::optional<RedisReply> ask(int client, int host, const Words& command) override;
  void ask_and_lose_reply(int client, int host, const Words& command) override;
  void pass(Milliseconds time) override;

 private:
  RedisClient& connection(int client, int host);

  std::map<int, std::unique_ptr<RedisServer>> servers_;
  std::map<std::pair<int, int>, std::unique_ptr<RedisProxy>> links_;  ///< by replica and primary
  std::map<std::pair<int, int>, std::unique_ptr<RedisClient>> connections_;  ///< by client and host
};

}  // namespace firedrill::test
