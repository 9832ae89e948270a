#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "lua/compat/pattern.h"
#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

/// 5.4's functions are called behind their argument's back: `Shape` has a letter for each argument:
/// s text, i whole number, n one of 32 bits, a anything, r text or else anything. Arguments beyond
/// it are dropped: 5.1 does not know them.
void fix_arguments(lua_State* state, const char* shape) {
  const auto length = static_cast<int>(std::strlen(shape));
  if (lua_gettop(state) > length) lua_settop(state, length);
  for (int i = 1; i <= lua_gettop(state); ++i) {
    const char kind = shape[i - 1];
    const int type = lua_type(state, i);
    if ((kind == 's' || kind == 'r') && type == LUA_TNUMBER) {
      check_text(state, i);
    } else if ((kind == 'i' || kind == 'n') && (type == LUA_TNUMBER || type == LUA_TSTRING)) {
      double ignored = 0;
      if (!to_number(state, i, &ignored)) continue;
      lua_pushinteger(state, kind == 'n' ? check_int(state, i) : check_whole(state, i));
      lua_replace(state, i);
    }
  }
}

/// A function of 5.4's string library (upvalue 1, as light userdata) behind its arguments' shape
/// (upvalue 2). It runs in this very activation, so that its error messages name it rightly.
int fixed(lua_State* state) {
  fix_arguments(state, static_cast<const char*>(lua_touserdata(state, lua_upvalueindex(2))));
  const auto function = reinterpret_cast<lua_CFunction>(lua_touserdata(state, lua_upvalueindex(1)));
  const int results = function(state);
  float_results(state, results);
  return results;
}

// --- Patterns ------------------------------------------------------------------------------------

/// Whether a find is one of plain text: nothing special up to the first zero byte.
bool is_plain(const char* pattern) {
  return std::strpbrk(pattern, "^$*+?.([%-") == nullptr;
}

int find_plain(lua_State* state, std::string_view text, std::string_view pattern,
               std::size_t from) {
  const std::size_t found = text.find(pattern, from);
  if (found == text.npos) {
    lua_pushnil(state);
    return 1;
  }
  push_whole(state, static_cast<lua_Integer>(found) + 1);
  push_whole(state, static_cast<lua_Integer>(found + pattern.size()));
  return 2;
}

template <bool Find>
int search(lua_State* state) {
  const std::string_view text = check_text(state, 1);
  const std::string_view pattern = check_text(state, 2);
  const auto length = static_cast<lua_Integer>(text.size());
  lua_Integer from = optional_whole(state, 3, 1);
  if (from < 0) from += length + 1;
  from = std::clamp<lua_Integer>(from - 1, 0, length);
  if (Find && (lua_toboolean(state, 4) || is_plain(pattern.data()))) {
    return find_plain(state, text, pattern, static_cast<std::size_t>(from));
  }
  const bool anchored = pattern.data()[0] == '^';
  Matcher matcher(state, text, pattern.data() + (anchored ? 1 : 0));
  const char* const end = text.data() + text.size();
  for (const char* at = text.data() + from; at <= end; ++at) {
    if (const char* stop = matcher.match(at)) {
      if (!Find) return matcher.push_captures(at, stop);
      push_whole(state, at - text.data() + 1);
      push_whole(state, stop - text.data());
      return matcher.push_captures(nullptr, nullptr) + 2;
    }
    if (anchored) break;
  }
  lua_pushnil(state);
  return 1;
}

/// The iterator that gmatch gives. Upvalues: text, pattern, where to go on.
int gmatch_step(lua_State* state) {
  std::size_t length = 0;
  const char* text = lua_tolstring(state, lua_upvalueindex(1), &length);
  Matcher matcher(state, {text, length}, lua_tostring(state, lua_upvalueindex(2)));
  for (const char* at = text + lua_tointeger(state, lua_upvalueindex(3)); at <= text + length;
       ++at) {
    const char* stop = matcher.match(at);
    if (stop == nullptr) continue;
    lua_pushinteger(state, stop - text + (stop == at ? 1 : 0));
    lua_replace(state, lua_upvalueindex(3));
    return matcher.push_captures(at, stop);
  }
  return 0;
}

