#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "sim/kernel/wait.h"
#include "tests/world/node.h"

namespace firedrill::sim {
namespace {

namespace asio = boost::asio;

/// What every process saw, and whether a connection ever lost or reordered anything before it
/// broke.
struct Seen {
  std::uint64_t received = 0;
  std::uint64_t broken = 0;
  std::uint64_t gaps = 0;
};

/// Connects to everybody, sends numbers on every connection, expects them in order, and connects
/// again whenever a connection broke.
class Chatter final : public ProcessMemory, public Acceptor {
 public:
  Chatter(Process& process, Seen& seen) : process_(process), seen_(seen) {
    listener_.emplace(process, kNodePort, *this);
    for (const auto& host : process.world().hosts()) connect(*host);
    asio::co_spawn(asio::any_io_executor(process.executor()), talk(this),
                   [](std::exception_ptr) {});
  }

 private:
  struct Session final : Receiver {
    void on_message(Message message) override { owner->receive(*this, message); }
    void on_broken(Broken) override { owner->forget(*this); }

    Chatter* owner = nullptr;
    Host* peer = nullptr;  ///< whom to call again; nullptr: they called
    Socket socket;
    int sent = 0;
    int received = 0;
  };

  static asio::awaitable<void> talk(Chatter* self) {
    while (true) {
      Wait<int> wait(self->process_.lane());
      static_cast<void>(co_await wait.until(self->process_.world().now() + from_ms(2)));
      for (const auto& session : self->sessions_) {
        session->socket.send(Message::of(Number{++session->sent}));
      }
    }
  }

  void connect(Host& host) {
    auto session = std::make_unique<Session>();
    session->owner = this;
    session->peer = &host;
    session->socket = process_.world().connect(process_, host, kNodePort, *session);
    sessions_.push_back(std::move(session));
  }

  void on_accept(Socket socket) override {
    auto session = std::make_unique<Session>();
    session->owner = this;
    session->socket = std::move(socket);
    session->socket.set_receiver(*session);
    sessions_.push_back(std::move(session));
  }

  void receive(Session& session, Message& message) {
    ++seen_.received;
    const int number = message.take<Number>().value;
    if (number != ++session.received) ++seen_.gaps;
    // Now and then somebody hangs up in the middle of a message.
    if (number % 37 == 0) forget(session);
  }

  void forget(Session& session) {
    ++seen_.broken;
    if (Host* peer = session.peer) {
      process_.lane().post_at(process_.world().now() + from_ms(3),
                              [this, peer] { connect(*peer); });
    }
    std::erase_if(sessions_, [&](const auto& held) { return held.get() == &session; });
  }

  Process& process_;
  Seen& seen_;
  std::optional<ListenSocket> listener_;
  std::vector<std::unique_ptr<Session>> sessions_;
};

enum class Blow : std::uint8_t { kill, reset, power, pause, cut, cut_both, slow, lose };

struct Struck {
  Blow blow;
  int at_ms;
  int lasts_ms;
  std::size_t subject;
  std::size_t object;
};

void showValue(const Struck& struck, std::ostream& out) {
  out << static_cast<int>(struck.blow) << "@" << struck.at_ms << "+" << struck.lasts_ms << " "
      << struck.subject << "->" << struck.object;
}

constexpr std::size_t kHosts = 3;

rc::Gen<std::vector<Struck>> blows() {
  return rc::gen::resize(
      25, rc::gen::container<std::vector<Struck>>(rc::gen::map(
              rc::gen::tuple(rc::gen::inRange(0, 8), rc::gen::inRange(0, 150),
                             rc::gen::inRange(1, 60), rc::gen::inRange<std::size_t>(0, kHosts),
                             rc::gen::inRange<std::size_t>(0, kHosts)),
              [](std::tuple<int, int, int, std::size_t, std::size_t> drawn) {
                return Struck{static_cast<Blow>(std::get<0>(drawn)), std::get<1>(drawn),
                              std::get<2>(drawn), std::get<3>(drawn), std::get<4>(drawn)};
              })));
}

class Arena {
 public:
  Arena(std::uint64_t seed, PickPolicy policy)
      : world_(seed, policy, {from_us(200), from_us(800), 5, from_ms(10)}) {
    for (std::size_t i = 0; i < kHosts; ++i) world_.add_host("host-" + std::to_string(i));
    for (std::size_t i = 0; i < kHosts; ++i) {
      world_.add_process(
          *world_.hosts()[i], "process-" + std::to_string(i),
          [this](Process& process) { return std::make_unique<Chatter>(process, seen_); });
    }
    for (const auto& process : world_.processes()) process->start();
  }

