#include <algorithm>
#include <cstdlib>
#include <utility>

#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

// --- Errors --------------------------------------------------------------------------------------

int base_error(lua_State* state) {
  const auto level = static_cast<int>(optional_whole(state, 2, 1));
  lua_settop(state, 1);
  const bool is_text = lua_type(state, 1) == LUA_TSTRING || lua_type(state, 1) == LUA_TNUMBER;
  if (is_text && level > 0) {
    check_text(state, 1);
    push_where(state, level);
    lua_pushvalue(state, 1);
    lua_concat(state, 2);
  }
  return lua_error(state);
}

int base_assert(lua_State* state) {
  luaL_checkany(state, 1);
  if (lua_toboolean(state, 1)) return lua_gettop(state);
  if (lua_isnoneornil(state, 2)) return luaL_error(state, "assertion failed!");
  check_text(state, 2);
  return luaL_error(state, "%s", lua_tostring(state, 2));
}

/// Redis shows the text of an error table in place of the table, or gives what else is there
/// besides the table. How many values that leaves.
int unwrap_error_table(lua_State* state) {
  if (!lua_istable(state, -1)) return 1;
  const int type = lua_getfield(state, -1, "err");
  if (type != LUA_TSTRING && type != LUA_TNUMBER) return 2;
  lua_replace(state, -2);
  return 1;
}

int base_pcall(lua_State* state) {
  if (lua_gettop(state) == 0) {
    // Redis's own pcall takes the place of its result for the function.
    lua_pushboolean(state, 0);
    lua_pushliteral(state, "attempt to call a boolean value");
    return 2;
  }
  lua_pushboolean(state, 1);
  lua_insert(state, 1);
  if (lua_pcall(state, lua_gettop(state) - 2, LUA_MULTRET, 0) == LUA_OK) return lua_gettop(state);
  if (Sandbox::of(state).exhausted()) return lua_error(state);
  translate_top(state);
  const int count = unwrap_error_table(state);
  lua_pushboolean(state, 0);
  lua_insert(state, -1 - count);
  return 1 + count;
}

int translating_handler(lua_State* state) {
  translate_top(state);
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_insert(state, -2);
  lua_call(state, 1, 1);
  return 1;
}

int base_xpcall(lua_State* state) {
  luaL_checkany(state, 2);
  lua_settop(state, 2);
  lua_pushvalue(state, 2);
  lua_pushcclosure(state, translating_handler, 1);
  lua_replace(state, 2);
  lua_insert(state, 1);  // handler, function
  const int status = lua_pcall(state, 0, LUA_MULTRET, 1);
  if (status != LUA_OK && Sandbox::of(state).exhausted()) return lua_error(state);
  lua_pushboolean(state, status == LUA_OK);
  lua_replace(state, 1);
  return lua_gettop(state);
}

// --- Numbers and types ---------------------------------------------------------------------------

int base_tonumber(lua_State* state) {
  const lua_Integer base = static_cast<int>(optional_whole(state, 2, 10));
  if (base == 10) {
    luaL_checkany(state, 1);
    double number = 0;
    if (to_number(state, 1, &number)) {
      lua_pushnumber(state, number);
    } else {
      lua_pushnil(state);
    }
    return 1;
  }
  const char* text = check_text(state, 1).data();
  luaL_argcheck(state, 2 <= base && base <= 36, 2, "base out of range");
  char* end = nullptr;
  const unsigned long number = std::strtoul(text, &end, static_cast<int>(base));
  const bool has_digits = end != text;
  while (std::isspace(static_cast<unsigned char>(*end))) ++end;
  if (!has_digits || *end != '\0') {
    lua_pushnil(state);
  } else {
    lua_pushnumber(state, static_cast<lua_Number>(number));
  }
  return 1;
}

int base_tostring(lua_State* state) {
  luaL_checkany(state, 1);
  push_tostring(state, 1);
  return 1;
}

int base_type(lua_State* state) {
  luaL_checkany(state, 1);
  lua_pushstring(state, luaL_typename(state, 1));
  return 1;
}

int base_select(lua_State* state) {
  const int count = lua_gettop(state);
  if (lua_type(state, 1) == LUA_TSTRING && *lua_tostring(state, 1) == '#') {
    push_whole(state, count - 1);
    return 1;
  }
  lua_Integer from = check_int(state, 1);
  if (from < 0) {
    from = count + from;
  } else if (from > count) {
    from = count;
  }
  luaL_argcheck(state, 1 <= from, 1, "index out of range");
  return count - static_cast<int>(from);
}

int base_unpack(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  const lua_Integer first = static_cast<int>(optional_whole(state, 2, 1));
  const lua_Integer last = lua_isnoneornil(state, 3)
                               ? static_cast<lua_Integer>(lua_rawlen(state, 1))
                               : static_cast<int>(check_whole(state, 3));
  if (first > last) return 0;
  if (!has_room(state, last - first + 1)) return luaL_error(state, "too many results to unpack");
  for (lua_Integer i = first; i <= last; ++i) lua_rawgeti(state, 1, i);
  return static_cast<int>(last - first + 1);
}

