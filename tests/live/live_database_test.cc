#include "system/adapters/live_database.h"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "system/adapters/clock.h"
#include "system/adapters/tasks.h"
#include "system/adapters/timers.h"
#include "tests/support/postgres_client.h"
#include "tests/support/postgres_server.h"

// What the real adapter has beyond the contract (tests/contract/database_*).

namespace firedrill::adapters {

namespace {

using boost::asio::awaitable;
using Begun = Outcome<std::unique_ptr<SqlTransaction>>;
using Rows = Outcome<SqlRows>;

constexpr SqlTransactionOptions kPlain{};
constexpr Duration kLong = from_ms(10'000);

/// A database port on a loop of its own, and a way to look at the server past it.
class DatabaseTest : public ::testing::Test {
 public:
  static void SetUpTestSuite() { server_ = std::make_unique<test::PostgresServer>(); }
  static void TearDownTestSuite() { server_.reset(); }

  static std::string url() {
    return "postgresql://postgres@127.0.0.1:" + std::to_string(server_->port()) + "/postgres";
  }

  static LiveDatabase::Options options(std::string at = url()) {
    LiveDatabase::Options options;
    options.url = std::move(at);
    options.connections = 1;
    return options;
  }

  static test::PostgresResult look(const std::string& sql) {
    return test::PostgresClient(server_->connection()).query(sql).back();
  }

  /// How many others run something that has `text` in it.
  static std::string running(const std::string& text) {
    return *look("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%" +
                 text + "%' AND pid <> pg_backend_pid()")
                .rows.at(0)
                .at(0);
  }

  DatabaseTest()
      : timers_(loop_.get_executor()),
        clock_(timers_),
        tasks_(loop_.get_executor(),
               [](std::exception_ptr exception) { std::rethrow_exception(exception); }) {}

  ~DatabaseTest() override {
    stop_tasks();
    server_->resume();
  }

  LiveDatabase& open(LiveDatabase::Options options) {
    return database_.emplace(loop_.get_executor(), timers_, std::move(options));
  }

  void stop_tasks() {
    tasks_.stop();
    turn_until([this] { return tasks_.running() == 0; });
  }

  bool turn_until(const std::function<bool()>& holds, Duration limit = kLong) {
    const Instant end = timers_.now() + limit;
    while (!holds() && timers_.now() < end) {
      loop_.restart();
      loop_.run_one_for(std::chrono::milliseconds(5));
    }
    return holds();
  }

  Rows ask(std::string_view text, SqlParameters parameters = {}, Duration limit = kLong) {
    std::optional<Rows> rows;
    start(text, std::move(parameters), limit, &rows);
    EXPECT_TRUE(turn_until([&rows] { return rows.has_value(); }));
    return *rows;
  }

  void start(std::string_view text, SqlParameters parameters, Duration limit,
             std::optional<Rows>* rows) {
    tasks_.spawn(ask_into(&*database_, SqlStatement{text}, std::move(parameters),
                          timers_.now() + limit, rows));
  }

  /// Runs it to its end.
  void run(awaitable<void> body) {
    bool done = false;
    tasks_.spawn(then_tell(std::move(body), &done));
    EXPECT_TRUE(turn_until([&done] { return done; }));
  }

 protected:
  static awaitable<void> ask_into(LiveDatabase* database, SqlStatement statement,
                                  SqlParameters parameters, Instant deadline,
                                  std::optional<Rows>* rows) {
    Rows outcome = co_await database->run(statement, std::move(parameters), deadline);
    rows->emplace(std::move(outcome));
  }

  static awaitable<void> then_tell(awaitable<void> body, bool* done) {
    co_await std::move(body);
    *done = true;
  }

  Instant soon() const { return timers_.now() + kLong; }

  static std::unique_ptr<test::PostgresServer> server_;
  boost::asio::io_context loop_{1};
  Timers timers_;
  LiveClock clock_;
  std::optional<LiveDatabase> database_;
  LiveTasks tasks_;
};

std::unique_ptr<test::PostgresServer> DatabaseTest::server_;

template <class T>
std::string told(const Outcome<T>& outcome) {
  if (outcome.has_value()) return "value";
  const std::string kind = outcome.is_refused() ? "refused: " : "unknown: ";
  if (outcome.why() == Why::by_server) return kind + std::string(outcome.sqlstate().text());
  return kind + std::string(to_string(outcome.why()));
}

TEST_F(DatabaseTest, TakesBothKindsOfUrlAndNoOther) {
  EXPECT_THROW(open(options("redis://somewhere")), std::invalid_argument);
  EXPECT_THROW(open(options("postgresql://[::1/unclosed")), std::invalid_argument);
  open(options(server_->connection()));
  EXPECT_EQ(told(ask("SELECT 1")), "value");
  open(options("host=localhost user=postgres dbname=postgres port=" +
               std::to_string(server_->port())));
  EXPECT_EQ(told(ask("SELECT 1")), "value") << "whichever of its addresses answers";
  open(options(url() + "?application_name=shop"));
  const Rows name = ask("SHOW application_name");
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name.value().text(0, 0), "shop");
}

TEST_F(DatabaseTest, AServerThatRefusesToConnectSaysWhy) {
  open(options("postgresql://postgres@127.0.0.1:" + std::to_string(server_->port()) + "/nowhere"));
  EXPECT_EQ(told(ask("SELECT 1")), "refused: 3D000");
  look("CREATE ROLE crowd LOGIN CONNECTION LIMIT 0");
  open(options("postgresql://crowd@127.0.0.1:" + std::to_string(server_->port()) + "/postgres"));
  EXPECT_EQ(told(ask("SELECT 1")), "refused: 53300");
  open(options("postgresql://postgres@127.0.0.1:1/postgres"));
  const Instant began = timers_.now();
  EXPECT_EQ(told(ask("SELECT 1")), "refused: connection refused");
  EXPECT_EQ(told(ask("SELECT 1")), "refused: connection refused");
  EXPECT_LT(timers_.now() - began, from_ms(1000)) << "nobody waits for the deadline";
}

TEST_F(DatabaseTest, OneSeatThatFailsDoesNotRefuseThoseWhoWaitForAnother) {
  look("CREATE ROLE single LOGIN CONNECTION LIMIT 1");
  auto two =
      options("postgresql://single@127.0.0.1:" + std::to_string(server_->port()) + "/postgres");
  two.connections = 2;
  open(two);
  std::optional<Rows> first;
  std::optional<Rows> second;
  // The first is connected before the second dials: PostgreSQL may refuse both of two that come at
  // the same time, as each counts the other.
  start("SELECT pg_sleep(0.3)", {}, kLong, &first);
  EXPECT_TRUE(turn_until([] { return running("pg_sleep(0.3)") == "1"; }));
  start("SELECT 1", {}, kLong, &second);
  EXPECT_TRUE(turn_until([&] { return first && second; }));
  // Whoever waits behind a connection that lives is not refused.
  EXPECT_EQ(told(*first), "value");
  EXPECT_EQ(told(*second), "value");
}

TEST_F(DatabaseTest, AServerThatNeverAnswersIsGivenUp) {
  boost::asio::ip::tcp::acceptor silent(
      loop_, {boost::asio::ip::address_v4::loopback(), 0});  // the kernel accepts, nobody reads
  auto quick =
      options("postgresql://postgres@127.0.0.1:" + std::to_string(silent.local_endpoint().port()) +
              "/postgres");
  quick.connect_timeout = from_ms(200);
  open(quick);
  Instant began = timers_.now();
  EXPECT_EQ(told(ask("SELECT 1")), "refused: timed out");
  EXPECT_LT(timers_.now() - began, from_ms(1000));
  std::optional<Rows> rows;
  start("SELECT 1", {}, kLong, &rows);
  turn_until([] { return false; }, from_ms(50));
  began = timers_.now();
  database_->stop();
  EXPECT_LT(timers_.now() - began, from_ms(500));
  EXPECT_FALSE(rows);
}

TEST_F(DatabaseTest, AConnectionThatBrokeWhileIdleIsNotUsed) {
  open(options());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(told(ask("SELECT 1")), "value") << "at the first attempt";
    look(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE backend_type = "
        "'client backend' AND pid <> pg_backend_pid()");
  }
  server_->kill();
  server_->restart();
  EXPECT_EQ(told(ask("SELECT 1")), "value");
}

TEST_F(DatabaseTest, EachTextIsPreparedOnce) {
  open(options());
  for (int i = 0; i < 3; ++i) {
    const Rows rows = ask("SELECT $1::int + 1", sql_parameters(i));
    ASSERT_TRUE(rows.has_value());
    EXPECT_EQ(rows.value().integer(0, 0), i + 1);
  }
  const Rows count = ask("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%+ 1'");
  ASSERT_TRUE(count.has_value());
  EXPECT_EQ(count.value().integer(0, 0), 1);
}

TEST_F(DatabaseTest, APlanThatWentStaleIsMadeAnew) {
  open(options());
  EXPECT_EQ(told(ask("CREATE TABLE stale (id int)")), "value");
  EXPECT_EQ(told(ask("SELECT * FROM stale")), "value");
  EXPECT_EQ(told(ask("ALTER TABLE stale ADD COLUMN more int")), "value");
  EXPECT_EQ(told(ask("SELECT * FROM stale")), "refused: 0A000");
  const Rows rows = ask("SELECT * FROM stale");
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(rows.value().width(), 2U);
}

TEST_F(DatabaseTest, WhatIsWrongWithParametersIsTheServersToSay) {
  open(options());
  const Rows first = ask("SELECT pg_backend_pid()");
  EXPECT_EQ(told(ask("SELECT $1::text", sql_parameters(std::string("a\0b", 3)))), "refused: 22021");
  EXPECT_EQ(told(ask("SELECT $1::text", sql_parameters("\xff"))), "refused: 22021");
  EXPECT_EQ(told(ask("SELECT $1::text, $2::text", sql_parameters("a"))), "refused: 08P01");
  EXPECT_EQ(told(ask("SELECT $1::text", sql_parameters("a"))), "value");
  const Rows last = ask("SELECT pg_backend_pid()");
  ASSERT_TRUE(first.has_value() && last.has_value());
  EXPECT_EQ(first.value().text(0, 0), last.value().text(0, 0)) << "all on one connection";
}

awaitable<void> nul_in_a_transaction(LiveDatabase* database, Instant deadline) {
  Begun begun = co_await database->begin(kPlain, deadline);
  EXPECT_TRUE(begun.has_value());
  if (!begun.has_value()) co_return;
  const auto transaction = std::move(begun).value();
  const SqlStatement echo{"SELECT $1::text"};
  const Rows nul = co_await transaction->run(echo, sql_parameters(std::string(1, '\0')), deadline);
  EXPECT_EQ(told(nul), "refused: 22021");
  const Rows after = co_await transaction->run(echo, sql_parameters("a"), deadline);
  EXPECT_EQ(told(after), "refused: 25P02");
}

TEST_F(DatabaseTest, ANulFailsItsTransaction) {
  run(nul_in_a_transaction(&open(options()), soon()));
}

awaitable<void> end_by_statement(LiveDatabase* database, Instant deadline) {
  Begun begun = co_await database->begin(kPlain, deadline);
  const auto transaction = std::move(begun).value();
  const Rows rows = co_await transaction->run(SqlStatement{"ROLLBACK"}, SqlParameters(), deadline);
  EXPECT_FALSE(rows.has_value());
}

TEST_F(DatabaseTest, ATransactionThatAStatementEndsIsABug) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(run(end_by_statement(&open(options()), soon())), "ends by commit");
}

