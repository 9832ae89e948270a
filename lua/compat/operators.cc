#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

/// Raises "attempt to <verb> <name> (a T value)" for operand `index` (1-based) of a rewritten
/// operator, whose names argument 1 gives, each on its line.
int raise_operand(lua_State* state, const char* verb, int index) {
  const char* type = luaL_typename(state, index + 1);
  const char* name = lua_tostring(state, 1);
  for (int i = 1; i < index && name != nullptr; ++i) {
    name = std::strchr(name, '\n');
    if (name != nullptr) ++name;
  }
  if (name == nullptr || *name == '\0' || *name == '\n') {
    return luaL_error(state, "attempt to %s a %s value", verb, type);
  }
  lua_pushlstring(state, name, std::strcspn(name, "\n"));
  return luaL_error(state, "attempt to %s %s (a %s value)", verb, lua_tostring(state, -1), type);
}

bool is_text(lua_State* state, int index) {
  const int type = lua_type(state, index);
  return type == LUA_TSTRING || type == LUA_TNUMBER;
}

/// a .. b where one of them is no text: the metamethod's result replaces both on the stack.
void concat_by_metamethod(lua_State* state, int left_operand) {
  const bool found = luaL_getmetafield(state, -2, "__concat") != LUA_TNIL ||
                     luaL_getmetafield(state, -1, "__concat") != LUA_TNIL;
  if (!found) {
    const int blamed = is_text(state, -2) ? left_operand + 1 : left_operand;
    raise_operand(state, "concatenate", blamed);
  }
  lua_insert(state, -3);
  lua_call(state, 2, 1);
}

/// _FD_cat(names, a, b, ...): right to left, as the operator does.
int concat(lua_State* state) {
  const int last = lua_gettop(state);
  bool all_text = true;
  for (int i = 2; i <= last; ++i) {
    if (lua_type(state, i) == LUA_TNUMBER) check_text(state, i);
    all_text = all_text && lua_type(state, i) == LUA_TSTRING;
  }
  if (all_text) {
    lua_concat(state, last - 1);
    return 1;
  }
  for (int left = last - 1; left >= 2; --left) {  // operand `left - 1`, and all behind it
    if (lua_type(state, -1) == LUA_TNUMBER) check_text(state, lua_gettop(state));
    if (is_text(state, -1) && is_text(state, -2)) {
      lua_concat(state, 2);
    } else {
      concat_by_metamethod(state, left - 1);
    }
  }
  return 1;
}

/// Calls the metamethod `name` of the operands at 1 and 2 unless it is a string's own.
bool call_metamethod(lua_State* state, int first, const char* name) {
  for (int i = first; i < first + 2; ++i) {
    if (lua_type(state, i) == LUA_TSTRING || luaL_getmetafield(state, i, name) == LUA_TNIL) {
      continue;
    }
    lua_pushvalue(state, first);
    lua_pushvalue(state, first + 1);
    lua_call(state, 2, 1);
    return true;
  }
  return false;
}

/// _FD_mod(names, a, b)
int modulo(lua_State* state) {
  double a = 0;
  double b = 0;
  const bool a_is_number = to_number(state, 2, &a);
  if (a_is_number && to_number(state, 3, &b)) {
    lua_pushnumber(state, a - std::floor(a / b) * b);
    return 1;
  }
  lua_settop(state, 3);
  if (call_metamethod(state, 2, "__mod")) return 1;
  return raise_operand(state, "perform arithmetic on", a_is_number ? 2 : 1);
}

/// _FD_num(bound, never, step): where a loop begins or ends. A string that spells a number becomes
/// it; NaN becomes `never`; the machine refuses the rest. A beginning goes by the step and back.
int bound(lua_State* state) {
  double number = 0;
  if (!to_number(state, 1, &number)) {
    lua_settop(state, 1);
    return 1;
  }
  const double step = lua_tonumber(state, 3);
  if (step != 0) number = (number - step) + step;
  lua_pushnumber(state, std::isnan(number) ? lua_tonumber(state, 2) : number);
  return 1;
}

