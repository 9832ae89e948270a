#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

// COMMAND: what the table of commands says. Categories of access control, hints for proxies and the
// longer specifications of keys are not modelled: those lists are empty.

namespace firedrill::sim::redis {

namespace {

// What the table does not say, because nothing here depends on it. Both in alphabetical order.
constexpr std::string_view kReadOnlyNames[] = {"bitcount",
                                               "bitfield_ro",
                                               "bitpos",
                                               "dbsize",
                                               "dump",
                                               "eval_ro",
                                               "evalsha_ro",
                                               "exists",
                                               "expiretime",
                                               "fcall_ro",
                                               "geodist",
                                               "geohash",
                                               "geopos",
                                               "georadius_ro",
                                               "georadiusbymember_ro",
                                               "geosearch",
                                               "get",
                                               "getbit",
                                               "getrange",
                                               "hexists",
                                               "hget",
                                               "hgetall",
                                               "hkeys",
                                               "hlen",
                                               "hmget",
                                               "hrandfield",
                                               "hscan",
                                               "hstrlen",
                                               "hvals",
                                               "keys",
                                               "lcs",
                                               "lindex",
                                               "llen",
                                               "lolwut",
                                               "lpos",
                                               "lrange",
                                               "memory|usage",
                                               "mget",
                                               "object|encoding",
                                               "object|freq",
                                               "object|idletime",
                                               "object|refcount",
                                               "pexpiretime",
                                               "pfcount",
                                               "pttl",
                                               "randomkey",
                                               "scan",
                                               "scard",
                                               "sdiff",
                                               "sinter",
                                               "sintercard",
                                               "sismember",
                                               "smembers",
                                               "smismember",
                                               "sort_ro",
                                               "srandmember",
                                               "sscan",
                                               "strlen",
                                               "substr",
                                               "sunion",
                                               "touch",
                                               "ttl",
                                               "type",
                                               "xinfo|consumers",
                                               "xinfo|groups",
                                               "xinfo|stream",
                                               "xlen",
                                               "xpending",
                                               "xrange",
                                               "xread",
                                               "xrevrange",
                                               "zcard",
                                               "zcount",
                                               "zdiff",
                                               "zinter",
                                               "zintercard",
                                               "zlexcount",
                                               "zmscore",
                                               "zrandmember",
                                               "zrange",
                                               "zrangebylex",
                                               "zrangebyscore",
                                               "zrank",
                                               "zrevrange",
                                               "zrevrangebylex",
                                               "zrevrangebyscore",
                                               "zrevrank",
                                               "zscan",
                                               "zscore",
                                               "zunion"};
constexpr std::string_view kFastNames[] = {
    "append",     "asking",       "auth",       "bitfield_ro", "bzpopmax",    "bzpopmin",
    "dbsize",     "decr",         "decrby",     "discard",     "echo",        "exists",
    "expire",     "expireat",     "expiretime", "get",         "getbit",      "getdel",
    "getex",      "getset",       "hdel",       "hello",       "hexists",     "hget",
    "hincrby",    "hincrbyfloat", "hlen",       "hmget",       "hmset",       "hset",
    "hsetnx",     "hstrlen",      "incr",       "incrby",      "incrbyfloat", "lastsave",
    "llen",       "lolwut",       "lpop",       "lpush",       "lpushx",      "mget",
    "move",       "multi",        "persist",    "pexpire",     "pexpireat",   "pexpiretime",
    "pfadd",      "ping",         "pttl",       "publish",     "quit",        "readonly",
    "readwrite",  "renamenx",     "reset",      "role",        "rpop",        "rpush",
    "rpushx",     "sadd",         "scard",      "select",      "setnx",       "sismember",
    "smismember", "smove",        "spop",       "spublish",    "srem",        "strlen",
    "swapdb",     "time",         "touch",      "ttl",         "type",        "unlink",
    "unwatch",    "watch",        "xack",       "xadd",        "xautoclaim",  "xclaim",
    "xdel",       "xlen",         "xsetid",     "zadd",        "zcard",       "zcount",
    "zincrby",    "zlexcount",    "zmscore",    "zpopmax",     "zpopmin",     "zrank",
    "zrem",       "zrevrank",     "zscore"};

bool is_among(std::span<const std::string_view> names, std::string_view name) {
  return std::binary_search(names.begin(), names.end(), name);
}

struct NamedFlag {
  CommandFlag flag;
  std::string_view name;
};

/// In the order in which Redis tells them; "readonly" follows "write", "fast" comes after "stale".
constexpr NamedFlag kFirstFlags[] = {{kWrite, "write"}};
constexpr NamedFlag kFlags[] = {
    {kDenyOom, "denyoom"},   {kAdmin, "admin"},     {kPubsub, "pubsub"}, {kNoScript, "noscript"},
    {kBlocking, "blocking"}, {kLoading, "loading"}, {kStale, "stale"}};
constexpr NamedFlag kLastFlags[] = {
    {kNoAuth, "no_auth"}, {kNoMulti, "no_multi"}, {kAllowBusy, "allow_busy"}};

RedisReply flags_of(const Call& call, const CommandSpec& spec) {
  std::vector<RedisReply> names;
  const auto add_all = [&](std::span<const NamedFlag> flags) {
    for (const NamedFlag& named : flags) {
      if (spec.has(named.flag)) names.push_back(RedisReply::status(std::string(named.name)));
    }
  };
  add_all(kFirstFlags);
  if (is_among(kReadOnlyNames, spec.name)) names.push_back(RedisReply::status("readonly"));
  add_all(kFlags);
  if (is_among(kFastNames, spec.name)) names.push_back(RedisReply::status("fast"));
  add_all(kLastFlags);
  if (spec.find_keys != nullptr) names.push_back(RedisReply::status("movablekeys"));
  return set_of(call, std::move(names));
}

RedisReply describe(const Call& call, const CommandSpec& spec) {
  std::vector<RedisReply> parts;
  for (const CommandSpec& part : spec.subcommands) parts.push_back(describe(call, part));
  return RedisReply::array({bulk(spec.name), RedisReply::of(spec.arity), flags_of(call, spec),
                            RedisReply::of(spec.keys.first), RedisReply::of(spec.keys.last),
                            RedisReply::of(spec.keys.step), set_of(call, {}), RedisReply::array(),
                            RedisReply::array(), RedisReply::array(std::move(parts))});
}

/// "get" or "config|get".
const CommandSpec* find_by_full_name(std::string_view name) {
  const std::size_t bar = name.find('|');
  if (bar == name.npos) return find_command(name);
  const std::string_view words[] = {name.substr(0, bar), name.substr(bar + 1)};
  const CommandSpec* spec = find_command(Arguments(words));
  return spec != nullptr && spec->name.size() == name.size() ? spec : nullptr;
}

RedisReply all(Call& call) {
  std::vector<RedisReply> found;
  for (const CommandSpec* spec : all_commands()) found.push_back(describe(call, *spec));
  return RedisReply::array(std::move(found));
}

RedisReply info(Call& call) {
  if (call.args.size() == 2) return all(call);
  std::vector<RedisReply> found;
  for (const std::string_view name : call.args.subspan(2)) {
    const CommandSpec* spec = find_by_full_name(name);
    found.push_back(spec == nullptr ? RedisReply::nil_array() : describe(call, *spec));
  }
  return RedisReply::array(std::move(found));
}

RedisReply count(Call&) {
  return integer(all_commands().size());
}

/// The texts of the manual are not kept: each command that is known has an empty page.
RedisReply docs(Call& call) {
  std::vector<RedisReply> pages;
  const auto add = [&](const CommandSpec& spec) {
    pages.push_back(bulk(spec.name));
    pages.push_back(map(call, {}));
  };
  for (const std::string_view name : call.args.subspan(2)) {
    if (const CommandSpec* spec = find_by_full_name(name)) add(*spec);
  }
  if (call.args.size() == 2) {
    for (const CommandSpec* spec : all_commands()) add(*spec);
  }
  return map(call, std::move(pages));
}

/// What COMMAND GETKEYS goes by where that is not how the command itself finds its keys: half of
/// what follows STREAMS, even where the ids are fewer; and the key to store at comes first.
void find_keys_as_documented(const CommandSpec& spec, Arguments words,
                             std::vector<std::size_t>& positions) {
  find_keys(spec, words, positions);
  // (ZUNIONSTORE and the like. Where the number of keys is none, it is the command's own way.)
  const bool stores = !positions.empty() && positions.back() == 1 && positions.size() > 1;
  if (stores && parse_integer(words[2])) {
    std::rotate(positions.begin(), positions.end() - 1, positions.end());
  }
  if (spec.name != "xread" && spec.name != "xreadgroup") return;
  positions.clear();
  std::size_t at = spec.name == "xread" ? 1 : 4;
  while (at < words.size() && !equals_ignoring_case(words[at], "streams")) ++at;
  const std::size_t count = at < words.size() ? (words.size() - at - 1) / 2 : 0;
  for (std::size_t i = 1; i <= count; ++i) positions.push_back(at + i);
}

RedisReply getkeys(Call& call) {
  const Arguments words = call.args.subspan(2);
  const CommandSpec* spec = find_command(words);
  if (spec == nullptr) return error("ERR Invalid command specified");
  if (spec->keys.first == 0 && spec->find_keys == nullptr) {
    return error("ERR The command has no key arguments");
  }
  if (!spec->accepts(words.size())) {
    return error("ERR Invalid number of arguments specified for command");
  }
  std::vector<std::size_t> positions;
  find_keys_as_documented(*spec, words, positions);
  const bool may_have_none = spec->name.starts_with("eval");
  if (positions.empty() && !may_have_none) {
    return error("ERR Invalid arguments specified for command");
  }
  std::vector<RedisReply> keys;
  for (const std::size_t position : positions) keys.push_back(bulk(words[position]));
  return RedisReply::array(std::move(keys));
}

/// What COMMAND LIST leaves out.
struct Filter {
  enum class By : std::uint8_t { nothing, pattern, category, module };
  By by = By::nothing;
  std::string text;

