#pragma once

#include <cstdint>
#include <string>

namespace firedrill::sim::redis {

/// The settings of a server that mean something here (CONFIG GET, CONFIG SET), with Redis's
/// defaults.
struct Config {
  enum class Eviction : std::uint8_t { noeviction, allkeys_lru, volatile_ttl };
  enum class Fsync : std::uint8_t { always, everysec, no };

  std::int64_t maxmemory = 0;  ///< bytes; 0: without limit
  Eviction maxmemory_policy = Eviction::noeviction;
  std::string requirepass;
  bool appendonly = false;
  Fsync appendfsync = Fsync::everysec;
  std::int64_t min_replicas_to_write = 0;
  std::int64_t min_replicas_max_lag_s = 10;
  bool replica_read_only = true;
  bool replica_serve_stale_data = true;
  std::int64_t busy_reply_threshold_ms = 5000;
  std::int64_t proto_max_bulk_len = 512LL << 20;
  std::int64_t client_query_buffer_limit = 1LL << 30;
  std::int64_t maxclients = 10000;
  std::int64_t timeout_s = 0;
  std::int64_t hash_max_listpack_entries = 128;
  std::int64_t hash_max_listpack_value = 64;
  std::int64_t zset_max_listpack_entries = 128;
  std::int64_t zset_max_listpack_value = 64;
  std::int64_t set_max_intset_entries = 512;
  std::int64_t stream_node_max_entries = 100;
  std::int64_t stream_node_max_bytes = 4096;
};

}  // namespace firedrill::sim::redis
