#include <climits>
#include <cmath>
#include <cstdio>
#include <new>
#include <string>

#include "lua/compat/cjson.h"
#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

CjsonSettings& cjson_settings(lua_State* state) {
  return *static_cast<CjsonSettings*>(lua_touserdata(state, lua_upvalueindex(1)));
}

namespace {

// --- Encoding ------------------------------------------------------------------------------------

/// Writes JSON. Text is gathered in the sandbox's scratch, so that a Lua error cannot leak it.
class Encoder {
 public:
  explicit Encoder(lua_State* state)
      : state_(state), settings_(cjson_settings(state)), out_(Sandbox::of(state).scratch().text) {
    out_.clear();
  }

  const std::string& text() const { return out_; }

  /// Appends the value on top of the stack. `slots` is how high 5.1's stack would be.
  void value(int depth, int slots) {
    Sandbox::of(state_).check_size(state_, out_.size());
    switch (lua_type(state_, -1)) {
      case LUA_TSTRING: return string(check_text(state_, lua_gettop(state_)));
      case LUA_TNUMBER: return number(-1);
      case LUA_TBOOLEAN: out_ += lua_toboolean(state_, -1) ? "true" : "false"; return;
      case LUA_TNIL: out_ += "null"; return;
      case LUA_TTABLE: return table(depth + 1, slots);
      case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(state_, -1) == nullptr) {
          out_ += "null";
          return;
        }
        break;
      default: break;
    }
    refuse(-1, "type not supported");
  }

 private:
  void refuse(int index, const char* why) {
    luaL_error(state_, "Cannot serialise %s: %s", luaL_typename(state_, index), why);
  }

  void string(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
      const auto code = static_cast<unsigned char>(c);
      switch (c) {
        case '"': out_ += "\\\""; break;
        case '\\': out_ += "\\\\"; break;
        case '/': out_ += "\\/"; break;
        case '\b': out_ += "\\b"; break;
        case '\t': out_ += "\\t"; break;
        case '\n': out_ += "\\n"; break;
        case '\f': out_ += "\\f"; break;
        case '\r': out_ += "\\r"; break;
        default:
          if (code < 32 || code == 127) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", code);
            out_ += escape;
          } else {
            out_ += c;
          }
      }
    }
    out_ += '"';
  }

  void number(int index) {
    const double value = lua_tonumber(state_, index);
    if (!std::isfinite(value)) {
      if (settings_.encode_invalid_numbers == 0) refuse(index, "must not be NaN or Inf");
      if (settings_.encode_invalid_numbers == 2) {
        out_ += "null";
        return;
      }
      if (std::isnan(value)) {
        out_ += "nan";
        return;
      }
    }
    constexpr int kUsual = 14;
    char buffer[kNumberText];
    if (settings_.encode_number_precision == kUsual) {
      out_ += number_text(value, buffer);
    } else {
      std::snprintf(buffer, sizeof buffer, "%.*g", settings_.encode_number_precision, value);
      out_ += buffer;
    }
  }

  /// How long the table on top is as an array; -1 where it is an object.
  int array_length() {
    int most = 0;
    int items = 0;
    lua_pushnil(state_);
    while (lua_next(state_, -2) != 0) {
      lua_pop(state_, 1);
      const double key = lua_type(state_, -1) == LUA_TNUMBER ? lua_tonumber(state_, -1) : 0;
      if (!(key >= 1) || key != std::floor(key)) {
        lua_pop(state_, 1);
        return -1;
      }
      if (key > most) most = key <= INT_MAX ? static_cast<int>(key) : INT_MIN;
      ++items;
    }
    const bool is_sparse =
        settings_.encode_sparse_ratio > 0 &&
        most > static_cast<std::int64_t>(items) * settings_.encode_sparse_ratio &&
        most > settings_.encode_sparse_safe;
    if (!is_sparse) return most;
    if (!settings_.encode_sparse_convert) refuse(-1, "excessively sparse array");
    return -1;
  }

  void table(int depth, int slots) {
    constexpr int kStack = 8000;
    if (depth > settings_.encode_max_depth || slots + 3 > kStack || !lua_checkstack(state_, 8)) {
      luaL_error(state_, "Cannot serialise, excessive nesting (%d)", depth);
    }
    if (push_protected(state_, lua_gettop(state_))) lua_replace(state_, -2);
    const int length = array_length();
    if (length > 0) {
      array(length, depth, slots);
    } else {
      object(depth, slots);
    }
  }

  void array(int length, int depth, int slots) {
    out_ += '[';
    for (int i = 1; i <= length; ++i) {
      if (i > 1) out_ += ',';
      lua_rawgeti(state_, -1, i);
      value(depth, slots + 1);
      lua_pop(state_, 1);
    }
    out_ += ']';
  }

  void object(int depth, int slots) {
    const int table = lua_gettop(state_);
    const lua_Integer count = push_ordered_keys(state_, table);
    out_ += '{';
    for (lua_Integer i = 1; i <= count; ++i) {
      if (i > 1) out_ += ',';
      lua_rawgeti(state_, table + 1, i);
      key();
      lua_rawget(state_, table);
      value(depth, slots + 2);
      lua_pop(state_, 1);
    }
    lua_pop(state_, 1);
    out_ += '}';
  }

  void key() {
    if (lua_type(state_, -1) == LUA_TNUMBER) {
      out_ += '"';
      number(-1);
      out_ += "\":";
    } else if (lua_type(state_, -1) == LUA_TSTRING) {
      string(check_text(state_, lua_gettop(state_)));
      out_ += ':';
    } else {
      refuse(-1, "table key must be a number or string");
    }
  }

  lua_State* state_;
  const CjsonSettings& settings_;
  std::string& out_;
};

