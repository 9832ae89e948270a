#include "sim/postgres/query/expression.h"

#include <algorithm>
#include <array>
#include <bit>

#include "sim/postgres/query/execution.h"
#include "sim/postgres/values/array.h"
#include "sim/postgres/values/array_access.h"
#include "sim/postgres/values/numeric.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

void describe_children(const Expression& expression, std::string_view name, std::string& text) {
  text += name;
  text += '<';
  text += std::to_string(static_cast<std::uint32_t>(expression.type.id));
  text += ':';
  text += std::to_string(expression.type.modifier);
  text += ">(";
  for (const ExpressionPtr& child : expression.children) {
    if (child != nullptr) child->describe(text);
    text += ',';
  }
  text += ')';
}

std::vector<ExpressionPtr> list_of(ExpressionPtr first) {
  std::vector<ExpressionPtr> list;
  list.push_back(std::move(first));
  return list;
}

const Frame& out(const Frame& frame, std::uint32_t levels) {
  const Frame* at = &frame;
  for (std::uint32_t i = levels; i > 0; --i) at = at->outer;
  return *at;
}

std::string place(std::string_view what, std::uint32_t level, std::size_t a, std::size_t b) {
  return std::string(what) + "(" + std::to_string(level) + "," + std::to_string(a) + "," +
         std::to_string(b) + ")";
}

/// Evaluates `expression` in a frame whose entry 0 is these values.
Value evaluate_on(const Frame& frame, const Expression& expression, const Value* values) {
  const Slot slot{values, nullptr};
  const Frame inner{frame.execution, frame.outer, &slot, nullptr};
  return expression.evaluate(inner);
}

}  // namespace

bool is_true(const Value& value) {
  return !value.is_null() && value.boolean();
}

// --- Leaves --------------------------------------------------------------------------------------

void Constant::describe(std::string& text) const {
  text += "const<" + std::to_string(static_cast<std::uint32_t>(type.id)) + ">(";
  switch (value.kind()) {
    case Kind::null: text += "null"; break;
    case Kind::boolean: text += value.boolean() ? "t" : "f"; break;
    case Kind::integer: text += std::to_string(value.integer()); break;
    case Kind::text: text += std::to_string(value.text().size()) + ":" + value.text(); break;
    case Kind::real: text += std::to_string(std::bit_cast<std::uint64_t>(value.real())); break;
    case Kind::numeric: text += print_numeric(value.as<Numeric>()); break;
    default:  // equal to itself alone
      text += "at " + std::to_string(location);
  }
  text += ')';
}

Value Parameter::compute(const Frame& frame) const {
  return frame.execution.parameter(index);
}
void Parameter::describe(std::string& text) const {
  text += "$" + std::to_string(index);
}

void ColumnReference::describe(std::string& text) const {
  text += place("column", level, entry, column);
}
void RowReference::describe(std::string& text) const {
  text += place("row", level, index, 0);
}

Value SystemColumn::compute(const Frame& frame) const {
  const Slot& slot = out(frame, level).slots[entry];
  if (slot.version == nullptr) return {};
  switch (which_) {
    case Which::xmin: return Value::of(static_cast<std::int64_t>(slot.version->xmin));
    case Which::xmax: return Value::of(static_cast<std::int64_t>(slot.version->xmax));
    case Which::cmin: return Value::of(static_cast<std::int64_t>(slot.version->cmin));
    case Which::cmax: return Value::of(static_cast<std::int64_t>(slot.version->cmax));
    case Which::ctid: return Value::of(static_cast<std::int64_t>(slot.version->number));
    case Which::tableoid: break;
  }
  return {};
}
void SystemColumn::describe(std::string& text) const {
  text += place("system", level, entry, static_cast<std::size_t>(which_));
}

// --- Calls ---------------------------------------------------------------------------------------

FunctionCall::FunctionCall(std::string_view name, Body body, bool is_strict, bool is_volatile,
                           Type result, std::vector<ExpressionPtr> arguments)
    : Expression(result, std::move(arguments)),
      name_(name),
      body_(body),
      is_strict_(is_strict),
      is_volatile_(is_volatile) {
  site_.result = result;
  for (const ExpressionPtr& child : children) site_.arguments.push_back(child->type);
}

bool FunctionCall::is_always_null() const {
  if (always_null_ < 0) {
    const bool has_null = is_strict_ && std::ranges::any_of(children, [](const auto& child) {
                            return child->is_always_null();
                          });
    always_null_ = has_null ? 1 : 0;
  }
  return always_null_ == 1;
}

