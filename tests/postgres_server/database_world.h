#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim_ports/small_world.h"

namespace firedrill::sim {

/// A small world, its PostgreSQL with a table `t (k int primary key, v int)`, and words for what
/// its processes do.
class DatabaseWorld : public testing::Test {
 protected:
  using Log = std::vector<std::string>;

  DatabaseWorld() {
    one("CREATE TABLE t (k int PRIMARY KEY, v int)");
    one("INSERT INTO t VALUES (1, 0)");
    log_.clear();
  }

  /// Runs it in process one, and waits: how it ended is logged.
  void one(std::string_view sql, Duration patience = from_ms(5'000)) {
    EXPECT_TRUE(small_.run(statement(small_.at_one(), sql, patience, &log_), from_ms(60'000)));
  }
  /// Runs it in process two, and does not wait.
  void two(std::string_view sql, Duration patience = from_ms(5'000)) {
    small_.at_two().tasks.spawn(statement(small_.at_two(), sql, patience, &log_));
  }
  /// The same, as a transaction that is open for `length` before its COMMIT, or before `then`.
  void two_holds(std::string_view sql, Duration length, std::string_view then = {}) {
    small_.at_two().tasks.spawn(transaction(small_.at_two(), sql, length, then, &log_));
  }
  /// What the statement gives, without any client.
  std::string stored(std::string_view sql) {
    postgres::Engine& engine = *small_.postgres_disk.engine;
    const auto session = engine.connect(0);
    engine.query(session, sql, 0);
    std::string text;
    for (const auto& result : engine.take_results(session)) {
      for (const auto& row : result.rows) {
        if (!text.empty()) text += ' ';
        for (std::size_t i = 0; i < row.size(); ++i) {
          if (i > 0) text += '|';
          text += engine.text(session, result.columns[i], row[i]).value_or("NULL");
        }
      }
    }
    engine.disconnect(session, 0);
    return text;
  }
  Log take() { return std::exchange(log_, {}); }

  template <class T>
  static std::string text_of(const Outcome<T>& outcome) {
    if (outcome.is_unknown()) return "unknown: " + std::string(to_string(outcome.why()));
    if (outcome.sqlstate() != SqlState()) return std::string(outcome.sqlstate().text());
    return "refused: " + std::string(to_string(outcome.why()));
  }

  static boost::asio::awaitable<void> statement(Ports ports, std::string_view sql,
                                                Duration patience, Log* log) {
    const Instant deadline = ports.clock.now() + patience;
    const Outcome<SqlRows> outcome = co_await ports.database.run(SqlStatement{sql}, {}, deadline);
    if (!outcome.has_value()) {
      log->push_back(text_of(outcome));
      co_return;
    }
    std::string text = std::to_string(outcome.value().affected()) + " rows";
    for (std::size_t i = 0; i < outcome.value().size(); ++i) {
      text += " " + outcome.value().cell(i, 0).value_or("NULL");
    }
    log->push_back(text);
  }

  static boost::asio::awaitable<void> transaction(Ports ports, std::string_view sql,
                                                  Duration length, std::string_view then,
                                                  Log* log) {
    const Instant deadline = ports.clock.now() + from_ms(5'000);
    auto begun = co_await ports.database.begin({}, deadline);
    if (!begun.has_value()) {
      log->push_back("begin " + text_of(begun));
      co_return;
    }
    const auto open = std::move(begun).value();
    const auto done = co_await open->run(SqlStatement{sql}, {}, deadline);
    log->push_back(done.has_value() ? "has it" : text_of(done));
    co_await ports.clock.sleep_for(length);
    if (!then.empty()) {
      const auto more = co_await open->run(SqlStatement{then}, {}, deadline);
      log->push_back(more.has_value() ? "has it" : text_of(more));
    }
    const auto committed = co_await open->commit(deadline);
    log->push_back("commit " + (committed.has_value() ? "ok" : text_of(committed)));
  }

  SmallWorld small_;
  Log log_;
};

}  // namespace firedrill::sim
