#include <algorithm>
#include <array>
#include <cctype>

#include "sim/postgres/query/analyzer.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

bool is_datetime(TypeId id) {
  return id == TypeId::date || id == TypeId::timestamp || id == TypeId::timestamptz ||
         id == TypeId::time;
}

/// 'now', 'tomorrow', ...
bool says_now(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return std::isalpha(c) != 0; });
}

std::vector<TypeId> types_of(std::span<const ExpressionPtr> expressions) {
  std::vector<TypeId> types;
  for (const ExpressionPtr& each : expressions) types.push_back(each->type.id);
  return types;
}

ExpressionPtr with_modifier(ExpressionPtr value, Type type, CastContext context) {
  if (type.modifier < 0 || value->type.modifier == type.modifier) {
    return value;
  }
  return std::make_unique<ModifierCast>(type, std::move(value),
                                        context == CastContext::explicit_only);
}

}  // namespace

/// Null where there is no way.
ExpressionPtr Analyzer::coerced_or_null(ExpressionPtr& value, Type type, CastContext context) {
  const std::int32_t location = location_of(*value);
  if (value->type.id == type.id) return with_modifier(std::move(value), type, context);
  if (type.id == TypeId::any || is_polymorphic(type.id)) return std::move(value);
  if (value->type.id == TypeId::unknown) {
    if (auto* literal = dynamic_cast<Constant*>(value.get())) {
      Value made;
      if (!literal->value.is_null()) {
        const std::string text = literal->value.text();
        if (is_datetime(type.id) && says_now(text)) is_cacheable_ = false;
        try {
          const std::int32_t modifier = type.id == TypeId::interval ? type.modifier : -1;
          made = from_text(environment_, Type{type.id, modifier}, text);
        } catch (SqlError& error) {
          if (error.position == 0) error.position = position(location);
          throw;
        }
      }
      auto typed = std::make_unique<Constant>(Type{type.id, -1}, std::move(made));
      typed->location = location;
      return with_modifier(std::move(typed), type, context);
    }
    if (auto* parameter = dynamic_cast<Parameter*>(value.get())) {
      TypeId& known = (*parameters_)[parameter->index];
      if (known == TypeId::unknown) known = type.id;
      if (known != type.id) {
        throw SqlError{.sqlstate = "42P08",
                       .message = "inconsistent types deduced for parameter $" +
                                  std::to_string(parameter->index + 1),
                       .detail = types().title(known) + " versus " + types().title(type.id),
                       .position = position(location)};
      }
      parameter->type = Type{type.id, -1};
      return with_modifier(std::move(value), type, context);
    }
    // A column of a subquery that nothing has said more of.
    auto made = std::make_unique<TextCast>(
        Type{type.id, -1}, std::make_unique<Relabel>(Type{TypeId::text, -1}, std::move(value)));
    made->location = location;
    return with_modifier(std::move(made), type, context);
  }
  const Cast cast = find_cast(types(), value->type.id, type.id, context);
  ExpressionPtr made;
  switch (cast.way) {
    case Cast::Way::none: return nullptr;
    case Cast::Way::relabel:
      made = std::make_unique<Relabel>(Type{type.id, -1}, std::move(value));
      break;
    case Cast::Way::function: {
      std::vector<ExpressionPtr> arguments;
      arguments.push_back(std::move(value));
      made = std::make_unique<FunctionCall>(types().get(type.id).name, cast.row->body, true, false,
                                            Type{type.id, -1}, std::move(arguments));
      break;
    }
    case Cast::Way::text:
      made = std::make_unique<TextCast>(Type{type.id, -1}, std::move(value));
      break;
    case Cast::Way::array: {
      const TypeId from = types().get(value->type.id).element;
      ExpressionPtr element = std::make_unique<ColumnReference>(Type{from, -1}, 0, 0, 0);
      element = coerced_or_null(element, Type{types().get(type.id).element, -1}, context);
      made = std::make_unique<ArrayCast>(Type{type.id, -1}, std::move(value), std::move(element));
      break;
    }
  }
  made->location = location;
  return with_modifier(std::move(made), type, context);
}

