#pragma once

#include <cstdint>
#include <vector>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/values/value.h"

namespace firedrill::sim::postgres {

/// Of any number of dimensions; elements in row-major order, NULLs among them. No dimension: empty.
struct Array {
  struct Dimension {
    std::int32_t length = 0;
    std::int32_t lower = 1;
  };
  TypeId element = TypeId::none;
  std::vector<Dimension> dimensions;
  Row elements;

  static Array of(TypeId element, Row elements) {
    Array array{.element = element, .dimensions = {}, .elements = std::move(elements)};
    if (!array.elements.empty()) {
      array.dimensions.push_back({static_cast<std::int32_t>(array.elements.size()), 1});
    }
    return array;
  }
};
template <>
inline constexpr Kind kind_of<Array> = Kind::array;

}  // namespace firedrill::sim::postgres
