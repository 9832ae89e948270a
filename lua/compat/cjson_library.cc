#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

constexpr int kMaxDepth = 1000;
constexpr lua_Integer kSparseRatio = 2;
constexpr lua_Integer kSparseSafe = 10;

// --- Encoding ------------------------------------------------------------------------------------
// Text is gathered in the sandbox's scratch, so that a Lua error cannot leak it.

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '/': out += "\\/"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default:
        if (code < 32 || code == 127) {
          char escape[8];
          std::snprintf(escape, sizeof escape, "\\u%04x", code);
          out += escape;
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void append_number(lua_State* state, std::string& out, int index) {
  const double number = lua_tonumber(state, index);
  if (!std::isfinite(number)) {
    luaL_error(state, "Cannot serialise number: must not be NaN or Inf");
  }
  char buffer[kNumberText];
  out += number_text(number, buffer);
}

/// How long the table at `index` is as an array; -1 where it is an object.
lua_Integer array_length(lua_State* state, int index) {
  lua_Integer most = 0;
  lua_Integer items = 0;
  lua_pushnil(state);
  while (lua_next(state, index) != 0) {
    lua_pop(state, 1);
    const double key = lua_type(state, -1) == LUA_TNUMBER ? lua_tonumber(state, -1) : 0;
    if (!(key >= 1) || key != std::floor(key)) {
      lua_pop(state, 1);
      return -1;
    }
    if (key > static_cast<double>(most)) most = static_cast<lua_Integer>(key);
    ++items;
  }
  if (most > items * kSparseRatio && most > kSparseSafe) {
    luaL_error(state, "Cannot serialise table: excessively sparse array");
  }
  return most;
}

void encode_value(lua_State* state, std::string& out, int depth);

void encode_array(lua_State* state, std::string& out, lua_Integer length, int depth) {
  const int table = lua_gettop(state);
  out += '[';
  for (lua_Integer i = 1; i <= length; ++i) {
    if (i > 1) out += ',';
    lua_rawgeti(state, table, i);
    encode_value(state, out, depth);
    lua_pop(state, 1);
  }
  out += ']';
}

void encode_object(lua_State* state, std::string& out, int depth) {
  const int table = lua_gettop(state);
  const lua_Integer count = push_ordered_keys(state, table);
  out += '{';
  for (lua_Integer i = 1; i <= count; ++i) {
    if (i > 1) out += ',';
    lua_rawgeti(state, table + 1, i);
    if (lua_type(state, -1) == LUA_TNUMBER) {
      out += '"';
      append_number(state, out, -1);
      out += '"';
    } else if (lua_type(state, -1) == LUA_TSTRING) {
      append_string(out, check_text(state, lua_gettop(state)));
    } else {
      luaL_error(state, "Cannot serialise %s: table key must be a number or string",
                 luaL_typename(state, -1));
    }
    out += ':';
    lua_rawget(state, table);
    encode_value(state, out, depth);
    lua_pop(state, 1);
  }
  lua_pop(state, 1);
  out += '}';
}

/// Appends the value on top of the stack.
void encode_value(lua_State* state, std::string& out, int depth) {
  switch (lua_type(state, -1)) {
    case LUA_TSTRING: append_string(out, check_text(state, lua_gettop(state))); return;
    case LUA_TNUMBER: append_number(state, out, -1); return;
    case LUA_TBOOLEAN: out += lua_toboolean(state, -1) ? "true" : "false"; return;
    case LUA_TNIL: out += "null"; return;
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(state, -1) == nullptr) {
        out += "null";
        return;
      }
      break;
    case LUA_TTABLE: {
      if (++depth > kMaxDepth || !lua_checkstack(state, 8)) {
        luaL_error(state, "Cannot serialise, excessive nesting (%d)", depth);
      }
      const lua_Integer length = array_length(state, lua_gettop(state));
      if (length > 0) {
        encode_array(state, out, length, depth);
      } else {
        encode_object(state, out, depth);
      }
      return;
    }
    default: break;
  }
  luaL_error(state, "Cannot serialise %s: type not supported", luaL_typename(state, -1));
}

int cjson_encode(lua_State* state) {
  luaL_argcheck(state, lua_gettop(state) == 1, 1, "expected 1 argument");
  std::string& out = Sandbox::of(state).scratch().text;
  out.clear();
  encode_value(state, out, 0);
  push_text(state, out);
  return 1;
}

// --- Decoding ------------------------------------------------------------------------------------

/// Reads JSON, pushing what it reads. Holds nothing that a Lua error would leak.
class Decoder {
 public:
  Decoder(lua_State* state, std::string_view text, std::string& scratch)
      : state_(state), text_(text), scratch_(scratch) {}

  void run() {
    value();
    const std::size_t at = skip_blanks();
    if (at < text_.size()) fail("the end");
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::size_t skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
    return at_;
  }

  [[noreturn]] void fail(const char* expected) { fail(expected, token_name(), at_); }
  [[noreturn]] void fail(const char* expected, const char* found, std::size_t at) {
    luaL_error(state_, "Expected %s but found %s at character %d", expected, found,
               static_cast<int>(at) + 1);
    std::abort();  // luaL_error does not return
  }

