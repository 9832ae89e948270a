#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"

namespace firedrill::sim::redis {

namespace {

RedisReply multi(Call& call) {
  if (call.session.is(Session::kInMulti)) return error("ERR MULTI calls can not be nested");
  call.session.set(Session::kInMulti, true);
  return ok();
}

RedisReply discard(Call& call) {
  if (!call.session.is(Session::kInMulti)) return error("ERR DISCARD without MULTI");
  call.state.end_transaction(call.session);
  return ok();
}

/// Looks at each watched key once more: one that has expired since counts as changed.
bool watched_is_intact(Call& call) {
  EngineState& state = call.state;
  for (const DatabaseKey& watched : call.session.watched) {
    Keyspace& keys = state.database(watched.database);
    const std::uint64_t before = keys.changes();
    keys.find(watched.key);
    if (keys.changes() != before) return false;
  }
  return !call.session.watched_changed;
}

RedisReply exec(Call& call) {
  Session& session = call.session;
  EngineState& state = call.state;
  if (!session.is(Session::kInMulti)) return error("ERR EXEC without MULTI");
  const bool intact = watched_is_intact(call);
  const bool must_abort = session.must_abort;
  const auto queued = std::exchange(session.queued, {});
  state.end_transaction(session);
  if (must_abort) {
    return error("EXECABORT Transaction discarded because of previous errors.");
  }
  if (!intact) return RedisReply::nil_array();
  std::vector<RedisReply> replies;
  replies.reserve(queued.size());
  state.in_transaction = true;
  for (const auto& words : queued) {
    const std::vector<std::string_view> views(words.begin(), words.end());
    const CommandSpec* spec = find_command(Arguments(views));
    replies.push_back(call_command(state, session, *spec, views));
    for (RedisReply& further : std::exchange(state.further_replies, {})) {
      replies.push_back(std::move(further));
    }
  }
  state.in_transaction = false;
  // The reply is as long as the commands are many: those that answered more than once (SUBSCRIBE)
  // push what is too much behind it.
  for (std::size_t i = queued.size(); i < replies.size(); ++i) {
    state.further_replies.push_back(std::move(replies[i]));
  }
  replies.resize(queued.size());
  return RedisReply::array(std::move(replies));
}

RedisReply watch(Call& call) {
  Session& session = call.session;
  if (session.is(Session::kInMulti)) return error("ERR WATCH inside MULTI is not allowed");
  if (session.watched.empty()) ++call.state.watchers;
  for (const auto key : call.args.subspan(1)) {
    call.keys().find(key);  // one that has expired by now is watched as missing
    session.watched.push_back({session.database, std::string(key)});
  }
  return ok();
}

RedisReply unwatch(Call& call) {
  if (!call.session.watched.empty()) --call.state.watchers;
  call.session.watched.clear();
  call.session.watched_changed = false;
  return ok();
}

constexpr std::uint16_t kAnyTime = kNoScript | kLoading | kStale | kAllowBusy;

constexpr CommandSpec kCommands[] = {
    {"multi", 1, kAnyTime | kNotQueued, multi},
    {"exec", 1, kNoScript | kLoading | kStale | kNotQueued, exec},
    {"discard", 1, kAnyTime | kNotQueued, discard},
    {"watch", -2, kAnyTime | kNotQueued, watch, kAllKeys},
    {"unwatch", 1, kAnyTime, unwatch},
};

}  // namespace

std::span<const CommandSpec> transaction_commands() {
  return kCommands;
}

void EngineState::end_transaction(Session& session) {
  session.set(Session::kInMulti, false);
  session.must_abort = false;
  session.queued.clear();
  if (!session.watched.empty()) --watchers;
  session.watched.clear();
  session.watched_changed = false;
}

}  // namespace firedrill::sim::redis
