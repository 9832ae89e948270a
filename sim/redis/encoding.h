#pragma once

#include <string_view>

#include "sim/redis/keyspace.h"

namespace firedrill::sim::redis {

/// How Redis would hold this value in memory: what OBJECT ENCODING answers.
std::string_view encoding_of(const Keyspace::Slot& slot);

}  // namespace firedrill::sim::redis
