#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

// CLIENT. Client side caching (TRACKING, CACHING) and HELP are not modelled.

namespace firedrill::sim::redis {

namespace {

enum class Type : std::uint8_t { normal, replica, pubsub, primary };

std::optional<Type> type_of(std::string_view name) {
  if (equals_ignoring_case(name, "normal")) return Type::normal;
  if (equals_ignoring_case(name, "slave")) return Type::replica;
  if (equals_ignoring_case(name, "replica")) return Type::replica;
  if (equals_ignoring_case(name, "pubsub")) return Type::pubsub;
  if (equals_ignoring_case(name, "master")) return Type::primary;
  return std::nullopt;
}

/// Replicas and the primary are links of the host, not sessions.
Type type_of(const Session& session) {
  return session.is(Session::kSubscriber) ? Type::pubsub : Type::normal;
}

RedisReply unknown_type(std::string_view name) {
  return RedisReply::error("ERR Unknown client type '" + std::string(name) + "'");
}

/// What others may see: connections that are not about to close.
bool is_client(const Session& session) {
  return !session.is(Session::kBuiltIn) && !session.is(Session::kClosing);
}

std::string flags_of(const Session& session) {
  std::string flags;
  if (session.is(Session::kSubscriber)) flags += 'P';
  if (session.is(Session::kInMulti)) flags += 'x';
  if (session.blocked) flags += 'b';
  if (session.watched_changed) flags += 'd';
  if (session.is(Session::kClosing)) flags += 'c';
  if (session.reads_from_replica) flags += 'r';
  if (session.keeps_memory) flags += 'e';
  return flags.empty() ? "N" : flags;
}

/// One line of CLIENT LIST. Buffers are not modelled: their sizes are 0.
std::string describe(const EngineState& state, const Session& session) {
  const std::int64_t now_s = state.now_ms() / 1000;
  std::string text;
  const auto add = [&text](const char* name, const std::string& value) {
    if (!text.empty()) text += ' ';
    text.append(name).append("=").append(value);
  };
  const auto number = [&add](const char* name, std::int64_t value) {
    add(name, std::to_string(value));
  };
  add("id", std::to_string(session.id));
  add("addr", session.address);
  add("laddr", state.local_address());
  number("fd", static_cast<std::int64_t>(session.id) + 7);
  add("name", session.name);
  number("age", now_s - session.since_ms / 1000);
  number("idle", now_s - session.last_used_ms / 1000);
  add("flags", flags_of(session));
  number("db", session.database);
  number("sub", static_cast<std::int64_t>(session.channels.size()));
  number("psub", static_cast<std::int64_t>(session.patterns.size()));
  number("ssub", static_cast<std::int64_t>(session.shard_channels.size()));
  const bool queues = session.is(Session::kInMulti);
  number("multi", queues ? static_cast<std::int64_t>(session.queued.size()) : -1);
  for (const char* size : {"qbuf", "qbuf-free", "argv-mem", "multi-mem", "rbs", "rbp", "obl", "oll",
                           "omem", "tot-mem"}) {
    number(size, 0);
  }
  add("events", "r");
  add("cmd", session.last_command.empty() ? "NULL" : std::string(session.last_command));
  add("user", "default");
  number("redir", -1);
  number("resp", session.protocol);
  return text + "\n";
}

RedisReply id(Call& call) {
  return integer(call.session.id);
}

RedisReply getname(Call& call) {
  return call.session.name.empty() ? RedisReply::nil() : RedisReply::bulk(call.session.name);
}

RedisReply setname(Call& call) {
  return set_client_name(call.session, call.args[2]) ? ok() : error(errors::kClientName);
}

RedisReply info(Call& call) {
  return verbatim(call, describe(call.state, call.session));
}

RedisReply list_by_id(Call& call) {
  std::string text;
  for (const std::string_view word : call.args.subspan(3)) {
    const auto number = parse_integer(word);
    if (!number) return error("ERR Invalid client ID");
    const Session* session =
        *number > 0 ? call.state.find(static_cast<SessionId>(*number)) : nullptr;
    if (session != nullptr && is_client(*session)) text += describe(call.state, *session);
  }
  return verbatim(call, std::move(text));
}

RedisReply list(Call& call) {
  const std::size_t words = call.args.size();
  std::optional<Type> only;
  if (words == 4 && equals_ignoring_case(call.args[2], "type")) {
    only = type_of(call.args[3]);
    if (!only) return unknown_type(call.args[3]);
  } else if (words > 3 && equals_ignoring_case(call.args[2], "id")) {
    return list_by_id(call);
  } else if (words != 2) {
    return error(errors::kSyntax);
  }
  std::string text;
  for (const auto& [number, session] : call.state.sessions) {
    if (!is_client(*session) || (only && type_of(*session) != *only)) continue;
    text += describe(call.state, *session);
  }
  return verbatim(call, std::move(text));
}

/// Whom CLIENT KILL means.
struct Victims {
  std::optional<SessionId> id;
  std::optional<Type> type;
  std::optional<std::string_view> address;
  std::optional<std::string_view> local_address;
  bool spares_caller = true;

