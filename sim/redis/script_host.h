#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lua/compat/number_text.h"
#include "lua/compat/sandbox.h"
#include "sim/redis/command.h"
#include "sim/redis/string_map.h"

namespace firedrill::sim::redis {

/// What a script's first line says of it ("#!lua flags=no-writes,allow-oom").
struct ScriptFlags {
  bool declared = false;  ///< there is such a line; without it, nothing below is set
  bool no_writes = false;
  bool allow_oom = false;
  bool allow_stale = false;
  bool no_cluster = false;
  bool allow_cross_slot_keys = false;
};

/// Reads that line; `length` is where the rest, which begins with the line's end, begins. The error
/// is Redis's message.
std::expected<ScriptFlags, std::string> read_shebang(std::string_view source, std::size_t* length);

/// The flags that EVAL and the like (`spec`) have with this script: those that it declares.
std::uint16_t flags_with_script(const EngineState& state, const CommandSpec& spec, Arguments words);

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

  /// The length of a SHA in hexadecimal.
  static constexpr std::size_t kShaLength = 40;
  /// What a script of this SHA (in lower case) says of itself; null where it is not known.
  const ScriptFlags* flags_of(std::string_view sha) const;

  /// `read_only`: commands that write are refused (EVAL_RO).
  RedisReply eval(std::string_view source, Arguments keys, Arguments values, bool read_only);
  RedisReply evalsha(std::string_view sha, Arguments keys, Arguments values, bool read_only);

 private:
  struct Script {
    lua::Sandbox::Chunk chunk;
    ScriptFlags flags;
  };
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
  RedisReply run(std::string_view sha, const Script& script, Arguments keys, Arguments values,
                 bool read_only);
  /// What the server's condition says against a script; nothing where it may run.
  std::optional<RedisReply> refusal_to_run(const ScriptFlags& flags, bool read_only) const;
  /// The script runs long: others are heard meanwhile. Whether it must end.
  bool interrupt();
  /// Executes the command on the stack of `state` and pushes its reply. True: that is an error.
  static bool execute_command(lua_State* state);
  /// The words are in words_; the reply is in reply_.
  void execute_words();
  /// What the server's condition says against the command in words_.
  std::optional<RedisReply> refusal(const CommandSpec& spec);
  bool gather_arguments(lua_State* state, int count);

  EngineState& engine_;
  Session session_;  ///< the commands of scripts are executed for it
  lua::Random48 random_;
  lua::Sandbox sandbox_;
  StringMap<Script> scripts_;
  std::vector<std::string_view> words_;
  std::vector<std::array<char, lua::kNumberText>> numbers_;
  RedisReply reply_;  ///< here, where a Lua error cannot leak it
};

}  // namespace firedrill::sim::redis
