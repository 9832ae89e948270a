#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "sim/redis/server/server.h"
#include "sim/world/world.h"
#include "tests/conformance/redis/host_cases.h"

namespace firedrill::test {

/// The hosts of the simulation, in a world of their own.
class SimulatedHosts final : public RedisHosts {
 public:
  SimulatedHosts();
  ~SimulatedHosts() override;

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
  struct Server {
    sim::redis::Disk disk;
    sim::Host* host = nullptr;
    sim::Process* process = nullptr;
  };
  class Client;

  Client& client(int number);
  void await_loaded(int host);

  std::map<int, Server> servers_;
  sim::World world_;  ///< its processes use what stands above
  std::map<int, sim::Process*> clients_;
};

}  // namespace firedrill::test