// --- Settings ------------------------------------------------------------------------------------

/// Pads the arguments with nil up to `count`.
CjsonSettings& begin_setting(lua_State* state, int count) {
  luaL_argcheck(state, lua_gettop(state) <= count, count + 1, "found too many arguments");
  lua_settop(state, count);
  return cjson_settings(state);
}

void set_integer(lua_State* state, int index, int* setting, int least, int most) {
  if (!lua_isnil(state, index)) {
    const auto value = static_cast<int>(check_whole(state, index));
    if (value < least || value > most) {
      luaL_argerror(state, 1,
                    lua_pushfstring(state, "expected integer between %d and %d", least, most));
    }
    *setting = value;
  }
  push_whole(state, *setting);
}

/// One of `options`, or a boolean for the first two.
void set_choice(lua_State* state, int index, int* setting, const char* const* options) {
  if (lua_isboolean(state, index)) {
    *setting = lua_toboolean(state, index);
  } else if (!lua_isnil(state, index)) {
    check_text(state, index);
    *setting = luaL_checkoption(state, index, nullptr, options);
  }
  if (*setting <= 1) {
    lua_pushboolean(state, *setting);
  } else {
    lua_pushstring(state, options[*setting]);
  }
}

constexpr const char* kOffOn[] = {"off", "on", nullptr};
constexpr const char* kOffOnNull[] = {"off", "on", "null", nullptr};

int encode_sparse_array(lua_State* state) {
  CjsonSettings& settings = begin_setting(state, 3);
  set_choice(state, 1, &settings.encode_sparse_convert, kOffOn);
  set_integer(state, 2, &settings.encode_sparse_ratio, 0, INT_MAX);
  set_integer(state, 3, &settings.encode_sparse_safe, 0, INT_MAX);
  return 3;
}

template <int CjsonSettings::* Setting, int Most>
int integer_setting(lua_State* state) {
  set_integer(state, 1, &(begin_setting(state, 1).*Setting), 1, Most);
  return 1;
}

template <int CjsonSettings::* Setting, const char* const* Options>
int choice_setting(lua_State* state) {
  set_choice(state, 1, &(begin_setting(state, 1).*Setting), Options);
  return 1;
}

int cjson_new(lua_State* state) {
  push_cjson_library(state);
  return 1;
}

}  // namespace

int cjson_encode(lua_State* state) {
  luaL_argcheck(state, lua_gettop(state) == 1, 1, "expected 1 argument");
  Encoder encoder(state);
  encoder.value(0, 1);
  push_text(state, encoder.text());
  return 1;
}

void push_cjson_library(lua_State* state) {
  using S = CjsonSettings;
  constexpr luaL_Reg kFunctions[] = {
      {"encode", cjson_encode},
      {"decode", cjson_decode},
      {"encode_sparse_array", encode_sparse_array},
      {"encode_max_depth", integer_setting<&S::encode_max_depth, INT_MAX>},
      {"decode_max_depth", integer_setting<&S::decode_max_depth, INT_MAX>},
      {"encode_number_precision", integer_setting<&S::encode_number_precision, 14>},
      {"encode_keep_buffer", choice_setting<&S::encode_keep_buffer, kOffOn>},
      {"encode_invalid_numbers", choice_setting<&S::encode_invalid_numbers, kOffOnNull>},
      {"decode_invalid_numbers", choice_setting<&S::decode_invalid_numbers, kOffOn>},
      {"new", cjson_new},
      {nullptr, nullptr}};
  luaL_newlibtable(state, kFunctions);
  new (lua_newuserdatauv(state, sizeof(S), 0)) S();
  luaL_setfuncs(state, kFunctions, 1);
  lua_pushlightuserdata(state, nullptr);
  lua_setfield(state, -2, "null");
  lua_pushliteral(state, "cjson");
  lua_setfield(state, -2, "_NAME");
  lua_pushliteral(state, "2.1.0");
  lua_setfield(state, -2, "_VERSION");
}

}  // namespace firedrill::lua
