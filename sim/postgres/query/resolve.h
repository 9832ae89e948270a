#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/functions/function.h"

/// Which function, operator or cast is meant: the rules of the manual's chapter 10.
namespace firedrill::sim::postgres {

struct Candidate {
  enum class Kind : std::uint8_t { function, set_function, aggregate, op };
  Kind kind = Kind::function;
  std::string_view name;
  std::vector<TypeId> arguments = {};
  /// The element type that all further arguments have, after `arguments`; none: no more.
  TypeId variadic = TypeId::none;
  TypeId result = TypeId::none;
  const FunctionRow* function = nullptr;
  const SetFunctionRow* set_function = nullptr;
  const AggregateRow* aggregate = nullptr;
  const OperatorRow* op = nullptr;
};

struct Cast {
  enum class Way : std::uint8_t { none, relabel, function, text, array };
  Way way = Way::none;
  const CastRow* row = nullptr;
};

/// All that is built in, by name. Made once, never changed.
std::span<const Candidate> functions_named(std::string_view name);
std::span<const Candidate> operators_named(std::string_view name);
/// Aggregates WITHIN GROUP.
std::span<const Candidate> ordered_sets_named(std::string_view name);

/// How a value of one type becomes one of another, in this context.
Cast find_cast(const Types& types, TypeId from, TypeId to, CastContext context);
bool can_coerce(const Types& types, TypeId from, TypeId to, CastContext context);

/// A choice among candidates: which, and the types that its arguments are to have (polymorphic ones
/// resolved, variadic ones repeated), and that of the result.
struct Choice {
  const Candidate* candidate = nullptr;
  std::vector<TypeId> arguments;
  TypeId result = TypeId::none;
};

enum class ChoiceError : std::uint8_t { none, not_found, ambiguous };

/// `given` may hold TypeId::unknown. A prefix operator has one argument.
Choice choose_function(const Types& types, std::string_view name, std::span<const TypeId> given,
                       bool is_variadic, ChoiceError& error);
/// Of direct arguments and sorted values.
Choice choose_ordered_set(const Types& types, std::string_view name, std::span<const TypeId> given,
                          ChoiceError& error);
Choice choose_operator(const Types& types, std::string_view name, std::span<const TypeId> given,
                       ChoiceError& error);

/// The common type of UNION, CASE, VALUES, ARRAY, ...; none: there is none.
TypeId common_type(const Types& types, std::span<const TypeId> given);
/// The same, but for whether all can become of that type.
TypeId likely_common_type(const Types& types, std::span<const TypeId> given);

}  // namespace firedrill::sim::postgres
