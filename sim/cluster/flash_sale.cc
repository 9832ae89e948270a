#include "sim/cluster/flash_sale.h"

#include <memory>
#include <utility>

#include "system/as_written/programs.h"
#include "system/domain/flash_sale.h"
#include "system/domain/rest.h"
#include "system/inventory/program.h"
#include "system/order/programs.h"
#include "workload/audit.h"
#include "workload/store_view.h"
#include "workload/table_view.h"

namespace firedrill::sim {

namespace {

constexpr Duration kRedeliveryAfter = from_ms(2000);

PickPolicy policy(const traces::Case& run) {
  PickPolicy policy;
  switch (run.schedule.pick) {
    case traces::Case::Pick::first_come: policy.kind = PickPolicy::Kind::first_come; break;
    case traces::Case::Pick::random: policy.kind = PickPolicy::Kind::random; break;
    case traces::Case::Pick::pct: policy.kind = PickPolicy::Kind::pct; break;
  }
  policy.change_points = run.schedule.change_points;
  return policy;
}

LinkProfile links(const traces::Case& run) {
  return {run.network.latency, run.network.jitter, run.network.tail_percent, run.network.tail,
          run.network.tick};
}

FlashSale terms(const traces::Case& run) {
  FlashSale sale;
  for (const auto& product : run.terms.products) {
    sale.cap_per_user[product.id] = product.per_user_cap;
  }
  sale.rate_limit = run.terms.rate_limit;
  sale.rate_window = run.terms.rate_window;
  sale.hold_ttl = run.hold_ttl;
  return sale;
}

redis::Disk redis_disk(const traces::Case& run, std::shared_ptr<redis::ScriptCache> scripts) {
  using Case = traces::Case::Redis;
  using redis::Store;
  redis::Settings settings;
  switch (run.redis.persistence) {
    case Case::Persistence::none: settings.persistence = Store::Persistence::none; break;
    case Case::Persistence::snapshots: settings.persistence = Store::Persistence::snapshots; break;
    case Case::Persistence::append_only:
      settings.persistence = Store::Persistence::append_only;
      break;
  }
  switch (run.redis.fsync) {
    case Case::Fsync::no: settings.config.appendfsync = redis::Config::Fsync::no; break;
    case Case::Fsync::everysec: settings.config.appendfsync = redis::Config::Fsync::everysec; break;
    case Case::Fsync::always: settings.config.appendfsync = redis::Config::Fsync::always; break;
  }
  settings.config.appendonly = run.redis.persistence == Case::Persistence::append_only;
  settings.config.min_replicas_to_write = run.redis.min_replicas_to_write;
  settings.keeps_effects = true;
  redis::Engine::Options options;
  options.script_cache = std::move(scripts);
  return redis::Disk(redis::Engine(std::move(options)), std::move(settings));
}

postgres::Settings postgres_settings(const traces::Case& run) {
  postgres::Settings settings;
  settings.synchronous_commit = run.postgres.synchronous_commit;
  settings.needs_standby = run.postgres.synchronous_standby && run.postgres.standbys > 0;
  return settings;
}

struct Design {
  ProgramFactory (*order_service)(FlashSale, std::uint16_t);
  ProgramFactory (*order_consumer)(FlashSale, std::string);
  ProgramFactory (*inventory_service)(std::uint16_t);
};

Design design(const traces::Case& run) {
  if (run.design == "as-written") {
    return {as_written::order_service, as_written::order_consumer, as_written::inventory_service};
  }
  check(run.design == "hardened", "a design is as-written or hardened");
  return {order::order_service, order::order_consumer, inventory::inventory_service};
}

}  // namespace

std::string names::order(std::uint32_t index) {
  return "order-" + std::to_string(index + 1);
}
std::string names::consumer(std::uint32_t index) {
  return "consumer-" + std::to_string(index + 1);
}

std::string names::sentinel(std::uint32_t index) {
  return "sentinel-" + std::to_string(index + 1);
}

std::string names::replica(std::uint32_t index) {
  return "redis-" + std::to_string(index + 2);
}

std::string names::standby(std::uint32_t index) {
  return "postgres-" + std::to_string(index + 2);
}

FlashSaleCluster::FlashSaleCluster(const traces::Case& run, Duration final_reads_at, Caches caches)
    : run_(run),
      caches_(std::move(caches)),
      queue_disk_{queue::Engine({run.topology.partitions, kRedeliveryAfter}), {}, 0},
      world_(run.seed, policy(run), links(run)) {
  history_.terms = run.terms;
  history_.entries.reserve(1024);
  add_redis(std::string(names::kRedis));
  for (std::uint32_t i = 0; i < run.redis.replicas; ++i) {
    add_redis(names::replica(i)).disk.server->follow(*redis_nodes_.front().host);
  }
  redis_endpoint_.host = redis_nodes_.front().host;
  add_sentinels();
  postgres_endpoint_.host = add_postgres(std::string(names::kPostgres)).host;
  add_standbys();
  queue_process_ =
      &add(std::string(names::kQueue), [this](Process& process) -> std::unique_ptr<ProcessMemory> {
        return std::make_unique<queue::Broker>(process, queue_disk_);
      });

  Host* const queue = world_.find_host(names::kQueue);
  const Surroundings backends{.redis = &redis_endpoint_,
                              .postgres = &postgres_endpoint_,
                              .queue = queue,
                              .telemetry = this};
  const Design chosen = design(run);
  const FlashSale sale = terms(run);
  add(std::string(names::kInventory),
      boot_program(backends, chosen.inventory_service(kInventoryPort)));
  workload::Plan plan{run.orders,
                      {},
                      {std::string(names::kInventory), kInventoryPort},
                      run.terms,
                      run.client_timeout,
                      final_reads_at};
  for (std::uint32_t i = 0; i < run.topology.order_services; ++i) {
    add(names::order(i), boot_program(backends, chosen.order_service(sale, kOrderPort)));
    plan.order_services.push_back({names::order(i), kOrderPort});
  }
  for (std::uint32_t i = 0; i < run.topology.consumers; ++i) {
    add(names::consumer(i),
        boot_program(backends, chosen.order_consumer(sale, names::consumer(i))));
  }
  add(std::string(names::kAudit), boot_program({.queue = queue}, workload::audit(*this)));
  add(std::string(names::kClients), boot_program({}, workload::clients(std::move(plan), *this)));
}

Process& FlashSaleCluster::add(std::string name, Process::Boot boot) {
  Host& host = world_.add_host(name);
  Process& process = world_.add_process(host, std::move(name), std::move(boot));
  process.start();
  return process;
}

void FlashSaleCluster::record(traces::What what) {
  history_.add(world_.now().time_since_epoch(), std::move(what));
}

void FlashSaleCluster::note(Process& process, std::string text) {
  record(traces::Note{process.name(), std::move(text)});
}

void FlashSaleCluster::count(Process&, std::string_view name) {
  ++counts_["service:" + std::string(name)];
}

FlashSaleCluster::RedisNode& FlashSaleCluster::add_redis(std::string name) {
  RedisNode& node = redis_nodes_.emplace_back();
  node.disk = redis_disk(run_, caches_.scripts);
  node.disk.observer = [this, &node](const std::vector<std::string>&, const RedisReply&,
                                     std::span<const std::string> changed) {
    watch_store(node, changed);
  };
  node.host = &world_.add_host(name);
  node.process = &world_.add_process(*node.host, std::move(name),
                                     [&node](Process& process) -> std::unique_ptr<ProcessMemory> {
                                       return std::make_unique<redis::Server>(process, node.disk);
                                     });
  node.disk.on_loaded = [this, &node] { read_stock(node); };
  node.disk.on_lost = [this, &node](std::uint64_t bytes) {
    record(traces::Note{node.process->name(),
                        "loses " + std::to_string(bytes) + " bytes of acknowledged writes"});
    record(traces::RedisForgot{});
    ++counts_["redis:lost-writes"];
  };
  node.process->start();
  return node;
}

/// Not started yet: whether it follows somebody is the caller's to say.
FlashSaleCluster::PostgresNode& FlashSaleCluster::add_postgres(std::string name) {
  PostgresNode& node = postgres_nodes_.emplace_back(
      postgres_settings(run_), postgres::Engine::Options{.cache = caches_.statements});
  for (const workload::WatchedTable& table : workload::watched_tables()) {
    node.disk.engine->watch(std::string(table.name), table.columns);
  }
  node.disk.observer = [this, &node](const postgres::CommittedRow& row) {
    if (&node == &postgres_primary()) record_row(row);
  };
  node.disk.on_started = [this, &node] {
    if (&node == &postgres_primary()) read_tables();
  };
  node.disk.on_lost = [this, &node](std::uint64_t commits) {
    record(traces::Note{node.process->name(),
                        "loses " + std::to_string(commits) + " commits that others have seen"});
    ++counts_["postgres:lost-commits"];
  };
  node.host = &world_.add_host(name);
  node.process = &world_.add_process(
      *node.host, std::move(name), [&node](Process& process) -> std::unique_ptr<ProcessMemory> {
        return std::make_unique<postgres::Server>(process, node.disk);
      });
  return node;
}

void FlashSaleCluster::add_standbys() {
  PostgresNode& primary = postgres_nodes_.front();
  for (std::uint32_t i = 0; i < run_.postgres.standbys; ++i) {
    PostgresNode& standby = add_postgres(names::standby(i));
    standby.disk.follows = primary.host;
    primary.disk.standbys.push_back(&standby.disk);
  }
  for (PostgresNode& node : postgres_nodes_) node.process->start();
}

void FlashSaleCluster::record_row(const postgres::CommittedRow& row) {
  if (row.is_deleted) {
    told_rows_.forget(row.table, row.cells);
  } else {
    record(told_rows_.take(row.table, row.cells));
  }
}

/// Another state is what counts from now on: what was told and is not there any more comes first.
void FlashSaleCluster::read_tables() {
  workload::ToldRows there;
  std::vector<traces::What> rows;
  for (const workload::WatchedTable& table : workload::watched_tables()) {
    for (const postgres::CommittedRow& row : postgres().engine->committed_rows(table.name)) {
      rows.push_back(there.take(row.table, row.cells));
    }
  }
  for (traces::What& gone : told_rows_.gone_from(there)) record(std::move(gone));
  for (traces::What& row : rows) {
    if (!told_rows_.knows(row)) record(std::move(row));
  }
  told_rows_ = std::move(there);
}

FlashSaleCluster::PostgresNode& FlashSaleCluster::postgres_primary() {
  for (PostgresNode& node : postgres_nodes_) {
    if (node.host == postgres_endpoint_.host) return node;
  }
  check(false, "clients are led to a PostgreSQL");
  return postgres_nodes_.front();
}

void FlashSaleCluster::fail_over_postgres(PostgresNode& to) {
  check(to.disk.server != nullptr && to.disk.server->is_standby(), "who is promoted is a standby");
  PostgresNode& old = postgres_primary();
  check(to.disk.received.engine != nullptr, "who is promoted has the primary's data");
  old.disk.lose(to.disk.received.engine->commits_after(to.disk.received.upto));
  postgres_endpoint_.host = to.host;
  to.disk.standbys.clear();
  for (PostgresNode& node : postgres_nodes_) {
    node.disk.follows = &node == &to ? nullptr : to.host;
    if (&node != &to) to.disk.standbys.push_back(&node.disk);
  }
  record(traces::Note{to.process->name(), "is promoted: new connections lead here"});
  ++counts_["postgres:promoted"];
  to.disk.server->promote();
}

FlashSaleCluster::RedisNode& FlashSaleCluster::primary() {
  for (RedisNode& node : redis_nodes_) {
    if (node.host == redis_endpoint_.host) return node;
  }
  check(false, "clients are led to a Redis");
  return redis_nodes_.front();
}

void FlashSaleCluster::fail_over(RedisNode& to) {
  check(to.disk.server != nullptr, "who is promoted runs");
  to.disk.server->become_primary();
  lead_clients_to(to);
}

void FlashSaleCluster::lead_clients_to(RedisNode& node) {
  redis_endpoint_.host = node.host;
  record(traces::Note{node.process->name(), "is promoted: new connections lead here"});
  record(traces::RedisForgot{});
  ++counts_["redis:promoted"];
  read_stock(node);
}

void FlashSaleCluster::add_sentinels() {
  if (run_.redis.sentinels == 0) return;
  for (const RedisNode& node : redis_nodes_) sentinels_.servers.push_back(node.host);
  sentinels_.quorum = run_.redis.sentinels / 2 + 1;
  sentinels_.switched = [this](Host& primary) {
    for (RedisNode& node : redis_nodes_) {
      if (node.host == &primary) lead_clients_to(node);
    }
  };
  for (std::uint32_t i = 0; i < run_.redis.sentinels; ++i) {
    sentinels_.sentinels.push_back(&world_.add_host(names::sentinel(i)));
  }
  for (Host* host : sentinels_.sentinels) {
    redis::SentinelDisk& disk = sentinel_disks_.emplace_back();
    disk.primary = names::kRedis;
    const auto boot = [this, &disk](Process& process) -> std::unique_ptr<ProcessMemory> {
      return std::make_unique<redis::Sentinel>(process, sentinels_, disk);
    };
    world_.add_process(*host, host->name(), boot).start();
  }
}

/// What a command has done to a key, read through the engine's own commands.
void FlashSaleCluster::watch_store(RedisNode& node, std::span<const std::string> changed) {
  if (changed.empty()) return;
  if (&node != &primary()) {  // it still has clients, and will drop what they were told
    record(traces::RedisForgot{});
    return;
  }
  const std::vector<std::string> keys(changed.begin(), changed.end());
  const WallTime now = node.host->wall();
  for (const std::string& key : keys) {
    const auto watched = workload::watch(key);
    if (!watched.has_value()) continue;
    const RedisReply reply =
        node.disk.engine.execute(std::span<const std::string>(watched->command), now);
    auto what = workload::read(*watched, reply);
    if (!what.has_value()) continue;
    if (watched->kind == workload::Watched::Kind::plain_stock) {
      record_plain_effect(node, std::get<traces::StockSeen>(*what));
    }
    record(std::move(*what));
  }
}

/// as-written keeps no log: what was done shows as the difference to what was there before.
void FlashSaleCluster::record_plain_effect(RedisNode& node, const traces::StockSeen& seen) {
  const auto [before, first] = node.plain_stock.try_emplace(seen.product, seen.available);
  const std::int64_t change = seen.available - std::exchange(before->second, seen.available);
  using Kind = traces::StockEffect::Kind;
  const Kind kind = first ? Kind::seed : change < 0 ? Kind::deduct : Kind::restore;
  const std::int64_t units = first ? seen.available : change < 0 ? -change : change;
  record(traces::StockEffect{kind, seen.product, {}, {}, units});
}

/// Another store is what counts from now on, or the old one has lost something.
void FlashSaleCluster::read_stock(RedisNode& node) {
  if (&node != &primary()) return;
  const WallTime now = node.host->wall();
  for (const auto& product : run_.terms.products) {
    for (const std::string& key : workload::stock_keys(product.id)) {
      const auto watched = workload::watch(key);
      const RedisReply reply =
          node.disk.engine.execute(std::span<const std::string>(watched->command), now);
      const auto what = workload::read(*watched, reply);
      if (!what.has_value()) continue;
      const auto& seen = std::get<traces::StockSeen>(*what);
      if (!seen.counters) node.plain_stock[seen.product] = seen.available;
      record(*what);
    }
  }
}

}  // namespace firedrill::sim
