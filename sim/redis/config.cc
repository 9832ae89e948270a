#include "sim/redis/config.h"

#include <charconv>
#include <iterator>
#include <vector>

#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

using Choice = Setting::Choice;
using Change = Setting::Change;

constexpr std::int64_t kInt = INT32_MAX;
constexpr std::int64_t kMegabyte = 1 << 20;

template <class Enum>
constexpr Choice choice(std::string_view name, Enum value) {
  return {name, static_cast<std::uint8_t>(value)};
}

// In the order in which Redis lists them where somebody names another.
constexpr Choice kPolicies[] = {choice("volatile-lru", Config::Eviction::volatile_lru),
                                choice("volatile-lfu", Config::Eviction::volatile_lfu),
                                choice("volatile-random", Config::Eviction::volatile_random),
                                choice("volatile-ttl", Config::Eviction::volatile_ttl),
                                choice("allkeys-lru", Config::Eviction::allkeys_lru),
                                choice("allkeys-lfu", Config::Eviction::allkeys_lfu),
                                choice("allkeys-random", Config::Eviction::allkeys_random),
                                choice("noeviction", Config::Eviction::noeviction)};
constexpr Choice kFsync[] = {choice("everysec", Config::Fsync::everysec),
                             choice("always", Config::Fsync::always),
                             choice("no", Config::Fsync::no)};

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    if (end != 0) words.push_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return words;
}

/// Pairs of seconds (at least 1) and changes.
std::optional<std::string> parse_save(std::string_view text, std::string& problem) {
  std::string result;
  const std::vector<std::string_view> words = split(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto number = parse_integer(words[i]);
    if (words.size() % 2 != 0 || !number || *number < (i % 2 == 0 ? 1 : 0)) {
      problem = "Invalid save parameters";
      return std::nullopt;
    }
    if (!result.empty()) result += ' ';
    result += words[i];
  }
  return result;
}

/// "64", "1k" (1000), "1kb" (1024), "1gb"...
std::optional<std::int64_t> parse_bytes(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t bytes;
  };
  constexpr Unit kUnits[] = {
      {"", 1},          {"b", 1},        {"k", 1000},          {"kb", 1 << 10},
      {"m", 1'000'000}, {"mb", 1 << 20}, {"g", 1'000'000'000}, {"gb", 1 << 30}};
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  std::int64_t count = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + digits, count);
  if (digits != 0 && parsed.ec != std::errc()) return std::nullopt;
  for (const Unit& unit : kUnits) {
    std::int64_t result = 0;
    if (!equals_ignoring_case(text.substr(digits), unit.name)) continue;
    if (digits == 0 && !unit.name.empty()) return 0;
    if (__builtin_mul_overflow(count, unit.bytes, &result)) return std::nullopt;
    return result;
  }
  return std::nullopt;
}

/// "1mb" (kept in bytes), "5%".
std::optional<std::string> parse_bytes_or_percent(std::string_view text, std::string& problem) {
  if (const auto count = parse_bytes(text)) return std::to_string(*count);
  const bool is_percent = text.size() > 1 && text.ends_with('%');
  const auto percent = is_percent ? parse_integer(text.substr(0, text.size() - 1)) : std::nullopt;
  if (!percent || *percent < 0) {
    problem = "argument must be a memory or percent value";
  } else if (*percent > 100) {
    problem = "percentage argument must be less or equal to 100";
  } else {
    return *percent == 0 ? "0" : std::string(text);
  }
  return std::nullopt;
}

constexpr Setting number(std::string_view name, std::int64_t Config::* where, std::int64_t least,
                         std::int64_t most, std::string_view alias = {}) {
  return {.name = name, .alias = alias, .number = where, .least = least, .most = most};
}
constexpr Setting bytes(std::string_view name, std::int64_t Config::* where, std::int64_t least,
                        std::string_view alias = {}) {
  return {.name = name, .alias = alias, .number = where, .least = least, .in_bytes = true};
}
constexpr Setting flag(std::string_view name, bool Config::* where, std::string_view alias = {},
                       Change change = Change::allowed) {
  return {.name = name, .alias = alias, .change = change, .flag = where};
}
constexpr Setting text(std::string_view name, std::string Config::* where,
                       Change change = Change::allowed) {
  return {.name = name, .change = change, .text = where};
}

