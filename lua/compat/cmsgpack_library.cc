#include <climits>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

// --- Packing -------------------------------------------------------------------------------------
// Text is gathered in the sandbox's scratch, so that a Lua error cannot leak it.

constexpr int kMaxNesting = 16;

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out += static_cast<char>((value >> shift) & 0xFF);
  }
}

void append_tagged(std::string& out, int tag, std::uint64_t value, int bytes) {
  out += static_cast<char>(tag);
  append_big_endian(out, value, bytes);
}

void pack_text(std::string& out, std::string_view text) {
  const std::size_t size = text.size();
  if (size < 32) {
    out += static_cast<char>(0xA0 | size);
  } else if (size <= 0xFF) {
    append_tagged(out, 0xD9, size, 1);
  } else if (size <= 0xFFFF) {
    append_tagged(out, 0xDA, size, 2);
  } else {
    append_tagged(out, 0xDB, size, 4);
  }
  out += text;
}

void pack_integer(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= -32 && value <= 127) {
    out += static_cast<char>(value);
  } else if (value >= 0) {
    if (value <= 0xFF) return append_tagged(out, 0xCC, bits, 1);
    if (value <= 0xFFFF) return append_tagged(out, 0xCD, bits, 2);
    if (value <= 0xFFFFFFFF) return append_tagged(out, 0xCE, bits, 4);
    append_tagged(out, 0xCF, bits, 8);
  } else {
    if (value >= INT8_MIN) return append_tagged(out, 0xD0, bits, 1);
    if (value >= INT16_MIN) return append_tagged(out, 0xD1, bits, 2);
    if (value >= INT32_MIN) return append_tagged(out, 0xD2, bits, 4);
    append_tagged(out, 0xD3, bits, 8);
  }
}

/// A whole number as an integer; any other as a float, if that is exact, or as a double.
void pack_number(std::string& out, double number) {
  if (std::fabs(number) <= 9223372036854774784.0 || number == -9223372036854775808.0) {
    const auto whole = static_cast<std::int64_t>(number);
    if (static_cast<double>(whole) == number) return pack_integer(out, whole);
  }
  const auto narrow = static_cast<float>(number);
  if (static_cast<double>(narrow) == number) {
    std::uint32_t bits;
    std::memcpy(&bits, &narrow, sizeof bits);
    append_tagged(out, 0xCA, bits, 4);
  } else {
    std::uint64_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    append_tagged(out, 0xCB, bits, 8);
  }
}

/// The head of an array or a map of `size`.
void pack_head(std::string& out, std::uint64_t size, int small_tag, int tag) {
  if (size <= 15) {
    out += static_cast<char>(static_cast<std::uint64_t>(small_tag) | size);
  } else if (size <= 0xFFFF) {
    append_tagged(out, tag, size, 2);
  } else {
    append_tagged(out, tag + 1, size, 4);
  }
}

/// Whether the keys of the table on top are 1..n and nothing else.
bool is_array(lua_State* state) {
  lua_Integer most = 0;
  lua_Integer count = 0;
  check_stack(state, 2, "in function table_is_an_array");
  lua_pushnil(state);
  while (lua_next(state, -2) != 0) {
    lua_pop(state, 1);
    const double key = lua_type(state, -1) == LUA_TNUMBER ? lua_tonumber(state, -1) : 0;
    if (!(key > 0) || key > INT_MAX || key != std::floor(key)) {
      lua_pop(state, 1);
      return false;
    }
    most = std::max(most, static_cast<lua_Integer>(key));
    ++count;
  }
  return most == count;
}

void pack_value(lua_State* state, std::string& out, int level);

void pack_array(lua_State* state, std::string& out, int level) {
  const auto size = static_cast<lua_Integer>(lua_rawlen(state, -1));
  pack_head(out, static_cast<std::uint64_t>(size), 0x90, 0xDC);
  for (lua_Integer i = 1; i <= size; ++i) {
    lua_rawgeti(state, -1, i);
    pack_value(state, out, level + 1);
  }
}

void pack_map(lua_State* state, std::string& out, int level) {
  check_stack(state, 3, "in function mp_encode_lua_table_as_map");
  const int table = lua_gettop(state);
  const lua_Integer size = push_ordered_keys(state, table);
  pack_head(out, static_cast<std::uint64_t>(size), 0x80, 0xDE);
  for (lua_Integer i = 1; i <= size; ++i) {
    lua_rawgeti(state, table + 1, i);
    lua_pushvalue(state, -1);
    pack_value(state, out, level + 1);
    lua_rawget(state, table);
    pack_value(state, out, level + 1);
  }
  lua_pop(state, 1);
}

