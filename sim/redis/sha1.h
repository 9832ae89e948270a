#pragma once

#include <string>
#include <string_view>

namespace firedrill::sim::redis {

/// SHA-1 in 40 lower-case hex digits: the name that Redis gives a script.
std::string sha1_hex(std::string_view text);

}  // namespace firedrill::sim::redis
