#include "sim/redis/script_reply.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "lua/compat/number_text.h"
#include "lua/compat/support.h"

namespace firedrill::sim::redis {

namespace {

constexpr int kDeepest = 1000;

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

/// Reads the value that a script answered.
class Reader {
 public:
  Reader(lua_State* state, ScriptProtocols protocols) : state_(state), protocols_(protocols) {}

  /// Pops the value on top of the stack.
  RedisReply pop(int depth) {
    RedisReply reply;
    if (depth > kDeepest || !lua_checkstack(state_, 8)) {
      reply = RedisReply::error("ERR reached lua stack limit");
      lua_pop(state_, 1);
      return reply;
    }
    switch (lua_type(state_, -1)) {
      case LUA_TSTRING: reply = RedisReply::bulk(text_at(state_, -1)); break;
      case LUA_TNUMBER: reply = RedisReply::of(truncated(lua_tonumber(state_, -1))); break;
      case LUA_TBOOLEAN: reply = boolean(lua_toboolean(state_, -1) != 0); break;
      case LUA_TTABLE: reply = table(depth); break;
      default: break;
    }
    lua_pop(state_, 1);
    return reply;
  }

 private:
  using Kind = RedisReply::Kind;

  bool resp3() const { return protocols_.client == 3; }

  RedisReply boolean(bool value) const {
    if (protocols_.script == 2) return value ? RedisReply::of(1) : RedisReply::nil();
    return resp3() ? RedisReply::boolean(value) : RedisReply::of(value ? 1 : 0);
  }

  /// A text of a kind that RESP2 shows as a bulk.
  RedisReply text(Kind kind, std::string value) const {
    return RedisReply::with_text(resp3() ? kind : Kind::bulk, std::move(value));
  }

  /// The table on top; its fields are asked for in the order in which Redis does.
  RedisReply table(int depth) {
    RedisReply reply;
    if (push_field(state_, "err", LUA_TSTRING)) {
      reply = RedisReply::error(one_line(lua_tostring(state_, -1)));
    } else if (push_field(state_, "ok", LUA_TSTRING)) {
      reply = RedisReply::status(one_line(lua_tostring(state_, -1)));
    } else if (push_field(state_, "double", LUA_TNUMBER)) {
      char buffer[lua::kNumberText];
      reply = text(Kind::real, std::string(lua::argument_text(lua_tonumber(state_, -1), buffer)));
    } else if (push_field(state_, "big_number", LUA_TSTRING)) {
      reply = text(Kind::big_number, one_line(text_at(state_, -1)));
    } else if (push_verbatim()) {
      reply = verbatim();
    } else if (push_field(state_, "map", LUA_TTABLE)) {
      reply = keyed(Kind::map, depth);
    } else if (push_field(state_, "set", LUA_TTABLE)) {
      reply = keyed(Kind::set, depth);
    } else {
      return array(depth);
    }
    lua_pop(state_, 1);
    return reply;
  }

  RedisReply array(int depth) {
    std::vector<RedisReply> items;
    for (lua_Integer i = 1;; ++i) {
      if (lua_rawgeti(state_, -1, i) == LUA_TNIL) {
        lua_pop(state_, 1);
        return RedisReply::array(std::move(items));
      }
      items.push_back(pop(depth + 1));
    }
  }

  /// {verbatim_string={string=, format=}}: pushes the inner table if both are there.
  bool push_verbatim() {
    if (!push_field(state_, "verbatim_string", LUA_TTABLE)) return false;
    for (const char* field : {"format", "string"}) {
      if (!push_field(state_, field, LUA_TSTRING)) {
        lua_pop(state_, 1);
        return false;
      }
      lua_pop(state_, 1);
    }
    return true;
  }

  RedisReply verbatim() {
    constexpr std::size_t kFormat = 3;
    push_field(state_, "format", LUA_TSTRING);
    std::string format = lua_tostring(state_, -1);
    format.resize(kFormat, ' ');
    lua_pop(state_, 1);
    push_field(state_, "string", LUA_TSTRING);
    std::string value = text_at(state_, -1);
    lua_pop(state_, 1);
    return resp3() ? text(Kind::verbatim, format + ":" + value) : RedisReply::bulk(value);
  }

  /// {map=}, {set=}, in the order of pairs(); RESP2 shows them as flat arrays.
  RedisReply keyed(Kind kind, int depth) {
    const int table = lua_gettop(state_);
    const lua_Integer count = lua::push_ordered_keys(state_, table);
    std::vector<RedisReply> items;
    for (lua_Integer i = 1; i <= count; ++i) {
      lua_rawgeti(state_, table + 1, i);
      items.push_back(pop(depth + 1));
      if (kind == Kind::set) continue;
      lua_rawgeti(state_, table + 1, i);
      lua_rawget(state_, table);
      items.push_back(pop(depth + 1));
    }
    lua_pop(state_, 1);
    return RedisReply::with_items(resp3() ? kind : Kind::array, std::move(items));
  }