  void strike(const std::vector<Struck>& plan) {
    for (const Struck& struck : plan) {
      world_.at(at_ms(struck.at_ms), [this, struck] { begin(struck); });
    }
  }

  void run_until(std::int64_t ms) { world_.run_until(at_ms(ms)); }

  Seen seen() const { return seen_; }
  std::uint64_t digest() { return world_.scheduler().digest().value(); }

 private:
  void later(const Struck& struck, std::function<void()> end) {
    world_.at(world_.now() + from_ms(struck.lasts_ms), std::move(end));
  }

  void begin(const Struck& struck) {
    Host& host = *world_.hosts()[struck.subject];
    Host& other = *world_.hosts()[struck.object];
    Process& process = *world_.processes()[struck.subject];
    Link& link = world_.link(host, other);
    const auto start = [&process] {
      if (process.host().has_power() && !process.running()) process.start();
    };
    switch (struck.blow) {
      case Blow::kill: process.kill(); return later(struck, start);
      case Blow::reset: process.kill(Connection::Farewell::reset); return later(struck, start);
      case Blow::power:
        if (!host.has_power()) return;
        world_.cut_power(host);
        return later(struck, [this, &host] { world_.restore_power(host); });
      case Blow::pause: process.pause(); return later(struck, [&process] { process.resume(); });
      case Blow::cut_both: {
        Link& back = world_.link(other, host);
        back.cut();
        later(struck, [&back] { back.heal(); });
        [[fallthrough]];
      }
      case Blow::cut: link.cut(); return later(struck, [&link] { link.heal(); });
      case Blow::slow:
        link.slow_down(from_ms(5));
        return later(struck, [&link] { link.speed_up(from_ms(5)); });
      case Blow::lose:
        losses_.push_back(std::make_unique<Loss>(struck.lasts_ms % 4));
        link.lose_next(*losses_.back());
        return;
    }
  }

  Seen seen_;
  std::vector<std::unique_ptr<Loss>> losses_;
  World world_;
};

class Churn : public testing::TestWithParam<PickPolicy::Kind> {};

TEST_P(Churn, WhateverHappensAConnectionDeliversAPrefixOfWhatWasSent) {
  const PickPolicy policy{GetParam(), 3, 2'000};
  std::uint64_t broken = 0;
  EXPECT_TRUE(rc::check([policy, &broken](std::uint64_t seed) {
    const auto plan = *blows();
    Arena arena(seed, policy);
    arena.strike(plan);
    arena.run_until(300);
    RC_ASSERT(arena.seen().gaps == 0U);
    // Everything is healed: everybody talks to everybody again.
    const std::uint64_t received = arena.seen().received;
    arena.run_until(600);
    RC_ASSERT(arena.seen().received > received + 200U);
    RC_ASSERT(arena.seen().gaps == 0U);
    broken += arena.seen().broken;

    Arena again(seed, policy);
    again.strike(plan);
    again.run_until(600);
    RC_ASSERT(again.digest() == arena.digest());
    // And a world may end at any moment.
    Arena cut_short(seed, policy);
    cut_short.strike(plan);
    cut_short.run_until(*rc::gen::inRange(0, 200));
  }));
  EXPECT_GT(broken, 1'000U);
}

INSTANTIATE_TEST_SUITE_P(EveryPolicy, Churn,
                         testing::Values(PickPolicy::Kind::first_come, PickPolicy::Kind::random,
                                         PickPolicy::Kind::pct));

}  // namespace
}  // namespace firedrill::sim