// --- Tables --------------------------------------------------------------------------------------

int base_rawequal(lua_State* state) {
  luaL_checkany(state, 1);
  luaL_checkany(state, 2);
  lua_pushboolean(state, lua_rawequal(state, 1, 2));
  return 1;
}

int base_rawget(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  luaL_checkany(state, 2);
  lua_settop(state, 2);
  if (push_protected(state, 1)) lua_replace(state, 1);
  lua_rawget(state, 1);
  return 1;
}

int base_rawset(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  luaL_checkany(state, 2);
  luaL_checkany(state, 3);
  lua_settop(state, 3);
  if (push_protected(state, 1)) raise_readonly(state);
  lua_rawset(state, 1);
  return 1;
}

int base_getmetatable(lua_State* state) {
  luaL_checkany(state, 1);
  lua_settop(state, 1);
  const bool is_protected = push_protected(state, 1);
  if (!lua_getmetatable(state, -1)) {
    lua_pushnil(state);
    return 1;
  }
  if (is_protected || lua_type(state, 1) == LUA_TSTRING) {
    lua_pushvalue(state, -1);
    push_proxy(state, -2);
    return 1;
  }
  luaL_getmetafield(state, 1, "__metatable");
  return 1;
}

/// 5.1 has no finalizers of tables: 5.4 must not see __gc as it sets the metatable.
void set_metatable_without_finalizer(lua_State* state) {
  if (!lua_istable(state, 2)) {
    lua_setmetatable(state, 1);
    return;
  }
  lua_pushliteral(state, "__gc");
  if (lua_rawget(state, 2) == LUA_TNIL) {
    lua_settop(state, 2);
    lua_setmetatable(state, 1);
    return;
  }
  const auto set_gc = [state](int value) {
    lua_pushliteral(state, "__gc");
    lua_pushvalue(state, value);
    lua_rawset(state, 2);
  };
  lua_pushnil(state);
  set_gc(4);
  lua_pushvalue(state, 2);
  lua_setmetatable(state, 1);
  set_gc(3);
  lua_settop(state, 1);
}

