#include <cmath>
#include <cstring>

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

/// _FD_num(bound): a string that spells a number becomes it; the machine refuses the rest.
int bound(lua_State* state) {
  double number = 0;
  if (lua_type(state, 1) == LUA_TSTRING && to_number(state, 1, &number)) {
    lua_pushnumber(state, number);
  } else {
    lua_settop(state, 1);
  }
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
      {"_FD_cat", concat}, {"_FD_mod", modulo}, {"_FD_num", bound}, {nullptr, nullptr}};
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