Value FunctionCall::compute(const Frame& frame) const {
  if (is_always_null()) return {};
  constexpr std::size_t kFew = 4;
  std::array<Value, kFew> few;
  Row many;
  std::span<Value> arguments(few.data(), std::min(children.size(), kFew));
  if (children.size() > kFew) {
    many.resize(children.size());
    arguments = many;
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    arguments[i] = children[i]->evaluate(frame);
  }
  // All are computed first, as PostgreSQL does: one may fail.
  if (is_strict_ && std::ranges::any_of(arguments, &Value::is_null)) return {};
  Call call{frame.execution.environment(), site_, arguments};
  return body_(call);
}

void FunctionCall::describe(std::string& text) const {
  describe_children(*this, name_, text);
}

Value NextValue::compute(const Frame& frame) const {
  return Value::of(frame.execution.backend().next_value(sequence_));
}
void NextValue::describe(std::string& text) const {
  text += "nextval " + std::to_string(sequence_);
}

TextCast::TextCast(Type to, ExpressionPtr argument)
    : Expression(to, list_of(std::move(argument))) {}
Value TextCast::compute(const Frame& frame) const {
  const Value value = children[0]->evaluate(frame);
  if (value.is_null()) return {};
  Environment& environment = frame.execution.environment();
  return from_text(environment, type, to_text(environment, children[0]->type.id, value));
}
void TextCast::describe(std::string& text) const {
  describe_children(*this, "text_cast", text);
}

Relabel::Relabel(Type to, ExpressionPtr argument) : Expression(to, list_of(std::move(argument))) {}
void Relabel::describe(std::string& text) const {
  describe_children(*this, "relabel", text);
}

ModifierCast::ModifierCast(Type to, ExpressionPtr argument, bool is_explicit)
    : Expression(to, list_of(std::move(argument))), is_explicit_(is_explicit) {}
Value ModifierCast::compute(const Frame& frame) const {
  return apply_modifier(frame.execution.environment(), type, children[0]->evaluate(frame),
                        is_explicit_);
}
void ModifierCast::describe(std::string& text) const {
  describe_children(*this, is_explicit_ ? "modify!" : "modify", text);
}

ArrayCast::ArrayCast(Type to, ExpressionPtr argument, ExpressionPtr each)
    : Expression(to, list_of(std::move(argument))), element(std::move(each)) {}
Value ArrayCast::compute(const Frame& frame) const {
  const Value value = children[0]->evaluate(frame);
  if (value.is_null()) return {};
  Array array = value.as<Array>();
  array.element = element->type.id;
  for (Value& each : array.elements) each = evaluate_on(frame, *element, &each);
  return Value::boxed(std::move(array));
}
void ArrayCast::describe(std::string& text) const {
  describe_children(*this, "array_cast", text);
  element->describe(text);
}

// --- Logic ---------------------------------------------------------------------------------------

Boolean::Boolean(Operation operation, std::vector<ExpressionPtr> parts)
    : Expression(Type{TypeId::boolean, -1}, std::move(parts)), operation_(operation) {}

Value Boolean::compute(const Frame& frame) const {
  if (operation_ == Operation::negation) {
    const Value value = children[0]->evaluate(frame);
    return value.is_null() ? value : Value::of(!value.boolean());
  }
  const bool decisive = operation_ == Operation::disjunction;
  bool has_null = false;
  for (const ExpressionPtr& child : children) {
    const Value value = child->evaluate(frame);
    if (value.is_null()) {
      has_null = true;
    } else if (value.boolean() == decisive) {
      return value;
    }
  }
  return has_null ? Value() : Value::of(!decisive);
}

void Boolean::describe(std::string& text) const {
  static constexpr std::array kNames = {"and", "or", "not"};
  describe_children(*this, kNames[static_cast<std::size_t>(operation_)], text);
}

Test::Test(Kind kind, ExpressionPtr argument)
    : Expression(Type{TypeId::boolean, -1}, list_of(std::move(argument))), kind_(kind) {}

Value Test::compute(const Frame& frame) const {
  const Value value = children[0]->evaluate(frame);
  const bool is_null = value.is_null();
  // A record is NULL when all of it is, and NOT NULL when none of it is.
  if (value.kind() == postgres::Kind::record && (kind_ == Kind::null || kind_ == Kind::not_null)) {
    const bool wanted = kind_ == Kind::null;
    return Value::of(std::ranges::all_of(
        value.as<Record>().values, [&](const Value& each) { return each.is_null() == wanted; }));
  }
  switch (kind_) {
    case Kind::null:
    case Kind::unknown: return Value::of(is_null);
    case Kind::not_null:
    case Kind::not_unknown: return Value::of(!is_null);
    case Kind::truth: return Value::of(!is_null && value.boolean());
    case Kind::not_truth: return Value::of(is_null || !value.boolean());
    case Kind::falsity: return Value::of(!is_null && !value.boolean());
    case Kind::not_falsity: return Value::of(is_null || value.boolean());
  }
  return {};
}
void Test::describe(std::string& text) const {
  describe_children(*this, "test" + std::to_string(static_cast<int>(kind_)), text);
}