/// The iterator of a loop whose step is no literal. Upvalues: where it is, its end, its step.
int loop_step(lua_State* state) {
  const double step = lua_tonumber(state, lua_upvalueindex(3));
  const double at = lua_tonumber(state, lua_upvalueindex(1)) + step;
  const double last = lua_tonumber(state, lua_upvalueindex(2));
  if (!(step > 0 ? at <= last : last <= at)) return 0;
  lua_pushnumber(state, at);
  lua_copy(state, -1, lua_upvalueindex(1));
  return 1;
}

/// _FD_for(initial, limit, step)
int loop(lua_State* state) {
  constexpr const char* kNames[] = {"initial value", "limit", "step"};
  double numbers[3] = {0, 0, 0};
  for (int i = 0; i < 3; ++i) {
    if (!to_number(state, i + 1, &numbers[i])) {
      return luaL_error(state, "'for' %s must be a number", kNames[i]);
    }
  }
  lua_pushnumber(state, numbers[0] - numbers[2]);
  lua_pushnumber(state, numbers[1]);
  lua_pushnumber(state, numbers[2]);
  lua_pushcclosure(state, loop_step, 3);
  return 1;
}

/// _FD_arg(...): what `arg` is in a function that names it.
int argument_table(lua_State* state) {
  const int count = lua_gettop(state);
  lua_createtable(state, count, 1);
  lua_insert(state, 1);
  for (int i = count; i >= 1; --i) lua_rawseti(state, 1, i);
  push_whole(state, count);
  lua_setfield(state, 1, "n");
  return 1;
}

/// _FD_self(names, object, method, ...): object:method(...)
int call_method(lua_State* state) {
  const int type = lua_type(state, 2);
  if (type != LUA_TTABLE && luaL_getmetafield(state, 2, "__index") == LUA_TNIL) {
    return raise_operand(state, "index", 1);
  }
  if (type != LUA_TTABLE) lua_pop(state, 1);
  lua_pushvalue(state, 3);
  lua_gettable(state, 2);
  lua_replace(state, 3);
  if (lua_type(state, 3) != LUA_TFUNCTION && !luaL_getmetafield(state, 3, "__call")) {
    return raise_operand(state, "call", 2);
  }
  lua_settop(state, lua_gettop(state) - (lua_type(state, 3) != LUA_TFUNCTION ? 1 : 0));
  lua_rotate(state, 2, -1);  // method, ..., object
  lua_insert(state, 3);
  lua_call(state, lua_gettop(state) - 2, LUA_MULTRET);
  return lua_gettop(state) - 1;
}

/// _FD_len(a): 5.1 does not ask tables for __len.
int length(lua_State* state) {
  if (lua_istable(state, 1)) {
    push_whole(state, static_cast<lua_Integer>(lua_rawlen(state, 1)));
  } else {
    lua_len(state, 1);
    float_results(state, 1);
  }
  return 1;
}

// --- Comparisons, in scripts that define them ----------------------------------------------------

[[noreturn]] void raise_order(lua_State* state, int a, int b) {
  const std::string_view first = luaL_typename(state, a);
  const std::string_view second = luaL_typename(state, b);
  if (first == second) {
    luaL_error(state, "attempt to compare two %s values", first.data());
  }
  luaL_error(state, "attempt to compare %s with %s", first.data(), second.data());
  std::abort();  // luaL_error does not return
}

/// Calls the metamethod that the values at a and b share; whether there is one.
bool call_shared(lua_State* state, const char* name, int a, int b, bool* result) {
  if (luaL_getmetafield(state, a, name) == LUA_TNIL) return false;
  if (luaL_getmetafield(state, b, name) == LUA_TNIL || !lua_rawequal(state, -1, -2)) return false;
  lua_pushvalue(state, a);
  lua_pushvalue(state, b);
  lua_call(state, 2, 1);
  *result = lua_toboolean(state, -1) != 0;
  return true;
}

