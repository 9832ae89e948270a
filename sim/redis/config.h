#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace firedrill::sim::redis {

/// The settings of a server that mean something here, with Redis's defaults; and some that clients
/// read or write, and that change nothing.
struct Config {
  enum class Eviction : std::uint8_t {
    volatile_lru,
    volatile_lfu,
    volatile_random,
    volatile_ttl,
    allkeys_lru,
    allkeys_lfu,
    allkeys_random,
    noeviction
  };
  enum class Fsync : std::uint8_t { everysec, always, no };

  std::int64_t maxmemory = 0;  ///< bytes; 0: without limit
  Eviction maxmemory_policy = Eviction::noeviction;
  std::int64_t maxmemory_samples = 5;
  std::string requirepass;
  bool appendonly = false;
  Fsync appendfsync = Fsync::everysec;
  std::string save = "3600 1 300 100 60 10000";  ///< pairs of seconds and changes
  std::int64_t min_replicas_to_write = 0;
  std::int64_t min_replicas_max_lag_s = 10;
  bool replica_read_only = true;
  bool replica_serve_stale_data = true;
  std::int64_t busy_reply_threshold_ms = 5000;
  std::int64_t proto_max_bulk_len = 512LL << 20;
  std::int64_t client_query_buffer_limit = 1LL << 30;
  std::int64_t maxclients = 10000;
  std::int64_t timeout_s = 0;
  std::int64_t hash_max_listpack_entries = 512;
  std::int64_t hash_max_listpack_value = 64;
  std::int64_t zset_max_listpack_entries = 128;
  std::int64_t zset_max_listpack_value = 64;
  std::int64_t set_max_intset_entries = 512;
  std::int64_t stream_node_max_entries = 100;
  std::int64_t stream_node_max_bytes = 4096;
  std::int64_t port = 6379;
  std::string bind = "* -::*";
  bool cluster_enabled = false;
  bool cluster_require_full_coverage = true;
  bool cluster_allow_reads_when_down = false;

  // These change nothing.
  std::int64_t databases = 16;
  std::string maxmemory_clients = "0";
  std::int64_t maxmemory_eviction_tenacity = 10;
  std::int64_t list_max_listpack_size = -2;
  std::int64_t list_compress_depth = 0;
  std::int64_t hll_sparse_max_bytes = 3000;
  std::int64_t slowlog_log_slower_than_us = 10000;
  std::int64_t slowlog_max_len = 128;
  std::int64_t latency_monitor_threshold_ms = 0;
  std::int64_t tcp_keepalive_s = 300;
  std::int64_t hz = 10;
  std::int64_t repl_backlog_size = 1 << 20;
  std::int64_t repl_timeout_s = 60;
  std::int64_t replica_priority = 100;
  std::int64_t cluster_node_timeout_ms = 15000;
  bool stop_writes_on_bgsave_error = true;
  bool no_appendfsync_on_rewrite = false;
  bool aof_use_rdb_preamble = true;
  bool activerehashing = true;
  bool lazyfree_lazy_eviction = false;
  bool lazyfree_lazy_expire = false;
  bool lazyfree_lazy_server_del = false;
  bool lazyfree_lazy_user_del = false;
  bool lazyfree_lazy_user_flush = false;
  bool daemonize = false;
  bool protected_mode = true;
  std::string dir = "/data";
  std::string dbfilename = "dump.rdb";
  std::string appendfilename = "appendonly.aof";
  std::string masterauth;

  friend bool operator==(const Config&, const Config&) = default;
};

/// One setting by its name in redis.conf. Rows are in alphabetical order.
struct Setting {
  struct Choice {
    std::string_view name;
    std::uint8_t value;
  };
  enum class Change : std::uint8_t { allowed, immutable, is_protected };

  std::string_view name;
  std::string_view alias = {};  ///< what it was called before; empty: nothing
  Change change = Change::allowed;

  // Exactly one of these.
  std::int64_t Config::* number = nullptr;
  bool Config::* flag = nullptr;
  std::string Config::* text = nullptr;
  std::span<const Choice> choices = {};

  std::int64_t least = 0;
  std::int64_t most = INT64_MAX;
  bool in_bytes = false;  ///< "1gb" is a number

  /// Of choices: which one it is, and how to change it.
  std::uint8_t (*chosen)(const Config& config) = nullptr;
  void (*choose)(Config& config, std::uint8_t value) = nullptr;
  /// Of text: what it becomes; nothing where Redis would not have it, and then `problem` says why.
  std::optional<std::string> (*parse)(std::string_view text, std::string& problem) = nullptr;
};

std::span<const Setting> all_settings();
/// By name or alias, in any case; null where there is none.
const Setting* find_setting(std::string_view name);

/// As CONFIG GET tells it.
std::string value_of(const Setting& setting, const Config& config);
/// As CONFIG SET understands it. What is wrong with `text`, in Redis's words; empty: it is set.
std::string set_value(const Setting& setting, Config& config, std::string_view text);

}  // namespace firedrill::sim::redis
