#include "sim/postgres/catalog/system/deparse.h"

#include <algorithm>
#include <cctype>

#include "sim/postgres/catalog/system/system_environment.h"
#include "sim/postgres/query/query.h"
#include "sim/postgres/values/quoting.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

bool is_operator(std::string_view name) {
  const auto first = static_cast<unsigned char>(name.front());
  return std::isalpha(first) == 0 && first != '_';
}

/// A cast of one argument, as coerce.cc makes it: it goes by the name of the type.
bool is_cast(const Types& types, const FunctionCall& call) {
  return call.children.size() == 1 && types.get(call.type.id).name == call.name();
}

}  // namespace

std::string Deparser::title(Type type) const {
  return environment_.types().title(type);
}

std::string Deparser::whole(const Expression& expression) const {
  return part(expression);
}

std::string Deparser::constant(const Expression& expression) const {
  const Value& value = dynamic_cast<const Constant&>(expression).value;
  const std::string type = title(expression.type);
  if (value.is_null()) return "NULL::" + type;
  const std::string text = to_text(environment_, expression.type.id, value);
  if (expression.type.id == TypeId::boolean) return value.boolean() ? "true" : "false";
  const bool is_negative = text.starts_with('-');
  if (expression.type.id == TypeId::int4) {
    return is_negative ? "'" + text + "'::integer" : text;
  }
  if (expression.type.id == TypeId::numeric && !is_negative) {
    const bool is_plain = text.find('.') != std::string::npos && text != "NaN";
    if (is_plain) return text;
    return (pretty_ ? text : "(" + text + ")") + "::" + type;
  }
  return quote_literal(text) + "::" + title(Type{expression.type.id, -1});
}

std::string Deparser::cast(const Expression& inner, Type type) const {
  const auto* literal = dynamic_cast<const Constant*>(&inner);
  if (literal != nullptr && !literal->value.is_null()) {
    const std::string text = to_text(environment_, inner.type.id, literal->value);
    const bool is_number = inner.type.id == TypeId::int4 && !text.starts_with('-');
    if (!is_number) return quote_literal(text) + "::" + title(type);
  }
  const bool is_simple = dynamic_cast<const ColumnReference*>(&inner) != nullptr ||
                         dynamic_cast<const FunctionCall*>(&inner) != nullptr || literal != nullptr;
  std::string text = part(inner);
  const auto* call = dynamic_cast<const FunctionCall*>(&inner);
  const bool is_bare = pretty_ && is_simple && (call == nullptr || !is_operator(call->name()));
  if (!is_bare && !(text.starts_with('(') && text.ends_with(')'))) text = "(" + text + ")";
  return text + "::" + title(type);
}

std::string Deparser::joined(const Expression& expression, std::size_t from,
                             std::string_view between) const {
  std::string text;
  for (std::size_t i = from; i < expression.children.size(); ++i) {
    if (i > from) text += between;
    text += part(*expression.children[i]);
  }
  return text;
}

/// Of an operator, in parentheses where they are needed.
std::string Deparser::operand(const Expression& expression) const {
  std::string text = part(expression);
  const auto* call = dynamic_cast<const FunctionCall*>(&expression);
  const bool is_compound = call != nullptr && is_operator(call->name());
  return is_compound && pretty_ ? "(" + text + ")" : text;
}

std::string Deparser::call(const Expression& expression) const {
  const auto& call = dynamic_cast<const FunctionCall&>(expression);
  if (is_cast(environment_.types(), call)) return cast(*call.children[0], call.type);
  if (is_operator(call.name())) {
    std::string text;
    if (call.children.size() == 2) text = operand(*call.children[0]) + " ";
    text += std::string(call.name()) + " " + operand(*call.children.back());
    return pretty_ ? text : "(" + text + ")";
  }
  const auto* sequence =
      call.children.empty() ? nullptr : dynamic_cast<const Constant*>(call.children[0].get());
  if (call.name() == "nextval" && sequence != nullptr && sequence->value.kind() == Kind::text) {
    const std::int64_t oid = environment_.relation_named(sequence->value.text());
    return "nextval(" + quote_literal(environment_.relation_name(oid)) + "::regclass)";
  }
  return std::string(call.name()) + "(" + joined(call, 0, ", ") + ")";
}

std::string Deparser::part(const Expression& expression) const {
  if (const auto* column = dynamic_cast<const ColumnReference*>(&expression)) {
    return quote_identifier(columns_.at(column->column));
  }
  if (dynamic_cast<const Constant*>(&expression) != nullptr) return constant(expression);
  if (dynamic_cast<const FunctionCall*>(&expression) != nullptr) return call(expression);
  const bool casts = dynamic_cast<const Relabel*>(&expression) != nullptr ||
                     dynamic_cast<const TextCast*>(&expression) != nullptr ||
                     dynamic_cast<const ModifierCast*>(&expression) != nullptr ||
                     dynamic_cast<const ArrayCast*>(&expression) != nullptr;
  if (casts) return cast(*expression.children[0], expression.type);
  if (const auto* boolean = dynamic_cast<const Boolean*>(&expression)) {
    using Operation = Boolean::Operation;
    if (boolean->operation() == Operation::negation) {
      const std::string text = "NOT " + part(*expression.children[0]);
      return pretty_ ? text : "(" + text + ")";
    }
    const bool is_and = boolean->operation() == Operation::conjunction;
    std::string text;
    for (const ExpressionPtr& child : expression.children) {
      if (!text.empty()) text += is_and ? " AND " : " OR ";
      const auto* inner = dynamic_cast<const Boolean*>(child.get());
      const bool is_nested = inner != nullptr && inner->operation() != Operation::negation;
      text += pretty_ && is_nested ? "(" + part(*child) + ")" : part(*child);
    }
    return pretty_ ? text : "(" + text + ")";
  }
  if (const auto* test = dynamic_cast<const Test*>(&expression)) {
    static constexpr std::string_view kNames[] = {"IS NULL",     "IS NOT NULL",   "IS TRUE",
                                                  "IS NOT TRUE", "IS FALSE",      "IS NOT FALSE",
                                                  "IS UNKNOWN",  "IS NOT UNKNOWN"};
    const std::string text = part(*expression.children[0]) + " " +
                             std::string(kNames[static_cast<std::size_t>(test->kind())]);
    return pretty_ ? text : "(" + text + ")";
  }
  if (dynamic_cast<const Coalesce*>(&expression) != nullptr) {
    return "COALESCE(" + joined(expression, 0, ", ") + ")";
  }
  if (dynamic_cast<const ArrayConstructor*>(&expression) != nullptr) {
    return "ARRAY[" + joined(expression, 0, ", ") + "]";
  }
  unsupported("writing this expression as text");
}

}  // namespace firedrill::sim::postgres
