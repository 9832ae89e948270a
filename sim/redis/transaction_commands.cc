#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/scoped_value.h"

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

/// A watched key that has expired since counts as changed, though nobody has erased it yet.
bool watched_is_intact(Call& call) {
  const auto expired_since = [&](const Watched& watched) {
    return !watched.had_expired &&
           call.state.database(watched.key.database).is_due(watched.key.key);
  };
  const auto& watched = call.session.watched;
  return !call.session.watched_changed &&
         std::none_of(watched.begin(), watched.end(), expired_since);
}

/// What a subscriber publishes to itself comes to it at once: among the replies.
void take_own_messages(EngineState& state, const Session& session, std::size_t from,
                       std::vector<RedisReply>& replies) {
  if (state.deliveries.size() == from) return;
  const auto is_own = [&](const Engine::Delivery& delivery) {
    return delivery.to == session.id && delivery.reply;
  };
  const auto begin = state.deliveries.begin() + static_cast<std::ptrdiff_t>(from);
  for (auto delivery = begin; delivery != state.deliveries.end(); ++delivery) {
    if (is_own(*delivery)) replies.push_back(std::move(*delivery->reply));
  }
  state.deliveries.erase(std::remove_if(begin, state.deliveries.end(), is_own),
                         state.deliveries.end());
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
  std::optional<ScopedValue<bool>> within(std::in_place, state.in_transaction, true);
  for (const auto& words : queued) {
    const std::vector<std::string_view> views(words.begin(), words.end());
    const CommandSpec* spec = find_command(Arguments(views));
    const std::size_t told = state.deliveries.size();
    RedisReply reply = call_command(state, session, *spec, views);
    take_own_messages(state, session, told, replies);
    replies.push_back(std::move(reply));
    for (RedisReply& further : std::exchange(state.further_replies, {})) {
      replies.push_back(std::move(further));
    }
  }
  within.reset();
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
    session.watched.push_back({{session.database, std::string(key)}, call.keys().is_due(key)});
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
  session.queued_any = 0;
  session.queued_all = UINT16_MAX;
  if (!session.watched.empty()) --watchers;
  session.watched.clear();
  session.watched_changed = false;
}

}  // namespace firedrill::sim::redis
