#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "lua/compat/number_text.h"
#include "lua/compat/sandbox.h"
#include "sim/redis/command.h"
#include "sim/redis/string_map.h"

namespace firedrill::sim::redis {

/// The scripts of one server and the Lua that runs them.
class ScriptHost {
 public:
  explicit ScriptHost(EngineState& engine);
  ScriptHost(const ScriptHost&) = delete;
  ScriptHost& operator=(const ScriptHost&) = delete;

  /// Whether a script of this SHA (40 hex digits, any case) is known.
  bool knows(std::string_view sha) const;
  /// Compiles and keeps it; the SHA, or an error reply.
  RedisReply load(std::string_view source);
  /// Forgets every script. The random sequence goes on.
  void flush();

  RedisReply eval(std::string_view source, Arguments keys, Arguments values);
  RedisReply evalsha(std::string_view sha, Arguments keys, Arguments values);

 private:
  using Chunk = lua::Sandbox::Chunk;
  static constexpr std::size_t kUsualArguments = 16;

  static ScriptHost& of(lua_State* state);
  static int call(lua_State* state);
  static int pcall(lua_State* state);
  static int log(lua_State* state);
  static int sha1hex(lua_State* state);
  static int error_reply(lua_State* state);
  static int status_reply(lua_State* state);
  static int setresp(lua_State* state);
  static int set_repl(lua_State* state);
  static int replicate_commands(lua_State* state);
  static int breakpoint(lua_State* state);
  static int debug(lua_State* state);
  static int acl_check_cmd(lua_State* state);

  void open();
  RedisReply run(std::string_view sha, const Chunk& chunk, Arguments keys, Arguments values);
  /// Executes the command on the stack of `state`; the reply is in reply_.
  void execute_command(lua_State* state);
  bool gather_arguments(lua_State* state, int count);

  EngineState& engine_;
  Session session_;  ///< the commands of scripts are executed for it
  lua::Random48 random_;
  lua::Sandbox sandbox_;
  StringMap<Chunk> scripts_;
  std::vector<std::string_view> words_;
  std::vector<std::array<char, lua::kNumberText>> numbers_;
  RedisReply reply_;  ///< here, where a Lua error cannot leak it
};

}  // namespace firedrill::sim::redis
