#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"
#include "sim/redis/stream_handlers.h"

// XCLAIM, XAUTOCLAIM.

namespace firedrill::sim::redis {

namespace {

/// Who claims, and how.
struct Claim {
  std::string_view key;
  std::string_view group_name;
  std::string_view consumer_name;
  std::int64_t min_idle_ms = 0;
  std::optional<std::int64_t> delivered_ms{};  ///< nothing: now
  std::optional<std::int64_t> deliveries{};    ///< nothing: one more (with JUSTID: as before)
  bool forces = false;
  bool just_id = false;
  StreamId last_id{};
  std::vector<StreamId> ids{};
  StreamGroup::Consumer* consumer = nullptr;  ///< found or made when the first entry is claimed
};

/// The option at args[at], which is moved to its last word; nothing where all is well.
std::optional<RedisReply> parse_option(Call& call, std::size_t& at, Claim& claim) {
  const Arguments args = call.args;
  const bool has_more = at + 1 < args.size();
  const std::int64_t now_ms = call.keys().now_ms();
  if (equals_ignoring_case(args[at], "force")) {
    claim.forces = true;
  } else if (equals_ignoring_case(args[at], "justid")) {
    claim.just_id = true;
  } else if (has_more && equals_ignoring_case(args[at], "idle")) {
    const auto idle_ms = parse_integer(args[++at]);
    if (!idle_ms) return error("ERR Invalid IDLE option argument for XCLAIM");
    std::int64_t delivered_ms;
    const bool overflows = __builtin_sub_overflow(now_ms, *idle_ms, &delivered_ms);
    claim.delivered_ms = overflows ? now_ms : delivered_ms;
  } else if (has_more && equals_ignoring_case(args[at], "time")) {
    claim.delivered_ms = parse_integer(args[++at]);
    if (!claim.delivered_ms) return error("ERR Invalid TIME option argument for XCLAIM");
  } else if (has_more && equals_ignoring_case(args[at], "retrycount")) {
    const auto count = parse_integer(args[++at]);
    if (!count) return error("ERR Invalid RETRYCOUNT option argument for XCLAIM");
    claim.deliveries = *count < 0 ? std::nullopt : count;
  } else if (has_more && equals_ignoring_case(args[at], "lastid")) {
    const auto id = parse_stream_id(args[++at]);
    if (!id) return error(kBadStreamId);
    claim.last_id = *id;
  } else {
    return RedisReply::error("ERR Unrecognized XCLAIM option '" + std::string(args[at]) + "'");
  }
  return std::nullopt;
}

/// The ids and options; nothing where all is well.
std::optional<RedisReply> parse_claim(Call& call, Claim& claim) {
  const auto min_idle_ms = parse_integer(call.args[4]);
  if (!min_idle_ms) return error("ERR Invalid min-idle-time argument for XCLAIM");
  claim.min_idle_ms = std::max<std::int64_t>(*min_idle_ms, 0);
  std::size_t at = 5;
  for (; at < call.args.size(); ++at) {
    const auto id = parse_stream_id(call.args[at]);
    if (!id) break;
    claim.ids.push_back(*id);
  }
  for (; at < call.args.size(); ++at) {
    if (auto problem = parse_option(call, at, claim)) return problem;
  }
  // A time that is yet to come, or none at all, is taken for now.
  const std::int64_t now_ms = call.keys().now_ms();
  if (claim.delivered_ms && (*claim.delivered_ms < 0 || *claim.delivered_ms > now_ms)) {
    claim.delivered_ms = now_ms;
  }
  return std::nullopt;
}

/// The pending entry becomes the claimer's.
StreamGroup::Pending& take(Call& call, Claim& claim, StreamGroup& group, StreamId id) {
  const std::int64_t now_ms = call.keys().now_ms();
  if (claim.consumer == nullptr) {
    claim.consumer = group.find_consumer(claim.consumer_name);
    if (claim.consumer == nullptr) {
      claim.consumer = &group.add_consumer(claim.consumer_name, now_ms);
    }
    claim.consumer->seen_ms = now_ms;
  }
  StreamGroup::Pending& pending = group.assign(id, *claim.consumer);
  pending.delivered_ms = claim.delivered_ms.value_or(now_ms);
  if (claim.deliveries) {
    pending.deliveries = static_cast<std::uint64_t>(*claim.deliveries);
  } else if (!claim.just_id) {
    ++pending.deliveries;
  }
  return pending;
}

/// An entry that was deleted is nobody's any more; the replicas learn it by an XCLAIM, since they
/// do not find the entry either.
void drop(Call& call, const Claim& claim, StreamGroup& group, StreamId id, std::string_view text) {
  propagate_claim(call, claim.key, claim.group_name, text, group, *group.find_pending(id));
  group.acknowledge(id);
}

bool idle_enough(const Call& call, const Claim& claim, const StreamGroup::Pending& pending) {
  return claim.min_idle_ms == 0 || call.keys().now_ms() - pending.delivered_ms >= claim.min_idle_ms;
}

RedisReply claimed(const Claim& claim, const Stream::Entry& entry) {
  return claim.just_id ? stream_id(entry.id()) : stream_entry(entry);
}

}  // namespace

RedisReply xclaim(Call& call) {
  Claim claim{.key = call.args[1], .group_name = call.args[2], .consumer_name = call.args[3]};
  Stream* stream;
  StreamGroup* group;
  if (!read_group(call, claim.key, claim.group_name, &group, &stream)) {
    return error(errors::kWrongType);
  }
  if (group == nullptr) return no_such_group(claim.key, claim.group_name);
  if (auto problem = parse_claim(call, claim)) return std::move(*problem);
  bool tells_last_id = claim.last_id > group->last_id;
  if (tells_last_id) group->last_id = claim.last_id;
  std::vector<RedisReply> items;
  for (std::size_t i = 0; i < claim.ids.size(); ++i) {
    const StreamId id = claim.ids[i];
    const std::string_view text = call.args[5 + i];
    const StreamGroup::Pending* pending = group->find_pending(id);
    const auto entry = stream->find(id);
    if (!entry) {
      if (pending == nullptr) continue;
      drop(call, claim, *group, id, text);
    } else {
      if (pending == nullptr ? !claim.forces : !idle_enough(call, claim, *pending)) continue;
      pending = &take(call, claim, *group, id);
      items.push_back(claimed(claim, *entry));
      propagate_claim(call, claim.key, claim.group_name, text, *group, *pending);
    }
    tells_last_id = false;  // the others' XCLAIM says it, too
  }
  if (tells_last_id) propagate_group_id(call, claim.key, claim.group_name, *group);
  return RedisReply::array(std::move(items));
}

namespace {

struct Sweep {
  StreamId start;
  std::int64_t count = 100;
  bool is_too_large = false;
};

const char* parse_sweep(Arguments args, Claim& claim, Sweep& sweep) {
  const auto min_idle_ms = parse_integer(args[4]);
  if (!min_idle_ms) return "ERR Invalid min-idle-time argument for XAUTOCLAIM";
  claim.min_idle_ms = std::max<std::int64_t>(*min_idle_ms, 0);
  if (const char* problem = parse_stream_end(args[5], true, &sweep.start)) return problem;
  for (std::size_t i = 6; i < args.size(); ++i) {
    if (i + 1 < args.size() && equals_ignoring_case(args[i], "count")) {
      // The real server sets 16 bytes aside for each, and refuses where it has not got them.
      constexpr std::int64_t kEach = 16;
      constexpr std::int64_t kMemory = INT64_C(1) << 40;
      const auto count = parse_integer(args[++i]);
      if (!count || *count < 1 || *count > INT64_MAX / kEach) return "ERR COUNT must be > 0";
      sweep.count = *count;
      sweep.is_too_large = *count > kMemory / kEach;
    } else if (equals_ignoring_case(args[i], "justid")) {
      claim.just_id = true;
    } else {
      return errors::kSyntax;
    }
  }
  return nullptr;
}

}  // namespace

RedisReply xautoclaim(Call& call) {
  Claim claim{.key = call.args[1], .group_name = call.args[2], .consumer_name = call.args[3]};
  Sweep sweep;
  if (const char* problem = parse_sweep(call.args, claim, sweep)) return error(problem);
  Stream* stream;
  StreamGroup* group;
  if (!read_group(call, claim.key, claim.group_name, &group, &stream)) {
    return error(errors::kWrongType);
  }
  if (group == nullptr) return no_such_group(claim.key, claim.group_name);
  if (sweep.is_too_large) {
    return error("ERR Insufficient memory, failed allocating transient memory, COUNT too high.");
  }
  std::vector<RedisReply> items;
  std::vector<RedisReply> deleted;
  // It looks at ten times as many entries as it may claim.
  auto at = group->pending().lower_bound(sweep.start);
  for (std::int64_t looks = sweep.count * 10;
       looks > 0 && sweep.count > 0 && at != group->pending().end(); --looks) {
    const StreamId id = at->first;
    const bool is_idle = idle_enough(call, claim, at->second);
    ++at;
    const auto entry = stream->find(id);
    if (entry && !is_idle) continue;
    --sweep.count;
    if (!entry) {
      drop(call, claim, *group, id, id.text());
      deleted.push_back(stream_id(id));
      continue;
    }
    const StreamGroup::Pending& pending = take(call, claim, *group, id);
    items.push_back(claimed(claim, *entry));
    propagate_claim(call, claim.key, claim.group_name, id.text(), *group, pending);
  }
  const StreamId next = at == group->pending().end() ? StreamId{} : at->first;
  return RedisReply::array({stream_id(next), RedisReply::array(std::move(items)),
                            RedisReply::array(std::move(deleted))});
}

}  // namespace firedrill::sim::redis