/// Appends the value on top of the stack, and pops it. What has no form is nil.
void pack_value(lua_State* state, std::string& out, int level) {
  Sandbox::of(state).charge(state, 1);  // a table that holds itself spreads out 16 levels deep
  switch (lua_type(state, -1)) {
    case LUA_TSTRING: pack_text(out, check_text(state, lua_gettop(state))); break;
    case LUA_TBOOLEAN: out += static_cast<char>(lua_toboolean(state, -1) ? 0xC3 : 0xC2); break;
    case LUA_TNUMBER: pack_number(out, lua_tonumber(state, -1)); break;
    case LUA_TTABLE:
      if (level < kMaxNesting) {
        if (push_protected(state, lua_gettop(state))) lua_replace(state, -2);
        if (is_array(state)) {
          pack_array(state, out, level);
        } else {
          pack_map(state, out, level);
        }
        break;
      }
      [[fallthrough]];
    default: out += static_cast<char>(0xC0);
  }
  Sandbox::of(state).check_size(state, out.size());
  lua_pop(state, 1);
}

int cmsgpack_pack(lua_State* state) {
  const int count = lua_gettop(state);
  if (count == 0) return luaL_argerror(state, 0, "MessagePack pack needs input.");
  if (!has_room(state, count)) {
    return luaL_argerror(state, 0, "Too many arguments for MessagePack pack.");
  }
  std::string& out = Sandbox::of(state).scratch().text;
  out.clear();
  for (int i = 1; i <= count; ++i) {
    lua_pushvalue(state, i);
    pack_value(state, out, 0);
  }
  push_text(state, out);
  return 1;
}

// --- Unpacking -----------------------------------------------------------------------------------

/// Reads MessagePack, pushing what it reads. Holds nothing that a Lua error would leak.
class Unpacker {
 public:
  Unpacker(lua_State* state, std::string_view data) : state_(state), data_(data) {}

  bool done() const { return data_.empty(); }
  std::size_t left() const { return data_.size(); }

  void value() {
    need(1);
    check_stack(state_, 1,
                "too many return values at once; use unpack_one or unpack_limit instead.");
    const auto tag = static_cast<unsigned char>(data_[0]);
    if (tag < 0x80) {
      data_.remove_prefix(1);
      push_whole(state_, tag);
    } else if (tag >= 0xE0) {
      data_.remove_prefix(1);
      push_whole(state_, static_cast<signed char>(tag));
    } else if (tag < 0x90) {
      data_.remove_prefix(1);
      map(tag & 0x0F);
    } else if (tag < 0xA0) {
      data_.remove_prefix(1);
      array(tag & 0x0F);
    } else if (tag < 0xC0) {
      text(1, tag & 0x1F);
    } else {
      tagged(tag);
    }
  }

 private:
  void need(std::size_t bytes) {
    if (data_.size() < bytes) luaL_error(state_, "Missing bytes in input.");
  }

  /// Takes the tag and the big-endian number of `bytes` behind it.
  std::uint64_t number(std::size_t bytes) {
    need(1 + bytes);
    std::uint64_t value = 0;
    for (std::size_t i = 1; i <= bytes; ++i) {
      value = (value << 8) | static_cast<unsigned char>(data_[i]);
    }
    data_.remove_prefix(1 + bytes);
    return value;
  }

  template <class Signed>
  void push_signed() {
    push_whole(state_, static_cast<Signed>(number(sizeof(Signed))));
  }

  template <class Real, class Bits>
  void push_real() {
    const auto bits = static_cast<Bits>(number(sizeof(Bits)));
    Real value;
    std::memcpy(&value, &bits, sizeof value);
    lua_pushnumber(state_, static_cast<lua_Number>(value));
  }