ExpressionPtr Analyzer::coerced(ExpressionPtr value, Type type, CastContext context,
                                std::int32_t location) {
  ExpressionPtr made = coerced_or_null(value, type, context);
  if (made != nullptr) return made;
  fail(sqlstate::kCannotCoerce,
       "cannot cast type " + types().title(value->type.id) + " to " + types().title(type.id),
       position(location));
}

ExpressionPtr Analyzer::as_argument(ExpressionPtr value, Type type, std::size_t number) {
  const TypeId from = value->type.id;
  const std::int32_t location = value->location;
  ExpressionPtr made = coerced_or_null(value, type, CastContext::assignment);
  if (made != nullptr) return made;
  throw SqlError{.sqlstate = std::string(sqlstate::kDatatypeMismatch),
                 .message = "parameter $" + std::to_string(number) + " of type " +
                            types().title(from) + " cannot be coerced to the expected type " +
                            types().title(type.id),
                 .hint = "You will need to rewrite or cast the expression.",
                 .position = position(location)};
}

ExpressionPtr Analyzer::assigned(ExpressionPtr value, Type type, std::string_view column,
                                 std::string_view what, bool says_where) {
  const std::int32_t location = location_of(*value);
  ExpressionPtr made = coerced_or_null(value, type, CastContext::assignment);
  if (made != nullptr) return made;
  throw SqlError{.sqlstate = std::string(sqlstate::kDatatypeMismatch),
                 .message = "column \"" + std::string(column) + "\" is of type " +
                            types().title(type.id) + " but " + std::string(what) + " is of type " +
                            types().title(value->type.id),
                 .hint = "You will need to rewrite or cast the expression.",
                 .position = says_where ? position(location) : 0};
}

ExpressionPtr Analyzer::made_call(const Choice& choice, std::vector<ExpressionPtr> arguments,
                                  std::int32_t location) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool is_open =
        choice.arguments[i] == TypeId::any && arguments[i]->type.id == TypeId::unknown;
    const bool stays = choice.candidate->name == "pg_typeof" ||
                       dynamic_cast<Parameter*>(arguments[i].get()) != nullptr;
    if (is_open && !stays) {
      arguments[i] =
          coerced(std::move(arguments[i]), Type{TypeId::text, -1}, CastContext::implicit, location);
    } else {
      arguments[i] = coerced(std::move(arguments[i]), Type{choice.arguments[i], -1},
                             CastContext::implicit, location);
    }
  }
  const Candidate& candidate = *choice.candidate;
  const Type result{choice.result, -1};
  ExpressionPtr call;
  if (candidate.function != nullptr) {
    const FunctionRow& row = *candidate.function;
    call = std::make_unique<FunctionCall>(row.name, row.body, row.is_strict, row.is_volatile,
                                          result, std::move(arguments));
  } else {
    call = std::make_unique<FunctionCall>(candidate.op->name, candidate.op->body,
                                          candidate.op->is_strict, false, result,
                                          std::move(arguments));
  }
  call->location = location;
  return call;
}

void Analyzer::no_function(std::string_view name, std::span<const ExpressionPtr> arguments,
                           ChoiceError error, std::int32_t location, std::string hint) {
  std::string list;
  for (const ExpressionPtr& argument : arguments) {
    if (!list.empty()) list += ", ";
    list += types().title(argument->type.id);
  }
  const std::string signature = std::string(name) + "(" + list + ")";
  if (error == ChoiceError::ambiguous) {
    throw SqlError{.sqlstate = std::string(sqlstate::kAmbiguousFunction),
                   .message = "function " + signature + " is not unique",
                   .hint =
                       "Could not choose a best candidate function. You might need to add "
                       "explicit type casts.",
                   .position = position(location)};
  }
  if (hint.empty()) {
    hint =
        "No function matches the given name and argument types. You might need to add explicit "
        "type casts.";
  }
  throw SqlError{.sqlstate = std::string(sqlstate::kUndefinedFunction),
                 .message = "function " + signature + " does not exist",
                 .hint = std::move(hint),
                 .position = position(location)};
}

