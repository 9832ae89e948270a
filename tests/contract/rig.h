#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "system/domain/time.h"
#include "system/ports/clock.h"
#include "system/ports/network.h"
#include "system/ports/ports.h"
#include "system/ports/queue.h"
#include "system/ports/redis.h"
#include "system/ports/tasks.h"

namespace firedrill::contract {

/// Two processes, `one` and `two`, on hosts of their own, and the server behind their Redis and
/// queue ports: what the contract tests run on. One implementation for each arm, real and
/// simulated.
///
/// The levers return when they have taken effect on the server; what the ports notice of it, and
/// when, is what is tested.
class Rig {
 public:
  virtual ~Rig() = default;

  virtual Ports one() = 0;
  virtual Ports two() = 0;

  /// Where `one` reaches what `two` listens on, and a port that nobody has.
  virtual Address two_at() = 0;

  /// Runs a coroutine of process `one` to its end. Fails the test where that takes more than 30 s
  /// of the rig's time.
  virtual void run(boost::asio::awaitable<void> body) = 0;

  /// The server dies with all it holds: it keeps nothing on disk.
  virtual boost::asio::awaitable<void> kill_server() = 0;
  virtual boost::asio::awaitable<void> start_server() = 0;
  /// It executes nothing any more, but its connections stay.
  virtual boost::asio::awaitable<void> pause_server() = 0;
  virtual boost::asio::awaitable<void> resume_server() = 0;
  /// Every connection to it breaks; it keeps its data.
  virtual boost::asio::awaitable<void> break_connections() = 0;

  /// After which the queue redelivers.
  virtual Duration redelivery_after() const = 0;
  /// Whether a consumer whose connection breaks loses at once what it holds. Where not, that comes
  /// back after redelivery_after() like everything else.
  virtual bool redelivers_on_break() const = 0;
};

/// One implementation of the ports.
struct Arm {
  std::string name;
  std::function<std::unique_ptr<Rig>()> make_rig;

  friend void PrintTo(const Arm& arm, std::ostream* out) { *out << arm.name; }
};

/// Each suite takes every arm: INSTANTIATE_TEST_SUITE_P(Live, RedisContract, Values(live_arm()),
/// ...).
class Contract : public ::testing::TestWithParam<Arm> {
 protected:
  using Body = boost::asio::awaitable<void> (*)(Rig*);

  void run(Body body) {
    const std::unique_ptr<Rig> rig = GetParam().make_rig();
    rig->run(body(rig.get()));
  }
};

class RedisContract : public Contract {};
class QueueContract : public Contract {};
class NetworkContract : public Contract {};
class ProcessContract : public Contract {};

inline std::string arm_name(const ::testing::TestParamInfo<Arm>& info) {
  return info.param.name;
}

/// Sleeps in small steps until it holds, for up to 5 s; whether it holds.
inline boost::asio::awaitable<bool> eventually(Clock* clock, std::function<bool()> holds) {
  const Instant end = clock->now() + from_ms(5000);
  while (!holds() && clock->now() < end) co_await clock->sleep_for(from_ms(2));
  co_return holds();
}

inline Instant within(const Ports& ports, Duration length) {
  return ports.clock.now() + length;
}

// Of a coroutine, which cannot ASSERT: an ASSERT returns.
#define CONTRACT_REQUIRE(condition)                   \
  if (!(condition)) {                                 \
    ADD_FAILURE() << "does not hold: " << #condition; \
    co_return;                                        \
  }                                                   \
  static_assert(true)

}  // namespace firedrill::contract
