#include "sim/redis/script_host.h"

#include <cctype>

#include "lua/compat/number_text.h"
#include "sim/redis/numbers.h"
#include "sim/redis/script_cache.h"
#include "sim/redis/script_reply.h"
#include "sim/redis/sha1.h"

namespace firedrill::sim::redis {

namespace {

constexpr std::size_t kShaLength = 40;
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

/// Raises {err="ERR ..."}.
int raise(lua_State* state, const char* text) {
  push_error(state, text);
  return lua_error(state);
}

}  // namespace

ScriptHost::ScriptHost(EngineState& engine)
    : engine_(engine),
      sandbox_({engine.options.script_instructions, engine.options.script_memory}, random_) {
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

bool ScriptHost::knows(std::string_view sha) const {
  return sha.size() == kShaLength && scripts_.contains(lower_case(sha));
}

RedisReply ScriptHost::load(std::string_view source) {
  std::string sha = sha1_hex(source);
  if (scripts_.contains(sha)) return RedisReply::bulk(std::move(sha));
  ScriptCache* cache = engine_.options.script_cache.get();
  const auto* compiled = cache == nullptr ? nullptr : cache->find(sha);
  if (compiled != nullptr) {
    scripts_.insert(sha).first->value = sandbox_.load(*compiled, kChunkName);
    return RedisReply::bulk(std::move(sha));
  }
  const auto chunk = sandbox_.compile(source, kChunkName);
  if (!chunk) {
    return RedisReply::error("ERR Error compiling script (new function): " + chunk.error());
  }
  if (cache != nullptr) cache->keep(sha, sandbox_.dump(*chunk));
  scripts_.insert(sha).first->value = *chunk;
  return RedisReply::bulk(std::move(sha));
}

void ScriptHost::flush() {
  for (const auto& script : scripts_) {
    luaL_unref(sandbox_.state(), LUA_REGISTRYINDEX, script.value.reference);
  }
  scripts_.clear();
}

RedisReply ScriptHost::eval(std::string_view source, Arguments keys, Arguments values) {
  const RedisReply loaded = load(source);
  if (loaded.is_error()) return loaded;
  return evalsha(loaded.text, keys, values);
}

RedisReply ScriptHost::evalsha(std::string_view sha, Arguments keys, Arguments values) {
  const auto* script = scripts_.find(sha);
  std::string lower;
  if (script == nullptr) {
    lower = lower_case(sha);
    sha = lower;
    script = scripts_.find(sha);
  }
  if (script == nullptr) return error("NOSCRIPT No matching script. Please use EVAL.");
  return run(sha, script->value, keys, values);
}

RedisReply ScriptHost::run(std::string_view sha, const Chunk& chunk, Arguments keys,
                           Arguments values) {
  sandbox_.set_global("KEYS", keys);
  sandbox_.set_global("ARGV", values);
  session_.database = engine_.caller->database;
  session_.protocol = 2;
  session_.special = engine_.caller->special & Session::kFromPrimary;
  engine_.in_script = true;
  const auto failure = sandbox_.run(chunk);
  engine_.in_script = false;
  if (failure) return failure_reply(*failure, sha);
  return pop_reply(sandbox_.state());
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

void ScriptHost::execute_command(lua_State* state) {
  const int count = lua_gettop(state);
  if (count == 0) {
    reply_ = error("ERR Please specify at least one argument for this redis lib call");
    return;
  }
  if (!gather_arguments(state, count)) {
    reply_ = error("ERR Lua redis lib command arguments must be strings or integers");
    return;
  }
  const CommandSpec* spec = find_command(Arguments(words_));
  if (spec == nullptr) {
    reply_ = error("ERR Unknown Redis command called from script");
  } else if (!spec->accepts(words_.size())) {
    reply_ = error("ERR Wrong number of args calling Redis command from script");
  } else if (spec->flags & kNoScript) {
    reply_ = error("ERR This Redis command is not allowed from script");
  } else {
    reply_ = call_command(engine_, session_, *spec, words_);
  }
}

int ScriptHost::call(lua_State* state) {
  ScriptHost& host = of(state);
  host.execute_command(state);
  push_reply(state, host.reply_);
  return host.reply_.is_error() ? lua_error(state) : 1;
}

int ScriptHost::pcall(lua_State* state) {
  ScriptHost& host = of(state);
  host.execute_command(state);
  push_reply(state, host.reply_);
  return 1;
}

int ScriptHost::log(lua_State* state) {
  if (lua_gettop(state) < 2) return raise(state, "redis.log() requires two arguments or more.");
  if (lua_type(state, 1) != LUA_TNUMBER) {
    return raise(state, "First argument must be a number (log level).");
  }
  const double level = lua_tonumber(state, 1);
  if (level < 0 || level > 3) return raise(state, "Invalid debug level.");
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

/// Replies stay those of RESP2 whichever version is asked for: RESP3 is not modelled.
int ScriptHost::setresp(lua_State* state) {
  if (lua_gettop(state) != 1) return raise(state, "redis.setresp() requires one argument.");
  const double version = lua_tonumber(state, 1);
  if (version != 2 && version != 3) return raise(state, "RESP version must be 2 or 3.");
  return 0;
}

int ScriptHost::set_repl(lua_State* state) {
  if (lua_gettop(state) != 1) return raise(state, "redis.set_repl() requires two arguments.");
  const double flags = lua_tonumber(state, 1);
  if (flags < 0 || flags > 3) {
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
    return raise(state, "Please specify at least one argument for this redis.acl_check_cmd() call");
  if (!host.gather_arguments(state, count)) {
    return raise(state, "redis.acl_check_cmd() arguments must be strings or integers");
  }
  if (find_command(host.words_[0]) == nullptr) {
    return raise(state, "Invalid command passed to redis.acl_check_cmd()");
  }
  lua_pushboolean(state, 1);
  return 1;
}

}  // namespace firedrill::sim::redis
