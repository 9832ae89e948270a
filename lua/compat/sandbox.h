#pragma once

#include <lua.hpp>

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lua/compat/random48.h"
#include "lua/compat/translate.h"

namespace firedrill::lua {

/// A Lua 5.4 state that behaves as the Lua 5.1 inside Redis 7.0 does.
///
/// How, and how far it is sound:
/// - Every number in the machine is a float: literals are translated to floats (see translate.h),
/// and
///   every library function here turns integer results into floats. What is left of integers (the
///   captures that gsub hands to a function) prints and computes as 5.1 would below 2^53.
/// - Where the machine itself would spell a number (concatenation), a helper does it with %.14g.
/// - The libraries are 5.1's: own ones where 5.4's differ, 5.4's functions behind argument fixes
///   where they do not. Patterns are 5.4's: they know %g, and \0 needs no %z.
/// - pairs and next go through keys in an order that is the same in every run: whole numbers from 1
///   up, other numbers, strings, booleans. 5.1 has another order, which nobody may rely upon.
///   Two keys that are tables or functions have no such order: an error says so.
/// - tostring of a table numbers the tables instead of telling addresses.
/// - Error messages are translated into 5.1's wording.
/// - The globals and libraries are read-only; an unknown global is an error.
/// - Left out so far: cmsgpack, struct; `goto` and names that begin with _FD_ as method names.
/// - Known to differ: a `for` of step 0 is an error; arithmetic on a string that spells no number
/// does
///   not name the variable; cjson.encode writes an object's keys in the order of pairs.
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

  struct Failure {
    std::string message;  ///< "ERR user_script:1: ..." or what an error table says
    std::string place;    ///< "@user_script:1" or empty
  };

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
  bool exhausted() const { return exhausted_; }
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

  void open();
  void protect(const char* name);
  void start_counting();

  Limits limits_;
  Random48& random_;
  lua_State* state_ = nullptr;
  std::size_t memory_ = 0;
  std::int64_t instructions_ = 0;
  bool counting_ = false;  ///< the hook is on
  bool exhausted_ = false;
  Failure failure_;
  Scratch scratch_;
};

}  // namespace firedrill::lua
