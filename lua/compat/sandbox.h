#pragma once

#include <lua.hpp>

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lua/compat/random48.h"
#include "lua/compat/translate.h"

namespace firedrill::lua {

/// A Lua 5.4 state that behaves as the Lua 5.1 inside Redis 7.0 does, with all of its libraries.
///
/// How, and how far it is sound:
/// - Every number in the machine is a float: literals are translated to floats (see translate.h),
///   and every library function here turns integer results into floats.
/// - Where the machine itself would spell a number (concatenation), a helper does it with %.14g.
/// - The libraries are 5.1's and Redis's: own ones where 5.4's differ (patterns, coroutines, sort),
///   5.4's functions behind argument fixes where they do not. What 5.1's C stack bounds (8000
///   values to a function) is bounded here, and calls nest 20,000 deep.
/// - pairs and next go through keys in an order that is the same in every run: whole numbers from 1
///   up, other numbers, strings, booleans. 5.1 has another order, which nobody may rely upon.
///   cjson, cmsgpack and replies of maps write keys in that order. Two keys that are tables or
///   functions have no such order: an error says so.
/// - tostring of a table numbers the tables instead of telling addresses.
/// - Error messages are translated into 5.1's wording.
/// - The globals and libraries are read-only; an unknown global is an error.
/// - Time and memory are bounded, in libraries, too; whatever a script is, it ends in a reply.
/// - Known to differ: arithmetic on a string that spells no number does not name the variable. An
///   error in an expression that spans lines may tell another of its lines. Where a table with
///   holes ends (#, unpack, insert). error() levels above several tail calls in a row. A numeric
///   for whose beginning and end are both no numbers blames the end. 5.1's limits on constants and
///   registers of a function. Chains of __index between 100 and 2000 long. __name in a metatable
///   shows in messages. string.dump is refused. collectgarbage's answers.
class Sandbox {
 public:
  struct Limits {
    std::int64_t instructions;
    std::size_t memory;
  };

  /// `random` outlives the sandbox.
  Sandbox(Limits limits, Random48& random);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  lua_State* state() { return state_; }

  /// A compiled script.
  struct Chunk {
    int reference = LUA_NOREF;
    bool may_run_long = false;
  };

  /// Compiles Lua 5.1 source; the error is 5.1's message.
  std::expected<Chunk, std::string> compile(std::string_view source, const char* chunk_name);

  /// A chunk as another sandbox of this program may load it, in a tenth of the time.
  struct Compiled {
    std::string code;
    bool may_run_long = false;
  };
  Compiled dump(const Chunk& chunk);
  Chunk load(const Compiled& compiled, const char* chunk_name);

  /// Asked every kInterruptStep instructions of a script that may run long. True: the script ends
  /// with "ERR Script killed by user with SCRIPT KILL...", which it cannot catch.
  void set_interrupt(std::function<bool()> interrupt) { interrupt_ = std::move(interrupt); }
  static constexpr std::int64_t kInterruptStep = 100'000;

  struct Failure {
    std::string message;  ///< "ERR user_script:1: ..." or what an error table says
    std::string place;    ///< "@user_script:1" or empty
  };

  /// The libraries' settings become what they were at first.
  void forget_settings();

  /// Runs a chunk. Leaves its first result on the stack, or nothing if it failed.
  std::optional<Failure> run(const Chunk& chunk);

  /// Makes a read-only global table of functions; each finds `context` as light userdata in its
  /// first upvalue.
  void add_library(const char* name, const luaL_Reg* functions, void* context);
  /// Sets a field of a library, by the value on top of the stack, which it pops.
  void set_library_field(const char* library, const char* field);
  /// Makes a global array of strings.
  void set_global(const char* name, std::span<const std::string_view> values);

  // --- For the libraries -----------------------------------------------------------------------

  static Sandbox& of(lua_State* state) {
    return **static_cast<Sandbox**>(lua_getextraspace(state));
  }
  Random48& random() { return random_; }
  /// The script must end: no error handler of its own may catch that.
  bool exhausted() const { return exhausted_; }
  /// What collectgarbage("setpause") and ("setstepmul") were last given.
  int& collector_setting(bool pause) { return pause ? collector_pause_ : collector_step_; }
  /// Counts `instructions` that a library spent; raises an error where the script has no more.
  void charge(lua_State* state, std::int64_t instructions);
  /// Raises the error of a full memory where `bytes` outside of Lua are more than it may have.
  void check_size(lua_State* state, std::size_t bytes) const {
    if (bytes > limits_.memory) raise_full(state);
  }
  /// Compiles onto the stack of `state`: a function, or an error message and false. (A script that
  /// names `load` counts as one that may run long.)
  bool load(lua_State* state, std::string_view source, const char* chunk_name,
            bool* may_run_long = nullptr);

  /// Room for C++ values that must outlive a Lua error.
  struct Scratch {
    std::vector<double> numbers;
    std::vector<std::string_view> strings;
    std::string text;
  };
  Scratch& scratch() { return scratch_; }

 private:
  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size);
  static void count_instructions(lua_State* state, lua_Debug* activation);
  static int handle_error(lua_State* state);

  [[noreturn]] static void raise_full(lua_State* state);
  void open();
  void protect(const char* name);
  void start_counting();
  void check_budget(lua_State* state);
  static void check_depth(lua_State* state);

  Limits limits_;
  std::function<bool()> interrupt_;  ///< may be empty
  Random48& random_;
  lua_State* state_ = nullptr;
  std::size_t memory_ = 0;
  int collector_pause_ = 200;
  int collector_step_ = 200;
  std::int64_t instructions_ = 0;
  bool counting_ = false;  ///< the hook is on
  bool exhausted_ = false;
  Failure failure_;
  Scratch scratch_;
};

}  // namespace firedrill::lua
