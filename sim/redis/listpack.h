#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// How many bytes an element takes in a listpack, the form in which Redis keeps small collections
// and the nodes of streams. Here nothing is kept so: but what fits into a node is counted in these.

namespace firedrill::sim::redis {

/// What a listpack takes without elements.
inline constexpr std::size_t kEmptyListpack = 7;

std::size_t listpack_size(std::int64_t value);
/// A text that spells an integer is kept as one.
std::size_t listpack_size(std::string_view text);

}  // namespace firedrill::sim::redis