TEST_F(DatabaseTest, TheServerEndsWhatWasGivenUp) {
  open(options());
  EXPECT_EQ(told(ask("SELECT pg_sleep(31)", {}, from_ms(100))), "unknown: timed out");
  EXPECT_EQ(told(ask("SELECT 1")), "value") << "and there is another connection";
  EXPECT_TRUE(turn_until([] { return running("pg_sleep(31)") == "0"; }, from_ms(2000)));
}

TEST_F(DatabaseTest, ACallerThatIsDestroyedHearsNothing) {
  open(options());
  std::optional<Rows> rows;
  start("SELECT pg_sleep(32)", {}, kLong, &rows);
  EXPECT_TRUE(turn_until([] { return running("pg_sleep(32)") == "1"; }));
  stop_tasks();
  EXPECT_TRUE(turn_until([] { return running("pg_sleep(32)") == "0"; }, from_ms(2000)));
  EXPECT_FALSE(rows);
}

TEST_F(DatabaseTest, ACallerThatIsDestroyedWhileItWaitsForAConnectionGetsNone) {
  open(options());
  std::optional<Rows> first;
  std::optional<Rows> second;
  start("SELECT pg_sleep(0.2)", {}, kLong, &first);
  start("SELECT 1", {}, kLong, &second);
  turn_until([] { return false; }, from_ms(50));
  stop_tasks();
  turn_until([] { return false; }, from_ms(300));
  EXPECT_FALSE(first || second);
}

