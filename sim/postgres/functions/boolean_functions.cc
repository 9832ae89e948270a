#include <array>
#include <cstdint>

#include "sim/postgres/functions/families.h"

namespace firedrill::sim::postgres {

namespace {

Value to_int4(Call& call) {
  return Value::of(std::int64_t{call[0].boolean() ? 1 : 0});
}

Value from_int4(Call& call) {
  return Value::of(call[0].integer() != 0);
}

/// Unlike its output function, which writes t and f.
Value to_words(Call& call) {
  return Value::of(call[0].boolean() ? "true" : "false");
}

using enum CastContext;

constexpr auto kCasts = std::to_array<CastRow>({
    {"bool", "int4", explicit_only, to_int4},
    {"int4", "bool", explicit_only, from_int4},
    {"bool", "text", assignment, to_words},
    {"bool", "varchar", assignment, to_words},
    {"bool", "bpchar", assignment, to_words},
});

}  // namespace

FunctionFamily boolean_family() {
  return {.casts = kCasts};
}

}  // namespace firedrill::sim::postgres
