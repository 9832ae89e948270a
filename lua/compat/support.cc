#include "lua/compat/support.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "lua/compat/sandbox.h"
#include "lua/compat/translate.h"

namespace firedrill::lua {

std::string_view check_text(lua_State* state, int index) {
  if (lua_type(state, index) == LUA_TNUMBER) {
    char buffer[kNumberText];
    push_text(state, number_text(lua_tonumber(state, index), buffer));
    lua_replace(state, index);
  }
  std::size_t length = 0;
  const char* text = luaL_checklstring(state, index, &length);
  return {text, length};
}

bool to_number(lua_State* state, int index, double* number) {
  switch (lua_type(state, index)) {
    case LUA_TNUMBER: *number = lua_tonumber(state, index); return true;
    case LUA_TSTRING: {
      std::size_t length = 0;
      const char* text = lua_tolstring(state, index, &length);
      const auto parsed = parse_number({text, length});
      if (parsed) *number = *parsed;
      return parsed.has_value();
    }
    default: return false;
  }
}

double check_number(lua_State* state, int index) {
  double number = 0;
  if (!to_number(state, index, &number)) luaL_typeerror(state, index, "number");
  return number;
}

std::uint64_t whole_bits(double number) {
  constexpr double kTwo63 = 9223372036854775808.0;
  const auto as_signed = [](double value) {
    return std::fabs(value) < kTwo63 ? static_cast<std::int64_t>(value) : INT64_MIN;
  };
  if (number >= kTwo63) {
    return static_cast<std::uint64_t>(as_signed(number - kTwo63)) ^ (std::uint64_t{1} << 63);
  }
  return static_cast<std::uint64_t>(as_signed(number));
}

lua_Integer check_whole(lua_State* state, int index) {
  const double number = check_number(state, index);
  if (!(std::fabs(number) < 9.2e18)) return INT64_MIN;  // as x86 converts what does not fit
  return static_cast<lua_Integer>(number);
}

lua_Integer optional_whole(lua_State* state, int index, lua_Integer otherwise) {
  return lua_isnoneornil(state, index) ? otherwise : check_whole(state, index);
}

bool has_room(lua_State* state, lua_Integer count) {
  constexpr lua_Integer kMost = 8000;
  return count <= kMost && lua_gettop(state) + count <= kMost &&
         lua_checkstack(state, static_cast<int>(count)) != 0;
}

void check_stack(lua_State* state, lua_Integer count, const char* what) {
  if (!has_room(state, count)) luaL_error(state, "stack overflow (%s)", what);
}

void push_where(lua_State* state, int level) {
  lua_Debug activation;
  bool found = lua_getstack(state, 0, &activation) != 0;
  for (int at = 1; found && level > 0; ++at) {
    lua_getinfo(state, "St", &activation);
    level -= activation.istailcall && *activation.what != 'C' ? 2 : 1;
    found = lua_getstack(state, at, &activation) != 0;
  }
  lua_pushliteral(state, "");
  if (!found || level < 0) return;
  lua_getinfo(state, "Sl", &activation);
  if (activation.currentline <= 0) return;
  lua_pushfstring(state, "%s:%d: ", activation.short_src, activation.currentline);
  lua_replace(state, -2);
}

void raise_bare(lua_State* state, const char* message) {
  lua_pushstring(state, message);
  lua_error(state);
  std::abort();  // lua_error does not return
}

namespace {

/// A name for an object that no address goes into: its number in order of first asking.
lua_Integer identity(lua_State* state, int index) {
  static const char kKey = 0;
  index = lua_absindex(state, index);
  if (lua_rawgetp(state, LUA_REGISTRYINDEX, &kKey) != LUA_TTABLE) {
    lua_pop(state, 1);
    lua_newtable(state);
    lua_newtable(state);
    lua_pushliteral(state, "k");
    lua_setfield(state, -2, "__mode");
    lua_setmetatable(state, -2);
    lua_pushvalue(state, -1);
    lua_rawsetp(state, LUA_REGISTRYINDEX, &kKey);
  }
  lua_pushvalue(state, index);
  if (lua_rawget(state, -2) != LUA_TNUMBER) {
    lua_pop(state, 1);
    lua_pushvalue(state, index);
    lua_rawgeti(state, -2, 0);  // how many there are
    const lua_Integer next = lua_tointeger(state, -1) + 1;
    lua_pop(state, 1);
    lua_pushinteger(state, next);
    lua_rawset(state, -3);
    lua_pushinteger(state, next);
    lua_rawseti(state, -2, 0);
    lua_pushinteger(state, next);
  }
  const lua_Integer number = lua_tointeger(state, -1);
  lua_pop(state, 2);
  return number;
}

}  // namespace

void push_tostring(lua_State* state, int index) {
  index = lua_absindex(state, index);
  if (luaL_callmeta(state, index, "__tostring")) return;
  switch (lua_type(state, index)) {
    case LUA_TNUMBER: {
      char buffer[kNumberText];
      push_text(state, number_text(lua_tonumber(state, index), buffer));
      return;
    }
    case LUA_TSTRING: lua_pushvalue(state, index); return;
    case LUA_TBOOLEAN:
      lua_pushstring(state, lua_toboolean(state, index) ? "true" : "false");
      return;
    case LUA_TNIL: lua_pushliteral(state, "nil"); return;
    case LUA_TLIGHTUSERDATA: lua_pushliteral(state, "userdata: (nil)"); return;
    default: break;
  }
  char buffer[64];
  const int length =
      std::snprintf(buffer, sizeof buffer, "%s: 0x%08llx", luaL_typename(state, index),
                    static_cast<unsigned long long>(identity(state, index)) * 16);
  lua_pushlstring(state, buffer, static_cast<std::size_t>(length));
}

namespace {

/// "a nil value (local 'x')" becomes "local 'x' (a nil value)".
std::string names_moved(std::string_view message) {
  const std::size_t bad_for = message.find("bad 'for' ");
  const std::size_t expectation = message.find(" (number expected");
  if (bad_for != message.npos && expectation != message.npos && bad_for < expectation) {
    const std::string_view what = message.substr(bad_for + 10, expectation - bad_for - 10);
    return std::string(message.substr(0, bad_for))
        .append("'for' ")
        .append(what)
        .append(" must be a number");
  }
  const std::size_t value = message.rfind(" value (");
  const std::size_t attempt = message.find("attempt to ");
  if (value == message.npos || attempt == message.npos || !message.ends_with(")")) {
    return std::string(message);
  }
  const std::size_t article = message.rfind(" a ", value);
  if (article == message.npos || article < attempt) return std::string(message);
  const std::string_view before = message.substr(0, article);
  const std::string_view what = message.substr(article + 1, value + 6 - article - 1);
  std::string_view name = message.substr(value + 8, message.size() - value - 9);
  std::string text(before);
  if (name == "field 'integer index'") name = "field '?'";
  if (name.starts_with("constant") || name.starts_with("for iterator")) {
    return text.append(" ").append(what);
  }
  return text.append(" ").append(name).append(" (").append(what).append(")");
}

/// Names of the script's own that the translation had to spell otherwise are spelt rightly.
std::string unmangled(std::string_view message) {
  std::string text(message);
  for (std::size_t at = text.find(kMangled); at != text.npos; at = text.find(kMangled, at)) {
    text.erase(at, kMangled.size());
  }
  return text;
}

struct Wording {
  std::string_view of_54;
  std::string_view of_51;
};
constexpr Wording kWordings[] = {
    {"'__index' chain too long; possible loop", "loop in gettable"},
    {"'__newindex' chain too long; possible loop", "loop in settable"},
    {"to 'for iterator' (", "to '(for generator)' ("},
    {"got light userdata)", "got userdata)"},
};

}  // namespace

std::string to_51(std::string_view original) {
  std::string message = unmangled(original);
  for (const Wording& wording : kWordings) {
    const std::size_t at = message.find(wording.of_54);
    if (at != message.npos) message.replace(at, wording.of_54.size(), wording.of_51);
  }
  return names_moved(message);
}

void translate_top(lua_State* state) {
  if (lua_type(state, -1) != LUA_TSTRING) return;
  std::size_t length = 0;
  const char* text = lua_tolstring(state, -1, &length);
  const std::string_view message(text, length);
  const auto has = [message](std::string_view part) { return message.find(part) != part.npos; };
  const bool may_differ = has(" value (") || has("bad 'for' ") || has(kMangled) ||
                          has("chain too long") || has("'for iterator'") || has("light userdata");
  if (!may_differ) return;
  std::string& translated = Sandbox::of(state).scratch().text;
  translated = to_51(message);
  lua_pop(state, 1);
  push_text(state, translated);
}

void float_results(lua_State* state, int count) {
  const int top = lua_gettop(state);
  for (int i = top - count + 1; i <= top; ++i) {
    if (!lua_isinteger(state, i)) continue;
    push_whole(state, lua_tointeger(state, i));
    lua_replace(state, i);
  }
}

bool push_protected(lua_State* state, int index) {
  if (!lua_istable(state, index) || !lua_getmetatable(state, index)) return false;
  if (lua_rawgetp(state, -1, &kProtectedKey) == LUA_TTABLE) {
    lua_remove(state, -2);
    return true;
  }
  lua_pop(state, 2);
  return false;
}

namespace {

int readonly_field(lua_State* state) {
  return luaL_error(state, "Attempt to modify a readonly table");
}

}  // namespace

void push_proxy(lua_State* state, int protects) {
  protects = lua_absindex(state, protects);
  lua_newtable(state);
  lua_createtable(state, 0, 3);
  lua_pushvalue(state, -3);
  lua_setfield(state, -2, "__index");
  lua_pushcfunction(state, readonly_field);
  lua_setfield(state, -2, "__newindex");
  lua_pushvalue(state, protects);
  lua_rawsetp(state, -2, &kProtectedKey);
  lua_setmetatable(state, -2);
  lua_remove(state, -2);
}

void raise_readonly(lua_State* state) {
  raise_bare(state, "Attempt to modify a readonly table");
}

namespace {

/// Pushes the keys that push_ordered_keys() collected.
lua_Integer push_sorted(lua_State* state, Sandbox::Scratch& scratch, const bool (&booleans)[2],
                        int other) {
  const auto rank = [](double key) { return key >= 1 && key == std::floor(key) ? 0 : 1; };
  std::sort(scratch.numbers.begin(), scratch.numbers.end(),
            [&](double a, double b) { return rank(a) != rank(b) ? rank(a) < rank(b) : a < b; });
  std::sort(scratch.strings.begin(), scratch.strings.end());
  lua_Integer count = 0;
  lua_createtable(state, static_cast<int>(scratch.numbers.size() + scratch.strings.size()), 0);
  for (const double key : scratch.numbers) {
    lua_pushnumber(state, key);
    lua_rawseti(state, -2, ++count);
  }
  for (const std::string_view key : scratch.strings) {
    push_text(state, key);
    lua_rawseti(state, -2, ++count);
  }
  for (int i = 0; i < 2; ++i) {
    if (!booleans[i]) continue;
    lua_pushboolean(state, i);
    lua_rawseti(state, -2, ++count);
  }
  if (other != 0) {
    lua_pushvalue(state, other);
    lua_rawseti(state, -2, ++count);
  }
  return count;
}

bool is_globals(lua_State* state, int index) {
  lua_rawgeti(state, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  const bool same = lua_rawequal(state, -1, index) != 0;
  lua_pop(state, 1);
  return same;
}

/// What translations call is no global of the script's.
void hide_helpers(std::vector<std::string_view>& names) {
  std::erase_if(names, [](std::string_view name) { return name.starts_with(kReserved); });
}

}  // namespace

lua_Integer push_ordered_keys(lua_State* state, int index) {
  index = lua_absindex(state, index);
  auto& scratch = Sandbox::of(state).scratch();
  scratch.numbers.clear();
  scratch.strings.clear();
  bool booleans[2] = {false, false};
  lua_pushnil(state);  // the place of a key that is none of these
  const int other = lua_gettop(state);
  lua_pushnil(state);
  while (lua_next(state, index) != 0) {
    lua_pop(state, 1);
    switch (lua_type(state, -1)) {
      case LUA_TNUMBER: scratch.numbers.push_back(lua_tonumber(state, -1)); break;
      case LUA_TSTRING: {
        std::size_t length = 0;
        const char* text = lua_tolstring(state, -1, &length);
        scratch.strings.emplace_back(text, length);
        break;
      }
      case LUA_TBOOLEAN: booleans[lua_toboolean(state, -1)] = true; break;
      default:
        if (!lua_isnil(state, other)) {
          luaL_error(state, "firedrill: keys that are tables or functions have no fixed order");
        }
        lua_pushvalue(state, -1);
        lua_replace(state, other);
    }
  }
  if (is_globals(state, index)) hide_helpers(scratch.strings);
  const lua_Integer count =
      push_sorted(state, scratch, booleans, lua_isnil(state, other) ? 0 : other);
  lua_remove(state, other);
  return count;
}

}  // namespace firedrill::lua
