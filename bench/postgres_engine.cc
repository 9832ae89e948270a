#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/bench.h"
#include "sim/postgres/engine.h"
#include "system/domain/check.h"

namespace firedrill::bench {

namespace {

using sim::postgres::Engine;
using sim::postgres::SessionId;
using Parameters = std::vector<std::optional<std::string>>;

constexpr int kRounds = 5;
constexpr std::size_t kRows = 1000;
constexpr std::size_t kCalls = 100'000;

/// An engine with one session and a table of orders.
struct Rig {
  Engine engine;
  SessionId session = engine.connect(0);
  std::int64_t now = 1;

  Rig() {
    run("create table orders (id bigint primary key, user_id bigint not null, status text not null,"
        " version integer not null)");
    run("create table outbox (id bigint generated always as identity primary key, order_id bigint "
        "not null, payload text not null, state text not null default 'PENDING')");
    run("insert into orders select i, i % 10, 'NEW', 1 from generate_series(1, 1000) i");
  }

  void run(const std::string& sql) {
    engine.query(session, sql, ++now);
    verify();
  }
  void run(const std::string& sql, const Parameters& parameters) {
    engine.execute(session, sql, parameters, ++now);
    verify();
  }
  void verify() {
    for (const auto& result : engine.take_results(session)) {
      check(!result.error, "a benchmark runs without errors");
    }
  }
};

template <class Call>
void report_median(Report& report, const std::string& name, const std::string& unit, Call call) {
  std::vector<double> rates;
  for (int round = 0; round < kRounds; ++round) {
    Rig rig;
    const double took = seconds([&] {
      for (std::size_t i = 0; i < kCalls; ++i) call(rig, i);
    });
    rates.push_back(static_cast<double>(kCalls) / took);
  }
  report.add({"postgres-engine/" + name, median(rates), unit});
}

/// A row of the orders: four columns, of which one is the primary key.
void report_memory(Report& report) {
  constexpr std::size_t kMany = 100'000;
  Rig rig;
  const std::size_t before = allocated_bytes();
  rig.run("insert into orders select i, i % 10, 'NEW', 1 from generate_series(1001, 101000) i");
  report.add({"postgres-engine/row-memory",
              static_cast<double>(allocated_bytes() - before) / static_cast<double>(kMany),
              "bytes, with its entry in one index"});
}

/// A server that comes back with a thousand rows.
void report_recovery(Report& report) {
  Rig rig;
  rig.engine.keep_log();
  std::vector<double> took;
  for (int round = 0; round < 100; ++round) {
    took.push_back(1e6 * seconds([&] { rig.engine.recover(rig.engine.log_end()); }));
  }
  report.add({"postgres-engine/recover-1000-rows", median(took), "us"});
}

}  // namespace

void postgres_engine(Report& report) {
  report_memory(report);
  report_recovery(report);
  report_median(report, "select-by-key", "statements/s on one core", [](Rig& rig, std::size_t i) {
    rig.run("select status, version from orders where id = $1", {std::to_string(i % kRows + 1)});
  });
  report_median(report, "update-by-key", "statements/s on one core", [](Rig& rig, std::size_t i) {
    rig.run("update orders set version = version + 1 where id = $1",
            {std::to_string(i % kRows + 1)});
  });
  report_median(report, "order-and-outbox", "transactions/s on one core",
                [](Rig& rig, std::size_t i) {
                  const std::string id = std::to_string(kRows + i + 1);
                  rig.run("begin");
                  rig.run("insert into orders values ($1, $2, 'NEW', 1)", {id, "7"});
                  rig.run("insert into outbox (order_id, payload) values ($1, $2)", {id, "{}"});
                  rig.run("commit");
                });
}

}  // namespace firedrill::bench