constexpr Setting kAppendFsync{
    .name = "appendfsync",
    .choices = kFsync,
    .chosen = [](const Config& c) { return static_cast<std::uint8_t>(c.appendfsync); },
    .choose = [](Config& c, std::uint8_t v) { c.appendfsync = static_cast<Config::Fsync>(v); }};
constexpr Setting kMaxmemoryPolicy{
    .name = "maxmemory-policy",
    .choices = kPolicies,
    .chosen = [](const Config& c) { return static_cast<std::uint8_t>(c.maxmemory_policy); },
    .choose = [](Config& c,
                 std::uint8_t v) { c.maxmemory_policy = static_cast<Config::Eviction>(v); }};
constexpr Setting kDatabases{.name = "databases",
                             .change = Change::immutable,
                             .number = &Config::databases,
                             .least = 1,
                             .most = kInt};
constexpr Setting kMaxmemoryClients{.name = "maxmemory-clients",
                                    .text = &Config::maxmemory_clients,
                                    .parse = parse_bytes_or_percent};
constexpr Setting kSave{.name = "save", .text = &Config::save, .parse = parse_save};

constexpr Setting kSettings[] = {
    flag("activerehashing", &Config::activerehashing),
    flag("aof-use-rdb-preamble", &Config::aof_use_rdb_preamble),
    text("appendfilename", &Config::appendfilename, Change::immutable),
    kAppendFsync,
    flag("appendonly", &Config::appendonly),
    text("bind", &Config::bind),
    number("busy-reply-threshold", &Config::busy_reply_threshold_ms, 0, INT64_MAX,
           "lua-time-limit"),
    bytes("client-query-buffer-limit", &Config::client_query_buffer_limit, kMegabyte),
    flag("cluster-allow-reads-when-down", &Config::cluster_allow_reads_when_down),
    flag("cluster-enabled", &Config::cluster_enabled, {}, Change::immutable),
    number("cluster-node-timeout", &Config::cluster_node_timeout_ms, 0, INT64_MAX),
    flag("cluster-require-full-coverage", &Config::cluster_require_full_coverage),
    flag("daemonize", &Config::daemonize, {}, Change::immutable),
    kDatabases,
    text("dbfilename", &Config::dbfilename, Change::is_protected),
    text("dir", &Config::dir, Change::is_protected),
    number("hash-max-listpack-entries", &Config::hash_max_listpack_entries, 0, INT64_MAX,
           "hash-max-ziplist-entries"),
    bytes("hash-max-listpack-value", &Config::hash_max_listpack_value, 0, "hash-max-ziplist-value"),
    bytes("hll-sparse-max-bytes", &Config::hll_sparse_max_bytes, 0),
    number("hz", &Config::hz, 0, kInt),
    number("latency-monitor-threshold", &Config::latency_monitor_threshold_ms, 0, INT64_MAX),
    flag("lazyfree-lazy-eviction", &Config::lazyfree_lazy_eviction),
    flag("lazyfree-lazy-expire", &Config::lazyfree_lazy_expire),
    flag("lazyfree-lazy-server-del", &Config::lazyfree_lazy_server_del),
    flag("lazyfree-lazy-user-del", &Config::lazyfree_lazy_user_del),
    flag("lazyfree-lazy-user-flush", &Config::lazyfree_lazy_user_flush),
    number("list-compress-depth", &Config::list_compress_depth, 0, kInt),
    number("list-max-listpack-size", &Config::list_max_listpack_size, INT32_MIN, kInt,
           "list-max-ziplist-size"),
    text("masterauth", &Config::masterauth),
    number("maxclients", &Config::maxclients, 1, UINT32_MAX),
    bytes("maxmemory", &Config::maxmemory, 0),
    kMaxmemoryClients,
    number("maxmemory-eviction-tenacity", &Config::maxmemory_eviction_tenacity, 0, 100),
    kMaxmemoryPolicy,
    number("maxmemory-samples", &Config::maxmemory_samples, 1, kInt),
    number("min-replicas-max-lag", &Config::min_replicas_max_lag_s, 0, kInt, "min-slaves-max-lag"),
    number("min-replicas-to-write", &Config::min_replicas_to_write, 0, kInt, "min-slaves-to-write"),
    flag("no-appendfsync-on-rewrite", &Config::no_appendfsync_on_rewrite),
    number("port", &Config::port, 0, 65535),
    flag("protected-mode", &Config::protected_mode),
    bytes("proto-max-bulk-len", &Config::proto_max_bulk_len, kMegabyte),
    bytes("repl-backlog-size", &Config::repl_backlog_size, 1),
    number("repl-timeout", &Config::repl_timeout_s, 1, kInt),
    number("replica-priority", &Config::replica_priority, 0, kInt, "slave-priority"),
    flag("replica-read-only", &Config::replica_read_only, "slave-read-only"),
    flag("replica-serve-stale-data", &Config::replica_serve_stale_data, "slave-serve-stale-data"),
    text("requirepass", &Config::requirepass),
    kSave,
    number("set-max-intset-entries", &Config::set_max_intset_entries, 0, INT64_MAX),
    number("slowlog-log-slower-than", &Config::slowlog_log_slower_than_us, -1, INT64_MAX),
    number("slowlog-max-len", &Config::slowlog_max_len, 0, INT64_MAX),
    flag("stop-writes-on-bgsave-error", &Config::stop_writes_on_bgsave_error),
    bytes("stream-node-max-bytes", &Config::stream_node_max_bytes, 0),
    number("stream-node-max-entries", &Config::stream_node_max_entries, 0, INT64_MAX),
    number("tcp-keepalive", &Config::tcp_keepalive_s, 0, kInt),
    number("timeout", &Config::timeout_s, 0, kInt),
    number("zset-max-listpack-entries", &Config::zset_max_listpack_entries, 0, INT64_MAX,
           "zset-max-ziplist-entries"),
    bytes("zset-max-listpack-value", &Config::zset_max_listpack_value, 0, "zset-max-ziplist-value"),
};