  bool include(const EngineState& state, const Session& session, const Session& caller) const {
    if (!is_client(session)) return false;
    if (address && session.address != *address) return false;
    if (local_address && state.local_address() != *local_address) return false;
    if (type && type_of(session) != *type) return false;
    if (id && session.id != *id) return false;
    return !(spares_caller && &session == &caller);
  }
};

std::optional<RedisReply> parse_victim(std::string_view option, std::string_view value,
                                       Victims& victims) {
  if (equals_ignoring_case(option, "id")) {
    const auto number = parse_integer(value);
    if (!number || *number < 1) return error("ERR client-id should be greater than 0");
    victims.id = static_cast<SessionId>(*number);
  } else if (equals_ignoring_case(option, "type")) {
    victims.type = type_of(value);
    if (!victims.type) return unknown_type(value);
  } else if (equals_ignoring_case(option, "addr")) {
    victims.address = value;
  } else if (equals_ignoring_case(option, "laddr")) {
    victims.local_address = value;
  } else if (equals_ignoring_case(option, "user")) {
    if (value == "default") return std::nullopt;
    return RedisReply::error("ERR No such user '" + std::string(value) + "'");
  } else if (equals_ignoring_case(option, "skipme")) {
    const bool yes = equals_ignoring_case(value, "yes");
    if (!yes && !equals_ignoring_case(value, "no")) return error(errors::kSyntax);
    victims.spares_caller = yes;
  } else {
    return error(errors::kSyntax);
  }
  return std::nullopt;
}

std::int64_t kill_all(Call& call, const Victims& victims) {
  std::int64_t killed = 0;
  for (const auto& [number, session] : call.state.sessions) {
    if (!victims.include(call.state, *session, call.session)) continue;
    call.state.close(*session);
    ++killed;
  }
  return killed;
}

RedisReply kill(Call& call) {
  Victims victims;
  if (call.args.size() == 3) {
    victims.address = call.args[2];
    victims.spares_caller = false;
    return kill_all(call, victims) > 0 ? ok() : error("ERR No such client");
  }
  for (std::size_t i = 2; i < call.args.size(); i += 2) {
    if (i + 1 == call.args.size()) return error(errors::kSyntax);
    if (auto problem = parse_victim(call.args[i], call.args[i + 1], victims)) return *problem;
  }
  return RedisReply::of(kill_all(call, victims));
}

RedisReply unblock(Call& call) {
  if (call.args.size() > 4) return bad_subcommand(call.args);
  bool with_error = false;
  if (call.args.size() == 4) {
    with_error = equals_ignoring_case(call.args[3], "error");
    if (!with_error && !equals_ignoring_case(call.args[3], "timeout")) {
      return error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    }
  }
  const auto number = parse_integer(call.args[2]);
  if (!number) return error(errors::kNotInteger);
  Session* session = *number > 0 ? call.state.find(static_cast<SessionId>(*number)) : nullptr;
  const bool waits = session != nullptr && session->blocked && session->blocked->spec != nullptr;
  if (!waits) return RedisReply::of(0);
  if (with_error) {
    session->blocked->on_timeout = error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
  }
  call.state.end_wait(*session);
  return RedisReply::of(1);
}

RedisReply reply(Call& call) {
  Session& session = call.session;
  if (equals_ignoring_case(call.args[2], "on")) {
    session.set(Session::kReplyOff, false);
    session.set(Session::kReplySkip, false);
  } else if (equals_ignoring_case(call.args[2], "off")) {
    session.set(Session::kReplyOff, true);
  } else if (equals_ignoring_case(call.args[2], "skip")) {
    if (!session.is(Session::kReplyOff)) session.set(Session::kReplySkip, true);
  } else {
    return error(errors::kSyntax);
  }
  return ok();
}

RedisReply no_evict(Call& call) {
  const bool on = equals_ignoring_case(call.args[2], "on");
  if (!on && !equals_ignoring_case(call.args[2], "off")) return error(errors::kSyntax);
  call.session.keeps_memory = on;
  return ok();
}

RedisReply pause(Call& call) {
  if (call.args.size() > 4) return bad_subcommand(call.args);
  bool writes_only = false;
  if (call.args.size() == 4) {
    writes_only = equals_ignoring_case(call.args[3], "write");
    if (!writes_only && !equals_ignoring_case(call.args[3], "all")) {
      return error("ERR CLIENT PAUSE mode must be WRITE or ALL");
    }
  }
  const auto timeout = parse_integer(call.args[2]);
  if (!timeout) return error("ERR timeout is not an integer or out of range");
  if (*timeout < 0) return error("ERR timeout is negative");
  constexpr std::int64_t kForEver = INT64_MAX / 2;  // so that now can be added
  call.state.pause(call.state.now_ms() + std::min(*timeout, kForEver), writes_only);
  return ok();
}

RedisReply unpause(Call& call) {
  call.state.pause(0, false);
  return ok();
}

RedisReply getredir(Call&) {
  return RedisReply::of(-1);
}

constexpr std::uint16_t kAnyTime = kNoScript | kLoading | kStale;

constexpr CommandSpec kParts[] = {
    {"client|id", 2, kAnyTime, id},
    {"client|getname", 2, kAnyTime, getname},
    {"client|setname", 3, kAnyTime, setname},
    {"client|info", 2, kAnyTime, info},
    {"client|list", -2, kAnyTime | kAdmin, list},
    {"client|kill", -3, kAnyTime | kAdmin, kill},
    {"client|unblock", -3, kAnyTime | kAdmin, unblock},
    {"client|reply", 3, kAnyTime, reply},
    {"client|no-evict", 3, kAnyTime | kAdmin, no_evict},
    {"client|pause", -3, kAnyTime | kAdmin, pause},
    {"client|unpause", 2, kAnyTime | kAdmin, unpause},
    {"client|getredir", 2, kAnyTime, getredir},
};

constexpr CommandSpec kCommands[] = {
    {"client", -2, kRead, nullptr, kNoKeys, nullptr, kParts},
};

}  // namespace

std::span<const CommandSpec> client_commands() {
  return kCommands;
}

bool set_client_name(Session& session, std::string_view name) {
  const auto allowed = [](char c) { return c >= '!' && c <= '~'; };
  if (!std::all_of(name.begin(), name.end(), allowed)) return false;
  session.name = name;
  return true;
}

}  // namespace firedrill::sim::redis