int base_setmetatable(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  const int type = lua_type(state, 2);
  luaL_argcheck(state, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table expected");
  if (push_protected(state, 1)) raise_readonly(state);
  if (luaL_getmetafield(state, 1, "__metatable") != LUA_TNIL) {
    return luaL_error(state, "cannot change a protected metatable");
  }
  lua_settop(state, 2);
  set_metatable_without_finalizer(state);
  return 1;
}

// --- Iteration -----------------------------------------------------------------------------------

/// Upvalues: the table, its keys in order, how many there are, how many were visited.
int pairs_step(lua_State* state) {
  const lua_Integer count = lua_tointeger(state, lua_upvalueindex(3));
  lua_Integer at = lua_tointeger(state, lua_upvalueindex(4));
  while (at < count) {
    lua_rawgeti(state, lua_upvalueindex(2), ++at);
    lua_pushvalue(state, -1);
    if (lua_rawget(state, lua_upvalueindex(1)) != LUA_TNIL) {
      lua_pushinteger(state, at);
      lua_replace(state, lua_upvalueindex(4));
      return 2;
    }
    lua_pop(state, 2);  // erased since
  }
  lua_pushinteger(state, at);
  lua_replace(state, lua_upvalueindex(4));
  lua_pushnil(state);
  return 1;
}

int base_pairs(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  lua_settop(state, 1);
  if (push_protected(state, 1)) lua_replace(state, 1);
  lua_pushvalue(state, 1);
  const lua_Integer count = push_ordered_keys(state, 1);
  lua_pushinteger(state, count);
  lua_pushinteger(state, 0);
  lua_pushcclosure(state, pairs_step, 4);
  lua_pushvalue(state, 1);
  lua_pushnil(state);
  return 3;
}

int base_next(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  lua_settop(state, 2);
  if (push_protected(state, 1)) lua_replace(state, 1);
  const lua_Integer count = push_ordered_keys(state, 1);
  lua_Integer at = 1;
  if (!lua_isnil(state, 2)) {
    // A key that was erased while iterating is not found any more; keys behind it are.
    for (;; ++at) {
      if (at > count) raise_bare(state, "invalid key to 'next'");
      lua_rawgeti(state, 3, at);
      const bool found = lua_rawequal(state, -1, 2) != 0;
      lua_pop(state, 1);
      if (found) break;
    }
    ++at;
  }
  lua_rawgeti(state, 3, at);
  if (lua_isnil(state, -1)) return 1;
  lua_pushvalue(state, -1);
  lua_rawget(state, 1);
  return 2;
}

int ipairs_step(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  const lua_Integer index = check_whole(state, 2) + 1;
  push_whole(state, index);
  return lua_rawgeti(state, 1, index) == LUA_TNIL ? 0 : 2;
}

int base_ipairs(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  lua_pushcfunction(state, ipairs_step);
  lua_pushvalue(state, 1);
  lua_pushnumber(state, 0);
  return 3;
}

// --- Loading -------------------------------------------------------------------------------------

int load_text(lua_State* state, std::string_view source, const char* chunk_name) {
  if (Sandbox::of(state).load(state, source, chunk_name)) return 1;
  lua_pushnil(state);
  lua_insert(state, -2);
  return 2;
}

int base_loadstring(lua_State* state) {
  const std::string_view source = check_text(state, 1);
  if (source.starts_with("\x1b")) return lua_pushnil(state), 1;
  if (lua_type(state, 2) == LUA_TNUMBER) check_text(state, 2);
  return load_text(state, source, luaL_optstring(state, 2, source.data()));
}

/// All that the function at 1 gives, one text after the other.
int read_all(lua_State* state) {
  lua_pushliteral(state, "");
  for (;;) {
    lua_pushvalue(state, 1);
    lua_call(state, 0, 1);
    if (lua_isnil(state, -1)) break;
    if (lua_type(state, -1) != LUA_TSTRING && lua_type(state, -1) != LUA_TNUMBER) {
      raise_bare(state, "reader function must return a string");
    }
    if (check_text(state, 3).empty()) break;
    Sandbox::of(state).charge(state, 1);
    lua_concat(state, 2);
  }
  lua_settop(state, 2);
  return 1;
}

int base_load(lua_State* state) {
  if (lua_type(state, 2) == LUA_TNUMBER) check_text(state, 2);
  const char* chunk_name = luaL_optstring(state, 2, "=(load)");
  luaL_checktype(state, 1, LUA_TFUNCTION);
  lua_pushcfunction(state, read_all);
  lua_pushvalue(state, 1);
  if (lua_pcall(state, 1, 1, 0) != LUA_OK) {
    if (Sandbox::of(state).exhausted()) return lua_error(state);
    translate_top(state);
    lua_pushnil(state);
    lua_insert(state, -2);
    return 2;
  }
  const std::string_view source = check_text(state, lua_gettop(state));
  if (source.starts_with("\x1b")) return lua_pushnil(state), 1;
  return load_text(state, source, chunk_name);
}

int base_collectgarbage(lua_State* state) {
  if (lua_type(state, 1) == LUA_TNUMBER) check_text(state, 1);
  const char* option = luaL_optstring(state, 1, "collect");
  if (std::string_view(option) == "count") {
    lua_pushnumber(state, lua_gc(state, LUA_GCCOUNT) + lua_gc(state, LUA_GCCOUNTB) / 1024.0);
    return 1;
  }
  constexpr const char* kOptions[] = {"stop", "restart",  "collect",    "count",
                                      "step", "setpause", "setstepmul", nullptr};
  luaL_checkoption(state, 1, "collect", kOptions);
  const auto argument = static_cast<int>(optional_whole(state, 2, 0));
  const std::string_view what = option;
  if (what == "step") {
    lua_pushboolean(state, lua_gc(state, LUA_GCSTEP, argument));
    return 1;
  }
  int result = 0;
  if (what == "collect") lua_gc(state, LUA_GCCOLLECT);
  if (what == "setpause" || what == "setstepmul") {
    // Nothing that a script sees depends on them.
    int& setting = Sandbox::of(state).collector_setting(what == "setpause");
    result = std::exchange(setting, argument);
  }
  push_whole(state, result);
  return 1;
}

int base_gcinfo(lua_State* state) {
  push_whole(state, lua_gc(state, LUA_GCCOUNT));
  return 1;
}

}  // namespace

void push_base_library(lua_State* state) {
  constexpr luaL_Reg kFunctions[] = {{"assert", base_assert},
                                     {"collectgarbage", base_collectgarbage},
                                     {"error", base_error},
                                     {"gcinfo", base_gcinfo},
                                     {"getmetatable", base_getmetatable},
                                     {"ipairs", base_ipairs},
                                     {"load", base_load},
                                     {"loadstring", base_loadstring},
                                     {"next", base_next},
                                     {"pairs", base_pairs},
                                     {"pcall", base_pcall},
                                     {"rawequal", base_rawequal},
                                     {"rawget", base_rawget},
                                     {"rawset", base_rawset},
                                     {"select", base_select},
                                     {"setmetatable", base_setmetatable},
                                     {"tonumber", base_tonumber},
                                     {"tostring", base_tostring},
                                     {"type", base_type},
                                     {"unpack", base_unpack},
                                     {"xpcall", base_xpcall},
                                     {nullptr, nullptr}};
  luaL_newlib(state, kFunctions);
  lua_pushliteral(state, "Lua 5.1");
  lua_setfield(state, -2, "_VERSION");
}

}  // namespace firedrill::lua
