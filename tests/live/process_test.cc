// Starting and stopping a real process, and what is left of it.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "system/adapters/live_process.h"
#include "tests/support/redis_server.h"

namespace firedrill::adapters {

namespace {

using boost::asio::awaitable;

LiveProcess::Options options_of(const std::string& url, bool handle_signals = false) {
  LiveProcess::Options options;
  options.ports.process = "test";
  options.ports.redis.url = RedisUrl::parse(url);
  options.ports.queue.server.url = options.ports.redis.url;
  options.handle_signals = handle_signals;
  options.longest_drain = from_ms(1000);
  return options;
}

/// What is counted of a Service. Outlives it.
struct Seen {
  int alive = 0;  ///< frames that use the service
  int answered = 0;
  int left_at_the_end = -1;  ///< frames when the service was destroyed
};

class Frame {
 public:
  explicit Frame(Seen* seen) : seen_(seen) { ++seen_->alive; }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame() { --seen_->alive; }

 private:
  Seen* seen_;
};

/// Waits in every way in which a service can.
class Service final : public Program {
 public:
  Service(Ports ports, Seen* seen, Duration answer_after) : ports_(ports), seen_(seen) {
    listening_ = ports_.network.listen(
        0, [this, answer_after](HttpRequest) { return answer(answer_after); });
    ports_.tasks.spawn(sleep());
    ports_.tasks.spawn(consume());
    ports_.tasks.spawn(block_on_redis());
    ports_.tasks.spawn(call_myself());
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() override { seen_->left_at_the_end = seen_->alive; }

 private:
  Instant far() const { return ports_.clock.now() + from_ms(3'600'000); }

  awaitable<HttpResponse> answer(Duration after) {
    const Frame frame(seen_);
    co_await ports_.clock.sleep_for(after);
    ++seen_->answered;
    HttpResponse response;
    response.status = 200;
    co_return response;
  }

  awaitable<void> sleep() {
    const Frame frame(seen_);
    co_await ports_.clock.sleep_until(far());
    ADD_FAILURE() << "a stopped task does not run on";
  }

  awaitable<void> consume() {
    const Frame frame(seen_);
    Subscription who{.topic = "t", .group = "g", .consumer = "c"};
    const auto fetched = co_await ports_.queue.fetch(std::move(who), 10, far());
    ADD_FAILURE() << "a stopped task does not run on: " << fetched.has_value();
  }

  awaitable<void> block_on_redis() {
    const Frame frame(seen_);
    std::vector<std::string> command{"BLPOP", "never", "0"};
    const auto reply = co_await ports_.redis.call(std::move(command), far());
    ADD_FAILURE() << "a stopped task does not run on: " << reply.has_value();
  }

  awaitable<void> call_myself() {
    const Frame frame(seen_);
    const Address to{.host = "127.0.0.1", .port = LiveNetwork::bound_port(*listening_)};
    for (;;) {
      HttpRequest request{.method = "GET", .target = "/", .headers = {}, .body = {}};
      const auto response = co_await ports_.network.call(to, std::move(request), far());
      EXPECT_FALSE(response.is_unknown()) << "a server that drains answers what it was sent";
      if (!response.has_value()) co_await ports_.clock.sleep_until(far());
    }
  }

  Ports ports_;
  Seen* seen_;
  std::unique_ptr<Listening> listening_;
};

ProgramFactory service(Seen* seen, Duration answer_after) {
  return [seen, answer_after](Ports ports) -> std::unique_ptr<Program> {
    return std::make_unique<Service>(ports, seen, answer_after);
  };
}

TEST(LiveProcess, StopsWithEverythingInFlight) {
  const test::RedisServer server;
  for (const Duration answer_after : {from_ms(1), from_ms(3'600'000)}) {
    Seen seen;
    {
      LiveProcess process(options_of(server.url()));
      process.start(service(&seen, answer_after));
      std::thread stopper([&process] {
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
        process.request_stop();
      });
      const auto began = std::chrono::steady_clock::now();
      process.run();
      stopper.join();
      EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(1800));
    }
    EXPECT_EQ(seen.left_at_the_end, 0) << "tasks and handlers end before the service";
    EXPECT_EQ(seen.answered > 0, answer_after < from_ms(1000));
  }
}

TEST(LiveProcess, LetsRequestsInFlightEnd) {
  const test::RedisServer server;
  Seen seen;
  LiveProcess process(options_of(server.url()));
  process.start(service(&seen, from_ms(400)));
  std::thread stopper([&process] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    process.request_stop();
  });
  process.run();
  stopper.join();
  EXPECT_EQ(seen.answered, 1);
  EXPECT_EQ(seen.left_at_the_end, 0);
}

TEST(LiveProcess, MayEndWithoutEverRunning) {
  const test::RedisServer server;
  Seen seen;
  {
    LiveProcess process(options_of(server.url()));
    process.start(service(&seen, from_ms(1)));
  }
  EXPECT_EQ(seen.left_at_the_end, 0);
}

TEST(LiveProcess, StopsAtASignal) {
  const test::RedisServer server;
  for (const int signal : {SIGINT, SIGTERM}) {
    Seen seen;
    LiveProcess process(options_of(server.url(), true));
    process.start(service(&seen, from_ms(1)));
    std::thread stopper([signal] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      ::kill(::getpid(), signal);
    });
    process.run();
    stopper.join();
    EXPECT_EQ(seen.left_at_the_end, 0);
  }
}

