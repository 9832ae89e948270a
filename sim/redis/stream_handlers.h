#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "sim/redis/command.h"
#include "sim/redis/stream.h"

// The handlers of the stream commands, and what they share.

namespace firedrill::sim::redis {

RedisReply xadd(Call& call);
RedisReply xtrim(Call& call);
RedisReply xlen(Call& call);
RedisReply xrange(Call& call);
RedisReply xrevrange(Call& call);
RedisReply xdel(Call& call);
RedisReply xsetid(Call& call);

RedisReply xread(Call& call);
RedisReply xreadgroup(Call& call);
void xread_keys(Arguments args, std::vector<std::size_t>& positions);

RedisReply xgroup_create(Call& call);
RedisReply xgroup_setid(Call& call);
RedisReply xgroup_destroy(Call& call);
RedisReply xgroup_createconsumer(Call& call);
RedisReply xgroup_delconsumer(Call& call);
RedisReply xgroup_help(Call& call);
RedisReply xack(Call& call);
RedisReply xpending(Call& call);
RedisReply xclaim(Call& call);
RedisReply xautoclaim(Call& call);

RedisReply xinfo_stream(Call& call);
RedisReply xinfo_groups(Call& call);
RedisReply xinfo_consumers(Call& call);
RedisReply xinfo_help(Call& call);

// --- What they share -----------------------------------------------------------------------------

constexpr const char* kBadStreamId = "ERR Invalid stream ID specified as stream command argument";

inline RedisReply stream_id(StreamId id) {
  return RedisReply::bulk(id.text());
}
/// The id, and the fields and values.
RedisReply stream_entry(const Stream::Entry& entry);
/// The entries of ids [first, last], at most `count` (0: all).
RedisReply stream_entries(const Stream& stream, StreamId first, StreamId last, std::size_t count,
                          bool reverse = false);

/// An end of a range: "-", "+", an id, or "(" and an id. The closed end that it means in `*id`;
/// what is wrong, or null.
const char* parse_stream_end(std::string_view text, bool is_start, StreamId* id);

/// The group `name` of the stream `key`: null in `*group` where either is missing. False where the
/// key holds something else. `stream` may be null.
bool read_group(Call& call, std::string_view key, std::string_view name, StreamGroup** group,
                Stream** stream = nullptr);
RedisReply no_such_group(std::string_view key, std::string_view group);
RedisReply no_such_group_of_key(std::string_view key, std::string_view group);

/// What "XGROUP HELP" answers: a line each, between those that all such answers have.
RedisReply subcommand_help(const std::string& command, std::initializer_list<const char*> lines);

/// Tells the replicas who has the entry now, and the group's last id.
void propagate_claim(Call& call, std::string_view key, std::string_view group_name,
                     std::string_view id, const StreamGroup& group,
                     const StreamGroup::Pending& pending);
/// Tells them how far the group has read.
void propagate_group_id(Call& call, std::string_view key, std::string_view group_name,
                        const StreamGroup& group);

}  // namespace firedrill::sim::redis