namespace {
std::vector<ExpressionPtr> three(ExpressionPtr a, ExpressionPtr b, ExpressionPtr c) {
  std::vector<ExpressionPtr> list;
  list.push_back(std::move(a));
  list.push_back(std::move(b));
  list.push_back(std::move(c));
  return list;
}
}  // namespace

Distinct::Distinct(Kind kind, Type of, ExpressionPtr left, ExpressionPtr right, ExpressionPtr equal)
    : Expression(of, three(std::move(left), std::move(right), std::move(equal))), kind_(kind) {}

Value Distinct::compute(const Frame& frame) const {
  // PostgreSQL's planner makes a constant of NULLIF(NULL, ...).
  if (is_always_null()) return {};
  std::array<Value, 2> sides = {children[0]->evaluate(frame), children[1]->evaluate(frame)};
  const bool some_null = sides[0].is_null() || sides[1].is_null();
  const bool equal = some_null ? sides[0].is_null() && sides[1].is_null()
                               : is_true(evaluate_on(frame, *children[2], sides.data()));
  if (kind_ == Kind::null_if) return !some_null && equal ? Value() : sides[0];
  return Value::of(equal == (kind_ == Kind::not_distinct));
}
void Distinct::describe(std::string& text) const {
  describe_children(*this, "distinct" + std::to_string(static_cast<int>(kind_)), text);
}

Value Case::compute(const Frame& frame) const {
  std::size_t i = 0;
  for (; i + 1 < children.size(); i += 2) {
    if (is_true(children[i]->evaluate(frame))) return children[i + 1]->evaluate(frame);
  }
  return i < children.size() ? children[i]->evaluate(frame) : Value();
}
void Case::describe(std::string& text) const {
  describe_children(*this, "case", text);
}

Value Coalesce::compute(const Frame& frame) const {
  for (const ExpressionPtr& child : children) {
    Value value = child->evaluate(frame);
    if (!value.is_null()) return value;
  }
  return {};
}
void Coalesce::describe(std::string& text) const {
  describe_children(*this, "coalesce", text);
}

Value Extreme::compute(const Frame& frame) const {
  Value best;
  const Types& types = frame.execution.environment().types();
  for (const ExpressionPtr& child : children) {
    Value value = child->evaluate(frame);
    if (value.is_null()) continue;
    const int order = best.is_null() ? 0 : compare(types, type.id, value, best);
    if (best.is_null() || (greatest_ ? order > 0 : order < 0)) best = std::move(value);
  }
  return best;
}
void Extreme::describe(std::string& text) const {
  describe_children(*this, greatest_ ? "greatest" : "least", text);
}

// --- Arrays and rows -----------------------------------------------------------------------------

ArrayComparison::ArrayComparison(bool all, ExpressionPtr left, ExpressionPtr array,
                                 ExpressionPtr each)
    : Expression(Type{TypeId::boolean, -1}, {}), comparison(std::move(each)), all_(all) {
  children.push_back(std::move(left));
  children.push_back(std::move(array));
}

Value ArrayComparison::compute(const Frame& frame) const {
  std::array<Value, 2> sides;
  sides[0] = children[0]->evaluate(frame);
  const Value array = children[1]->evaluate(frame);
  if (array.is_null()) return {};
  bool has_null = false;
  for (const Value& element : array.as<Array>().elements) {
    sides[1] = element;
    const Value result = evaluate_on(frame, *comparison, sides.data());
    if (result.is_null()) {
      has_null = true;
    } else if (result.boolean() != all_) {
      return result;
    }
  }
  return has_null ? Value() : Value::of(all_);
}
void ArrayComparison::describe(std::string& text) const {
  describe_children(*this, all_ ? "all" : "any", text);
  comparison->describe(text);
}

