#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "lua/compat/cjson.h"
#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

/// A token of JSON; `name` is what messages call it.
struct Token {
  enum class Kind : std::uint8_t {
    object_begin,
    object_end,
    array_begin,
    array_end,
    string,
    number,
    boolean,
    null,
    colon,
    comma,
    end,
    error,
  };
  Kind kind = Kind::error;
  const char* name = "";
  std::size_t at = 0;  ///< where it begins; of an error, where that is
  double number = 0;   ///< of a boolean, 0 or 1
};

/// Reads JSON, pushing what it reads. Holds nothing that a Lua error would leak. The text is a Lua
/// string: a zero byte behind it ends it, as does one within.
class Decoder {
 public:
  Decoder(lua_State* state, const char* text, const CjsonSettings& settings, std::string& scratch)
      : state_(state), text_(text), settings_(settings), scratch_(scratch) {}

  void run() {
    value(next());
    const Token last = next();
    if (last.kind != Token::Kind::end) fail("the end", last);
  }

 private:
  using Kind = Token::Kind;

  [[noreturn]] void fail(const char* expected, const Token& found) {
    luaL_error(state_, "Expected %s but found %s at character %d", expected, found.name,
               static_cast<int>(found.at) + 1);
    std::abort();  // luaL_error does not return
  }

  Token error(const char* what) const { return {Kind::error, what, at_}; }

  // --- Tokens ------------------------------------------------------------------------------------

  Token next() {
    while (text_[at_] != '\0' && std::strchr(" \t\n\r", text_[at_]) != nullptr) ++at_;
    switch (text_[at_]) {
      case '{': return take(Kind::object_begin, "T_OBJ_BEGIN", 1);
      case '}': return take(Kind::object_end, "T_OBJ_END", 1);
      case '[': return take(Kind::array_begin, "T_ARR_BEGIN", 1);
      case ']': return take(Kind::array_end, "T_ARR_END", 1);
      case ',': return take(Kind::comma, "T_COMMA", 1);
      case ':': return take(Kind::colon, "T_COLON", 1);
      case '\0': return take(Kind::end, "T_END", 0);
      case '"': return string();
      default: return word();
    }
  }

  Token take(Kind kind, const char* name, std::size_t length, double number = 0) {
    const Token token{kind, name, at_, number};
    at_ += length;
    return token;
  }

  bool starts_with(const char* word) const {
    return std::strncmp(text_ + at_, word, std::strlen(word)) == 0;
  }

  /// A number, true, false or null.
  Token word() {
    const char first = text_[at_];
    if (first == '-' || (first >= '0' && first <= '9')) {
      if (!settings_.decode_invalid_numbers && is_lax_number()) return error("invalid number");
      return number();
    }
    if (starts_with("true")) return take(Kind::boolean, "T_BOOLEAN", 4, 1);
    if (starts_with("false")) return take(Kind::boolean, "T_BOOLEAN", 5, 0);
    if (starts_with("null")) return take(Kind::null, "T_NULL", 4);
    const bool may_be_number = first != '\0' && std::strchr("+iInN", first) != nullptr;
    if (may_be_number && settings_.decode_invalid_numbers && is_lax_number()) return number();
    return error("invalid token");
  }

  /// What strtod() takes for a number, and JSON does not: +1, 01, 0x1, inf, nan.
  bool is_lax_number() const {
    const char* p = text_ + at_;
    if (*p == '+') return true;
    if (*p == '-') ++p;
    if (*p == '0') return (p[1] | 0x20) == 'x' || (p[1] >= '0' && p[1] <= '9');
    if (*p <= '9') return false;
    return strncasecmp(p, "inf", 3) == 0 || strncasecmp(p, "nan", 3) == 0;
  }

  Token number() {
    char* end = nullptr;
    const double value = std::strtod(text_ + at_, &end);
    const auto length = static_cast<std::size_t>(end - (text_ + at_));
    if (length == 0) return error("invalid number");
    return take(Kind::number, "T_NUMBER", length, value);
  }

