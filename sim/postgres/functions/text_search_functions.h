#pragma once

#include <span>

#include "sim/postgres/functions/function.h"

namespace firedrill::sim::postgres {

std::span<const FunctionRow> text_search_rank_rows();

}  // namespace firedrill::sim::postgres
