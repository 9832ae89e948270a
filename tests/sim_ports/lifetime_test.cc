#include <array>
#include <optional>

#include "sim/world/rpc.h"
#include "tests/sim_ports/drive.h"
#include "tests/sim_ports/traffic.h"

// Who may go while who still uses it. Much of what is shown here only sanitizers can see.

namespace firedrill::sim {

namespace {

/// Kills `victim` after `steps` events of busy traffic; later all must be as lively as before.
void kill_after(std::uint64_t steps, const std::string& victim, Connection::Farewell farewell,
                PickPolicy policy) {
  BusyWorld busy(steps, policy);
  busy.run_steps(steps);
  Process* process = busy.world().find_process(victim);
  ASSERT_NE(process, nullptr);
  process->kill(farewell);
  EXPECT_FALSE(process->running());
  EXPECT_EQ(process->work(), 0);
  busy.run_for(from_ms(20));
  process->start();
  busy.run_for(from_ms(100));
  const Done before = busy.done();
  busy.run_for(from_ms(100));
  EXPECT_GT(busy.done().calls, before.calls + 10);
  EXPECT_GT(busy.done().handled, before.handled + 10);
}

struct Sleeper {
  int begun = 0;
  int ended = 0;
};

awaitable<HttpResponse> stop_listening(Ports ports, std::unique_ptr<Listening>* listening,
                                       Sleeper* seen) {
  ++seen->begun;
  listening->reset();
  co_await ports.clock.sleep_for(from_ms(50));
  ++seen->ended;
  co_return HttpResponse{};
}

awaitable<HttpResponse> sleep_long(Ports ports, Sleeper* seen) {
  ++seen->begun;
  co_await ports.clock.sleep_for(from_ms(10'000));
  ++seen->ended;
  co_return HttpResponse{};
}

awaitable<void> stopped_by_its_own_handler(SmallWorld* small) {
  const Ports one = small->at_one();
  const Ports two = small->at_two();
  Sleeper seen;
  std::unique_ptr<Listening> listening;
  listening = two.network.listen(SmallWorld::kPort, [two, &listening, &seen](HttpRequest) {
    return stop_listening(two, &listening, &seen);
  });
  const Response response = co_await http_call(one, small->two_at());
  EXPECT_TRUE(is_unknown(response, Why::reset));
  const Response refused = co_await http_call(one, small->two_at());
  EXPECT_TRUE(is_refused(refused, Why::refused));
  co_await one.clock.sleep_for(from_ms(100));
  EXPECT_EQ(seen.begun, 1);
  EXPECT_EQ(seen.ended, 1) << "who stops itself runs on";
  EXPECT_EQ(small->two.work(), 0);
}

awaitable<void> call_and_keep(SmallWorld* small, std::vector<Response>* to) {
  Response response = co_await http_call(small->at_one(), small->two_at());
  to->push_back(std::move(response));
}

/// Stops listening at the instant at which requests have arrived and their handlers not begun.
void stop_before_handlers_begin() {
  SmallWorld small;
  Sleeper seen;
  const Ports two = small.at_two();
  auto listening = two.network.listen(SmallWorld::kPort,
                                      [two, &seen](HttpRequest) { return sleep_long(two, &seen); });
  std::vector<Response> responses;
  small.at_one().tasks.spawn(call_and_keep(&small, &responses));
  while (small.world.messages() == 0) small.world.scheduler().step(Instant::max());
  EXPECT_EQ(seen.begun, 0);
  listening.reset();
  small.run_for(from_ms(100));
  EXPECT_EQ(seen.begun, 0);
  EXPECT_EQ(small.two.work(), 0);
  ASSERT_EQ(responses.size(), 1U);
  EXPECT_TRUE(is_unknown(responses.front(), Why::reset));
}

class Number {
 public:
  explicit Number(std::uint64_t value) : value_(value) {}
  friend void fold(Digest& digest, const Number& number) { digest.fold(number.value_); }

 private:
  std::uint64_t value_;
};

awaitable<void> call_and_expect_reset(SmallWorld* small) {
  RpcClient<Number, Number> client(small->one, small->two.host(), 99);
  const auto result = co_await client.call(Number(1), small->world.now() + from_ms(500));
  const auto* none = std::get_if<NoReply>(&result);
  CO_REQUIRE(none != nullptr);
  EXPECT_TRUE(none->sent);
  EXPECT_EQ(none->why, NoReply::Why::reset);
}

/// Holds one delivery for 5 ms, and says in Redis when it began and when it was done.
class OneByOne final : public Program {
 public:
  explicit OneByOne(Ports ports) { ports.tasks.spawn(run(ports)); }

 private:
  static awaitable<void> run(Ports ports) {
    const Subscription who = reader("worker");
    while (true) {
      const Fetched fetched = co_await fetch(ports, who, from_ms(100));
      if (!fetched.has_value() || fetched.value().empty()) continue;
      const Delivery delivery = fetched.value().front();
      const Reply begun = co_await redis_call(ports, words("INCR", "begun"));
      co_await ports.clock.sleep_for(from_ms(5));
      const Reply ended = co_await redis_call(ports, words("INCR", "ended"));
      if (begun.has_value() && ended.has_value()) co_await ack(ports, who, delivery);
    }
  }
};

awaitable<void> publish_one(Ports ports) {
  const auto published = co_await publish(ports, "m");
  EXPECT_TRUE(published.has_value());
}

/// The counters after a worker that got one message was killed at `killed_at` and started again.
std::pair<std::string, std::string> work_with_a_kill(Duration killed_at) {
  SmallWorld small;
  Host& host = small.world.add_host("worker");
  Process& worker = small.world.add_process(
      host, "worker",
      boot_program({&small.redis_at, nullptr, small.world.find_host("queue"), nullptr},
                   [](Ports ports) -> std::unique_ptr<Program> {
                     return std::make_unique<OneByOne>(ports);
                   }));
  worker.start();
  small.at_one().tasks.spawn(publish_one(small.at_one()));
  small.world.run_until(Instant{killed_at});
  worker.kill();
  worker.start();
  small.run_for(from_ms(1000));
  auto& engine = small.queue_disk.engine;
  EXPECT_EQ(engine.depth(engine.group(engine.topic("orders"), "group")), 0U);
  EXPECT_EQ(worker.work(), 0);
  const WallTime now = small.world.find_host("redis")->wall();
  const auto counter = [&](std::string key) {
    const std::vector<std::string> get = words(std::string("GET"), std::move(key));
    return small.redis_disk.engine.execute(std::span<const std::string>(get), now).text;
  };
  return {counter("begun"), counter("ended")};
}

awaitable<void> incr_into(Ports ports, std::vector<Reply>* to) {
  Reply reply = co_await redis_call(ports, words("INCR", "n"));
  to->push_back(std::move(reply));
}

awaitable<void> ask_one_who_dies_of_it(SmallWorld* small) {
  std::vector<Reply> replies;
  for (int i = 0; i < 3; ++i) small->at_one().tasks.spawn(incr_into(small->at_one(), &replies));
  co_await small->at_one().clock.sleep_for(from_ms(100));
  EXPECT_EQ(replies.size(), 3U);
  for (const Reply& reply : replies) EXPECT_TRUE(is_unknown(reply, Why::reset));
}

}  // namespace

TEST(Lifetime, AnyoneMayBeKilledAtAnyMoment) {
  using Farewell = Connection::Farewell;
  const std::array<std::string, 4> victims{"busy-1", "busy-2", "redis", "queue"};
  const std::array farewells{Farewell::close, Farewell::reset};
  const std::array kinds{PickPolicy::Kind::first_come, PickPolicy::Kind::random,
                         PickPolicy::Kind::pct};
  for (std::uint64_t steps = 1; steps < 400; steps += 5) {  // 5: every mix of the three below
    const PickPolicy policy{kinds[steps % 3], 4, 2000};
    kill_after(steps, victims[steps % 4], farewells[steps % 2], policy);
    if (HasFailure()) FAIL() << "after " << steps << " steps";
  }
}

TEST(Lifetime, AWorldMayEndAtAnyMoment) {
  for (std::uint64_t steps = 1; steps < 600; steps += 2) {
    std::optional<BusyWorld> busy(std::in_place, steps);
    busy->run_steps(steps);
    const Done& done = busy->done();
    if (steps > 500) {
      EXPECT_GT(done.requested, 0);
    }
  }
}

TEST(Lifetime, APowerCutAtAnyMoment) {
  for (std::uint64_t steps = 1; steps < 200; steps += 3) {
    BusyWorld busy(steps);
    busy.run_steps(steps);
    Host& host = busy.world().find_process(steps % 2 == 0 ? "redis" : "busy-1")->host();
    busy.world().cut_power(host);
    busy.run_for(from_ms(20));
    busy.world().restore_power(host);
    busy.run_for(from_ms(500));
    const Done before = busy.done();
    busy.run_for(from_ms(100));
    EXPECT_GT(busy.done().calls, before.calls) << "after " << steps << " steps";
  }
}

TEST(Lifetime, AHandlerIsUnwoundOnce) {
  BusyWorld busy(1);
  for (int i = 0; i < 20; ++i) {
    busy.run_for(from_ms(7));
    Process* process = busy.world().find_process("busy-1");
    process->kill();
    process->start();
  }
  busy.world().find_process("busy-1")->kill();
  busy.world().find_process("busy-2")->kill();
  EXPECT_GT(busy.done().requested, 20);
  EXPECT_EQ(busy.done().requested, busy.done().unwound);
}

TEST(Lifetime, AHandlerMayStopItsListening) {
  SmallWorld small;
  EXPECT_TRUE(small.run(stopped_by_its_own_handler(&small)));
}

TEST(Lifetime, AHandlerThatHasNotBegunNeverDoes) {
  stop_before_handlers_begin();
}

TEST(Lifetime, AServerMayEndInItsHandler) {
  SmallWorld small;
  using Rpc = RpcServer<Number, Number>;
  std::optional<Rpc> server;
  int asked = 0;
  server.emplace(small.two, 99, [&](Number number, Rpc::Responder responder) {
    ++asked;
    server.reset();
    EXPECT_FALSE(responder.alive());
    responder.reply(number);
  });
  EXPECT_TRUE(small.run(call_and_expect_reset(&small)));
  EXPECT_EQ(asked, 1);
}

TEST(Lifetime, AProcessMayBeKilledByWhatItReceives) {
  for (const Duration extra : {from_ms(0), from_ms(5)}) {
    SmallWorld small;
    small.redis_disk.levers.extra_per_command = extra;
    small.redis_disk.observer = [&](const auto&, const auto&, auto) { small.redis.kill(); };
    EXPECT_TRUE(small.run(ask_one_who_dies_of_it(&small)));
    EXPECT_FALSE(small.redis.running());
  }
}

TEST(Lifetime, AConsumerKilledMidHandlingHandlesAgain) {
  bool seen_half_done = false;
  bool seen_done_twice = false;
  bool seen_done_once = false;
  for (auto at = std::chrono::microseconds(100); at < from_ms(12);
       at += std::chrono::microseconds(100)) {
    const auto [begun, ended] = work_with_a_kill(at);
    EXPECT_TRUE(ended == "1" || ended == "2") << ended;
    seen_done_once |= begun == "1" && ended == "1";
    seen_half_done |= begun == "2" && ended == "1";
    seen_done_twice |= begun == "2" && ended == "2";
  }
  EXPECT_TRUE(seen_done_once);
  EXPECT_TRUE(seen_half_done);
  EXPECT_TRUE(seen_done_twice) << "killed between the effect and the ack";
}

}  // namespace firedrill::sim