  /// Leaves the string in scratch_.
  Token string() {
    Token token{Kind::string, "T_STRING", at_++};
    scratch_.clear();
    for (char c = text_[at_]; c != '"'; c = text_[at_]) {
      if (c == '\0') return error("unexpected end of string");
      if (c != '\\') {
        scratch_ += c;
        ++at_;
      } else if (text_[at_ + 1] == 'u') {
        if (!unicode_escape()) return error("invalid unicode escape code");
      } else if (!plain_escape()) {
        return error("invalid escape code");
      }
    }
    ++at_;
    return token;
  }

  bool plain_escape() {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t known = kNames.find(text_[at_ + 1]);
    if (known == kNames.npos) return false;
    scratch_ += kMeanings[known];
    at_ += 2;
    return true;
  }

  bool unicode_escape() {
    int code = hex4(at_ + 2);
    if (code < 0) return false;
    std::size_t length = 6;
    if ((code & 0xF800) == 0xD800) {  // one half of a pair
      if ((code & 0x400) != 0 || text_[at_ + 6] != '\\' || text_[at_ + 7] != 'u') return false;
      const int low = hex4(at_ + 8);
      if (low < 0 || (low & 0xFC00) != 0xDC00) return false;
      code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
      length = 12;
    }
    append_utf8(static_cast<std::uint32_t>(code));
    at_ += length;
    return true;
  }

  /// Four hexadecimal digits, or -1. Stops at the first that is none, so never behind the end.
  int hex4(std::size_t at) const {
    int code = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
      const char c = text_[i];
      const auto letter = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9') {
        code = code * 16 + (c - '0');
      } else if (letter >= 'a' && letter <= 'f') {
        code = code * 16 + (letter - 'a' + 10);
      } else {
        return -1;
      }
    }
    return code;
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

  // --- Values ------------------------------------------------------------------------------------

  void value(const Token& token) {
    switch (token.kind) {
      case Kind::string: push_text(state_, scratch_); return;
      case Kind::number: lua_pushnumber(state_, token.number); return;
      case Kind::boolean: lua_pushboolean(state_, token.number != 0); return;
      case Kind::null: lua_pushlightuserdata(state_, nullptr); return;
      case Kind::object_begin: object(); return;
      case Kind::array_begin: array(); return;
      default: fail("value", token);
    }
  }

  void descend(int slots) {
    ++depth_;
    if (depth_ <= settings_.decode_max_depth && has_room(state_, slots)) {
      lua_newtable(state_);
      return;
    }
    luaL_error(state_, "Found too many nested data structures (%d) at character %d", depth_,
               static_cast<int>(at_));
  }

  void array() {
    descend(2);
    Token token = next();
    if (token.kind == Kind::array_end) return ascend();
    for (lua_Integer i = 1;; ++i) {
      value(token);
      lua_rawseti(state_, -2, i);
      token = next();
      if (token.kind == Kind::array_end) return ascend();
      if (token.kind != Kind::comma) fail("comma or array end", token);
      token = next();
    }
  }

  void object() {
    descend(3);
    Token token = next();
    if (token.kind == Kind::object_end) return ascend();
    for (;;) {
      if (token.kind != Kind::string) fail("object key string", token);
      push_text(state_, scratch_);
      token = next();
      if (token.kind != Kind::colon) fail("colon", token);
      value(next());
      lua_rawset(state_, -3);
      token = next();
      if (token.kind == Kind::object_end) return ascend();
      if (token.kind != Kind::comma) fail("comma or object end", token);
      token = next();
    }
  }

  void ascend() { --depth_; }

  lua_State* state_;
  const char* text_;
  const CjsonSettings& settings_;
  std::string& scratch_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

int cjson_decode(lua_State* state) {
  luaL_argcheck(state, lua_gettop(state) == 1, 1, "expected 1 argument");
  const std::string_view text = check_text(state, 1);
  if (text.size() >= 2 && (text[0] == '\0' || text[1] == '\0')) {
    return luaL_error(state, "JSON parser does not support UTF-16 or UTF-32");
  }
  Decoder(state, text.data(), cjson_settings(state), Sandbox::of(state).scratch().text).run();
  return 1;
}

}  // namespace firedrill::lua
