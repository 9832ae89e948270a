#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sim/redis/engine.h"
#include "sim/world/fold.h"
#include "sim/world/process.h"
#include "sim/world/rpc.h"
#include "system/domain/redis_reply.h"

namespace firedrill::sim::redis {

constexpr std::uint16_t kPort = 6379;

/// A command on its way to a Redis.
struct Command {
  std::vector<std::string> words;
};

inline void fold(Digest& digest, const Command& command) {
  sim::fold(digest, command.words);
}

/// What faults do to a Redis, and what they touched.
struct Levers {
  Duration extra_per_command{};  ///< the server is slow: each command takes this much longer
  std::uint64_t slowed = 0;      ///< commands so far
};

/// Sees each command that was executed, at the instant of its execution.
using Observer = std::function<void(const std::vector<std::string>& command,
                                    const RedisReply& reply, std::span<const std::string> changed)>;

/// What a Redis process shares with its next life: its data (an append-only file under everysec
/// loses nothing when only the process dies) and what the world does to it.
struct Disk {
  Engine engine;
  Levers levers;
  Observer observer;  ///< may be empty
};

/// A Redis on a simulated host: one thread, which takes the commands in the order of their arrival.
class Server final : public ProcessMemory {
 public:
  Server(Process& process, Disk& disk);

 private:
  using Rpc = RpcServer<Command, RedisReply>;

  struct Waiting {
    Command command;
    Rpc::Responder responder;
  };
  class Turn final : public Event {
   public:
    explicit Turn(Server& server) : server_(server) {}

   private:
    void fire() override { server_.end_first(); }
    Server& server_;
  };

  void receive(Command command, Rpc::Responder responder);
  void begin_first();
  void end_first();
  void execute(const Command& command, const Rpc::Responder& responder);

  Process& process_;
  Disk& disk_;
  std::deque<Waiting> waiting_;  ///< in order of arrival; empty while the server is not slow
  Turn turn_;                    ///< scheduled where anything waits
  Rpc rpc_;
};

}  // namespace firedrill::sim::redis
