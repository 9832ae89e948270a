#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sim/redis/state.h"

namespace firedrill::sim::redis {

/// What INFO answers to these names of sections ("default", "all" and "everything" among them; none
/// means "default"). Of each section the fields that mean something here; nothing is measured that
/// a simulated server does not have (processors, allocators, buffers, hits and misses).
std::string info_text(EngineState& state, std::span<const std::string_view> sections);

}  // namespace firedrill::sim::redis
