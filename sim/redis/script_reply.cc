#include "sim/redis/script_reply.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "lua/compat/number_text.h"

namespace firedrill::sim::redis {

namespace {

constexpr int kDeepest = 1000;

RedisReply to_reply(lua_State* state, int depth);

std::string text_at(lua_State* state, int index) {
  std::size_t length = 0;
  const char* text = lua_tolstring(state, index, &length);
  return std::string(text, length);
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\r', ' ');
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// As x86 converts: what does not fit becomes the smallest.
std::int64_t truncated(double number) {
  if (!(std::fabs(number) < 9223372036854775808.0)) return INT64_MIN;
  return static_cast<std::int64_t>(number);
}

/// True, and the field's value pushed, where the table on top has `field` of that type.
bool push_field(lua_State* state, const char* field, int type) {
  lua_pushstring(state, field);
  if (lua_rawget(state, -2) == type) return true;
  lua_pop(state, 1);
  return false;
}

RedisReply array_reply(lua_State* state, int depth) {
  std::vector<RedisReply> items;
  for (lua_Integer i = 1;; ++i) {
    if (lua_rawgeti(state, -1, i) == LUA_TNIL) {
      lua_pop(state, 1);
      return RedisReply::array(std::move(items));
    }
    items.push_back(to_reply(state, depth + 1));
  }
}

/// {map=}, {set=}: RESP3 types, which RESP2 shows as flat arrays.
RedisReply flat_reply(lua_State* state, bool with_values, int depth) {
  std::vector<RedisReply> items;
  lua_pushnil(state);
  while (lua_next(state, -2) != 0) {
    lua_pushvalue(state, -2);
    items.push_back(to_reply(state, depth + 1));
    if (with_values) {
      items.push_back(to_reply(state, depth + 1));
    } else {
      lua_pop(state, 1);
    }
  }
  return RedisReply::array(std::move(items));
}

RedisReply table_reply(lua_State* state, int depth) {
  RedisReply reply;
  if (push_field(state, "err", LUA_TSTRING)) {
    reply = RedisReply::error(one_line(text_at(state, -1)));
  } else if (push_field(state, "ok", LUA_TSTRING)) {
    reply = RedisReply::status(one_line(text_at(state, -1)));
  } else if (push_field(state, "double", LUA_TNUMBER)) {
    char buffer[lua::kNumberText];
    reply = RedisReply::bulk(std::string(lua::argument_text(lua_tonumber(state, -1), buffer)));
  } else if (push_field(state, "map", LUA_TTABLE)) {
    reply = flat_reply(state, true, depth);
  } else if (push_field(state, "set", LUA_TTABLE)) {
    reply = flat_reply(state, false, depth);
  } else if (push_field(state, "big_number", LUA_TSTRING)) {
    reply = RedisReply::bulk(one_line(text_at(state, -1)));
  } else if (push_field(state, "verbatim_string", LUA_TTABLE)) {
    const bool has_text = push_field(state, "string", LUA_TSTRING);
    reply = has_text ? RedisReply::bulk(text_at(state, -1)) : RedisReply::nil();
    if (has_text) lua_pop(state, 1);
  } else {
    return array_reply(state, depth);
  }
  lua_pop(state, 1);
  return reply;
}

/// Pops the value on top of the stack.
RedisReply to_reply(lua_State* state, int depth) {
  RedisReply reply;
  if (depth > kDeepest || !lua_checkstack(state, 8)) {
    reply = RedisReply::error("ERR reached lua stack limit");
    lua_pop(state, 1);
    return reply;
  }
  switch (lua_type(state, -1)) {
    case LUA_TSTRING: reply = RedisReply::bulk(text_at(state, -1)); break;
    case LUA_TNUMBER: reply = RedisReply::of(truncated(lua_tonumber(state, -1))); break;
    case LUA_TBOOLEAN:
      reply = lua_toboolean(state, -1) ? RedisReply::of(1) : RedisReply::nil();
      break;
    case LUA_TTABLE: reply = table_reply(state, depth); break;
    default: break;
  }
  lua_pop(state, 1);
  return reply;
}

void push_single(lua_State* state, const char* field, const std::string& text) {
  lua_createtable(state, 0, 1);
  lua_pushlstring(state, text.data(), text.size());
  lua_setfield(state, -2, field);
}

}  // namespace

void push_reply(lua_State* state, const RedisReply& reply) {
  luaL_checkstack(state, 4, "a reply is nested too deeply");
  switch (reply.kind) {
    case RedisReply::Kind::nil:
    case RedisReply::Kind::nil_array: lua_pushboolean(state, 0); break;
    case RedisReply::Kind::integer:
      lua_pushnumber(state, static_cast<lua_Number>(reply.integer));
      break;
    case RedisReply::Kind::bulk:
      lua_pushlstring(state, reply.text.data(), reply.text.size());
      break;
    case RedisReply::Kind::status: push_single(state, "ok", reply.text); break;
    case RedisReply::Kind::error:
      push_single(state, "err", reply.text);
      lua_pushboolean(state, 1);
      lua_setfield(state, -2, "ignore_error_stats_update");
      break;
    case RedisReply::Kind::array: {
      lua_createtable(state, static_cast<int>(reply.items.size()), 0);
      lua_Integer index = 0;
      for (const RedisReply& item : reply.items) {
        push_reply(state, item);
        lua_rawseti(state, -2, ++index);
      }
      break;
    }
    default: lua_pushboolean(state, 0); break;  // RESP3's kinds: scripts speak RESP2
  }
}

void push_error(lua_State* state, const char* text) {
  lua_createtable(state, 0, 1);
  if (*text != '-') {
    lua_pushfstring(state, "ERR %s", text);
  } else if (std::string_view(text).find(' ') == std::string_view::npos) {
    lua_pushfstring(state, "ERR %s", text + 1);
  } else {
    lua_pushstring(state, text + 1);
  }
  lua_setfield(state, -2, "err");
}

RedisReply pop_reply(lua_State* state) {
  return to_reply(state, 0);
}

}  // namespace firedrill::sim::redis