void Analyzer::no_operator(std::string_view name, std::span<const ExpressionPtr> arguments,
                           ChoiceError error, std::int32_t location) {
  std::string signature;
  if (arguments.size() == 2) signature = types().title(arguments[0]->type.id) + " ";
  signature += std::string(name) + " " + types().title(arguments.back()->type.id);
  if (error == ChoiceError::ambiguous) {
    throw SqlError{.sqlstate = std::string(sqlstate::kAmbiguousFunction),
                   .message = "operator is not unique: " + signature,
                   .hint =
                       "Could not choose a best candidate operator. You might need to add "
                       "explicit type casts.",
                   .position = position(location)};
  }
  throw SqlError{
      .sqlstate = std::string(sqlstate::kUndefinedFunction),
      .message = "operator does not exist: " + signature,
      .hint = "No operator matches the given name and argument type" +
              std::string(arguments.size() == 2 ? "s" : "") + ". You might need to add " +
              (arguments.size() == 2 ? "explicit type casts." : "an explicit type cast."),
      .position = position(location)};
}

ExpressionPtr Analyzer::call_function(std::string_view name, std::vector<ExpressionPtr> arguments,
                                      std::int32_t location) {
  ChoiceError error = ChoiceError::none;
  const Choice choice = choose_function(types(), name, types_of(arguments), false, error);
  if (error != ChoiceError::none) no_function(name, arguments, error, location);
  return made_call(choice, std::move(arguments), location);
}

ExpressionPtr Analyzer::call_operator(std::string_view name, std::vector<ExpressionPtr> arguments,
                                      std::int32_t location) {
  ChoiceError error = ChoiceError::none;
  const Choice choice = choose_operator(types(), name, types_of(arguments), error);
  if (error != ChoiceError::none) no_operator(name, arguments, error, location);
  return made_call(choice, std::move(arguments), location);
}

TypeId Analyzer::common(std::span<ExpressionPtr* const> values, std::string_view construct) {
  std::vector<TypeId> given;
  for (ExpressionPtr* each : values) given.push_back((*each)->type.id);
  const TypeId found = likely_common_type(types(), given);
  if (found != TypeId::none) return found;
  // Which two do not go together: what it would be by those before, and the first one that is not
  // of their category.
  TypeId first = TypeId::unknown;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == TypeId::unknown) continue;
    if (first == TypeId::unknown) first = given[i];
    if (types().get(given[i]).category == types().get(first).category) continue;
    const TypeId best = likely_common_type(types(), std::span(given).first(i));
    fail(sqlstate::kDatatypeMismatch,
         std::string(construct) + " types " + types().title(best) + " and " +
             types().title(given[i]) + " cannot be matched",
         position(location_of(**values[i])));
  }
  fail(sqlstate::kDatatypeMismatch, std::string(construct) + " types cannot be matched");
}

void Analyzer::unify(std::vector<ExpressionPtr*> values, std::string_view construct) {
  const TypeId type = common(values, construct);
  for (ExpressionPtr* each : values) {
    const TypeId from = (*each)->type.id;
    ExpressionPtr made = coerced_or_null(*each, Type{type, -1}, CastContext::implicit);
    if (made == nullptr) {
      fail(sqlstate::kCannotCoerce,
           (construct == "CASE" ? (each == values[0] ? "CASE/ELSE" : "CASE/WHEN")
                                : std::string(construct)) +
               " could not convert type " + types().title(from) + " to " + types().title(type),
           position(location_of(**each)));
    }
    *each = std::move(made);
  }
}

}  // namespace firedrill::sim::postgres
