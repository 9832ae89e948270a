#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/eviction.h"
#include "sim/redis/info.h"
#include "sim/redis/numbers.h"

// What concerns the server itself and its replicas. The slow log and the latency monitor are empty:
// no command takes any time here.

namespace firedrill::sim::redis {

namespace {

RedisReply info(Call& call) {
  return verbatim(call, info_text(call.state, call.args.subspan(1)));
}

/// A script takes a microsecond for each command that it has called.
RedisReply time(Call& call) {
  const std::int64_t in_script = call.state.in_script ? call.state.script.commands : 0;
  const std::int64_t us = to_us(call.state.now.time_since_epoch()) + in_script;
  return RedisReply::array({RedisReply::bulk(std::to_string(us / 1'000'000)),
                            RedisReply::bulk(std::to_string(us % 1'000'000))});
}

RedisReply role_of_replica(const Replication& replication) {
  const auto& primary = *replication.primary;
  return RedisReply::array({bulk("slave"), bulk(primary.host), RedisReply::of(primary.port),
                            bulk(primary.link_up ? "connected" : "connect"),
                            primary.link_up ? integer(replication.offset) : RedisReply::of(-1)});
}

RedisReply role(Call& call) {
  const Replication& replication = call.state.replication;
  if (replication.primary) return role_of_replica(replication);
  std::vector<RedisReply> replicas;
  for (const auto& [number, replica] : replication.replicas) {
    replicas.push_back(
        RedisReply::array({bulk(replica.address), RedisReply::bulk(std::to_string(replica.port)),
                           RedisReply::bulk(std::to_string(replica.offset))}));
  }
  return RedisReply::array(
      {bulk("master"), integer(replication.offset), RedisReply::array(std::move(replicas))});
}

/// A primary that becomes a replica cannot serve those who wait.
void turn_away_waiters(EngineState& state) {
  const std::vector<SessionId> order = state.waiting;
  for (const SessionId id : order) {
    Session& session = *state.find(id);
    if (session.blocked->spec == nullptr) continue;  // CLIENT PAUSE holds it up: it has not begun
    session.blocked->on_timeout = error(
        "UNBLOCKED force unblock from blocking operation, instance state changed (master -> "
        "replica?)");
    state.end_wait(session);
    state.close(session);
  }
}

void become_primary(EngineState& state) {
  if (!state.replication.primary) return;
  state.replication.primary.reset();
  ++state.replication.told;
  state.set_expiry(Keyspace::Expiry::erase);
  state.update_guards();
}

void follow(EngineState& state, std::string_view host, std::uint16_t port) {
  if (!state.replication.primary) turn_away_waiters(state);
  state.replication.primary = Replication::Primary{std::string(host), port, false};
  state.replication.replicas.clear();
  ++state.replication.told;
  state.set_expiry(Keyspace::Expiry::hide);
  state.update_guards();
}

RedisReply replicaof(Call& call) {
  EngineState& state = call.state;
  if (state.in_cluster()) return error("ERR REPLICAOF not allowed in cluster mode.");
  const std::string_view host = call.args[1];
  if (equals_ignoring_case(host, "no") && equals_ignoring_case(call.args[2], "one")) {
    become_primary(state);
    return ok();
  }
  const auto port = parse_integer(call.args[2]);
  if (!port || *port < 0 || *port > 65535) return error("ERR Invalid master port");
  const auto& primary = state.replication.primary;
  if (primary && lower_case(primary->host) == lower_case(host) && primary->port == *port) {
    return RedisReply::status("OK Already connected to specified master");
  }
  follow(state, host, static_cast<std::uint16_t>(*port));
  return ok();
}

RedisReply wait(Call& call) {
  EngineState& state = call.state;
  if (state.replication.primary) {
    return error(
        "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if "
        "a replica is configured to be writable (which is not the default) writes to replicas are "
        "just local and are not propagated.");
  }
  const auto wanted = parse_integer(call.args[1]);
  if (!wanted) return error(errors::kNotInteger);
  const auto timeout_ms = parse_integer(call.args[2]);
  if (!timeout_ms) return error("ERR timeout is not an integer or out of range");
  if (*timeout_ms < 0) return error("ERR timeout is negative");
  const std::int64_t reached = state.replicas_at(call.session.last_write_offset);
  if (reached >= *wanted) return RedisReply::of(reached);
  constexpr std::int64_t kForEver = INT64_MAX / 2;  // so that now can be added
  RedisReply reply = block(call, {}, std::min(*timeout_ms, kForEver), RedisReply::of(reached));
  if (call.session.blocked) {
    call.session.blocked->replicas = *wanted;
    ++state.replication.acknowledgements_wanted;
  }
  return reply;
}

struct ShutdownOptions {
  bool nosave = false, save = false, now = false, force = false, abort = false;

