#include <boost/asio/awaitable.hpp>
#include <set>
#include <string>
#include <vector>

#include "system/ports/random.h"
#include "tests/contract/rig.h"

// Clock, tasks and randomness: what a process has by itself.

namespace firedrill::contract {

namespace {

using boost::asio::awaitable;

awaitable<void> sleep_then_note(Ports ports, Instant until, std::vector<Instant>* woke) {
  co_await ports.clock.sleep_until(until);
  EXPECT_GE(ports.clock.now(), until) << "never early";
  woke->push_back(until);
}

awaitable<void> sleepers_wake_in_order_and_not_early(Rig* rig) {
  const Ports ports = rig->one();
  const Instant base = ports.clock.now();
  std::vector<Instant> woke;
  for (const int ms : {70, 10, 40, 10, 25}) {
    ports.tasks.spawn(sleep_then_note(ports, base + from_ms(ms), &woke));
  }
  EXPECT_TRUE(co_await eventually(&ports.clock, [&woke] { return woke.size() == 5; }));
  for (std::size_t i = 1; i < woke.size(); ++i) EXPECT_LE(woke[i - 1], woke[i]);
  const Instant now = ports.clock.now();
  co_await ports.clock.sleep_until(base);
  EXPECT_LT(ports.clock.now() - now, from_ms(100)) << "the past is no wait";
}

awaitable<void> set(bool* flag) {
  *flag = true;
  co_return;
}

awaitable<void> a_task_starts_after_the_callers_suspension(Rig* rig) {
  const Ports ports = rig->one();
  bool ran = false;
  ports.tasks.spawn(set(&ran));
  EXPECT_FALSE(ran);
  EXPECT_TRUE(co_await eventually(&ports.clock, [&ran] { return ran; }));
}

awaitable<void> random_ids_differ(Rig* rig) {
  std::set<std::string> ids;
  for (int i = 0; i < 200; ++i) {
    ids.insert(rig->one().random.id());
    ids.insert(rig->two().random.id());
  }
  EXPECT_EQ(ids.size(), 400U);
  co_return;
}

}  // namespace

TEST_P(ProcessContract, SleepersWakeInOrderAndNotEarly) {
  run(sleepers_wake_in_order_and_not_early);
}
TEST_P(ProcessContract, ATaskStartsAfterTheCallersSuspension) {
  run(a_task_starts_after_the_callers_suspension);
}
TEST_P(ProcessContract, RandomIdsDiffer) {
  run(random_ids_differ);
}

}  // namespace firedrill::contract
