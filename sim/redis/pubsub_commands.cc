#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

// Publish and subscribe. Notifications of changes of keys (notify-keyspace-events) are not
// modelled, nor is the bus by which the nodes of a cluster pass messages on.

namespace firedrill::sim::redis {

namespace {

using Subscriptions = StringMap<Nothing, true>;

/// One way to subscribe: to channels, to patterns, or to the channels of a shard.
struct Kind {
  std::string_view subscribe;
  std::string_view unsubscribe;
  Subscriptions Session::* of;
  bool in_shard = false;
};
constexpr Kind kChannels{"subscribe", "unsubscribe", &Session::channels};
constexpr Kind kPatterns{"psubscribe", "punsubscribe", &Session::patterns};
constexpr Kind kShard{"ssubscribe", "sunsubscribe", &Session::shard_channels, true};

std::size_t count_of(const Session& session, const Kind& kind) {
  return kind.in_shard ? session.shard_channels.size()
                       : session.channels.size() + session.patterns.size();
}

/// What the subscriber hears of a channel: of no channel where there was none to leave.
RedisReply confirmation(const Session& session, const Kind& kind, std::string_view what,
                        const std::string_view* channel) {
  return push(session, {bulk(what), channel == nullptr ? RedisReply::nil() : bulk(*channel),
                        integer(count_of(session, kind))});
}

/// One command, several replies. Outside a transaction they go out on their own, also to one that
/// wants no replies; EXEC's reply is as long as its commands are many, and the rest comes after it.
RedisReply answer(Call& call, std::vector<RedisReply> replies) {
  EngineState& state = call.state;
  if (!state.in_transaction) {
    for (RedisReply& reply : replies) state.deliver(call.session, std::move(reply));
    return no_reply(call);
  }
  RedisReply first = std::move(replies.front());
  for (std::size_t i = 1; i < replies.size(); ++i) {
    state.further_replies.push_back(std::move(replies[i]));
  }
  return first;
}

RedisReply subscribe_to(Call& call, const Kind& kind) {
  // One that can wait for nothing expects a reply to each command.
  const bool answers_once = call.session.is(Session::kBuiltIn) ||
                            call.session.is(Session::kFromPrimary) ||
                            (kind.in_shard && call.state.in_transaction);
  if (answers_once) {
    std::string name(kind.subscribe);
    for (char& c : name) c = static_cast<char>(c - 'a' + 'A');
    return RedisReply::error("ERR " + name + " isn't allowed for a DENY BLOCKING client");
  }
  std::vector<RedisReply> replies;
  for (const std::string_view channel : call.args.subspan(1)) {
    (call.session.*kind.of).insert(channel);
    replies.push_back(confirmation(call.session, kind, kind.subscribe, &channel));
  }
  call.state.note_subscriptions(call.session);
  return answer(call, std::move(replies));
}

RedisReply unsubscribe_from(Call& call, const Kind& kind) {
  Subscriptions& subscriptions = call.session.*kind.of;
  std::vector<std::string> channels(call.args.begin() + 1, call.args.end());
  if (channels.empty()) {
    for (const auto& entry : subscriptions) channels.push_back(entry.key);
  }
  std::vector<RedisReply> replies;
  for (const std::string_view channel : channels) {
    subscriptions.erase(channel);
    replies.push_back(confirmation(call.session, kind, kind.unsubscribe, &channel));
  }
  if (replies.empty()) {
    replies.push_back(confirmation(call.session, kind, kind.unsubscribe, nullptr));
  }
  call.state.note_subscriptions(call.session);
  return answer(call, std::move(replies));
}

RedisReply subscribe(Call& call) {
  return subscribe_to(call, kChannels);
}
RedisReply psubscribe(Call& call) {
  return subscribe_to(call, kPatterns);
}
RedisReply ssubscribe(Call& call) {
  return subscribe_to(call, kShard);
}
RedisReply unsubscribe(Call& call) {
  return unsubscribe_from(call, kChannels);
}
RedisReply punsubscribe(Call& call) {
  return unsubscribe_from(call, kPatterns);
}
RedisReply sunsubscribe(Call& call) {
  return unsubscribe_from(call, kShard);
}

std::size_t tell_channel(EngineState& state, const Kind& kind, std::string_view channel,
                         std::string_view text) {
  std::size_t heard = 0;
  for (const auto& [id, session] : state.sessions) {
    if (!((*session).*kind.of).contains(channel)) continue;
    const char* what = kind.in_shard ? "smessage" : "message";
    state.deliver(*session, push(*session, {bulk(what), bulk(channel), bulk(text)}));
    ++heard;
  }
  return heard;
}

std::size_t tell_patterns(EngineState& state, std::string_view channel, std::string_view text) {
  std::size_t heard = 0;
  for (const auto& [id, session] : state.sessions) {
    for (const auto& pattern : session->patterns) {
      if (!glob_matches(pattern.key, channel)) continue;
      state.deliver(*session, push(*session, {bulk("pmessage"), RedisReply::bulk(pattern.key),
                                              bulk(channel), bulk(text)}));
      ++heard;
    }
  }
  return heard;
}

/// The replicas hear it too, and tell their own subscribers; a cluster has a bus for that.
RedisReply publish_by(Call& call, const Kind& kind) {
  std::size_t heard = 0;
  if (call.state.subscribers > 0) {
    heard = tell_channel(call.state, kind, call.args[1], call.args[2]);
    if (!kind.in_shard) heard += tell_patterns(call.state, call.args[1], call.args[2]);
  }
  if (!call.state.in_cluster()) call.propagate(call.args);
  return integer(heard);
}

RedisReply publish(Call& call) {
  return publish_by(call, kChannels);
}
RedisReply spublish(Call& call) {
  return publish_by(call, kShard);
}

/// Each once, in alphabetical order (Redis: in that of a hash table).
std::set<std::string_view> all_of(const EngineState& state, const Kind& kind) {
  std::set<std::string_view> found;
  for (const auto& [id, session] : state.sessions) {
    for (const auto& entry : (*session).*kind.of) found.insert(entry.key);
  }
  return found;
}

RedisReply channels_of(Call& call, const Kind& kind) {
  if (call.args.size() > 3) return bad_subcommand(call.args);
  std::vector<RedisReply> found;
  for (const std::string_view channel : all_of(call.state, kind)) {
    if (call.args.size() == 2 || glob_matches(call.args[2], channel)) {
      found.push_back(bulk(channel));
    }
  }
  return RedisReply::array(std::move(found));
}

RedisReply counts_of(Call& call, const Kind& kind) {
  std::vector<RedisReply> counts;
  for (const std::string_view channel : call.args.subspan(2)) {
    std::size_t count = 0;
    for (const auto& [id, session] : call.state.sessions) {
      count += ((*session).*kind.of).contains(channel);
    }
    counts.push_back(bulk(channel));
    counts.push_back(integer(count));
  }
  return RedisReply::array(std::move(counts));
}

RedisReply channels(Call& call) {
  return channels_of(call, kChannels);
}
RedisReply shardchannels(Call& call) {
  return channels_of(call, kShard);
}
RedisReply numsub(Call& call) {
  return counts_of(call, kChannels);
}
RedisReply shardnumsub(Call& call) {
  return counts_of(call, kShard);
}
RedisReply numpat(Call& call) {
  return integer(all_of(call.state, kPatterns).size());
}

constexpr std::uint16_t kAnyTime = kPubsub | kLoading | kStale;
constexpr std::uint16_t kSubscribing = kAnyTime | kNoScript | kInPubsub;

constexpr CommandSpec kPubsubParts[] = {
    {"pubsub|channels", -2, kAnyTime, channels},
    {"pubsub|numsub", -2, kAnyTime, numsub},
    {"pubsub|numpat", 2, kAnyTime, numpat},
    {"pubsub|shardchannels", -2, kAnyTime, shardchannels},
    {"pubsub|shardnumsub", -2, kAnyTime, shardnumsub},
};

constexpr CommandSpec kCommands[] = {
    {"subscribe", -2, kSubscribing, subscribe},
    {"psubscribe", -2, kSubscribing, psubscribe},
    {"ssubscribe", -2, kSubscribing, ssubscribe, kAllKeys},
    {"unsubscribe", -1, kSubscribing, unsubscribe},
    {"punsubscribe", -1, kSubscribing, punsubscribe},
    {"sunsubscribe", -1, kSubscribing, sunsubscribe, kAllKeys},
    {"publish", 3, kAnyTime | kMayReplicate, publish},
    {"spublish", 3, kAnyTime | kMayReplicate, spublish, kOneKey},
    {"pubsub", -2, kRead, nullptr, kNoKeys, nullptr, kPubsubParts},
};

}  // namespace

std::span<const CommandSpec> pubsub_commands() {
  return kCommands;
}

void EngineState::note_subscriptions(Session& session) {
  const bool before = session.is(Session::kSubscriber);
  const bool now_so =
      !session.channels.empty() || !session.patterns.empty() || !session.shard_channels.empty();
  if (before == now_so) return;
  session.set(Session::kSubscriber, now_so);
  now_so ? ++subscribers : --subscribers;
}

void EngineState::unsubscribe(Session& session) {
  session.channels.clear();
  session.patterns.clear();
  session.shard_channels.clear();
  note_subscriptions(session);
}

}  // namespace firedrill::sim::redis
