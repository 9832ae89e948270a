#include "sim/redis/script_host.h"

#include <cctype>
#include <optional>

#include "lua/compat/number_text.h"
#include "lua/compat/support.h"
#include "sim/redis/numbers.h"
#include "sim/redis/request_parser.h"
#include "sim/redis/scoped_value.h"
#include "sim/redis/script_cache.h"
#include "sim/redis/script_reply.h"
#include "sim/redis/sha1.h"

namespace firedrill::sim::redis {

namespace {

constexpr const char* kChunkName = "@user_script";

/// A script's failure as EVAL answers it: on one line.
RedisReply failure_reply(const lua::Sandbox::Failure& failure, std::string_view sha) {
  std::string text = failure.message;
  if (!failure.place.empty()) {
    text.append(" script: ").append(sha).append(", on ").append(failure.place).append(".");
  }
  for (char& c : text) {
    if (c == '\r' || c == '\n') c = ' ';
  }
  return RedisReply::error(std::move(text));
}

/// Sets one flag of a shebang's list; false if there is no such flag.
bool set_flag(ScriptFlags& flags, std::string_view name) {
  struct Flag {
    std::string_view name;
    bool ScriptFlags::* field;
  };
  constexpr Flag kFlags[] = {{"no-writes", &ScriptFlags::no_writes},
                             {"allow-oom", &ScriptFlags::allow_oom},
                             {"allow-stale", &ScriptFlags::allow_stale},
                             {"no-cluster", &ScriptFlags::no_cluster},
                             {"allow-cross-slot-keys", &ScriptFlags::allow_cross_slot_keys}};
  for (const Flag& flag : kFlags) {
    if (flag.name != name) continue;
    flags.*flag.field = true;
    return true;
  }
  return false;
}

/// Raises {err="ERR ..."}.
int raise(lua_State* state, const char* text) {
  push_error(state, text);
  return lua_error(state);
}

}  // namespace

ScriptHost::ScriptHost(EngineState& engine)
    : engine_(engine),
      sandbox_({engine.options.script_instructions, engine.options.script_memory}, random_) {
  if (engine.options.slow_script) {
    sandbox_.set_interrupt([this] { return interrupt(); });
  }
  open();
}

void ScriptHost::open() {
  constexpr luaL_Reg kFunctions[] = {{"call", call},
                                     {"pcall", pcall},
                                     {"log", log},
                                     {"sha1hex", sha1hex},
                                     {"error_reply", error_reply},
                                     {"status_reply", status_reply},
                                     {"setresp", setresp},
                                     {"set_repl", set_repl},
                                     {"replicate_commands", replicate_commands},
                                     {"breakpoint", breakpoint},
                                     {"debug", debug},
                                     {"acl_check_cmd", acl_check_cmd},
                                     {nullptr, nullptr}};
  sandbox_.add_library("redis", kFunctions, this);
  struct Constant {
    const char* name;
    int value;
  };
  constexpr Constant kConstants[] = {{"LOG_DEBUG", 0},  {"LOG_VERBOSE", 1},
                                     {"LOG_NOTICE", 2}, {"LOG_WARNING", 3},
                                     {"REPL_NONE", 0},  {"REPL_AOF", 1},
                                     {"REPL_SLAVE", 2}, {"REPL_REPLICA", 2},
                                     {"REPL_ALL", 3},   {"REDIS_VERSION_NUM", 0x0007000F}};
  for (const Constant& constant : kConstants) {
    lua_pushnumber(sandbox_.state(), constant.value);
    sandbox_.set_library_field("redis", constant.name);
  }
  lua_pushliteral(sandbox_.state(), "7.0.15");
  sandbox_.set_library_field("redis", "REDIS_VERSION");
}

std::expected<ScriptFlags, std::string> read_shebang(std::string_view source, std::size_t* length) {
  ScriptFlags flags;
  *length = 0;
  if (!source.starts_with("#!")) return flags;
  const std::size_t end = source.find_first_of(std::string_view("\n\0", 2));
  if (end == source.npos || source[end] != '\n') return std::unexpected("Invalid script shebang");
  std::string line(source.substr(0, end));
  std::vector<std::string_view> words;
  if (!split_inline(line, words) || words.empty()) {
    return std::unexpected("Invalid engine in script shebang");
  }
  if (words.front() != "#!lua") {
    return std::unexpected("Unexpected engine in script shebang: " + std::string(words.front()));
  }
  flags.declared = true;
  for (std::string_view list : std::span(words).subspan(1)) {
    if (!list.starts_with("flags=")) {
      return std::unexpected("Unknown lua shebang option: " + std::string(list));
    }
    list.remove_prefix(std::string_view("flags=").size());
    while (!list.empty()) {
      const std::size_t comma = list.find(',');
      const std::string_view name = list.substr(0, comma);
      if (!set_flag(flags, name)) {
        return std::unexpected("Unexpected flag in script shebang: " + std::string(name));
      }
      if (comma == list.size() - 1) return std::unexpected("Unexpected flag in script shebang: ");
      list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
    }
  }
  *length = end;
  return flags;
}

bool ScriptHost::knows(std::string_view sha) const {
  return sha.size() == kShaLength && scripts_.contains(lower_case(sha));
}

RedisReply ScriptHost::load(std::string_view source) {
  std::string sha = sha1_hex(source);
  if (scripts_.contains(sha)) return RedisReply::bulk(std::move(sha));
  std::size_t shebang = 0;
  const auto flags = read_shebang(source, &shebang);
  if (!flags) return RedisReply::error("ERR " + flags.error());
  ScriptCache* cache = engine_.options.script_cache.get();
  const auto* compiled = cache == nullptr ? nullptr : cache->find(sha);
  if (compiled != nullptr) {
    scripts_.insert(sha).first->value = {sandbox_.load(*compiled, kChunkName), *flags};
    return RedisReply::bulk(std::move(sha));
  }
  const auto chunk = sandbox_.compile(source.substr(shebang), kChunkName);
  if (!chunk) {
    return RedisReply::error("ERR Error compiling script (new function): " + chunk.error());
  }
  if (cache != nullptr) cache->keep(sha, sandbox_.dump(*chunk));
  scripts_.insert(sha).first->value = {*chunk, *flags};
  return RedisReply::bulk(std::move(sha));
}

void ScriptHost::flush() {
  for (const auto& script : scripts_) {
    luaL_unref(sandbox_.state(), LUA_REGISTRYINDEX, script.value.chunk.reference);
  }
  scripts_.clear();
  sandbox_.forget_settings();
}

RedisReply ScriptHost::eval(std::string_view source, Arguments keys, Arguments values,
                            bool read_only) {
  const RedisReply loaded = load(source);
  if (loaded.is_error()) return loaded;
  return evalsha(loaded.text, keys, values, read_only);
}

RedisReply ScriptHost::evalsha(std::string_view sha, Arguments keys, Arguments values,
                               bool read_only) {
  const auto* script = scripts_.find(sha);
  std::string lower;
  if (script == nullptr) {
    lower = lower_case(sha);
    sha = lower;
    script = scripts_.find(sha);
  }
  if (script == nullptr) return error(errors::kNoScript);
  return run(sha, script->value, keys, values, read_only);
}

const ScriptFlags* ScriptHost::flags_of(std::string_view sha) const {
  const auto* script = scripts_.find(sha);
  return script == nullptr ? nullptr : &script->value.flags;
}

/// As the command that runs it is refused before, by the same flags: what is left is a script that
/// was not known when the command was looked at (queued for EXEC).
std::optional<RedisReply> ScriptHost::refusal_to_run(const ScriptFlags& flags,
                                                     bool read_only) const {
  if (!flags.declared) {
    return engine_.is_stale() ? std::optional(error(errors::kStale)) : std::nullopt;
  }
  const bool obeys = engine_.caller->is(Session::kFromPrimary);
  if (flags.no_cluster && engine_.in_cluster()) {
    return error("ERR Can not run script on cluster, 'no-cluster' flag is set.");
  }
  if (engine_.is_stale() && !flags.allow_stale) {
    return error(
        "MASTERDOWN Link with MASTER is down, replica-serve-stale-data is set to 'no' and "
        "'allow-stale' flag is not set on the script.");
  }
  if (flags.no_writes) return std::nullopt;
  if (engine_.replication.primary && engine_.config.replica_read_only && !obeys) {
    return error("READONLY Can not run script with write flag on readonly replica");
  }
  if ((engine_.guards & EngineState::kDiskFailed) && !obeys) {
    return error(
        "MISCONF Redis is configured to persist data to AOF, but it's currently unable to persist "
        "to disk. Writable scripts are blocked. Use 'no-writes' flag for read only scripts. AOF "
        "error: No space left on device");
  }
  if (read_only) return error("ERR Can not execute a script with write flag using *_ro command.");
  if (!engine_.has_enough_replicas()) return error(errors::kFewReplicas);
  if (engine_.out_of_memory && !flags.allow_oom) {
    return error(
        "OOM allow-oom flag is not set on the script, can not run it when used memory > "
        "'maxmemory'");
  }
  return std::nullopt;
}

std::uint16_t flags_with_script(const EngineState& state, const CommandSpec& spec,
                                Arguments words) {
  if (!spec.name.starts_with("eval") || words.size() < 2) return spec.flags;
  ScriptFlags flags;
  if (spec.name.starts_with("evalsha")) {
    const ScriptFlags* known =
        state.script_host == nullptr || words[1].size() != ScriptHost::kShaLength
            ? nullptr
            : state.script_host->flags_of(lower_case(words[1]));
    if (known != nullptr) flags = *known;
  } else {
    std::size_t length = 0;
    flags = read_shebang(words[1], &length).value_or(ScriptFlags{});
  }
  if (!flags.declared) return spec.flags;
  unsigned result = spec.flags & ~unsigned{kStale | kDenyOom | kWrite | kMayReplicate};
  if (!flags.allow_oom && !flags.no_writes) result |= kDenyOom;
  if (!flags.no_writes) result |= kWrite;
  if (flags.allow_stale) result |= kStale;
  return static_cast<std::uint16_t>(result);
}

RedisReply ScriptHost::run(std::string_view sha, const Script& script, Arguments keys,
                           Arguments values, bool read_only) {
  const ScriptFlags& flags = script.flags;
  if (auto refused = refusal_to_run(flags, read_only)) return std::move(*refused);
  sandbox_.set_global("KEYS", keys);
  sandbox_.set_global("ARGV", values);
  session_.database = engine_.caller->database;
  session_.protocol = 2;
  session_.special = engine_.caller->special & Session::kFromPrimary;
  std::optional<ScopedValue<bool>> within(std::in_place, engine_.in_script, true);
  engine_.script = {.read_only = read_only || flags.no_writes,
                    .allows_oom = flags.allow_oom,
                    .one_slot = flags.declared && !flags.allow_cross_slot_keys};
  const auto failure = sandbox_.run(script.chunk);
  within.reset();
  if (failure) return failure_reply(*failure, sha);
  return pop_reply(sandbox_.state(), {session_.protocol, engine_.caller->protocol});
}

// --- The redis library
// -----------------------------------------------------------------------------

ScriptHost& ScriptHost::of(lua_State* state) {
  return *static_cast<ScriptHost*>(lua_touserdata(state, lua_upvalueindex(1)));
}

/// False where an argument is neither text nor number.
bool ScriptHost::gather_arguments(lua_State* state, int count) {
  words_.clear();
  numbers_.resize(static_cast<std::size_t>(count));
  for (int i = 1; i <= count; ++i) {
    if (lua_type(state, i) == LUA_TNUMBER) {
      auto& buffer = numbers_[static_cast<std::size_t>(i - 1)];
      char text[lua::kNumberText];
      const std::string_view spelt = lua::argument_text(lua_tonumber(state, i), text);
      spelt.copy(buffer.data(), spelt.size());
      words_.emplace_back(buffer.data(), spelt.size());
    } else if (lua_type(state, i) == LUA_TSTRING) {
      std::size_t length = 0;
      const char* text = lua_tolstring(state, i, &length);
      words_.emplace_back(text, length);
    } else {
      return false;
    }
  }
  return true;
}

bool ScriptHost::execute_command(lua_State* state) {
  ScriptHost& host = of(state);
  const int count = lua_gettop(state);
  if (count == 0) {
    push_error(state, "Please specify at least one argument for this redis lib call");
    return true;
  }
  if (!host.gather_arguments(state, count)) {
    push_error(state, "Lua redis lib command arguments must be strings or integers");
    return true;
  }
  host.execute_words();
  push_reply(state, host.reply_, host.session_.protocol);
  return host.reply_.is_error();
}

void ScriptHost::execute_words() {
  const CommandSpec* spec = find_command(Arguments(words_));
  if (spec == nullptr) {
    reply_ = error("ERR Unknown Redis command called from script");
  } else if (!spec->accepts(words_.size())) {
    reply_ = error("ERR Wrong number of args calling Redis command from script");
  } else if (spec->flags & kNoScript) {
    reply_ = error("ERR This Redis command is not allowed from script");
  } else if (auto refused = refusal(*spec)) {
    reply_ = std::move(*refused);
  } else {
    engine_.script.has_written |= spec->has(kWrite);
    reply_ = call_command(engine_, session_, *spec, words_);
  }
  ++engine_.script.commands;
}

std::optional<RedisReply> ScriptHost::refusal(const CommandSpec& spec) {
  if (engine_.guards == 0 && !engine_.script.read_only) return std::nullopt;
  return refusal_in_script(engine_, session_, spec, words_);
}

bool ScriptHost::interrupt() {
  engine_.set_guard(EngineState::kBusyScript, true);
  const auto answer = engine_.options.slow_script();
  engine_.set_guard(EngineState::kBusyScript, false);
  return engine_.script.killed || answer == Engine::SlowScript::stop;
}

int ScriptHost::call(lua_State* state) {
  return execute_command(state) ? lua_error(state) : 1;
}

int ScriptHost::pcall(lua_State* state) {
  execute_command(state);
  return 1;
}

int ScriptHost::log(lua_State* state) {
  if (lua_gettop(state) < 2) return raise(state, "redis.log() requires two arguments or more.");
  double level = 0;
  if (!lua::to_number(state, 1, &level)) {
    return raise(state, "First argument must be a number (log level).");
  }
  if (!(level > -1 && level < 4)) return raise(state, "Invalid debug level.");
  return 0;
}

int ScriptHost::sha1hex(lua_State* state) {
  if (lua_gettop(state) != 1) return raise(state, "wrong number of arguments");
  ScriptHost& host = of(state);
  char buffer[lua::kNumberText];
  if (lua_type(state, 1) == LUA_TNUMBER) {
    host.reply_.text = sha1_hex(lua::number_text(lua_tonumber(state, 1), buffer));
  } else {
    std::size_t length = 0;
    const char* text = lua_tolstring(state, 1, &length);
    host.reply_.text =
        sha1_hex(text == nullptr ? std::string_view() : std::string_view(text, length));
  }
  lua_pushlstring(state, host.reply_.text.data(), host.reply_.text.size());
  return 1;
}

int ScriptHost::error_reply(lua_State* state) {
  if (lua_gettop(state) != 1 || lua_type(state, 1) != LUA_TSTRING) {
    push_error(state, "wrong number or type of arguments");
    return 1;
  }
  const char* text = lua_tostring(state, 1);
  if (*text != '-') text = lua_pushfstring(state, "-%s", text);
  push_error(state, text);
  return 1;
}

int ScriptHost::status_reply(lua_State* state) {
  if (lua_gettop(state) != 1 || lua_type(state, 1) != LUA_TSTRING) {
    push_error(state, "wrong number or type of arguments");
    return 1;
  }
  lua_createtable(state, 0, 1);
  lua_pushvalue(state, 1);
  lua_setfield(state, -2, "ok");
  return 1;
}

/// For the rest of the script, as its session goes.
int ScriptHost::setresp(lua_State* state) {
  if (lua_gettop(state) != 1) return raise(state, "redis.setresp() requires one argument.");
  double version = 0;
  lua::to_number(state, 1, &version);
  if (!(version >= 2 && version < 4)) return raise(state, "RESP version must be 2 or 3.");
  of(state).session_.protocol = static_cast<std::uint8_t>(version);
  return 0;
}

int ScriptHost::set_repl(lua_State* state) {
  if (lua_gettop(state) != 1) return raise(state, "redis.set_repl() requires two arguments.");
  double flags = 0;
  lua::to_number(state, 1, &flags);
  if (!(flags > -1 && flags < 4)) {
    return raise(state,
                 "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
  }
  return 0;
}

int ScriptHost::replicate_commands(lua_State* state) {
  lua_pushboolean(state, 1);
  return 1;
}

int ScriptHost::breakpoint(lua_State* state) {
  lua_pushboolean(state, 0);
  return 1;
}

int ScriptHost::debug(lua_State*) {
  return 0;
}

int ScriptHost::acl_check_cmd(lua_State* state) {
  ScriptHost& host = of(state);
  const int count = lua_gettop(state);
  if (count == 0)
    return raise(state, "Please specify at least one argument for this redis lib call");
  if (!host.gather_arguments(state, count)) {
    return raise(state, "Lua redis lib command arguments must be strings or integers");
  }
  if (find_command(Arguments(host.words_)) == nullptr) {
    return raise(state, "Invalid command passed to redis.acl_check_cmd()");
  }
  lua_pushboolean(state, 1);
  return 1;
}

}  // namespace firedrill::sim::redis
