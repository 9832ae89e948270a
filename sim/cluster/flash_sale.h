#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/ports/sim_ports.h"
#include "sim/postgres/server/server.h"
#include "sim/queue/broker.h"
#include "sim/redis/server/sentinel.h"
#include "sim/redis/server/server.h"
#include "sim/world/world.h"
#include "traces/history.h"
#include "traces/trace.h"
#include "workload/driver.h"
#include "workload/table_view.h"

namespace firedrill::sim {

/// How often something happened in a run: names as in `firedrill check --json`.
using Counts = std::map<std::string, std::uint64_t, std::less<>>;

/// The names of the hosts of a flash-sale graph. Each host runs one process, of the same name.
namespace names {
constexpr std::string_view kClients = "clients";
constexpr std::string_view kRedis = "redis";        ///< the primary, as the run begins
constexpr std::string_view kPostgres = "postgres";  ///< the primary, as the run begins
constexpr std::string_view kQueue = "queue";
constexpr std::string_view kInventory = "inventory-1";
constexpr std::string_view kAudit = "audit";  ///< takes down the orders' events
std::string order(std::uint32_t index);       ///< from 0: "order-1"
std::string consumer(std::uint32_t index);    ///< from 0: "consumer-1"
std::string replica(std::uint32_t index);     ///< from 0: "redis-2"
std::string standby(std::uint32_t index);     ///< from 0: "postgres-2"
std::string sentinel(std::uint32_t index);    ///< from 0: "sentinel-1"
}  // namespace names

/// What worlds of one thread may share. It changes nothing but the time that they take; each may be
/// null.
struct Caches {
  std::shared_ptr<redis::ScriptCache> scripts = nullptr;
  std::shared_ptr<postgres::EngineCache> statements = nullptr;
};

/// The flash-sale graph wired into a world, as a case says: services of either design, Redis, a
/// broker, clients. Everything that is seen goes into the history.
class FlashSaleCluster final : TelemetrySink, workload::Recorder {
 public:
  /// Nothing has run yet. `run` outlives the cluster. `final_reads_at`: see workload::Plan.
  FlashSaleCluster(const traces::Case& run, Duration final_reads_at, Caches caches = {});

  World& world() { return world_; }
  traces::History& history() { return history_; }
  Counts& counts() { return counts_; }

  /// A Redis and the machine that it runs on.
  struct RedisNode {
    redis::Disk disk;
    Host* host = nullptr;
    Process* process = nullptr;
    std::map<std::string, std::int64_t> plain_stock;  ///< as last seen, in as-written
  };
  /// The levers of the backends. They act whether or not the process runs.
  redis::Disk& redis() { return primary().disk; }
  /// The one that clients are led to.
  RedisNode& primary();
  std::deque<RedisNode>& redis_nodes() { return redis_nodes_; }
  /// Makes the node a primary and leads whoever connects from now on to it. The other nodes are
  /// told nothing. Precondition: its process runs.
  void fail_over(RedisNode& to);
  /// A PostgreSQL and the machine that it runs on.
  struct PostgresNode {
    PostgresNode(postgres::Settings settings, postgres::Engine::Options options)
        : disk(settings, std::move(options)) {}

    postgres::Disk disk;
    Host* host = nullptr;
    Process* process = nullptr;
  };
  postgres::Disk& postgres() { return postgres_primary().disk; }
  /// The one that clients are led to: what it commits is what counts.
  PostgresNode& postgres_primary();
  std::deque<PostgresNode>& postgres_nodes() { return postgres_nodes_; }
  /// Promotes the node and leads whoever connects from now on to it; the others follow it when they
  /// start again. Whoever is connected to the old primary stays there, where nobody fences it.
  /// What the node had not received is lost. Precondition: it is a standby, and runs.
  void fail_over_postgres(PostgresNode& to);
  queue::Disk& queue() { return queue_disk_; }
  /// nullptr while it is down.
  queue::Broker* broker() { return static_cast<queue::Broker*>(queue_process_->memory()); }

  /// Takes something down in the history, at this moment.
  void record(traces::What what) override;

 private:
  void note(Process& process, std::string text) override;
  void count(Process& process, std::string_view name) override;

  Process& add(std::string name, Process::Boot boot);
  RedisNode& add_redis(std::string name);
  PostgresNode& add_postgres(std::string name);
  void add_standbys();
  void add_sentinels();
  void lead_clients_to(RedisNode& node);
  void watch_store(RedisNode& node, std::span<const std::string> changed);
  void record_plain_effect(RedisNode& node, const traces::StockSeen& seen);
  void read_stock(RedisNode& node);
  void record_row(const postgres::CommittedRow& row);
  void read_tables();

  const traces::Case& run_;
  traces::History history_;
  Counts counts_;
  Caches caches_;
  std::deque<RedisNode> redis_nodes_;  ///< the primary first, as the run begins
  Endpoint redis_endpoint_;
  redis::SentinelSetup sentinels_;
  std::deque<redis::SentinelDisk> sentinel_disks_;
  std::deque<PostgresNode> postgres_nodes_;  ///< the primary first, as the run begins
  Endpoint postgres_endpoint_;
  workload::ToldRows told_rows_;
  queue::Disk queue_disk_;
  World world_;  ///< its processes use what stands above
  Process* queue_process_ = nullptr;
};

}  // namespace firedrill::sim
