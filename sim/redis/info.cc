#include "sim/redis/info.h"

#include <algorithm>
#include <cinttypes>
#include <concepts>
#include <cstdio>
#include <set>

#include "sim/redis/eviction.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

/// The lines of one section.
class Lines {
 public:
  explicit Lines(std::string& out) : out_(out) {}

  void add(std::string_view name, std::string_view value) {
    out_.append(name).append(":").append(value).append("\r\n");
  }
  template <std::integral Number>
  void add(std::string_view name, Number value) {
    add(name, std::string_view(std::to_string(value)));
  }

 private:
  std::string& out_;
};

/// "894.80K".
std::string human(std::int64_t bytes) {
  struct Unit {
    std::int64_t size;
    char name;
  };
  for (const Unit unit : {Unit{1LL << 30, 'G'}, {1 << 20, 'M'}, {1 << 10, 'K'}}) {
    if (bytes < unit.size) continue;
    const std::int64_t hundredths = (bytes * 100 + unit.size / 2) / unit.size;
    char text[32];
    std::snprintf(text, sizeof text, "%" PRId64 ".%02" PRId64 "%c", hundredths / 100,
                  hundredths % 100, unit.name);
    return text;
  }
  return std::to_string(bytes) + "B";
}

std::string history_or_none(const std::string& id) {
  return id.empty() ? std::string(40, '0') : id;
}

std::int64_t uptime_s(const EngineState& state) {
  if (state.started == WallTime{}) return 0;
  return std::max<std::int64_t>(
      state.now_ms() / 1000 - to_ms(state.started.time_since_epoch()) / 1000, 0);
}

void server(EngineState& state, Lines& lines) {
  lines.add("redis_version", kRedisVersion);
  lines.add("redis_git_sha1", "00000000");
  lines.add("redis_git_dirty", 0);
  lines.add("redis_mode", state.in_cluster() ? "cluster" : "standalone");
  lines.add("arch_bits", 64);
  lines.add("process_id", 1);
  lines.add("run_id", history_or_none(state.replication.id));
  lines.add("tcp_port", state.config.port);
  lines.add("server_time_usec", to_us(state.now.time_since_epoch()));
  lines.add("uptime_in_seconds", uptime_s(state));
  lines.add("uptime_in_days", uptime_s(state) / 86400);
  lines.add("hz", state.config.hz);
  lines.add("configured_hz", state.config.hz);
  lines.add("lru_clock", state.now_ms() / 1000 % (1 << 24));
  lines.add("config_file", "");
}

void clients(EngineState& state, Lines& lines) {
  lines.add("connected_clients", state.sessions.size() - 1);
  lines.add("cluster_connections", 0);
  lines.add("maxclients", state.config.maxclients);
  lines.add("blocked_clients", state.waiting.size());
  lines.add("tracking_clients", 0);
}

void memory(EngineState& state, Lines& lines) {
  const std::int64_t used = used_memory(state);
  lines.add("used_memory", used);
  lines.add("used_memory_human", human(used));
  lines.add("used_memory_dataset", used - kMemoryAtStart);
  lines.add("used_memory_startup", kMemoryAtStart);
  lines.add("maxmemory", state.config.maxmemory);
  lines.add("maxmemory_human", human(state.config.maxmemory));
  lines.add("maxmemory_policy", value_of(*find_setting("maxmemory-policy"), state.config));
}

void persistence(EngineState& state, Lines& lines) {
  lines.add("loading", (state.guards & EngineState::kLoadingData) ? 1 : 0);
  lines.add("async_loading", 0);
  lines.add("rdb_bgsave_in_progress", 0);
  lines.add("rdb_last_bgsave_status", "ok");
  lines.add("aof_enabled", state.config.appendonly ? 1 : 0);
  lines.add("aof_rewrite_in_progress", 0);
  lines.add("aof_rewrite_scheduled", 0);
  lines.add("aof_last_bgrewrite_status", "ok");
  lines.add("aof_last_write_status", (state.guards & EngineState::kDiskFailed) ? "err" : "ok");
}

void stats(EngineState& state, Lines& lines) {
  std::set<std::string_view> channels;
  std::set<std::string_view> patterns;
  std::set<std::string_view> shard_channels;
  for (const auto& [id, session] : state.sessions) {
    for (const auto& entry : session->channels) channels.insert(entry.key);
    for (const auto& entry : session->patterns) patterns.insert(entry.key);
    for (const auto& entry : session->shard_channels) shard_channels.insert(entry.key);
  }
  lines.add("total_connections_received", state.connections_received);
  lines.add("total_commands_processed", state.commands_processed);
  lines.add("rejected_connections", 0);
  lines.add("evicted_keys", state.keys_evicted);
  lines.add("pubsub_channels", channels.size());
  lines.add("pubsub_patterns", patterns.size());
  lines.add("pubsubshard_channels", shard_channels.size());
}

