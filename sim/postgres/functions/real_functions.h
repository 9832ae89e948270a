#pragma once

#include <span>

#include "sim/postgres/functions/function.h"

namespace firedrill::sim::postgres {

/// The functions of float8: roots, powers, logarithms, angles, random(), ...
std::span<const FunctionRow> real_function_rows();

// Those of them that are operators, too.
Value real_power(Call& call);
Value real_square_root(Call& call);
Value real_cube_root(Call& call);

}  // namespace firedrill::sim::postgres