std::string set_number(const Setting& setting, Config& config, std::string_view text) {
  const auto value = setting.in_bytes ? parse_bytes(text) : parse_integer(text);
  if (!value) {
    return setting.in_bytes ? "argument must be a memory value"
                            : "argument couldn't be parsed into an integer";
  }
  if (*value < setting.least || *value > setting.most) {
    return "argument must be between " + std::to_string(setting.least) + " and " +
           std::to_string(setting.most) + " inclusive";
  }
  config.*setting.number = *value;
  return {};
}

std::string set_flag(const Setting& setting, Config& config, std::string_view text) {
  const bool yes = equals_ignoring_case(text, "yes");
  if (!yes && !equals_ignoring_case(text, "no")) return "argument must be 'yes' or 'no'";
  config.*setting.flag = yes;
  return {};
}

std::string set_choice(const Setting& setting, Config& config, std::string_view text) {
  std::string names;
  for (const Choice& choice : setting.choices) {
    if (equals_ignoring_case(text, choice.name)) {
      setting.choose(config, choice.value);
      return {};
    }
    if (!names.empty()) names += ", ";
    names += choice.name;
  }
  return "argument(s) must be one of the following: " + names;
}

}  // namespace

std::span<const Setting> all_settings() {
  return kSettings;
}

const Setting* find_setting(std::string_view name) {
  for (const Setting& setting : kSettings) {
    if (equals_ignoring_case(name, setting.name)) return &setting;
    if (!setting.alias.empty() && equals_ignoring_case(name, setting.alias)) return &setting;
  }
  return nullptr;
}

std::string value_of(const Setting& setting, const Config& config) {
  if (setting.number != nullptr) return std::to_string(config.*setting.number);
  if (setting.flag != nullptr) return config.*setting.flag ? "yes" : "no";
  if (setting.text != nullptr) return config.*setting.text;
  const std::uint8_t chosen = setting.chosen(config);
  for (const Choice& choice : setting.choices) {
    if (choice.value == chosen) return std::string(choice.name);
  }
  return {};
}

std::string set_value(const Setting& setting, Config& config, std::string_view text) {
  if (setting.number != nullptr) return set_number(setting, config, text);
  if (setting.flag != nullptr) return set_flag(setting, config, text);
  if (setting.text == nullptr) return set_choice(setting, config, text);
  std::string problem;
  auto value =
      setting.parse == nullptr ? std::optional(std::string(text)) : setting.parse(text, problem);
  if (value) config.*setting.text = std::move(*value);
  return problem;
}

}  // namespace firedrill::sim::redis
