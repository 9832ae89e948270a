#include "sim/world/process.h"

#include <gtest/gtest.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <string>
#include <vector>

#include "sim/kernel/wait.h"
#include "tests/world/node.h"

namespace firedrill::sim {
namespace {

namespace asio = boost::asio;

TEST(Process, StartsAgainAfterItWasKilled) {
  Pair pair;
  EXPECT_TRUE(pair.server.running());
  EXPECT_EQ(pair.server.incarnation(), 1U);
  pair.server.kill();
  EXPECT_FALSE(pair.server.running());
  EXPECT_EQ(pair.server.memory(), nullptr);
  pair.server.kill();  // nothing happens
  pair.server.start();
  EXPECT_EQ(pair.server.incarnation(), 2U);
  pair.connect();
  pair.run_ms(5);
  EXPECT_EQ(pair.server_log, (Log{"accepted"}));
}

TEST(ProcessDeathTest, DoesNotStartTwice) {
  Pair pair;
  EXPECT_DEATH(pair.server.start(), "not running");
}

TEST(Process, CannotBePausedWhileItIsDead) {
  Pair pair;
  pair.server.kill();
  pair.server.pause();
  pair.server.start();
  pair.connect();
  pair.run_ms(5);
  EXPECT_EQ(pair.server_log, (Log{"accepted"}));
}

TEST(Process, IsNotPausedAnyMoreAfterItWasKilled) {
  Pair pair;
  pair.server.pause();
  pair.server.kill();
  pair.server.start();
  pair.connect();
  pair.run_ms(5);
  EXPECT_EQ(pair.server_log, (Log{"accepted"}));
}

TEST(Process, KnowsItsWorkUntilItIsKilled) {
  Pair pair;
  pair.server.begin_work();
  pair.server.begin_work();
  pair.server.end_work();
  EXPECT_EQ(pair.server.work(), 1);
  pair.server.kill();
  EXPECT_EQ(pair.server.work(), 0);
}

TEST(World, FindsHostsAndProcessesByName) {
  Pair pair;
  EXPECT_EQ(pair.world.find_host("server"), &pair.server_host);
  EXPECT_EQ(pair.world.find_process("server"), &pair.server);
  EXPECT_EQ(pair.world.find_host("nobody"), nullptr);
  EXPECT_EQ(pair.world.find_process("nobody"), nullptr);
}

TEST(WorldDeathTest, NamesOfHostsAreUnique) {
  Pair pair;
  EXPECT_DEATH(pair.world.add_host("server"), "unique");
}

TEST(World, ActsOutsideEveryProcess) {
  Pair pair;
  int acted = 0;
  pair.client.pause();
  pair.server.kill();
  pair.world.at(at_ms(5), [&] { ++acted; });
  pair.run_ms(10);
  EXPECT_EQ(acted, 1);
}

TEST(World, GivesNamedStreams) {
  Pair one(5);
  Pair other(5);
  EXPECT_EQ(one.world.stream("a").next(), other.world.stream("a").next());
  EXPECT_NE(one.world.stream("a").next(), one.world.stream("b").next());
  EXPECT_NE(one.world.stream("a", 0).next(), one.world.stream("a", 1).next());
}

/// How many objects a process owns.
class Counted {
 public:
  explicit Counted(int& alive) : alive_(&alive) { ++*alive_; }
  Counted(const Counted& other) : alive_(other.alive_) { ++*alive_; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*alive_; }

 private:
  int* alive_;
};

struct Parcel {
  Counted content;
};
inline void fold(Digest&, const Parcel&) {}

/// Holds everything that a process can hold: ports, sockets in every state, coroutines that wait
/// below each other, timers, handlers, messages.
class Hoarder final : public ProcessMemory, public Receiver, public Acceptor {
 public:
  Hoarder(Process& process, int& alive) : process_(process), alive_(alive), counted_(alive) {
    listener_.emplace(process, kNodePort, *this);
    for (int i = 0; i < 20; ++i) {
      asio::co_spawn(asio::any_io_executor(process.executor()), park(this, counted_, i % 5),
                     [](std::exception_ptr) { ADD_FAILURE() << "a coroutine ended"; });
      process.lane().post_at(Instant(std::chrono::hours(1)), [held = counted_] {});
    }
    timer_.emplace();
    process.world().scheduler().at(*timer_, process.lane(), Instant(std::chrono::hours(1)));
  }
  /// Leaves something behind while it goes.
  ~Hoarder() override {
    process_.lane().post([held = counted_] { ADD_FAILURE() << "the dead do not run"; });
    send_everywhere();
  }

  void connect(Host& to) {
    sockets_.push_back(process_.world().connect(process_, to, kNodePort, *this));
  }
  void send_everywhere() {
    for (Socket& socket : sockets_) {
      for (int i = 0; i < 3; ++i) socket.send(Message::of(Parcel{Counted(alive_)}));
    }
  }
  std::size_t received() const { return received_; }

 private:
  class Timer final : public Event {
    void fire() override {}
  };

