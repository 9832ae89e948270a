#pragma once

#include <string>

#include "sim/postgres/values/binary_form.h"
#include "sim/postgres/values/numeric.h"

namespace firedrill::sim::postgres {

// Numerics on the wire: groups of four decimal digits. Throws 22P03.
Numeric read_numeric(BinaryReader& bytes);
std::string numeric_bytes(const Numeric& number);

}  // namespace firedrill::sim::postgres