  lua_State* state_;
  ScriptProtocols protocols_;
};

void push_single(lua_State* state, const char* field, const std::string& text) {
  lua_createtable(state, 0, 1);
  lua_pushlstring(state, text.data(), text.size());
  lua_setfield(state, -2, field);
}

}  // namespace

namespace {

void push_array(lua_State* state, const RedisReply& reply, int protocol) {
  lua_createtable(state, static_cast<int>(reply.items.size()), 0);
  lua_Integer index = 0;
  for (const RedisReply& item : reply.items) {
    push_reply(state, item, protocol);
    lua_rawseti(state, -2, ++index);
  }
}

/// {map={key=value}} or {set={member=true}}.
void push_keyed(lua_State* state, const RedisReply& reply, const char* field) {
  const bool is_map = reply.kind == RedisReply::Kind::map;
  lua_createtable(state, 0, 1);
  lua_newtable(state);
  for (std::size_t i = 0; i < reply.items.size(); i += is_map ? 2 : 1) {
    push_reply(state, reply.items[i], 3);
    if (is_map) {
      push_reply(state, reply.items[i + 1], 3);
    } else {
      lua_pushboolean(state, 1);
    }
    lua_rawset(state, -3);
  }
  lua_setfield(state, -2, field);
}

void push_verbatim(lua_State* state, const std::string& text) {
  constexpr std::size_t kFormat = 3;
  lua_createtable(state, 0, 1);
  push_single(state, "string", text.substr(std::min(kFormat + 1, text.size())));
  const std::string format = text.substr(0, kFormat);
  lua_pushlstring(state, format.data(), format.size());
  lua_setfield(state, -2, "format");
  lua_setfield(state, -2, "verbatim_string");
}

/// What RESP3 has more; RESP2's like is pushed for a script that speaks that.
void push_reply3(lua_State* state, const RedisReply& reply) {
  using Kind = RedisReply::Kind;
  switch (reply.kind) {
    case Kind::boolean: lua_pushboolean(state, reply.integer != 0); break;
    case Kind::map: push_keyed(state, reply, "map"); break;
    case Kind::set: push_keyed(state, reply, "set"); break;
    case Kind::big_number: push_single(state, "big_number", reply.text); break;
    case Kind::verbatim: push_verbatim(state, reply.text); break;
    case Kind::real:
      lua_createtable(state, 0, 1);
      lua_pushnumber(state, lua::parse_number(reply.text).value_or(0));
      lua_setfield(state, -2, "double");
      break;
    default: push_array(state, reply, 3);
  }
}

}  // namespace

void push_reply(lua_State* state, const RedisReply& reply, int protocol) {
  using Kind = RedisReply::Kind;
  luaL_checkstack(state, 6, "a reply is nested too deeply");
  switch (reply.kind) {
    case Kind::nil:
    case Kind::nil_array:
      // The empty array of RESP2, which RESP3 also has, stays false.
      if (protocol == 3 && reply.kind == Kind::nil) {
        lua_pushnil(state);
      } else {
        lua_pushboolean(state, 0);
      }
      break;
    case Kind::integer: lua_pushnumber(state, static_cast<lua_Number>(reply.integer)); break;
    case Kind::bulk: lua_pushlstring(state, reply.text.data(), reply.text.size()); break;
    case Kind::status: push_single(state, "ok", reply.text); break;
    case Kind::error:
      push_single(state, "err", reply.text);
      lua_pushboolean(state, 1);
      lua_setfield(state, -2, "ignore_error_stats_update");
      break;
    case Kind::array: push_array(state, reply, protocol); break;
    default: push_reply3(state, reply);
  }
}

void push_error(lua_State* state, const char* text) {
  constexpr std::string_view kLineEnds = "\r\n";
  std::string_view message = text;
  std::string_view code = "ERR";
  if (message.starts_with('-')) {
    message.remove_prefix(1);
    const std::size_t blank = message.find(' ');
    if (blank != message.npos) {
      code = message.substr(0, blank);
      message.remove_prefix(blank + 1);
    }
  }
  message.remove_prefix(std::min(message.find_first_not_of(kLineEnds), message.size()));
  message = message.substr(0, message.find_last_not_of(kLineEnds) + 1);
  lua_createtable(state, 0, 1);
  lua_pushlstring(state, code.data(), code.size());
  lua_pushliteral(state, " ");
  lua_pushlstring(state, message.data(), message.size());
  lua_concat(state, 3);
  lua_setfield(state, -2, "err");
}

RedisReply pop_reply(lua_State* state, ScriptProtocols protocols) {
  return Reader(state, protocols).pop(0);
}

}  // namespace firedrill::sim::redis