TEST_F(DatabaseTest, StoppingWaitsForNoServer) {
  for (const bool paused : {false, true}) {
    open(options());
    std::optional<Rows> rows;
    start("SELECT pg_sleep(33)", {}, kLong, &rows);
    EXPECT_TRUE(turn_until([] { return running("pg_sleep(33)") == "1"; }));
    if (paused) server_->pause();
    const Instant began = timers_.now();
    database_->stop();
    EXPECT_LT(timers_.now() - began, from_ms(500)) << paused;
    EXPECT_FALSE(rows);
    EXPECT_EQ(told(ask("SELECT 1")), "refused: closed");
    server_->resume();
    EXPECT_TRUE(turn_until([] { return running("pg_sleep(33)") == "0"; }, from_ms(2000)));
  }
}

awaitable<void> drop_and_go_on(LiveDatabase* database, Instant deadline) {
  const SqlStatement who{"SELECT pg_backend_pid()"};
  Begun begun = co_await database->begin(kPlain, deadline);
  EXPECT_TRUE(begun.has_value());
  if (!begun.has_value()) co_return;
  auto transaction = std::move(begun).value();
  const Rows first = co_await transaction->run(who, SqlParameters(), deadline);
  transaction.reset();
  const Rows then = co_await database->run(who, SqlParameters(), deadline);
  EXPECT_TRUE(first.has_value() && then.has_value());
  if (!first.has_value() || !then.has_value()) co_return;
  EXPECT_EQ(first.value().integer(0, 0), then.value().integer(0, 0));
}

TEST_F(DatabaseTest, ARollbackKeepsTheConnection) {
  run(drop_and_go_on(&open(options()), soon()));
}

awaitable<void> drop_one(LiveDatabase* database, Instant deadline, test::PostgresServer* server) {
  Begun begun = co_await database->begin(kPlain, deadline);
  EXPECT_TRUE(begun.has_value());
  server->pause();
}

TEST_F(DatabaseTest, ARollbackThatFailsCostsTheConnectionAndNoMore) {
  auto impatient = options();
  impatient.rollback_timeout = from_ms(100);
  run(drop_one(&open(impatient), soon(), server_.get()));
  turn_until([] { return false; }, from_ms(300));
  EXPECT_EQ(told(ask("SELECT 1", {}, from_ms(100))), "refused: timed out");
  server_->resume();
  EXPECT_TRUE(turn_until([this] { return ask("SELECT 1").has_value(); }));
}

}  // namespace

}  // namespace firedrill::adapters
