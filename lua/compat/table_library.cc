#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

/// The length of the table at 1.
lua_Integer length(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  return static_cast<lua_Integer>(lua_rawlen(state, 1));
}

void refuse_protected(lua_State* state) {
  if (push_protected(state, 1)) raise_readonly(state);
}

int table_concat(lua_State* state) {
  const std::string_view separator =
      lua_isnoneornil(state, 2) ? std::string_view() : check_text(state, 2);
  luaL_checktype(state, 1, LUA_TTABLE);
  lua_Integer at = static_cast<int>(optional_whole(state, 3, 1));
  const lua_Integer last =
      lua_isnoneornil(state, 4) ? length(state) : static_cast<int>(check_whole(state, 4));
  luaL_Buffer buffer;
  luaL_buffinit(state, &buffer);
  for (; at <= last; ++at) {
    const int type = lua_rawgeti(state, 1, at);
    if (type == LUA_TNUMBER) {
      char text[kNumberText];
      const std::string_view number = number_text(lua_tonumber(state, -1), text);
      lua_pop(state, 1);
      luaL_addlstring(&buffer, number.data(), number.size());
    } else if (type == LUA_TSTRING) {
      luaL_addvalue(&buffer);
    } else {
      return luaL_error(state, "invalid value (%s) at index %d in table for 'concat'",
                        lua_typename(state, type), static_cast<int>(at));
    }
    if (at != last) luaL_addlstring(&buffer, separator.data(), separator.size());
  }
  luaL_pushresult(&buffer);
  return 1;
}

int table_insert(lua_State* state) {
  lua_Integer end = length(state) + 1;
  refuse_protected(state);
  lua_Integer position = end;
  switch (lua_gettop(state)) {
    case 2: break;
    case 3:
      position = static_cast<int>(check_whole(state, 2));
      if (position > end) end = position;
      for (lua_Integer i = end; i > position; --i) {
        Sandbox::of(state).charge(state, 1);
        lua_rawgeti(state, 1, i - 1);
        lua_rawseti(state, 1, i);
      }
      break;
    default: return luaL_error(state, "wrong number of arguments to 'insert'");
  }
  lua_rawseti(state, 1, position);
  return 0;
}

int table_remove(lua_State* state) {
  const lua_Integer end = length(state);
  lua_Integer position = static_cast<int>(optional_whole(state, 2, end));
  if (position < 1 || position > end) return 0;
  lua_rawgeti(state, 1, position);
  for (; position < end; ++position) {
    lua_rawgeti(state, 1, position + 1);
    lua_rawseti(state, 1, position);
  }
  lua_pushnil(state);
  lua_rawseti(state, 1, end);
  return 1;
}

int table_getn(lua_State* state) {
  push_whole(state, length(state));
  return 1;
}

int table_setn(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  return luaL_error(state, "'setn' is obsolete");
}

int table_maxn(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  double most = 0;
  lua_pushnil(state);
  while (lua_next(state, 1) != 0) {
    lua_pop(state, 1);
    if (lua_type(state, -1) == LUA_TNUMBER && lua_tonumber(state, -1) > most) {
      most = lua_tonumber(state, -1);
    }
  }
  lua_pushnumber(state, most);
  return 1;
}

int table_foreachi(lua_State* state) {
  const lua_Integer last = length(state);
  luaL_checktype(state, 2, LUA_TFUNCTION);
  for (lua_Integer i = 1; i <= last; ++i) {
    lua_pushvalue(state, 2);
    push_whole(state, i);
    lua_rawgeti(state, 1, i);
    lua_call(state, 2, 1);
    if (!lua_isnil(state, -1)) return 1;
    lua_pop(state, 1);
  }
  return 0;
}

int table_foreach(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  luaL_checktype(state, 2, LUA_TFUNCTION);
  lua_settop(state, 2);
  if (push_protected(state, 1)) lua_replace(state, 1);
  const lua_Integer count = push_ordered_keys(state, 1);
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_pushvalue(state, 2);
    lua_rawgeti(state, 3, i);
    lua_pushvalue(state, -1);
    lua_rawget(state, 1);
    lua_call(state, 2, 1);
    if (!lua_isnil(state, -1)) return 1;
    lua_pop(state, 1);
  }
  return 0;
}