int string_gmatch(lua_State* state) {
  check_text(state, 1);
  check_text(state, 2);
  lua_settop(state, 2);
  lua_pushinteger(state, 0);
  lua_pushcclosure(state, gmatch_step, 3);
  return 1;
}

/// Appends gsub's replacement text, in which %1 stands for a capture.
void add_template(lua_State* state, luaL_Buffer* buffer, Matcher& matcher, const char* start,
                  const char* end) {
  std::size_t length = 0;
  const char* text = lua_tolstring(state, 3, &length);
  for (std::size_t i = 0; i < length; ++i) {
    if (text[i] != '%') {
      luaL_addchar(buffer, text[i]);
      continue;
    }
    const char what = text[++i];  // at the end, the zero byte that ends every string
    if (what < '0' || what > '9') {
      luaL_addchar(buffer, what);
    } else if (what == '0') {
      luaL_addlstring(buffer, start, static_cast<std::size_t>(end - start));
    } else {
      matcher.push_capture(what - '1', start, end);
      check_text(state, lua_gettop(state));
      luaL_addvalue(buffer);
    }
  }
}

/// Appends what gsub's function or table gives for a match.
void add_answer(lua_State* state, luaL_Buffer* buffer, Matcher& matcher, const char* start,
                const char* end) {
  if (lua_istable(state, 3)) {
    matcher.push_capture(0, start, end);
    lua_gettable(state, 3);
  } else {
    lua_pushvalue(state, 3);
    lua_call(state, matcher.push_captures(start, end), 1);
  }
  if (!lua_toboolean(state, -1)) {
    lua_pop(state, 1);
    lua_pushlstring(state, start, static_cast<std::size_t>(end - start));
  } else if (lua_type(state, -1) == LUA_TNUMBER) {
    check_text(state, lua_gettop(state));
  } else if (lua_type(state, -1) != LUA_TSTRING) {
    luaL_error(state, "invalid replacement value (a %s)", luaL_typename(state, -1));
  }
  luaL_addvalue(buffer);
}

int string_gsub(lua_State* state) {
  const std::string_view text = check_text(state, 1);
  const char* pattern = check_text(state, 2).data();
  const int type = lua_type(state, 3);
  const auto most = static_cast<int>(optional_whole(state, 4, static_cast<int>(text.size()) + 1));
  luaL_argcheck(
      state,
      type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
      "string/function/table expected");
  if (type == LUA_TNUMBER) check_text(state, 3);
  const bool is_text = lua_type(state, 3) == LUA_TSTRING;
  const bool anchored = *pattern == '^';
  Matcher matcher(state, text, pattern + (anchored ? 1 : 0));
  const char* at = text.data();
  const char* const end = at + text.size();
  int count = 0;
  luaL_Buffer buffer;
  luaL_buffinit(state, &buffer);
  while (count < most) {
    const char* const stop = matcher.match(at);
    if (stop != nullptr) {
      ++count;
      (is_text ? add_template : add_answer)(state, &buffer, matcher, at, stop);
    }
    if (stop != nullptr && stop > at) {
      at = stop;
    } else if (at < end) {
      luaL_addchar(&buffer, *at++);
    } else {
      break;
    }
    if (anchored) break;
  }
  luaL_addlstring(&buffer, at, static_cast<std::size_t>(end - at));
  luaL_pushresult(&buffer);
  push_whole(state, count);
  return 2;
}

