#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sim/ports/sim_ports.h"
#include "sim/postgres/server/server.h"
#include "sim/queue/broker.h"
#include "sim/redis/server/server.h"
#include "sim/world/world.h"
#include "system/ports/clock.h"
#include "system/ports/database.h"
#include "system/ports/network.h"
#include "system/ports/queue.h"
#include "system/ports/random.h"
#include "system/ports/redis.h"
#include "system/ports/tasks.h"

namespace firedrill::sim {

/// Delays that let everything overtake everything that may be overtaken.
inline LinkProfile uneven_links() {
  return {.latency = from_us(300),
          .jitter = from_us(700),
          .tail_percent = 3,
          .tail = from_ms(8),
          .tick = from_us(50)};
}

/// Two processes, `one` and `two`, a Redis, a broker and a PostgreSQL, each on a host of its own,
/// all running. What the processes do is told from outside, through their ports.
class SmallWorld {
 public:
  static constexpr Duration kRedeliveryAfter = from_ms(400);
  static constexpr std::uint16_t kPort = 8080;

  explicit SmallWorld(std::uint64_t seed = 1, PickPolicy policy = {}, LinkProfile links = {},
                      std::uint32_t partitions = 4)
      : queue_disk{queue::Engine({partitions, kRedeliveryAfter}), {}, 0},
        world(seed, policy, links),
        redis(add("redis", server<redis::Server>(redis_disk))),
        broker(add("queue", server<queue::Broker>(queue_disk))),
        postgres(add("postgres", server<postgres::Server>(postgres_disk))),
        one(add("one", boot(&at_one_))),
        two(add("two", boot(&at_two_))) {}

  /// Preconditions: the process runs. They hold until it is killed.
  Ports at_one() { return *at_one_; }
  Ports at_two() { return *at_two_; }
  Address two_at() const { return {"two", kPort}; }

  /// Runs a coroutine of process `one`; whether it ended within `limit`.
  bool run(boost::asio::awaitable<void> body, Duration limit = from_ms(30'000)) {
    bool done = false;
    at_one().tasks.spawn(then_tell(std::move(body), &done));
    const Instant end = world.now() + limit;
    while (!done && world.scheduler().step(end)) {
    }
    return done;
  }

  void run_for(Duration length) { world.run_until(world.now() + length); }

  Link& link(Process& from, Process& to) { return world.link(from.host(), to.host()); }

  redis::Disk redis_disk;  ///< before the world: its servers use it to their end
  queue::Disk queue_disk;
  postgres::Disk postgres_disk;

 private:
  std::optional<Ports> at_one_;
  std::optional<Ports> at_two_;

 public:
  World world;
  Process& redis;
  const Endpoint redis_at{&redis.host()};
  Process& broker;
  Process& postgres;
  Endpoint postgres_at{&postgres.host()};
  Process& one;
  Process& two;

  /// A server on a host of its own; `disk` outlives the world.
  template <class Server, class Disk>
  Process& add_server(std::string name, Disk& disk) {
    return add(std::move(name), server<Server>(disk));
  }

 private:
  /// Does nothing by itself but to hand out its ports.
  class Handle final : public Program {
   public:
    Handle(std::optional<Ports>* at, Ports ports) : at_(at) { at_->emplace(ports); }
    ~Handle() override { at_->reset(); }

   private:
    std::optional<Ports>* at_;
  };

  static boost::asio::awaitable<void> then_tell(boost::asio::awaitable<void> body, bool* done) {
    co_await std::move(body);
    *done = true;
  }

  template <class Server, class Disk>
  static Process::Boot server(Disk& disk) {
    return [&disk](Process& process) -> std::unique_ptr<ProcessMemory> {
      return std::make_unique<Server>(process, disk);
    };
  }

  Process::Boot boot(std::optional<Ports>* at) {
    return boot_program({&redis_at, &postgres_at, world.find_host("queue"), nullptr},
                        [at](Ports ports) -> std::unique_ptr<Program> {
                          return std::make_unique<Handle>(at, ports);
                        });
  }

  Process& add(std::string name, Process::Boot what) {
    Host& host = world.add_host(name);
    Process& process = world.add_process(host, std::move(name), std::move(what));
    process.start();
    return process;
  }
};

}  // namespace firedrill::sim