  const char* token_name() {
    switch (peek()) {
      case '{': return "T_OBJ_BEGIN";
      case '}': return "T_OBJ_END";
      case '[': return "T_ARR_BEGIN";
      case ']': return "T_ARR_END";
      case ',': return "T_COMMA";
      case ':': return "T_COLON";
      case '"': return "T_STRING";
      case '\0': return at_ >= text_.size() ? "T_END" : "invalid token";
      default: break;
    }
    double number = 0;
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("true") || rest.starts_with("false")) return "T_BOOLEAN";
    if (rest.starts_with("null")) return "T_NULL";
    return number_length(&number) > 0 ? "T_NUMBER" : "invalid token";
  }

  /// The text is zero-terminated: it is a Lua string.
  std::size_t number_length(double* number) const {
    const char* start = text_.data() + at_;
    const char first = *start;
    const bool plausible = first == '-' || (first >= '0' && first <= '9') || first == 'i' ||
                           first == 'I' || first == 'n' || first == 'N';
    if (!plausible) return 0;
    char* end = nullptr;
    *number = std::strtod(start, &end);
    return static_cast<std::size_t>(end - start);
  }

  void value() {
    skip_blanks();
    if (!lua_checkstack(state_, 4)) luaL_error(state_, "Too many nested data structures");
    const std::string_view rest = text_.substr(at_);
    switch (peek()) {
      case '{': object(); return;
      case '[': array(); return;
      case '"': string(); return;
      default: break;
    }
    if (rest.starts_with("true")) return literal(4, [this] { lua_pushboolean(state_, 1); });
    if (rest.starts_with("false")) return literal(5, [this] { lua_pushboolean(state_, 0); });
    if (rest.starts_with("null")) {
      return literal(4, [this] { lua_pushlightuserdata(state_, nullptr); });
    }
    double number = 0;
    const std::size_t length = number_length(&number);
    if (length == 0) fail("value");
    literal(length, [this, number] { lua_pushnumber(state_, number); });
  }

  template <class Push>
  void literal(std::size_t length, Push push) {
    at_ += length;
    push();
  }

  void descend() {
    if (++depth_ > kMaxDepth) {
      luaL_error(state_, "Found too many nested data structures (%d)", depth_);
    }
    ++at_;
    lua_newtable(state_);
    skip_blanks();
  }

  void array() {
    descend();
    if (peek() == ']') return ascend();
    for (lua_Integer i = 1;; ++i) {
      value();
      lua_rawseti(state_, -2, i);
      skip_blanks();
      if (peek() == ']') return ascend();
      if (peek() != ',') fail("comma or array end");
      ++at_;
    }
  }

  void object() {
    descend();
    if (peek() == '}') return ascend();
    for (;;) {
      skip_blanks();
      if (peek() != '"') fail("object key string");
      string();
      skip_blanks();
      if (peek() != ':') fail("colon");
      ++at_;
      value();
      lua_rawset(state_, -3);
      skip_blanks();
      if (peek() == '}') return ascend();
      if (peek() != ',') fail("comma or object end");
      ++at_;
    }
  }

  void ascend() {
    ++at_;
    --depth_;
  }

  void string() {
    ++at_;
    scratch_.clear();
    while (peek() != '"') {
      if (at_ >= text_.size()) fail("value", "unexpected end of string", at_);
      if (peek() == '\\') {
        escape();
      } else {
        scratch_ += text_[at_++];
      }
    }
    ++at_;
    push_text(state_, scratch_);
  }

  void escape() {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t start = at_++;
    const std::size_t known = at_ < text_.size() ? kNames.find(text_[at_]) : kNames.npos;
    if (known != kNames.npos) {
      scratch_ += kMeanings[known];
      ++at_;
      return;
    }
    if (peek() != 'u') fail("value", "invalid escape code", start);
    long code = hex(start);
    if (code >= 0xD800 && code < 0xDC00) {
      if (!text_.substr(at_).starts_with("\\u"))
        fail("value", "invalid unicode escape code", start);
      ++at_;
      const long low = hex(start);
      if (low < 0xDC00 || low > 0xDFFF) fail("value", "invalid unicode escape code", start);
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(static_cast<std::uint32_t>(code));
  }

  /// The four digits behind the 'u' at at_.
  long hex(std::size_t start) {
    const std::string_view digits = text_.substr(at_ + 1, 4);
    if (digits.size() < 4 || digits.find_first_not_of("0123456789abcdefABCDEF") != digits.npos) {
      fail("value", "invalid unicode escape code", start);
    }
    char copy[5] = {digits[0], digits[1], digits[2], digits[3], '\0'};
    at_ += 5;
    return std::strtol(copy, nullptr, 16);
  }

  void append_utf8(std::uint32_t code) {
    const auto byte = [this](std::uint32_t value) { scratch_ += static_cast<char>(value); };
    if (code < 0x80) {
      byte(code);
    } else if (code < 0x800) {
      byte(0xC0 | (code >> 6));
      byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      byte(0xE0 | (code >> 12));
      byte(0x80 | ((code >> 6) & 0x3F));
      byte(0x80 | (code & 0x3F));
    } else {
      byte(0xF0 | (code >> 18));
      byte(0x80 | ((code >> 12) & 0x3F));
      byte(0x80 | ((code >> 6) & 0x3F));
      byte(0x80 | (code & 0x3F));
    }
  }

  lua_State* state_;
  std::string_view text_;
  std::string& scratch_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

int cjson_decode(lua_State* state) {
  luaL_argcheck(state, lua_gettop(state) == 1, 1, "expected 1 argument");
  Decoder(state, check_text(state, 1), Sandbox::of(state).scratch().text).run();
  return 1;
}

}  // namespace

void push_cjson_library(lua_State* state) {
  constexpr luaL_Reg kFunctions[] = {
      {"encode", cjson_encode}, {"decode", cjson_decode}, {nullptr, nullptr}};
  luaL_newlib(state, kFunctions);
  lua_pushlightuserdata(state, nullptr);
  lua_setfield(state, -2, "null");
  lua_pushliteral(state, "cjson");
  lua_setfield(state, -2, "_NAME");
  lua_pushliteral(state, "2.1.0");
  lua_setfield(state, -2, "_VERSION");
}

}  // namespace firedrill::lua
