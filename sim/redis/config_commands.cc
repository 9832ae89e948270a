#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/config.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

/// Names and values, each name once (in any case), as it was first spelt. Redis tells them in the
/// order of a hash table; here patterns find them in alphabetical order.
class Found {
 public:
  explicit Found(const Config& config) : config_(config) {}

  void add(std::string_view name, const Setting& setting) {
    if (!names_.insert(lower_case(name)).second) return;
    items_.push_back(bulk(name));
    items_.push_back(RedisReply::bulk(value_of(setting, config_)));
  }
  std::vector<RedisReply> take() { return std::move(items_); }

 private:
  const Config& config_;
  StringMap<Nothing> names_;
  std::vector<RedisReply> items_;
};

RedisReply get(Call& call) {
  Found found(call.state.config);
  for (const std::string_view name : call.args.subspan(2)) {
    if (name.find_first_of("[*?") == name.npos) {
      if (const Setting* setting = find_setting(name)) found.add(name, *setting);
      continue;
    }
    const std::string pattern = lower_case(name);
    for (const Setting& setting : all_settings()) {
      if (glob_matches(pattern, setting.name)) found.add(setting.name, setting);
      const bool by_alias = !setting.alias.empty() && glob_matches(pattern, setting.alias);
      if (by_alias) found.add(setting.alias, setting);
    }
  }
  return map(call, found.take());
}

RedisReply failed(std::string_view name, std::string_view why) {
  std::string text = "ERR CONFIG SET failed (possibly related to argument '";
  text.append(name).append("')");
  if (!why.empty()) text.append(" - ").append(why);
  return RedisReply::error(std::move(text));
}

/// What is wrong with the names, before any value is looked at: of the first that is wrong.
std::optional<RedisReply> check_names(Arguments pairs) {
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const Setting* setting = find_setting(pairs[i]);
    if (setting == nullptr) {
      return RedisReply::error("ERR Unknown option or number of arguments for CONFIG SET - '" +
                               std::string(pairs[i]) + "'");
    }
    if (setting->change == Setting::Change::immutable) {
      return failed(pairs[i], "can't set immutable config");
    }
    if (setting->change == Setting::Change::is_protected) {
      return failed(pairs[i], "can't set protected config");
    }
    for (std::size_t before = 0; before < i; before += 2) {
      // A name and its alias count as two.
      if (lower_case(pairs[before]) == lower_case(pairs[i])) {
        return failed(pairs[i], "duplicate parameter");
      }
    }
  }
  return std::nullopt;
}

/// All of them or none.
RedisReply set(Call& call) {
  const Arguments pairs = call.args.subspan(2);
  if (pairs.size() % 2 != 0) return error(errors::kSyntax);
  if (auto problem = check_names(pairs)) return *problem;
  Config changed = call.state.config;
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const Setting& setting = *find_setting(pairs[i]);
    const std::string problem = set_value(setting, changed, pairs[i + 1]);
    if (problem.empty()) continue;
    const bool by_alias = !equals_ignoring_case(pairs[i], setting.name);
    return failed(by_alias ? setting.alias : setting.name, problem);
  }
  call.state.config = std::move(changed);
  call.state.update_guards();
  return ok();
}

RedisReply resetstat(Call& call) {
  call.state.commands_processed = 0;
  call.state.connections_received = 0;
  call.state.keys_evicted = 0;
  return ok();
}

RedisReply rewrite(Call&) {
  return error("ERR The server is running without a config file");
}

constexpr std::uint16_t kAnyTime = kAdmin | kNoScript | kLoading | kStale;

constexpr CommandSpec kParts[] = {
    {"config|get", -3, kAnyTime, get},
    {"config|set", -4, kAnyTime, set},
    {"config|resetstat", 2, kAnyTime, resetstat},
    {"config|rewrite", 2, kAnyTime, rewrite},
};

constexpr CommandSpec kCommands[] = {
    {"config", -2, kRead, nullptr, kNoKeys, nullptr, kParts},
};

}  // namespace

std::span<const CommandSpec> config_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