bool both_are(lua_State* state, int type) {
  return lua_type(state, 2) == type && lua_type(state, 3) == type;
}

bool less(lua_State* state, int a, int b, bool or_equal) {
  if (both_are(state, LUA_TNUMBER) || both_are(state, LUA_TSTRING)) {
    return lua_compare(state, a, b, or_equal ? LUA_OPLE : LUA_OPLT) != 0;
  }
  bool result = false;
  if (lua_type(state, a) != lua_type(state, b)) raise_order(state, a, b);
  if (or_equal) {
    if (call_shared(state, "__le", a, b, &result)) return result;
    if (call_shared(state, "__lt", b, a, &result)) return !result;
  } else if (call_shared(state, "__lt", a, b, &result)) {
    return result;
  }
  raise_order(state, a, b);
}

/// _FD_lt(names, a, b) and the like.
template <bool Swapped, bool OrEqual>
int ordered(lua_State* state) {
  lua_pushboolean(state, less(state, Swapped ? 3 : 2, Swapped ? 2 : 3, OrEqual));
  return 1;
}

template <bool Expected>
int equal(lua_State* state) {
  bool result = lua_rawequal(state, 2, 3) != 0;
  if (!result && both_are(state, LUA_TTABLE)) call_shared(state, "__eq", 2, 3, &result);
  lua_pushboolean(state, result == Expected);
  return 1;
}

/// Arithmetic with a string among the operands; which, upvalue 1 says (LUA_OP...), upvalue 2 its
/// metamethod.
int string_arithmetic(lua_State* state) {
  double a = 0;
  double b = 0;
  lua_settop(state, 2);
  const bool a_is_number = to_number(state, 1, &a);
  if (a_is_number && to_number(state, 2, &b)) {
    lua_pushnumber(state, a);
    lua_pushnumber(state, b);
    const auto operation = static_cast<int>(lua_tointeger(state, lua_upvalueindex(1)));
    if (operation == LUA_OPUNM) lua_pop(state, 1);
    lua_arith(state, operation);
    return 1;
  }
  if (call_metamethod(state, 1, lua_tostring(state, lua_upvalueindex(2)))) return 1;
  return luaL_error(state, "attempt to perform arithmetic on a %s value",
                    luaL_typename(state, a_is_number ? 2 : 1));
}

}  // namespace

void set_operators(lua_State* state) {
  constexpr luaL_Reg kFunctions[] = {
      {"_FD_arg", argument_table},       {"_FD_cat", concat},
      {"_FD_eq", equal<true>},           {"_FD_for", loop},
      {"_FD_ge", ordered<true, true>},   {"_FD_gt", ordered<true, false>},
      {"_FD_le", ordered<false, true>},  {"_FD_len", length},
      {"_FD_lt", ordered<false, false>}, {"_FD_mod", modulo},
      {"_FD_ne", equal<false>},          {"_FD_num", bound},
      {"_FD_self", call_method},         {nullptr, nullptr}};
  luaL_setfuncs(state, kFunctions, 0);
}

void set_string_arithmetic(lua_State* state) {
  struct Operator {
    const char* name;
    int operation;
  };
  constexpr Operator kOperators[] = {{"__add", LUA_OPADD}, {"__sub", LUA_OPSUB},
                                     {"__mul", LUA_OPMUL}, {"__div", LUA_OPDIV},
                                     {"__pow", LUA_OPPOW}, {"__unm", LUA_OPUNM}};
  for (const Operator& each : kOperators) {
    lua_pushinteger(state, each.operation);
    lua_pushstring(state, each.name);
    lua_pushcclosure(state, string_arithmetic, 2);
    lua_setfield(state, -2, each.name);
  }
}

}  // namespace firedrill::lua