int string_byte(lua_State* state) {
  const std::string_view text = check_text(state, 1);
  const auto length = static_cast<lua_Integer>(text.size());
  const auto position = [length](lua_Integer at) {
    return std::max<lua_Integer>(at < 0 ? at + length + 1 : at, 0);
  };
  lua_Integer first = position(optional_whole(state, 2, 1));
  lua_Integer last = position(optional_whole(state, 3, first));
  first = std::max<lua_Integer>(first, 1);
  last = std::min(last, length);
  if (first > last) return 0;
  const lua_Integer count = last - first + 1;
  check_stack(state, count, "string slice too long");
  for (lua_Integer i = first; i <= last; ++i) {
    push_whole(state, static_cast<unsigned char>(text[static_cast<std::size_t>(i - 1)]));
  }
  return static_cast<int>(count);
}

int string_char(lua_State* state) {
  const int count = lua_gettop(state);
  luaL_Buffer buffer;
  luaL_buffinit(state, &buffer);
  for (int i = 1; i <= count; ++i) {
    const int code = check_int(state, i);
    luaL_argcheck(state, 0 <= code && code <= 255, i, "invalid value");
    luaL_addchar(&buffer, static_cast<char>(code));
  }
  luaL_pushresult(&buffer);
  return 1;
}

int string_dump(lua_State* state) {
  return luaL_error(state, "unable to dump given function");
}

// --- format --------------------------------------------------------------------------------------

void add_quoted(lua_State* state, luaL_Buffer* buffer, int index) {
  const std::string_view text = check_text(state, index);
  luaL_addchar(buffer, '"');
  for (const char c : text) {
    switch (c) {
      case '"':
      case '\\':
      case '\n':
        luaL_addchar(buffer, '\\');
        luaL_addchar(buffer, c);
        break;
      case '\r': luaL_addlstring(buffer, "\\r", 2); break;
      case '\0': luaL_addlstring(buffer, "\\000", 4); break;
      default: luaL_addchar(buffer, c);
    }
  }
  luaL_addchar(buffer, '"');
}

constexpr std::size_t kSpec = 32;

/// Copies "%-+ #0..." up to and with the conversion to `spec`; where the format goes on.
const char* read_spec(lua_State* state, const char* at, char (&spec)[kSpec]) {
  const char* p = at;
  while (*p != '\0' && std::strchr("-+ #0", *p) != nullptr) ++p;
  if (p - at >= 6) luaL_error(state, "invalid format (repeated flags)");
  for (int i = 0; i < 2 && *p >= '0' && *p <= '9'; ++i) ++p;
  if (*p == '.') {
    ++p;
    for (int i = 0; i < 2 && *p >= '0' && *p <= '9'; ++i) ++p;
  }
  if (*p >= '0' && *p <= '9') luaL_error(state, "invalid format (width or precision too long)");
  spec[0] = '%';
  const auto length = static_cast<std::size_t>(p - at) + 1;
  std::memcpy(spec + 1, at, length);
  spec[length + 1] = '\0';
  return p;
}

/// Appends what printf makes of one number. `spec` comes from read_spec(), so it is short and
/// has one conversion, which the type of `value` fits.
template <class Number>
void add_number(luaL_Buffer* buffer, const char* spec, Number value) {
  constexpr std::size_t kRoom = 512;  // %99.99f of 1e308
  char* room = luaL_prepbuffsize(buffer, kRoom);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  const int length = std::snprintf(room, kRoom, spec, value);
#pragma GCC diagnostic pop
  // 5.1 adds what strlen() sees: %c of 0 ends it.
  luaL_addsize(buffer, strnlen(room, static_cast<std::size_t>(length)));
}

/// The same spec for a 64-bit integer.
void widen(char (&spec)[kSpec]) {
  const std::size_t length = std::strlen(spec);
  const char conversion = spec[length - 1];
  spec[length - 1] = 'l';
  spec[length] = conversion;
  spec[length + 1] = '\0';
}

