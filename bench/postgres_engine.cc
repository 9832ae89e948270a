#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

/// What a world of its own costs: an engine, three tables, and the first statements of some
/// sessions.
class SmallWorld {
 public:
  explicit SmallWorld(std::shared_ptr<sim::postgres::EngineCache> cache)
      : engine_(Engine::Options{.cache = std::move(cache)}) {}

  void live() {
    run(engine_.connect(now_),
        "create schema shop; set search_path = shop;"
        "create table orders (id uuid primary key, user_id bigint not null, product bigint not "
        "null,"
        " quantity int not null check (quantity > 0), status text not null default 'NEW',"
        " version int not null default 1, created timestamptz not null default now());"
        "create index orders_by_user on orders (user_id, created);"
        "create table outbox (id bigint generated always as identity primary key,"
        " order_id uuid not null references orders, kind text not null, payload jsonb not null,"
        " sent_at timestamptz); create index outbox_unsent on outbox (id) where sent_at is null;"
        "create table inbox (consumer text, event bigint, primary key (consumer, event))");
    for (int client = 0; client < kClients; ++client) {
      const SessionId session = engine_.connect(now_);
      const std::string id = "00000000-0000-4000-8000-000000000" + std::to_string(100 + client);
      run(session, "set search_path = shop");
      run(session, "begin");
      run(session,
          "insert into orders (id, user_id, product, quantity) values ($1, $2, 7, $3)"
          " on conflict (id) do nothing returning status, version",
          {id, "12", "1"});
      run(session, "insert into outbox (order_id, kind, payload) values ($1, 'created', $2)",
          {id, R"({"quantity": 1})"});
      run(session, "commit");
      run(session, "select status, version from orders where id = $1 for update", {id});
      run(session,
          "update orders set status = $2, version = version + 1 where id = $1 and version = $3",
          {id, "PAID", "1"});
      run(session,
          "update outbox set sent_at = now() where id in (select id from outbox where sent_at is"
          " null order by id limit 10 for update skip locked) returning id, kind, payload");
    }
  }

 private:
  static constexpr int kClients = 12;

  void run(SessionId session, std::string_view sql) {
    engine_.query(session, sql, ++now_);
    verify(session);
  }
  void run(SessionId session, std::string_view sql, const Parameters& parameters) {
    engine_.execute(session, sql, parameters, ++now_);
    verify(session);
  }
  void verify(SessionId session) {
    for (const auto& result : engine_.take_results(session)) {
      check(!result.error, "a benchmark runs without errors");
    }
  }

  Engine engine_;
  std::int64_t now_ = 0;
};

void report_first_statements(Report& report) {
  const auto took = [](const std::shared_ptr<sim::postgres::EngineCache>& cache) {
    std::vector<double> each;
    for (int round = 0; round < 400; ++round) {
      each.push_back(1e6 * seconds([&] { SmallWorld(cache).live(); }));
    }
    return median(each);
  };
  report.add({"postgres-engine/small-world-alone", took(nullptr), "us"});
  report.add({"postgres-engine/small-world", took(sim::postgres::make_engine_cache()),
              "us, one of many that share a cache"});
}

}  // namespace

void postgres_engine(Report& report) {
  report_first_statements(report);
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
