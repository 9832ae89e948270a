#include <cmath>
#include <numbers>

#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

template <double (*Function)(double)>
int unary(lua_State* state) {
  lua_pushnumber(state, Function(check_number(state, 1)));
  return 1;
}

template <double (*Function)(double, double)>
int binary(lua_State* state) {
  const double second = check_number(state, 2);  // which Redis's compiler looks at first
  lua_pushnumber(state, Function(check_number(state, 1), second));
  return 1;
}

double degrees(double radians) {
  return radians / (std::numbers::pi / 180.0);
}
double radians(double degrees) {
  return degrees * (std::numbers::pi / 180.0);
}

int math_frexp(lua_State* state) {
  int exponent = 0;
  lua_pushnumber(state, std::frexp(check_number(state, 1), &exponent));
  push_whole(state, exponent);
  return 2;
}

int math_ldexp(lua_State* state) {
  const auto exponent = static_cast<int>(check_int(state, 2));
  lua_pushnumber(state, std::ldexp(check_number(state, 1), exponent));
  return 1;
}

int math_modf(lua_State* state) {
  double whole = 0;
  const double fraction = std::modf(check_number(state, 1), &whole);
  lua_pushnumber(state, whole);
  lua_pushnumber(state, fraction);
  return 2;
}

template <bool Largest>
int extreme(lua_State* state) {
  double best = check_number(state, 1);
  for (int i = 2; i <= lua_gettop(state); ++i) {
    const double number = check_number(state, i);
    if (Largest ? number > best : number < best) best = number;
  }
  lua_pushnumber(state, best);
  return 1;
}

int math_random(lua_State* state) {
  constexpr std::int32_t kMax = INT32_MAX;
  const double r = static_cast<double>(Sandbox::of(state).random().next() % kMax) / kMax;
  switch (lua_gettop(state)) {
    case 0: lua_pushnumber(state, r); return 1;
    case 1: {
      const auto high = static_cast<int>(check_whole(state, 1));
      luaL_argcheck(state, 1 <= high, 1, "interval is empty");
      lua_pushnumber(state, std::floor(r * high) + 1);
      return 1;
    }
    case 2: {
      const auto low = static_cast<int>(check_whole(state, 1));
      const auto high = static_cast<int>(check_whole(state, 2));
      luaL_argcheck(state, low <= high, 2, "interval is empty");
      // The width wraps in 32 bits, as in C.
      const auto width = static_cast<std::int32_t>(static_cast<std::uint32_t>(high) -
                                                   static_cast<std::uint32_t>(low) + 1);
      lua_pushnumber(state, std::floor(r * width) + low);
      return 1;
    }
    default: return luaL_error(state, "wrong number of arguments");
  }
}

int math_randomseed(lua_State* state) {
  Sandbox::of(state).random().seed(static_cast<std::int32_t>(check_whole(state, 1)));
  return 0;
}

}  // namespace

void push_math_library(lua_State* state) {
  constexpr luaL_Reg kFunctions[] = {
      {"abs", unary<std::fabs>},    {"acos", unary<std::acos>},    {"asin", unary<std::asin>},
      {"atan", unary<std::atan>},   {"atan2", binary<std::atan2>}, {"ceil", unary<std::ceil>},
      {"cos", unary<std::cos>},     {"cosh", unary<std::cosh>},    {"deg", unary<degrees>},
      {"exp", unary<std::exp>},     {"floor", unary<std::floor>},  {"fmod", binary<std::fmod>},
      {"frexp", math_frexp},        {"ldexp", math_ldexp},         {"log", unary<std::log>},
      {"log10", unary<std::log10>}, {"max", extreme<true>},        {"min", extreme<false>},
      {"mod", binary<std::fmod>},   {"modf", math_modf},           {"pow", binary<std::pow>},
      {"rad", unary<radians>},      {"random", math_random},       {"randomseed", math_randomseed},
      {"sin", unary<std::sin>},     {"sinh", unary<std::sinh>},    {"sqrt", unary<std::sqrt>},
      {"tan", unary<std::tan>},     {"tanh", unary<std::tanh>},    {nullptr, nullptr}};
  luaL_newlib(state, kFunctions);
  lua_pushnumber(state, std::numbers::pi);
  lua_setfield(state, -2, "pi");
  lua_pushnumber(state, HUGE_VAL);
  lua_setfield(state, -2, "huge");
}

}  // namespace firedrill::lua