TEST(LiveProcess, StopsWithoutAServer) {
  std::optional<test::RedisServer> server(std::in_place);
  const std::string url = server->url();
  server.reset();
  Seen seen;
  LiveProcess process(options_of(url));
  process.start(service(&seen, from_ms(1)));
  std::thread stopper([&process] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    process.request_stop();
  });
  process.run();
  stopper.join();
  EXPECT_EQ(seen.left_at_the_end, 0);
}

/// A service may end its own listening while handlers wait, one of them being the one that does it.
class ClosesItself final : public Program {
 public:
  explicit ClosesItself(Ports ports) : ports_(ports) {
    listening_ = ports_.network.listen(
        0, [this](HttpRequest request) { return answer(std::move(request)); });
    ports_.tasks.spawn(call_twice());
  }

  bool done = false;

 private:
  awaitable<HttpResponse> answer(HttpRequest request) {
    if (request.target == "/close") {
      listening_.reset();
    } else {
      co_await ports_.clock.sleep_for(from_ms(3'600'000));
    }
    HttpResponse response;
    response.status = 200;
    co_return response;
  }

  awaitable<void> call(std::string target, int* unknown) {
    const Address to{.host = "127.0.0.1", .port = port_};
    HttpRequest request{.method = "GET", .target = std::move(target), .headers = {}, .body = {}};
    const auto response =
        co_await ports_.network.call(to, std::move(request), ports_.clock.now() + from_ms(3000));
    *unknown += response.is_unknown() && response.why() == Why::reset;
  }

  awaitable<void> call_twice() {
    port_ = LiveNetwork::bound_port(*listening_);
    ports_.tasks.spawn(call("/wait", &unknown_));
    co_await ports_.clock.sleep_for(from_ms(50));
    ports_.tasks.spawn(call("/close", &unknown_));
    for (int i = 0; i < 500 && unknown_ < 2; ++i) co_await ports_.clock.sleep_for(from_ms(2));
    done = unknown_ == 2;
  }

  Ports ports_;
  std::unique_ptr<Listening> listening_;
  std::uint16_t port_ = 0;
  int unknown_ = 0;
};

TEST(LiveProcess, AHandlerMayCloseItsOwnServer) {
  const test::RedisServer server;
  LiveProcess process(options_of(server.url()));
  const ClosesItself* program = nullptr;
  process.start([&program](Ports ports) -> std::unique_ptr<Program> {
    auto made = std::make_unique<ClosesItself>(ports);
    program = made.get();
    return made;
  });
  bool done = false;
  std::thread stopper([&process] {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    process.request_stop();
  });
  process.start([&program, &done](Ports) -> std::unique_ptr<Program> {
    struct AtTheEnd final : Program {
      AtTheEnd(const ClosesItself** watched, bool* to) : program(watched), done(to) {}
      ~AtTheEnd() override { *done = (*program)->done; }
      const ClosesItself** program;
      bool* done;
    };
    return std::make_unique<AtTheEnd>(&program, &done);
  });
  process.run();
  stopper.join();
  EXPECT_TRUE(done);
}

class Throws final : public Program {
 public:
  explicit Throws(Ports ports) { ports.tasks.spawn(bug()); }

 private:
  static awaitable<void> bug() {
    throw std::runtime_error("an index is out of range");
    co_return;
  }
};

TEST(LiveProcessDeathTest, ABugInATaskEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        LiveProcess process(options_of("redis://127.0.0.1:1"));
        process.start([](Ports ports) { return std::make_unique<Throws>(ports); });
        process.run();
      },
      "\"process\":\"test\",\"note\":\"ends: .*an index is out of range");
}

}  // namespace

}  // namespace firedrill::adapters
