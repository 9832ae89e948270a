#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

// There is one user, "default": access control lists are not modelled.

constexpr const char* kWrongPassword =
    "WRONGPASS invalid username-password pair or user is disabled.";

RedisReply ping(Call& call) {
  if (call.args.size() > 2) return wrong_arity("ping");
  const std::string_view text = call.args.size() == 2 ? call.args[1] : "";
  if (call.session.is(Session::kSubscriber) && !call.resp3()) {
    return RedisReply::array({RedisReply::bulk("pong"), bulk(text)});
  }
  return call.args.size() == 2 ? bulk(text) : RedisReply::status("PONG");
}

RedisReply echo(Call& call) {
  return bulk(call.args[1]);
}

RedisReply select(Call& call) {
  const auto number = parse_integer(call.args[1]);
  if (!number) return error(errors::kNotInteger);
  if (*number < INT32_MIN || *number > INT32_MAX) {
    return error("ERR value is out of range, value must between -2147483648 and 2147483647");
  }
  if (call.state.in_cluster() && *number != 0) {
    return error("ERR SELECT is not allowed in cluster mode");
  }
  if (*number < 0 || *number >= EngineState::kDatabases) {
    return error("ERR DB index is out of range");
  }
  call.session.database = static_cast<std::uint32_t>(*number);
  return ok();
}

bool authenticate(Call& call, std::string_view user, std::string_view password) {
  const std::string& wanted = call.state.config.requirepass;
  if (user != "default" || (!wanted.empty() && password != wanted)) return false;
  call.session.set(Session::kUnauthenticated, false);
  return true;
}

RedisReply auth(Call& call) {
  if (call.args.size() > 3) return error(errors::kSyntax);
  if (call.args.size() == 2 && call.state.config.requirepass.empty()) {
    return error(
        "ERR AUTH <password> called without any password configured for the default user. Are you "
        "sure your configuration is correct?");
  }
  const std::string_view user = call.args.size() == 2 ? "default" : call.args[1];
  return authenticate(call, user, call.args.back()) ? ok() : error(kWrongPassword);
}

RedisReply greeting(Call& call) {
  const char* mode = call.state.in_cluster() ? "cluster" : "standalone";
  const char* role = call.state.replication.primary ? "replica" : "master";
  return map(call, {bulk("server"), bulk("redis"), bulk("version"), bulk(kRedisVersion),
                    bulk("proto"), RedisReply::of(call.session.protocol), bulk("id"),
                    integer(call.session.id), bulk("mode"), bulk(mode), bulk("role"), bulk(role),
                    bulk("modules"), RedisReply::array()});
}

/// AUTH user password, SETNAME name: nothing where all is well.
std::optional<RedisReply> apply_greeting_options(Call& call, Arguments words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t more = words.size() - 1 - i;
    if (equals_ignoring_case(words[i], "auth") && more >= 2) {
      if (!authenticate(call, words[i + 1], words[i + 2])) return error(kWrongPassword);
      i += 2;
    } else if (equals_ignoring_case(words[i], "setname") && more >= 1) {
      if (!set_client_name(call.session, words[i + 1])) return error(errors::kClientName);
      i += 1;
    } else {
      return RedisReply::error("ERR Syntax error in HELLO option '" + std::string(words[i]) + "'");
    }
  }
  return std::nullopt;
}

RedisReply hello(Call& call) {
  std::int64_t version = 0;
  if (call.args.size() >= 2) {
    const auto number = parse_integer(call.args[1]);
    if (!number) return error("ERR Protocol version is not an integer or out of range");
    if (*number < 2 || *number > 3) return error("NOPROTO unsupported protocol version");
    version = *number;
    if (auto problem = apply_greeting_options(call, call.args.subspan(2))) return *problem;
  }
  if (call.session.is(Session::kUnauthenticated)) {
    return error(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
        "AUTH <user> <pass> option can be used to authenticate the client and select the RESP "
        "protocol version at the same time");
  }
  if (version != 0) call.session.protocol = static_cast<std::uint8_t>(version);
  return greeting(call);
}

RedisReply quit(Call& call) {
  call.state.close(call.session);
  return ok();
}

RedisReply reset(Call& call) {
  Session& session = call.session;
  if (session.is(Session::kFromPrimary)) {
    return error("ERR can only reset normal client connections");
  }
  call.state.end_transaction(session);
  call.state.unsubscribe(session);
  session.database = 0;
  session.protocol = 2;
  session.name.clear();
  session.reads_from_replica = false;
  session.special &= Session::kBuiltIn | Session::kClosing;
  const bool has_password = !call.state.config.requirepass.empty();
  session.set(Session::kUnauthenticated, has_password && !session.is(Session::kBuiltIn));
  return RedisReply::status("RESET");
}

constexpr std::uint16_t kAnyTime = kLoading | kStale;
constexpr std::uint16_t kGreeting = kAnyTime | kNoScript | kNoAuth | kAllowBusy;

constexpr CommandSpec kCommands[] = {
    {"ping", -1, kInPubsub, ping},
    {"echo", 2, kAnyTime, echo},
    {"select", 2, kAnyTime, select},
    {"auth", -2, kGreeting, auth},
    {"hello", -1, kGreeting, hello},
    {"quit", -1, kGreeting | kInPubsub | kNotQueued, quit},
    {"reset", 1, kGreeting | kInPubsub | kNotQueued, reset},
};

}  // namespace

std::span<const CommandSpec> connection_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
