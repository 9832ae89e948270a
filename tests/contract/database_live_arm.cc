#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "system/adapters/clock.h"
#include "system/adapters/live_database.h"
#include "system/adapters/tasks.h"
#include "system/adapters/timers.h"
#include "tests/contract/database_rig.h"
#include "tests/support/postgres_client.h"
#include "tests/support/postgres_server.h"

namespace firedrill::contract {

namespace {

using adapters::LiveDatabase;
using boost::asio::awaitable;

constexpr std::size_t kConnections = 4;

/// Making a cluster takes seconds: the tests share one server, and have a database each.
test::PostgresServer& server() {
  static test::PostgresServer server;
  return server;
}

std::string new_database() {
  static int count = 0;
  std::string name = "rig" + std::to_string(++count);
  test::PostgresClient(server().connection()).query("CREATE DATABASE " + name);
  return "postgresql://postgres@127.0.0.1:" + std::to_string(server().port()) + "/" + name;
}

LiveDatabase::Options options_of(const std::string& url) {
  LiveDatabase::Options options;
  options.url = url;
  options.connections = kConnections;
  return options;
}

class LiveDatabaseRig final : public DatabaseRig {
 public:
  LiveDatabaseRig()
      : url_(new_database()),
        timers_(loop_.get_executor()),
        clock_(timers_),
        one_(loop_.get_executor(), timers_, options_of(url_)),
        two_(loop_.get_executor(), timers_, options_of(url_)),
        tasks_(loop_.get_executor(),
               [](std::exception_ptr exception) { std::rethrow_exception(exception); }) {}

  ~LiveDatabaseRig() override {
    tasks_.stop();
    while (tasks_.running() > 0) {
      loop_.restart();
      loop_.run_one();
    }
    one_.stop();
    two_.stop();
    server().resume();
    server().restart();
  }

  Database& one() override { return one_; }
  Database& two() override { return two_; }
  Clock& clock() override { return clock_; }
  Tasks& tasks() override { return tasks_; }
  std::size_t connections() const override { return kConnections; }

  void run(awaitable<void> body) override {
    bool done = false;
    tasks_.spawn(then_tell(std::move(body), &done));
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done && std::chrono::steady_clock::now() < end) {
      loop_.restart();
      loop_.run_one_until(end);
    }
    EXPECT_TRUE(done) << "the test takes too long";
  }

  awaitable<void> kill_database() override {
    server().kill();
    co_return;
  }
  awaitable<void> start_database() override {
    server().restart();
    co_return;
  }
  awaitable<void> pause_database() override {
    server().pause();
    co_return;
  }
  awaitable<void> resume_database() override {
    server().resume();
    co_return;
  }

  awaitable<void> break_connections() override {
    test::PostgresClient client(url_);
    client.query(
        "CREATE TEMP TABLE gone AS SELECT pid FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid(); "
        "SELECT pg_terminate_backend(pid) FROM gone");
    for (int i = 0; i < 1000; ++i) {
      const auto left = client.query("SELECT FROM pg_stat_activity JOIN gone USING (pid)");
      if (left.at(0).rows.empty()) co_return;
      co_await clock_.sleep_for(from_ms(2));
    }
    ADD_FAILURE() << "terminated, and still there";
  }

 private:
  static awaitable<void> then_tell(awaitable<void> body, bool* done) {
    co_await std::move(body);
    *done = true;
  }

  std::string url_;
  boost::asio::io_context loop_{1};
  adapters::Timers timers_;
  adapters::LiveClock clock_;
  LiveDatabase one_;
  LiveDatabase two_;
  adapters::LiveTasks tasks_;
};

/// The real port and a real PostgreSQL, with a database of its own for each test.
DatabaseArm live_arm() {
  return DatabaseArm{.name = "Live",
                     .make_rig = [] { return std::make_unique<LiveDatabaseRig>(); }};
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Arms, DatabaseContract, ::testing::Values(live_arm()), database_arm_name);

}  // namespace firedrill::contract
