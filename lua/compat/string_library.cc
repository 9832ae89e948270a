#include <cstdio>
#include <cstring>

#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

/// 5.4's functions are called behind their argument's back: `Shape` has a letter for each argument:
/// s text, i whole number, a anything, r text or else anything. Arguments beyond it are
/// dropped: 5.1 does not know them.
void fix_arguments(lua_State* state, const char* shape) {
  const auto length = static_cast<int>(std::strlen(shape));
  if (lua_gettop(state) > length) lua_settop(state, length);
  for (int i = 1; i <= lua_gettop(state); ++i) {
    const char kind = shape[i - 1];
    const int type = lua_type(state, i);
    if ((kind == 's' || kind == 'r') && type == LUA_TNUMBER) {
      check_text(state, i);
    } else if (kind == 'i' && (type == LUA_TNUMBER || type == LUA_TSTRING)) {
      double ignored = 0;
      if (!to_number(state, i, &ignored)) continue;
      lua_pushinteger(state, check_whole(state, i));
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

/// The iterator that gmatch gives: upvalue 1 is 5.4's.
int gmatch_step(lua_State* state) {
  lua_settop(state, 0);
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_call(state, 0, LUA_MULTRET);
  const int results = lua_gettop(state);
  float_results(state, results);
  return results;
}

int string_gmatch(lua_State* state) {
  fix_arguments(state, "ss");
  const auto function = reinterpret_cast<lua_CFunction>(lua_touserdata(state, lua_upvalueindex(1)));
  function(state);
  lua_pushcclosure(state, gmatch_step, 1);
  return 1;
}

/// What gsub's function or table (upvalue 1) gives for a match; 5.4 would write 5.0 for 5.
int replacement(lua_State* state) {
  float_results(state, lua_gettop(state));
  if (lua_istable(state, lua_upvalueindex(1))) {
    lua_settop(state, 1);
    lua_gettable(state, lua_upvalueindex(1));
  } else {
    lua_pushvalue(state, lua_upvalueindex(1));
    lua_insert(state, 1);
    lua_call(state, lua_gettop(state) - 1, 1);
  }
  if (lua_type(state, -1) == LUA_TNUMBER) check_text(state, lua_gettop(state));
  return 1;
}

int string_gsub(lua_State* state) {
  if (lua_istable(state, 3) || lua_isfunction(state, 3)) {
    lua_pushvalue(state, 3);
    lua_pushcclosure(state, replacement, 1);
    lua_replace(state, 3);
  }
  return fixed(state);
}

int string_char(lua_State* state) {
  const int count = lua_gettop(state);
  luaL_Buffer buffer;
  luaL_buffinit(state, &buffer);
  for (int i = 1; i <= count; ++i) {
    const lua_Integer code = check_whole(state, i);
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
  luaL_addsize(buffer, static_cast<std::size_t>(length));
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
      const char c = static_cast<char>(check_whole(state, index));
      if (c != '\0') luaL_addchar(buffer, c);  // 5.1 adds what strlen() sees
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
      add_number(buffer, spec, static_cast<unsigned long>(check_whole(state, index)));
      break;
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G': add_number(buffer, spec, check_number(state, index)); break;
    case 'q': add_quoted(state, buffer, index); break;
    case 's': add_string(state, buffer, spec, index); break;
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

void add_fixed(lua_State* state, int originals, const char* name, const char* shape,
               lua_CFunction wrapper, const char* as) {
  lua_getfield(state, originals, name);
  const lua_CFunction function = lua_tocfunction(state, -1);
  lua_pop(state, 1);
  lua_pushlightuserdata(state, reinterpret_cast<void*>(function));
  lua_pushlightuserdata(state, const_cast<char*>(shape));
  lua_pushcclosure(state, wrapper, 2);
  lua_setfield(state, -2, as);
}

}  // namespace

void push_string_library(lua_State* state) {
  luaL_requiref(state, LUA_STRLIBNAME, luaopen_string, 0);
  const int originals = lua_gettop(state);
  lua_newtable(state);
  constexpr const char* kShapes[][2] = {{"byte", "sii"},  {"find", "ssia"}, {"len", "s"},
                                        {"lower", "s"},   {"match", "ssi"}, {"rep", "si"},
                                        {"reverse", "s"}, {"sub", "sii"},   {"upper", "s"}};
  for (const auto& [name, shape] : kShapes) {
    add_fixed(state, originals, name, shape, fixed, name);
  }
  add_fixed(state, originals, "gsub", "ssri", string_gsub, "gsub");
  add_fixed(state, originals, "gmatch", "ss", string_gmatch, "gmatch");
  add_fixed(state, originals, "gmatch", "ss", string_gmatch, "gfind");
  constexpr luaL_Reg kOwn[] = {
      {"char", string_char}, {"dump", string_dump}, {"format", string_format}, {nullptr, nullptr}};
  luaL_setfuncs(state, kOwn, 0);
  lua_remove(state, originals);
}

}  // namespace firedrill::lua