void primary_of(const EngineState& state, Lines& lines) {
  const Replication& replication = state.replication;
  const auto& primary = *replication.primary;
  lines.add("master_host", primary.host);
  lines.add("master_port", primary.port);
  lines.add("master_link_status", primary.link_up ? "up" : "down");
  lines.add("master_last_io_seconds_ago", primary.link_up ? 0 : -1);
  lines.add("master_sync_in_progress", 0);
  lines.add("slave_read_repl_offset", replication.offset);
  lines.add("slave_repl_offset", replication.offset);
  lines.add("slave_priority", state.config.replica_priority);
  lines.add("slave_read_only", state.config.replica_read_only ? 1 : 0);
  lines.add("replica_announced", 1);
}

void replicas_of(const EngineState& state, Lines& lines) {
  const Replication& replication = state.replication;
  lines.add("connected_slaves", replication.replicas.size());
  if (!replication.primary && state.config.min_replicas_to_write > 0) {
    lines.add("min_slaves_good_slaves", state.good_replicas());
  }
  std::size_t number = 0;
  for (const auto& [key, replica] : replication.replicas) {
    const std::int64_t lag_s = (state.now_ms() - replica.heard_of_ms) / 1000;
    lines.add("slave" + std::to_string(number++),
              "ip=" + replica.address + ",port=" + std::to_string(replica.port) +
                  ",state=online,offset=" + std::to_string(replica.offset) +
                  ",lag=" + std::to_string(lag_s));
  }
}

void replication(EngineState& state, Lines& lines) {
  const Replication& replication = state.replication;
  lines.add("role", replication.primary ? "slave" : "master");
  if (replication.primary) primary_of(state, lines);
  replicas_of(state, lines);
  lines.add("master_failover_state", "no-failover");
  lines.add("master_replid", history_or_none(replication.id));
  lines.add("master_replid2", history_or_none(replication.previous_id));
  lines.add("master_repl_offset", replication.offset);
  const auto previous = static_cast<std::int64_t>(replication.previous_offset);
  lines.add("second_repl_offset", replication.previous_id.empty() ? -1 : previous + 1);
  lines.add("repl_backlog_active", replication.replicas.empty() ? 0 : 1);
  lines.add("repl_backlog_size", state.config.repl_backlog_size);
}

void nothing(EngineState&, Lines&) {}

void cluster(EngineState& state, Lines& lines) {
  lines.add("cluster_enabled", state.in_cluster() ? 1 : 0);
}

void keyspace(EngineState& state, Lines& lines) {
  for (const auto& keys : state.databases) {
    if (keys == nullptr || keys->size() == 0) continue;
    std::size_t expiring = 0;
    std::int64_t left_ms = 0;
    for (std::size_t i = 0; i < keys->size(); ++i) {
      const std::int64_t at = keys->at(i).value.expires_ms;
      if (at == Keyspace::kForever) continue;
      ++expiring;
      left_ms += std::max<std::int64_t>(at - state.now_ms(), 0);
    }
    const std::int64_t average = expiring == 0 ? 0 : left_ms / static_cast<std::int64_t>(expiring);
    lines.add("db" + std::to_string(keys->number()), "keys=" + std::to_string(keys->size()) +
                                                         ",expires=" + std::to_string(expiring) +
                                                         ",avg_ttl=" + std::to_string(average));
  }
}

struct Section {
  std::string_view name;   ///< as it is asked for
  std::string_view title;  ///< as it is headed
  enum class In : std::uint8_t { standard, all } in;
  void (*write)(EngineState& state, Lines& lines);
};

constexpr Section kSections[] = {
    {"server", "Server", Section::In::standard, server},
    {"clients", "Clients", Section::In::standard, clients},
    {"memory", "Memory", Section::In::standard, memory},
    {"persistence", "Persistence", Section::In::standard, persistence},
    {"stats", "Stats", Section::In::standard, stats},
    {"replication", "Replication", Section::In::standard, replication},
    {"cpu", "CPU", Section::In::standard, nothing},
    {"modules", "Modules", Section::In::standard, nothing},
    {"commandstats", "Commandstats", Section::In::all, nothing},
    {"errorstats", "Errorstats", Section::In::standard, nothing},
    {"latencystats", "Latencystats", Section::In::all, nothing},
    {"cluster", "Cluster", Section::In::standard, cluster},
    {"keyspace", "Keyspace", Section::In::standard, keyspace},
};

bool wants(const Section& section, std::string_view name) {
  if (equals_ignoring_case(name, section.name)) return true;
  if (equals_ignoring_case(name, "default")) return section.in == Section::In::standard;
  return equals_ignoring_case(name, "all") || equals_ignoring_case(name, "everything");
}

}  // namespace

std::string info_text(EngineState& state, std::span<const std::string_view> sections) {
  constexpr std::string_view kDefault[] = {"default"};
  if (sections.empty()) sections = kDefault;
  std::string text;
  Lines lines(text);
  for (const Section& section : kSections) {
    const auto wanted = [&](std::string_view name) { return wants(section, name); };
    if (std::none_of(sections.begin(), sections.end(), wanted)) continue;
    if (!text.empty()) text += "\r\n";
    text.append("# ").append(section.title).append("\r\n");
    section.write(state, lines);
  }
  return text;
}

}  // namespace firedrill::sim::redis
