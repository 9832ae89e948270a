#include <bit>
#include <cstdint>
#include <cstring>

#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

/// The low 32 bits of a number, rounded to the nearest integer, as LuaBitOp takes them.
std::uint32_t check_bits(lua_State* state, int index) {
  const double shifted = check_number(state, index) + 6755399441055744.0;  // 2^52 + 2^51
  std::uint64_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  return static_cast<std::uint32_t>(bits);
}

int push_bits(lua_State* state, std::uint32_t bits) {
  lua_pushnumber(state, static_cast<std::int32_t>(bits));
  return 1;
}

int bit_tobit(lua_State* state) {
  return push_bits(state, check_bits(state, 1));
}
int bit_bnot(lua_State* state) {
  return push_bits(state, ~check_bits(state, 1));
}
int bit_bswap(lua_State* state) {
  return push_bits(state, __builtin_bswap32(check_bits(state, 1)));
}

template <class Fold>
int fold(lua_State* state, Fold step) {
  std::uint32_t bits = check_bits(state, 1);
  for (int i = 2; i <= lua_gettop(state); ++i) bits = step(bits, check_bits(state, i));
  return push_bits(state, bits);
}

int bit_band(lua_State* state) {
  return fold(state, [](auto a, auto b) { return a & b; });
}
int bit_bor(lua_State* state) {
  return fold(state, [](auto a, auto b) { return a | b; });
}
int bit_bxor(lua_State* state) {
  return fold(state, [](auto a, auto b) { return a ^ b; });
}

template <class Shift>
int shift(lua_State* state, Shift step) {
  const std::uint32_t bits = check_bits(state, 1);
  return push_bits(state, step(bits, static_cast<int>(check_bits(state, 2) & 31)));
}

int bit_lshift(lua_State* state) {
  return shift(state, [](auto b, int n) { return b << n; });
}
int bit_rshift(lua_State* state) {
  return shift(state, [](auto b, int n) { return b >> n; });
}
int bit_arshift(lua_State* state) {
  return shift(state, [](auto b, int n) {
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(b) >> n);
  });
}
int bit_rol(lua_State* state) {
  return shift(state, [](auto b, int n) { return std::rotl(b, n); });
}
int bit_ror(lua_State* state) {
  return shift(state, [](auto b, int n) { return std::rotr(b, n); });
}

int bit_tohex(lua_State* state) {
  std::uint32_t bits = check_bits(state, 1);
  auto digits = lua_isnone(state, 2) ? 8 : static_cast<std::int32_t>(check_bits(state, 2));
  const char* alphabet = "0123456789abcdef";
  if (digits < 0) {
    digits = digits == INT32_MIN ? 8 : -digits;
    alphabet = "0123456789ABCDEF";
  }
  if (digits > 8) digits = 8;
  char text[8];
  for (int i = digits; --i >= 0; bits >>= 4) text[i] = alphabet[bits & 15];
  lua_pushlstring(state, text, static_cast<std::size_t>(digits));
  return 1;
}

}  // namespace

void push_bit_library(lua_State* state) {
  constexpr luaL_Reg kFunctions[] = {
      {"arshift", bit_arshift}, {"band", bit_band},   {"bnot", bit_bnot},
      {"bor", bit_bor},         {"bswap", bit_bswap}, {"bxor", bit_bxor},
      {"lshift", bit_lshift},   {"rol", bit_rol},     {"ror", bit_ror},
      {"rshift", bit_rshift},   {"tobit", bit_tobit}, {"tohex", bit_tohex},
      {nullptr, nullptr}};
  luaL_newlib(state, kFunctions);
}

}  // namespace firedrill::lua
