#pragma once

#include <string>
#include <string_view>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/functions/function.h"

/// Values as text, in and out, and what all values can do.
namespace firedrill::sim::postgres {

/// The value that `text` means, as the type's input function reads it, and no longer than the
/// type's modifier allows, by the rules of an assignment. Throws 22P02 and the like.
Value from_text(const Environment& environment, Type type, std::string_view text);

/// As the type's output function writes it. `value` is not NULL.
std::string to_text(const Environment& environment, TypeId type, const Value& value);

/// As length coercion does: varchar(n), char(n), numeric(p, s), timestamptz(p), ... An explicit
/// cast cuts texts, an assignment throws 22001. NULL stays.
Value apply_modifier(const Environment& environment, Type type, Value value, bool is_explicit);

/// The order of a type's default btree operator class: <0, 0, >0. Neither is NULL. Throws 42883
/// for a type that has no order (json).
int compare(const Types& types, TypeId type, const Value& left, const Value& right);

}  // namespace firedrill::sim::postgres