namespace {
/// ARRAY[[1, 2], [3, 4]]: one dimension more than its parts.
Array array_of_arrays(TypeId element, const Row& parts) {
  Array whole{.element = element, .dimensions = {}, .elements = {}};
  const auto mismatch = [] {
    fail("2202E", "multidimensional arrays must have array expressions with matching dimensions");
  };
  for (const Value& part : parts) {
    if (part.is_null()) mismatch();
    const Array& array = part.as<Array>();
    if (&part == &parts.front()) {
      whole.dimensions = array.dimensions;
    } else if (!std::ranges::equal(array.dimensions, whole.dimensions, {},
                                   &Array::Dimension::length, &Array::Dimension::length)) {
      mismatch();
    }
    whole.elements.insert(whole.elements.end(), array.elements.begin(), array.elements.end());
  }
  if (whole.dimensions.empty()) return whole;
  whole.dimensions.insert(whole.dimensions.begin(), {static_cast<std::int32_t>(parts.size()), 1});
  return whole;
}
}  // namespace

Value ArrayConstructor::compute(const Frame& frame) const {
  Row elements;
  for (const ExpressionPtr& child : children) elements.push_back(child->evaluate(frame));
  const bool nests = !children.empty() && children[0]->type.id == type.id;
  if (!nests) return Value::boxed(Array::of(element_, std::move(elements)));
  return Value::boxed(array_of_arrays(element_, elements));
}
void ArrayConstructor::describe(std::string& text) const {
  describe_children(*this, "array", text);
}

Subscript::Subscript(Type of, ExpressionPtr array, std::vector<Index> indices)
    : Expression(of, list_of(std::move(array))), indices_(std::move(indices)) {
  for (Index& index : indices_) {
    children.push_back(std::move(index.lower));
    children.push_back(std::move(index.upper));
  }
}

Value Subscript::compute(const Frame& frame) const {
  const Value value = children[0]->evaluate(frame);
  if (value.is_null()) return {};
  const bool is_slice = std::ranges::any_of(indices_, &Index::is_slice);
  std::vector<std::int64_t> subscripts;
  std::vector<SliceBounds> bounds;
  for (std::size_t i = 0; i < indices_.size(); ++i) {
    const auto number = [&](const ExpressionPtr& each,
                            bool& is_null) -> std::optional<std::int64_t> {
      if (each == nullptr) return std::nullopt;
      const Value subscript = each->evaluate(frame);
      if (subscript.is_null()) {
        is_null = true;
        return std::nullopt;
      }
      return subscript.integer();
    };
    bool is_null = false;
    const auto lower = number(children[1 + 2 * i], is_null);
    const auto upper = number(children[2 + 2 * i], is_null);
    if (is_null) return {};
    if (!is_slice) {
      subscripts.push_back(*upper);
    } else if (indices_[i].is_slice) {
      bounds.push_back({lower, upper});
    } else {
      bounds.push_back({1, upper});
    }
  }
  if (is_slice) return Value::boxed(array_slice(value.as<Array>(), bounds));
  return array_element(value.as<Array>(), subscripts);
}
void Subscript::describe(std::string& text) const {
  describe_children(*this, "subscript", text);
}

RowConstructor::RowConstructor(std::vector<ExpressionPtr> parts, std::vector<std::string> names)
    : Expression(Type{TypeId::record, -1}, std::move(parts)), names_(std::move(names)) {}
Value RowConstructor::compute(const Frame& frame) const {
  Record record;
  record.names = names_;
  for (const ExpressionPtr& child : children) {
    record.types.push_back(static_cast<std::uint32_t>(child->type.id));
    record.values.push_back(child->evaluate(frame));
  }
  return Value::boxed(std::move(record));
}
void RowConstructor::describe(std::string& text) const {
  describe_children(*this, "row", text);
}

RowComparison::RowComparison(Kind kind, std::vector<ExpressionPtr> comparisons)
    : Expression(Type{TypeId::boolean, -1}, std::move(comparisons)), kind_(kind) {}

Value RowComparison::compute(const Frame& frame) const {
  if (kind_ == Kind::equal || kind_ == Kind::not_equal) {
    bool has_null = false;
    const bool decides = kind_ == Kind::not_equal;
    for (const ExpressionPtr& child : children) {
      const Value compared = child->evaluate(frame);
      if (compared.is_null()) {
        has_null = true;
      } else if (compared.boolean() == decides) {
        return Value::of(decides);
      }
    }
    return has_null ? Value() : Value::of(!decides);
  }
  for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
    const Value equal = children[i + 1]->evaluate(frame);
    if (equal.is_null()) return {};
    if (!equal.boolean()) return children[i]->evaluate(frame);
  }
  return Value::of(kind_ == Kind::less_equal || kind_ == Kind::greater_equal);
}
void RowComparison::describe(std::string& text) const {
  describe_children(*this, "compare" + std::to_string(static_cast<int>(kind_)), text);
}

