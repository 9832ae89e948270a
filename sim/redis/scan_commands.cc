#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"
#include "sim/redis/scan.h"

namespace firedrill::sim::redis {

const char* parse_scan_options(Arguments words, bool takes_type, ScanOptions& options) {
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 == words.size()) return errors::kSyntax;
    if (equals_ignoring_case(words[i], "count")) {
      const auto count = parse_integer(words[i + 1]);
      if (!count) return errors::kNotInteger;
      if (*count < 1) return errors::kSyntax;
      options.count = *count;
    } else if (equals_ignoring_case(words[i], "match")) {
      options.pattern = words[i + 1];
    } else if (takes_type && equals_ignoring_case(words[i], "type")) {
      options.type = lower_case(words[i + 1]);
    } else {
      return errors::kSyntax;
    }
  }
  return nullptr;
}

RedisReply scan_reply(std::uint64_t cursor, std::vector<RedisReply> items) {
  std::vector<RedisReply> reply;
  reply.push_back(RedisReply::bulk(std::to_string(cursor)));
  reply.push_back(RedisReply::array(std::move(items)));
  return RedisReply::array(std::move(reply));
}

namespace {

RedisReply invalid_cursor() {
  return error("ERR invalid cursor");
}

RedisReply scan(Call& call) {
  const auto cursor = parse_cursor(call.args[1]);
  if (!cursor) return invalid_cursor();
  ScanOptions options;
  if (const char* problem = parse_scan_options(call.args.subspan(2), true, options)) {
    return error(problem);
  }
  std::vector<RedisReply> found;
  const auto visit = [&](std::size_t position) {
    const std::string key = call.keys().at(position).key;
    if (!options.matches(key)) return;
    const Keyspace::Entry* entry = call.keys().peek(key);
    if (entry == nullptr) return;
    if (options.type && type_name(entry->value.value) != *options.type) return;
    found.push_back(RedisReply::bulk(key));
  };
  const std::uint64_t next = scan_step(*cursor, call.keys().size(), options.count, visit);
  return scan_reply(next, std::move(found));
}

RedisReply keys(Call& call) {
  ScanOptions options;
  options.pattern = call.args[1];
  std::vector<RedisReply> found;
  scan_step(0, call.keys().size(), INT64_MAX, [&](std::size_t position) {
    const std::string key = call.keys().at(position).key;
    if (!options.matches(key) || call.keys().peek(key) == nullptr) return;
    found.push_back(RedisReply::bulk(key));
  });
  return RedisReply::array(std::move(found));
}

RedisReply hscan(Call& call) {
  const auto cursor = parse_cursor(call.args[2]);
  if (!cursor) return invalid_cursor();
  Hash* hash;
  if (!read(call, call.args[1], &hash)) return error(errors::kWrongType);
  if (hash == nullptr) return scan_reply(0, {});
  ScanOptions options;
  if (const char* problem = parse_scan_options(call.args.subspan(3), false, options)) {
    return error(problem);
  }
  std::vector<RedisReply> found;
  const auto visit = [&](std::size_t position) {
    const auto& entry = hash->at(position);
    if (!options.matches(entry.key)) return;
    found.push_back(RedisReply::bulk(entry.key));
    found.push_back(RedisReply::bulk(entry.value));
  };
  if (!hash->listpack) {
    const std::uint64_t next = scan_step(*cursor, hash->size(), options.count, visit);
    return scan_reply(next, std::move(found));
  }
  for (std::size_t i = 0; i < hash->size(); ++i) visit(i);
  return scan_reply(0, std::move(found));
}

RedisReply sscan(Call& call) {
  const auto cursor = parse_cursor(call.args[2]);
  if (!cursor) return invalid_cursor();
  Set* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr) return scan_reply(0, {});
  ScanOptions options;
  if (const char* problem = parse_scan_options(call.args.subspan(3), false, options)) {
    return error(problem);
  }
  std::vector<RedisReply> found;
  const auto take = [&](std::string_view member) {
    if (options.matches(member)) found.push_back(bulk(member));
  };
  if (!set->integers) {
    const auto visit = [&](std::size_t position) { take(set->members.at(position).key); };
    const std::uint64_t next = scan_step(*cursor, set->size(), options.count, visit);
    return scan_reply(next, std::move(found));
  }
  for (const std::string_view member : set->listed()) take(member);
  return scan_reply(0, std::move(found));
}

constexpr CommandSpec kCommands[] = {
    {"scan", -2, kRead, scan},
    {"keys", 2, kRead, keys},
    {"hscan", -3, kRead, hscan, kOneKey},
    {"sscan", -3, kRead, sscan, kOneKey},
};

}  // namespace

std::span<const CommandSpec> scan_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
