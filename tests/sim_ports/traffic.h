#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tests/sim_ports/drive.h"

namespace firedrill::sim {

/// What all traffic of a world has done so far; beyond the lives of its processes.
struct Done {
  int calls = 0;      ///< answered
  int handled = 0;    ///< deliveries, to the end
  int unwound = 0;    ///< handlers of requests, answered or not
  int requested = 0;  ///< handlers of requests, begun
};

/// A service that is never idle: answers requests by way of Redis and the queue, calls its peer,
/// and works off the queue.
class Traffic final : public Program {
 public:
  Traffic(Ports ports, std::string name, Address peer, Done* done)
      : ports_(ports), name_(std::move(name)), peer_(std::move(peer)), done_(done) {
    listening_ =
        ports_.network.listen(SmallWorld::kPort, [this](HttpRequest) { return answer(this); });
    for (int i = 0; i < 3; ++i) ports_.tasks.spawn(call_on(this));
    ports_.tasks.spawn(consume_on(this));
  }

 private:
  struct Counted {
    explicit Counted(Done* of) : done(of) { ++done->requested; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { ++done->unwound; }
    Done* done;
  };

  static awaitable<HttpResponse> answer(Traffic* self) {
    const Counted counted(self->done_);
    const Reply reply = co_await redis_call(self->ports_, words("INCR", "requests"), from_ms(20));
    const auto published = co_await publish(self->ports_, self->ports_.random.id(), from_ms(20));
    HttpResponse response;
    response.status = reply.has_value() && published.has_value() ? 200 : 500;
    co_return response;
  }

  static awaitable<void> call_on(Traffic* self) {
    while (true) {
      const Response response = co_await http_call(self->ports_, self->peer_, from_ms(30));
      self->done_->calls += response.has_value() && response.value().status == 200;
      co_await self->ports_.clock.sleep_for(from_ms(1));
    }
  }

  static awaitable<void> consume_on(Traffic* self) {
    const Subscription who = reader(self->name_);
    while (true) {
      const Fetched fetched = co_await fetch(self->ports_, who, from_ms(25));
      if (!fetched.has_value()) {
        co_await self->ports_.clock.sleep_for(from_ms(1));
        continue;
      }
      for (const Delivery& delivery : fetched.value()) {
        const Reply reply =
            co_await redis_call(self->ports_, words("INCR", "m:" + delivery.body), from_ms(20));
        if (!reply.has_value()) continue;
        const auto acked = co_await ack(self->ports_, who, delivery);
        self->done_->handled += acked.has_value();
      }
    }
  }

  Ports ports_;
  std::string name_;
  Address peer_;
  Done* done_;
  std::unique_ptr<Listening> listening_;
};

/// A small world in which two further processes, `busy-1` and `busy-2`, keep each other busy.
class BusyWorld {
 public:
  explicit BusyWorld(std::uint64_t seed, PickPolicy policy = {}) : small_(seed, policy, uneven()) {
    for (int i = 1; i <= 2; ++i) {
      const std::string name = "busy-" + std::to_string(i);
      const Address peer{"busy-" + std::to_string(3 - i), SmallWorld::kPort};
      Host& host = world().add_host(name);
      Process& process = world().add_process(
          host, name,
          boot_program({&small_.redis_at, nullptr, world().find_host("queue"), nullptr},
                       [this, name, peer](Ports ports) -> std::unique_ptr<Program> {
                         return std::make_unique<Traffic>(ports, name, peer, &done_);
                       }));
      process.start();
    }
  }

  SmallWorld& small() { return small_; }
  World& world() { return small_.world; }
  const Done& done() const { return done_; }
  void run_for(Duration length) { small_.run_for(length); }
  /// Runs `count` events.
  void run_steps(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) world().scheduler().step(Instant::max());
  }

 private:
  static LinkProfile uneven() {
    return {.latency = std::chrono::microseconds(200),
            .jitter = std::chrono::microseconds(600),
            .tail_percent = 2,
            .tail = from_ms(5),
            .tick = std::chrono::microseconds(50)};
  }

  Done done_;
  SmallWorld small_;
};

}  // namespace firedrill::sim