WholeRow::WholeRow(std::uint32_t levels, std::uint32_t range_entry, std::vector<TypeId> types,
                   std::vector<std::string> names, std::vector<std::uint32_t> columns)
    : Expression(Type{TypeId::record, -1}, {}),
      level(levels),
      entry(range_entry),
      types_(std::move(types)),
      names_(std::move(names)),
      columns_(std::move(columns)) {}
Value WholeRow::compute(const Frame& frame) const {
  const Slot& slot = out(frame, level).slots[entry];
  Record record;
  record.names = names_;
  for (std::size_t i = 0; i < types_.size(); ++i) {
    record.types.push_back(static_cast<std::uint32_t>(types_[i]));
    record.values.push_back(slot.values[columns_[i]]);
  }
  return Value::boxed(std::move(record));
}
void WholeRow::describe(std::string& text) const {
  text += place("whole", level, entry, 0);
}

FieldSelect::FieldSelect(Type of, ExpressionPtr record, std::size_t position)
    : Expression(of, list_of(std::move(record))), position_(position) {}
Value FieldSelect::compute(const Frame& frame) const {
  const Value record = children[0]->evaluate(frame);
  return record.is_null() ? Value() : record.as<Record>().values[position_];
}
void FieldSelect::describe(std::string& text) const {
  describe_children(*this, "field" + std::to_string(position_), text);
}

// --- Aggregates ----------------------------------------------------------------------------------

AggregateCall::AggregateCall(const AggregateRow& aggregate, Type result,
                             std::vector<ExpressionPtr> arguments)
    : Expression(result, std::move(arguments)), row(&aggregate) {
  site.result = result;
  for (const ExpressionPtr& child : children) site.arguments.push_back(child->type);
}
Value AggregateCall::compute(const Frame&) const {
  check(false, "grouping has replaced every aggregate");
  return {};
}
void AggregateCall::describe(std::string& text) const {
  describe_children(*this, row->name, text);
  if (is_distinct) text += "distinct";
  if (filter != nullptr) filter->describe(text += "filter");
  for (const Order& each : order) {
    each.expression->describe(text += each.descending ? "desc" : "asc");
  }
  for (const ExpressionPtr& each : direct) each->describe(text += "direct");
}

Value GroupingCall::compute(const Frame& frame) const {
  const std::int64_t left_out = frame.row[mask].integer();
  std::int64_t bits = 0;
  for (const std::size_t key : keys) bits = bits << 1 | (left_out >> key & 1);
  return Value::of(bits);
}
void GroupingCall::describe(std::string& text) const {
  describe_children(*this, "grouping", text);
  for (const std::size_t key : keys) text += " " + std::to_string(key);
}

void walk(ExpressionPtr& expression, const std::function<bool(ExpressionPtr&)>& visit) {
  if (expression == nullptr || !visit(expression)) return;
  // The comparisons of ArrayComparison and the like read a frame of their own: not part of this.
  for (ExpressionPtr& child : expression->children) {
    if (dynamic_cast<Distinct*>(expression.get()) != nullptr &&
        &child == &expression->children[2]) {
      continue;
    }
    walk(child, visit);
  }
  if (auto* aggregate = dynamic_cast<AggregateCall*>(expression.get())) {
    walk(aggregate->filter, visit);
    for (auto& each : aggregate->order) walk(each.expression, visit);
    for (ExpressionPtr& each : aggregate->direct) walk(each, visit);
  }
}

std::int32_t location_of(const Expression& expression) {
  if (expression.children.empty()) return expression.location;
  const auto is = [&]<class Kind>() { return dynamic_cast<const Kind*>(&expression) != nullptr; };
  // What begins with a word of its own.
  const bool begins = is.operator()<Case>() || is.operator()<Coalesce>() ||
                      is.operator()<Extreme>() || is.operator()<ArrayConstructor>() ||
                      is.operator()<RowConstructor>() || is.operator()<AggregateCall>();
  if (begins && expression.location >= 0) return expression.location;
  const bool is_part = is.operator()<Subscript>() || is.operator()<FieldSelect>();
  if (is_part) return location_of(*expression.children[0]);
  // The first argument that stands somewhere: of x AT TIME ZONE z, that is z.
  for (const ExpressionPtr& child : expression.children) {
    const std::int32_t at = child == nullptr ? -1 : location_of(*child);
    if (at < 0) continue;
    return expression.location < 0 ? at : std::min(at, expression.location);
  }
  return expression.location;
}

}  // namespace firedrill::sim::postgres