  bool set(std::string_view word) {
    for (const auto& [name, option] : {std::pair{"nosave", &ShutdownOptions::nosave},
                                       {"save", &ShutdownOptions::save},
                                       {"now", &ShutdownOptions::now},
                                       {"force", &ShutdownOptions::force},
                                       {"abort", &ShutdownOptions::abort}}) {
      if (!equals_ignoring_case(word, name)) continue;
      this->*option = true;
      return true;
    }
    return false;
  }
  bool contradict() const {
    return (abort && (nosave || save || now || force)) || (nosave && save);
  }
};

RedisReply shutdown(Call& call) {
  ShutdownOptions options;
  for (const std::string_view word : call.args.subspan(1)) {
    if (!options.set(word)) return error(errors::kSyntax);
  }
  if (options.contradict()) return error(errors::kSyntax);
  if (options.abort) return error("ERR No shutdown in progress.");
  if (call.state.in_script && !options.nosave) return error(errors::kBusy);
  const bool saves = options.save || (!options.nosave && !call.state.config.save.empty());
  call.state.shutdown = Shutdown{.saves = saves};
  for (const auto& [id, session] : call.state.sessions) {
    if (!session->is(Session::kBuiltIn)) call.state.close(*session);
  }
  return no_reply(call);
}

/// Never called: dispatch refuses it before all else.
RedisReply debug(Call&) {
  return error(errors::kDebug);
}

/// MEMORY USAGE key [SAMPLES count].
RedisReply memory_usage(Call& call) {
  std::size_t samples = kMemorySamples;
  for (std::size_t i = 3; i < call.args.size(); i += 2) {
    const bool is_samples = equals_ignoring_case(call.args[i], "samples");
    if (!is_samples || i + 1 == call.args.size()) return error(errors::kSyntax);
    const auto count = parse_integer(call.args[i + 1]);
    if (!count) return error(errors::kNotInteger);
    if (*count < 0) return error(errors::kSyntax);
    samples = static_cast<std::size_t>(*count);
  }
  const Keyspace::Entry* entry = call.keys().peek(call.args[2]);
  return entry == nullptr ? RedisReply::nil() : RedisReply::of(memory_of(*entry, samples));
}

RedisReply save(Call& call) {
  ++call.state.saves_wanted;
  call.state.last_save = call.state.now;
  return ok();
}

/// A transaction has no child process: its save comes after it.
RedisReply bgsave(Call& call) {
  const bool scheduled = call.args.size() == 2 && equals_ignoring_case(call.args[1], "schedule");
  if (call.args.size() > 1 && !scheduled) return error(errors::kSyntax);
  save(call);
  return RedisReply::status(call.state.in_transaction ? "Background saving scheduled"
                                                      : "Background saving started");
}

RedisReply bgrewriteaof(Call& call) {
  ++call.state.rewrites_wanted;
  return RedisReply::status(call.state.in_transaction
                                ? "Background append only file rewriting scheduled"
                                : "Background append only file rewriting started");
}

/// In s; that of the server's start where it never saved.
RedisReply lastsave(Call& call) {
  const EngineState& state = call.state;
  const WallTime when = state.last_save == WallTime{} ? state.started : state.last_save;
  return RedisReply::of(to_ms(when.time_since_epoch()) / 1000);
}

RedisReply slowlog_get(Call& call) {
  if (call.args.size() > 3) return bad_subcommand(call.args);
  if (call.args.size() == 3) {
    const auto count = parse_integer(call.args[2]);
    if (!count || *count < -1) {
      return error("ERR count should be greater than or equal to -1");
    }
  }
  return RedisReply::array();
}

RedisReply slowlog_len(Call&) {
  return RedisReply::of(0);
}

RedisReply slowlog_reset(Call&) {
  return ok();
}

RedisReply latency_list(Call&) {
  return RedisReply::array();
}

RedisReply latency_reset(Call&) {
  return RedisReply::of(0);
}

constexpr std::uint16_t kAnyTime = kLoading | kStale;
constexpr std::uint16_t kOperator = kAdmin | kNoScript;

constexpr CommandSpec kMemory[] = {
    {"memory|usage", -3, kRead, memory_usage, {2, 2, 1}},
};

constexpr CommandSpec kSlowlog[] = {
    {"slowlog|get", -2, kAdmin | kAnyTime, slowlog_get},
    {"slowlog|len", 2, kAdmin | kAnyTime, slowlog_len},
    {"slowlog|reset", 2, kAdmin | kAnyTime, slowlog_reset},
};

constexpr CommandSpec kLatency[] = {
    {"latency|latest", 2, kOperator | kAnyTime, latency_list},
    {"latency|history", 3, kOperator | kAnyTime, latency_list},
    {"latency|reset", -2, kOperator | kAnyTime, latency_reset},
};

constexpr CommandSpec kCommands[] = {
    {"info", -1, kAnyTime, info},
    {"time", 1, kAnyTime, time},
    {"role", 1, kNoScript | kAnyTime, role},
    {"replicaof", 3, kOperator | kStale, replicaof},
    {"slaveof", 3, kOperator | kStale, replicaof},
    {"wait", 3, kNoScript, wait},
    {"shutdown", -1, kOperator | kAnyTime | kNoMulti | kAllowBusy, shutdown},
    {"debug", -2, kOperator | kAnyTime, debug},
    {"save", 1, kOperator | kNoMulti, save},
    {"bgsave", -1, kOperator, bgsave},
    {"bgrewriteaof", 1, kOperator, bgrewriteaof},
    {"lastsave", 1, kAnyTime, lastsave},
    {"memory", -2, kRead, nullptr, kNoKeys, nullptr, kMemory},
    {"slowlog", -2, kRead, nullptr, kNoKeys, nullptr, kSlowlog},
    {"latency", -2, kRead, nullptr, kNoKeys, nullptr, kLatency},
};

}  // namespace

std::span<const CommandSpec> server_commands() {
  return kCommands;
}

std::int64_t EngineState::replicas_at(std::uint64_t offset) const {
  std::int64_t reached = 0;
  for (const auto& [number, replica] : replication.replicas) reached += replica.offset >= offset;
  return reached;
}

/// Whoever waits for replicas (WAIT) hears of them once there are enough; else at its time-out, of
/// those that are there by then.
void EngineState::serve_waits_for_replicas() {
  const std::vector<SessionId> order = waiting;
  for (const SessionId id : order) {
    Session& session = *find(id);
    if (session.blocked->replicas == 0) continue;
    const std::int64_t reached = replicas_at(session.last_write_offset);
    session.blocked->on_timeout = RedisReply::of(reached);
    if (reached >= session.blocked->replicas) end_wait(session);
  }
}

}  // namespace firedrill::sim::redis