  void tagged(int tag) {
    switch (tag) {
      case 0xC0: return literal([this] { lua_pushnil(state_); });
      case 0xC2: return literal([this] { lua_pushboolean(state_, 0); });
      case 0xC3: return literal([this] { lua_pushboolean(state_, 1); });
      case 0xCA: return push_real<float, std::uint32_t>();
      case 0xCB: return push_real<double, std::uint64_t>();
      case 0xCC: return push_whole(state_, static_cast<lua_Integer>(number(1)));
      case 0xCD: return push_whole(state_, static_cast<lua_Integer>(number(2)));
      case 0xCE: return push_whole(state_, static_cast<lua_Integer>(number(4)));
      case 0xCF: return push_signed<std::int64_t>();  // 2^63 and above come out negative
      case 0xD0: return push_signed<std::int8_t>();
      case 0xD1: return push_signed<std::int16_t>();
      case 0xD2: return push_signed<std::int32_t>();
      case 0xD3: return push_signed<std::int64_t>();
      case 0xD9: return sized_text(1);
      case 0xDA: return sized_text(2);
      case 0xDB: return text(0, number(4));
      case 0xDC: return array(number(2));
      case 0xDD: return array(number(4));
      case 0xDE: return map(number(2));
      case 0xDF: return map(number(4));
      default: luaL_error(state_, "Bad data format in input.");
    }
  }

  template <class Push>
  void literal(Push push) {
    data_.remove_prefix(1);
    push();
  }

  void sized_text(std::size_t bytes) { text(0, number(bytes)); }

  /// A text of `size` behind a head of `head` bytes.
  void text(std::size_t head, std::uint64_t size) {
    need(head + size);
    push_text(state_, data_.substr(head, size));
    data_.remove_prefix(head + size);
  }

  void array(std::uint64_t size) {
    lua_newtable(state_);
    check_stack(state_, 1, "in function mp_decode_to_lua_array");
    for (std::uint64_t i = 1; i <= size; ++i) {
      push_whole(state_, static_cast<lua_Integer>(i));
      value();
      lua_rawset(state_, -3);
    }
  }

  void map(std::uint64_t size) {
    lua_newtable(state_);
    for (std::uint64_t i = 0; i < size; ++i) {
      value();
      value();
      lua_rawset(state_, -3);  // raises "table index is nil", or NaN
    }
  }

  lua_State* state_;
  std::string_view data_;
};

int unpack(lua_State* state, lua_Integer limit, lua_Integer offset) {
  const std::string_view text = check_text(state, 1);
  const auto size = static_cast<lua_Integer>(text.size());
  if (offset < 0 || limit < 0) {
    // The second number is the size, not the limit, there.
    return luaL_error(state, "Invalid request to unpack with offset of %d and limit of %d.",
                      static_cast<int>(offset), static_cast<int>(size));
  }
  if (offset > size) {
    return luaL_error(state, "Start offset %d greater than input length %d.",
                      static_cast<int>(offset), static_cast<int>(size));
  }
  const bool all = limit == 0 && offset == 0;
  if (all) limit = INT_MAX;
  Unpacker unpacker(state, text.substr(static_cast<std::size_t>(offset)));
  int count = 0;
  for (; !unpacker.done() && count < limit; ++count) unpacker.value();
  if (all) return count;
  check_stack(state, 1, "in function mp_unpack_full");
  push_whole(state, unpacker.done() ? -1 : size - static_cast<lua_Integer>(unpacker.left()));
  lua_insert(state, 2);
  return count + 1;
}

int cmsgpack_unpack(lua_State* state) {
  return unpack(state, 0, 0);
}

int cmsgpack_unpack_one(lua_State* state) {
  const lua_Integer offset = optional_whole(state, 2, 0);
  if (lua_gettop(state) > 1) lua_settop(state, 1);
  return unpack(state, 1, offset);
}

int cmsgpack_unpack_limit(lua_State* state) {
  const lua_Integer limit = check_whole(state, 2);
  const lua_Integer offset = optional_whole(state, 3, 0);
  lua_settop(state, 1);
  return unpack(state, limit, offset);
}

}  // namespace

void push_cmsgpack_library(lua_State* state) {
  constexpr luaL_Reg kFunctions[] = {{"pack", cmsgpack_pack},
                                     {"unpack", cmsgpack_unpack},
                                     {"unpack_limit", cmsgpack_unpack_limit},
                                     {"unpack_one", cmsgpack_unpack_one},
                                     {nullptr, nullptr}};
  luaL_newlib(state, kFunctions);
  constexpr const char* kFields[][2] = {{"_NAME", "cmsgpack"},
                                        {"_VERSION", "lua-cmsgpack 0.4.0"},
                                        {"_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo"},
                                        {"_DESCRIPTION", "MessagePack C implementation for Lua"}};
  for (const auto& [name, value] : kFields) {
    lua_pushstring(state, value);
    lua_setfield(state, -2, name);
  }
}

}  // namespace firedrill::lua