// 5.4 may choose pivots by the clock; this is quicksort with 5.1's pivots, so that elements which
// compare equal end where they end there.

void set_two(lua_State* state, lua_Integer i, lua_Integer j) {
  lua_rawseti(state, 1, i);
  lua_rawseti(state, 1, j);
}

bool less(lua_State* state, int a, int b) {
  if (lua_isnil(state, 2)) return lua_compare(state, a, b, LUA_OPLT) != 0;
  lua_pushvalue(state, 2);
  lua_pushvalue(state, a - 1);
  lua_pushvalue(state, b - 2);
  lua_call(state, 2, 1);
  const bool result = lua_toboolean(state, -1) != 0;
  lua_pop(state, 1);
  return result;
}

/// Puts a[i] and a[j] (i < j) in order.
void order_two(lua_State* state, lua_Integer i, lua_Integer j) {
  lua_rawgeti(state, 1, i);
  lua_rawgeti(state, 1, j);
  if (less(state, -1, -2)) {
    set_two(state, i, j);
  } else {
    lua_pop(state, 2);
  }
}

/// Splits [low, up] around the pivot that lies on top of the stack and at up - 1; where it ends.
lua_Integer partition(lua_State* state, lua_Integer low, lua_Integer up) {
  lua_Integer i = low;
  lua_Integer j = up - 1;
  for (;;) {
    while (lua_rawgeti(state, 1, ++i), less(state, -1, -2)) {
      if (i > up) luaL_error(state, "invalid order function for sorting");
      lua_pop(state, 1);
    }
    while (lua_rawgeti(state, 1, --j), less(state, -3, -1)) {
      if (j < low) luaL_error(state, "invalid order function for sorting");
      lua_pop(state, 1);
    }
    if (j < i) {
      lua_pop(state, 3);
      break;
    }
    set_two(state, i, j);
  }
  lua_rawgeti(state, 1, up - 1);
  lua_rawgeti(state, 1, i);
  set_two(state, up - 1, i);
  return i;
}

void sort_range(lua_State* state, lua_Integer low, lua_Integer up) {
  while (low < up) {
    order_two(state, low, up);
    if (up - low == 1) return;
    const lua_Integer middle = (low + up) / 2;
    lua_rawgeti(state, 1, middle);
    lua_rawgeti(state, 1, low);
    if (less(state, -2, -1)) {
      set_two(state, middle, low);
    } else {
      lua_pop(state, 1);
      lua_rawgeti(state, 1, up);
      if (less(state, -1, -2)) {
        set_two(state, middle, up);
      } else {
        lua_pop(state, 2);
      }
    }
    if (up - low == 2) return;
    lua_rawgeti(state, 1, middle);
    lua_pushvalue(state, -1);
    lua_rawgeti(state, 1, up - 1);
    set_two(state, middle, up - 1);
    const lua_Integer split = partition(state, low, up);
    // The smaller part by recursion, so that its depth is logarithmic.
    const bool lower_is_smaller = split - low < up - split;
    luaL_checkstack(state, 40, "");
    if (lower_is_smaller) {
      sort_range(state, low, split - 1);
      low = split + 1;
    } else {
      sort_range(state, split + 1, up);
      up = split - 1;
    }
  }
}

int table_sort(lua_State* state) {
  const lua_Integer count = length(state);
  luaL_checkstack(state, 40, "");
  if (!lua_isnoneornil(state, 2)) luaL_checktype(state, 2, LUA_TFUNCTION);
  lua_settop(state, 2);
  sort_range(state, 1, count);
  return 0;
}

}  // namespace

void push_table_library(lua_State* state) {
  constexpr luaL_Reg kFunctions[] = {{"concat", table_concat},     {"foreach", table_foreach},
                                     {"foreachi", table_foreachi}, {"getn", table_getn},
                                     {"insert", table_insert},     {"maxn", table_maxn},
                                     {"remove", table_remove},     {"setn", table_setn},
                                     {"sort", table_sort},         {nullptr, nullptr}};
  luaL_newlib(state, kFunctions);
}

}  // namespace firedrill::lua