  static asio::awaitable<void> park(Hoarder* self, Counted held, int depth) {
    Counted local(held);
    if (depth > 0) {
      co_await park(self, local, depth - 1);
    } else {
      Wait<int> wait(self->process_.lane());
      static_cast<void>(co_await wait.forever());
    }
    ADD_FAILURE() << "a coroutine of the dead went on";
  }

  void on_accept(Socket socket) override {
    socket.set_receiver(*this);
    sockets_.push_back(std::move(socket));
    sockets_.back().send(Message::of(Parcel{Counted(alive_)}));
  }
  void on_message(Message) override { ++received_; }
  void on_broken(Broken) override {}

  Process& process_;
  int& alive_;
  Counted counted_;
  std::optional<ListenSocket> listener_;
  std::vector<Socket> sockets_;
  std::optional<Timer> timer_;
  std::size_t received_ = 0;
};

class Hoarders {
 public:
  Hoarders() {
    for (int i = 0; i < 3; ++i) {
      Host& host = world.add_host("host-" + std::to_string(i));
      processes.push_back(
          &world.add_process(host, "process-" + std::to_string(i), [this, i](Process& process) {
            return std::make_unique<Hoarder>(process, alive[static_cast<std::size_t>(i)]);
          }));
      processes.back()->start();
    }
  }

  Hoarder& memory(std::size_t i) { return *static_cast<Hoarder*>(processes[i]->memory()); }
  Host& host(std::size_t i) { return processes[i]->host(); }
  void run_us(std::int64_t us) { world.run_until(world.now() + from_us(us)); }

  /// Connections of every pair in every state: about to be made, made, half-open, with messages on
  /// their way; some links are cut, one process is paused.
  void make_a_mess() {
    connect_all();
    run_us(5'000);
    send_all();
    run_us(2'000);
    world.link(host(0), host(1)).cut();
    world.link(host(2), host(0)).cut();
    processes[1]->pause();
    connect_all();
    send_all();
    run_us(700);  // half of a round trip
    connect_all();
    send_all();
  }

  int alive[3] = {0, 0, 0};  // outlives the world
  World world{3, {PickPolicy::Kind::random, 0, 0}, {from_us(500), from_us(200), 0, {}}};
  std::vector<Process*> processes;

 private:
  void connect_all() {
    for (std::size_t from = 0; from < 3; ++from) {
      for (std::size_t to = 0; to < 3; ++to) memory(from).connect(host(to));
    }
  }
  void send_all() {
    for (std::size_t from = 0; from < 3; ++from) memory(from).send_everywhere();
  }
};

using Farewell = Connection::Farewell;
class KillingFrees : public testing::TestWithParam<Farewell> {};

TEST_P(KillingFrees, EverythingThatTheProcessOwned) {
  for (std::size_t victim = 0; victim < 3; ++victim) {
    Hoarders hoarders;
    hoarders.make_a_mess();
    EXPECT_GT(hoarders.memory(0).received(), 5U);
    EXPECT_GT(hoarders.alive[victim], 50);
    hoarders.processes[victim]->kill(GetParam());
    // What it sent is the network's until it arrived, or was lost: up to a healing and a
    // resumption.
    hoarders.world.link(hoarders.host(0), hoarders.host(1)).heal();
    hoarders.world.link(hoarders.host(2), hoarders.host(0)).heal();
    hoarders.processes[1]->resume();
    hoarders.run_us(1'000'000);
    EXPECT_EQ(hoarders.alive[victim], 0);
    hoarders.processes[victim]->start();
    hoarders.memory(victim).connect(hoarders.host(0));
    hoarders.run_us(1'000'000);
    EXPECT_GT(hoarders.memory(victim).received(), 0U) << "and it can live again";
  }
}

TEST_P(KillingFrees, EverythingThatAllProcessesOwned) {
  Hoarders hoarders;
  hoarders.make_a_mess();
  for (Process* process : hoarders.processes) process->kill(GetParam());
  for (const int alive : hoarders.alive) EXPECT_EQ(alive, 0) << "no receiver, no message";
}

TEST_P(KillingFrees, EverythingAmongThoseThatArePaused) {
  Hoarders hoarders;
  hoarders.make_a_mess();
  for (Process* process : hoarders.processes) process->pause();
  hoarders.run_us(100'000);
  for (Process* process : hoarders.processes) process->kill(GetParam());
  for (const int alive : hoarders.alive) EXPECT_EQ(alive, 0);
}

INSTANTIATE_TEST_SUITE_P(EveryFarewell, KillingFrees,
                         testing::Values(Farewell::close, Farewell::reset, Farewell::silence));

TEST(World, EndsWithEverythingOnItsWay) {
  int left = 0;
  {
    Hoarders hoarders;
    hoarders.make_a_mess();
    hoarders.world.at(Instant::max(), [held = Counted(left)] {});
    EXPECT_EQ(left, 1);
  }
  EXPECT_EQ(left, 0);
}

TEST(World, EndsWithAHostWithoutPower) {
  Hoarders hoarders;
  hoarders.make_a_mess();
  hoarders.world.cut_power(hoarders.host(1));
  hoarders.run_us(10'000);
}

}  // namespace
}  // namespace firedrill::sim