  bool passes(const CommandSpec& spec) const {
    switch (by) {
      case By::nothing: return true;
      case By::pattern: return glob_matches(text, spec.name);
      case By::category: return is_in_category(spec);
      case By::module: return false;
    }
    return false;
  }

 private:
  /// Those categories that follow from flags.
  bool is_in_category(const CommandSpec& spec) const {
    if (text == "read") return is_among(kReadOnlyNames, spec.name);
    if (text == "write") return spec.has(kWrite);
    if (text == "fast") return is_among(kFastNames, spec.name);
    if (text == "slow") return !is_among(kFastNames, spec.name);
    if (text == "admin" || text == "dangerous") return spec.has(kAdmin);
    if (text == "pubsub") return spec.has(kPubsub);
    return text == "blocking" && spec.has(kBlocking);
  }
};

std::optional<Filter> parse_filter(Arguments words) {
  if (words.empty()) return Filter{};
  if (words.size() != 3 || !equals_ignoring_case(words[0], "filterby")) return std::nullopt;
  const std::string text = lower_case(words[2]);
  if (equals_ignoring_case(words[1], "pattern")) return Filter{Filter::By::pattern, text};
  if (equals_ignoring_case(words[1], "aclcat")) return Filter{Filter::By::category, text};
  if (equals_ignoring_case(words[1], "module")) return Filter{Filter::By::module, text};
  return std::nullopt;
}

RedisReply list(Call& call) {
  const auto filter = parse_filter(call.args.subspan(2));
  if (!filter) return error(errors::kSyntax);
  std::vector<RedisReply> names;
  const auto add = [&](const CommandSpec& spec) {
    if (filter->passes(spec)) names.push_back(bulk(spec.name));
  };
  for (const CommandSpec* spec : all_commands()) {
    add(*spec);
    for (const CommandSpec& part : spec->subcommands) add(part);
  }
  return RedisReply::array(std::move(names));
}

constexpr std::uint16_t kAnyTime = kLoading | kStale;

constexpr CommandSpec kParts[] = {
    {"command|count", 2, kAnyTime, count},      {"command|docs", -2, kAnyTime, docs},
    {"command|getkeys", -4, kAnyTime, getkeys}, {"command|info", -2, kAnyTime, info},
    {"command|list", -2, kAnyTime, list},
};

constexpr CommandSpec kCommands[] = {
    {"command", -1, kAnyTime, all, kNoKeys, nullptr, kParts},
};

}  // namespace

std::span<const CommandSpec> command_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
