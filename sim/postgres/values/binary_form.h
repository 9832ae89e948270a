#pragma once

#include <string>
#include <string_view>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/functions/function.h"

/// Values in the binary formats of the wire.
namespace firedrill::sim::postgres {

/// What is left of a value in the binary format.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : rest_(bytes) {}

  /// Throws 08P01 where there is less.
  std::string_view take(std::size_t count);
  std::string_view take_all() { return take(rest_.size()); }
  std::int16_t int16();
  std::int32_t int32();
  std::int64_t int64();
  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

/// As the type's receive function reads it, and no longer than the type's modifier allows; bytes
/// may be left. Throws 08P01, 22P03 and the like; 0A000 for a type whose format is not modelled.
Value from_binary(const Environment& environment, Type type, BinaryReader& bytes);

/// Whether the type's binary format is modelled.
bool has_binary_form(const Types& types, TypeId type);

/// As the type's send function writes it. `value` is not NULL.
std::string to_binary(const Environment& environment, TypeId type, const Value& value);

}  // namespace firedrill::sim::postgres