void add_string(lua_State* state, luaL_Buffer* buffer, const char* spec, int index) {
  const std::string_view text = check_text(state, index);
  if (std::strchr(spec, '.') == nullptr && text.size() >= 100) {
    luaL_addlstring(buffer, text.data(), text.size());
    return;
  }
  char* room = luaL_prepbuffsize(buffer, 512);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  const int length = std::snprintf(room, 512, spec, text.data());
#pragma GCC diagnostic pop
  luaL_addsize(buffer, static_cast<std::size_t>(length));
}

void add_conversion(lua_State* state, luaL_Buffer* buffer, char (&spec)[kSpec], char conversion,
                    int index) {
  switch (conversion) {
    case 'c': {
      const double code = check_number(state, index);
      // As x86 converts to 32 bits; only the lowest eight count.
      add_number(buffer, spec, std::fabs(code) < 2147483648.0 ? static_cast<int>(code) : 0);
      break;
    }
    case 'd':
    case 'i':
      widen(spec);
      add_number(buffer, spec, static_cast<long>(check_whole(state, index)));
      break;
    case 'o':
    case 'u':
    case 'x':
    case 'X':
      widen(spec);
      add_number(buffer, spec, whole_bits(check_number(state, index)));
      break;
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G': add_number(buffer, spec, check_number(state, index)); break;
    case 'q': add_quoted(state, buffer, index); break;
    case 's': add_string(state, buffer, spec, index); break;
    case '\0': luaL_error(state, "invalid option '%%' to 'format'"); break;
    default: luaL_error(state, "invalid option '%%%c' to 'format'", conversion);
  }
}

/// Arguments are checked before their text is added: check_text() and friends leave the stack as
/// high as it was, so that the buffer may hold its place on it.
int string_format(lua_State* state) {
  const int top = lua_gettop(state);
  const std::string_view format = check_text(state, 1);
  int argument = 1;
  luaL_Buffer buffer;
  luaL_buffinit(state, &buffer);
  const char* at = format.data();
  const char* const end = at + format.size();
  while (at < end) {
    if (*at != '%') {
      luaL_addchar(&buffer, *at++);
    } else if (*++at == '%') {
      luaL_addchar(&buffer, *at++);
    } else {
      if (++argument > top) luaL_argerror(state, argument, "no value");
      char spec[kSpec];
      at = read_spec(state, at, spec);
      add_conversion(state, &buffer, spec, *at++, argument);
    }
  }
  luaL_pushresult(&buffer);
  return 1;
}

void add_fixed(lua_State* state, int originals, const char* name, const char* shape) {
  lua_getfield(state, originals, name);
  const lua_CFunction function = lua_tocfunction(state, -1);
  lua_pop(state, 1);
  lua_pushlightuserdata(state, reinterpret_cast<void*>(function));
  lua_pushlightuserdata(state, const_cast<char*>(shape));
  lua_pushcclosure(state, fixed, 2);
  lua_setfield(state, -2, name);
}

}  // namespace

void push_string_library(lua_State* state) {
  luaopen_string(state);  // and nowhere registered: messages would find its names there
  const int originals = lua_gettop(state);
  lua_newtable(state);
  constexpr const char* kShapes[][2] = {{"len", "s"},     {"lower", "s"}, {"rep", "sn"},
                                        {"reverse", "s"}, {"sub", "sii"}, {"upper", "s"}};
  for (const auto& [name, shape] : kShapes) {
    add_fixed(state, originals, name, shape);
  }
  constexpr luaL_Reg kOwn[] = {{"byte", string_byte},     {"char", string_char},
                               {"dump", string_dump},     {"find", search<true>},
                               {"format", string_format}, {"gfind", string_gmatch},
                               {"gmatch", string_gmatch}, {"gsub", string_gsub},
                               {"match", search<false>},  {nullptr, nullptr}};
  luaL_setfuncs(state, kOwn, 0);
  lua_remove(state, originals);
}

}  // namespace firedrill::lua
