#pragma once

#include <lua.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "lua/compat/number_text.h"

namespace firedrill::lua {

/// A string argument as Lua 5.1 takes one: a number is replaced by its text, on the stack.
std::string_view check_text(lua_State* state, int index);

/// A number argument: a string that spells one will do.
double check_number(lua_State* state, int index);

/// A number argument, cut to an integer as C does.
lua_Integer check_whole(lua_State* state, int index);
/// The same, of which 5.1 keeps 32 bits.
inline int check_int(lua_State* state, int index) {
  return static_cast<int>(check_whole(state, index));
}
/// A number as an integer of 64 bits, signed or not, as x86 converts.
std::uint64_t whole_bits(double number);
lua_Integer optional_whole(lua_State* state, int index, lua_Integer otherwise);

/// Whether `count` more values fit on the stack of a function in 5.1, which holds 8000.
bool has_room(lua_State* state, lua_Integer count);
/// Makes that room, or raises "stack overflow (<what>)".
void check_stack(lua_State* state, lua_Integer count, const char* what);

/// Pushes "chunk:line: " of the activation at `level`, or nothing's text. A function that was
/// called in tail position stands for two levels, as in 5.1.
void push_where(lua_State* state, int level);

/// Raises `message` without a place, as 5.1's machine does while it works for a C function.
[[noreturn]] void raise_bare(lua_State* state, const char* message);

/// The number at `index` (a string that spells one too), or false.
bool to_number(lua_State* state, int index, double* number);

inline void push_text(lua_State* state, std::string_view text) {
  lua_pushlstring(state, text.data(), text.size());
}
inline void push_whole(lua_State* state, lua_Integer value) {
  lua_pushnumber(state, static_cast<lua_Number>(value));
}

/// Pushes what 5.1's tostring gives for the value at `index`.
void push_tostring(lua_State* state, int index);

/// A 5.4 message in 5.1's wording: "attempt to index local 'x' (a nil value)".
std::string to_51(std::string_view message);

/// Replaces the error message on top of the stack by to_51() of it, if it is a string.
void translate_top(lua_State* state);

/// Turns the top `count` values from integers into floats.
void float_results(lua_State* state, int count);

/// The field in a metatable that marks what must not be changed.
inline const char kProtectedKey = 0;
/// If the table at `index` is protected: pushes what it protects, and true.
bool push_protected(lua_State* state, int index);
/// Pushes an empty table that cannot be written; unknown fields go to the __index on top of the
/// stack, which it pops. `protects` (an index) is what pairs() shows of it.
void push_proxy(lua_State* state, int protects);
[[noreturn]] void raise_readonly(lua_State* state);

/// Pushes an array of the table's keys in the order of pairs(), and returns how many there are.
/// The table at `index` must not be protected.
lua_Integer push_ordered_keys(lua_State* state, int index);

// The libraries. Each pushes a new table.
void push_base_library(lua_State* state);  ///< the global functions
void push_string_library(lua_State* state);
void push_table_library(lua_State* state);
void push_math_library(lua_State* state);
void push_bit_library(lua_State* state);
void push_cjson_library(lua_State* state);
void push_cmsgpack_library(lua_State* state);
void push_struct_library(lua_State* state);
void push_coroutine_library(lua_State* state);
/// What translations call (see translate.h): set in the table on top of the stack.
void set_operators(lua_State* state);
/// What strings do with arithmetic: set in the (metatable) table on top of the stack.
void set_string_arithmetic(lua_State* state);

}  // namespace firedrill::lua
