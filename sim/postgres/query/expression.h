#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/functions/function.h"
#include "sim/postgres/values/value.h"

namespace firedrill::sim::postgres {

struct Version;
class Execution;
struct Query;

/// Where one range entry stands while a query runs: on a row. All NULLs where an outer join found
/// none.
struct Slot {
  const Value* values = nullptr;
  Version* version = nullptr;  ///< of a table's row
};

/// What an expression is evaluated in: one level of a query, and those around it.
struct Frame {
  Execution& execution;
  const Frame* outer = nullptr;
  const Slot* slots = nullptr;  ///< by range entry
  const Value* row = nullptr;   ///< what grouping, or windows, have made of the rows
  const Query* query = nullptr;
  const Value* sets = nullptr;  ///< what set-returning functions of the target list give now
};

class Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

/// An expression that analysis has resolved: every name, type and function of it is known.
class Expression {
 public:
  Expression() = default;
  Expression(Type of, std::vector<ExpressionPtr> parts) : type(of), children(std::move(parts)) {}
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;
  virtual ~Expression() = default;

  Value evaluate(const Frame& frame) const { return known_ == nullptr ? compute(frame) : *known_; }
  /// What constant folding has found it to be, whatever the row (query/constants.h); null: nothing.
  const Value* known() const { return known_.get(); }
  void set_known(std::optional<Value> value, bool depends_on_parameters = false) const {
    is_constant_ = value && !depends_on_parameters;
    known_ = value ? std::make_unique<const Value>(std::move(*value)) : nullptr;
  }
  /// Known by more than the parameters of one run: what it reads is not asked for.
  bool is_constant() const { return is_constant_; }
  /// NULL, whatever the row is: what PostgreSQL's planner makes a constant of, and does not
  /// compute.
  virtual bool is_always_null() const { return false; }
  /// Equal texts: equal expressions. Appended.
  virtual void describe(std::string& text) const = 0;
  std::string description() const {
    std::string text;
    describe(text);
    return text;
  }

  Type type;
  std::int32_t location = -1;
  std::vector<ExpressionPtr> children;

 protected:
  virtual Value compute(const Frame& frame) const = 0;

 private:
  mutable std::unique_ptr<const Value> known_;
  mutable bool is_constant_ = false;
};

/// A literal. Of type unknown while nothing has said what it is.
class Constant final : public Expression {
 public:
  Constant(Type of, Value constant) : Expression(of, {}), value(std::move(constant)) {}
  Value compute(const Frame&) const override { return value; }
  bool is_always_null() const override { return value.is_null(); }
  void describe(std::string& text) const override;
  Value value;
};

/// $n.
class Parameter final : public Expression {
 public:
  Parameter(Type of, std::size_t number) : Expression(of, {}), index(number) {}
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  std::size_t index;  ///< from 0
};

/// A column of a range entry, `level` queries out.
class ColumnReference final : public Expression {
 public:
  ColumnReference(Type of, std::uint32_t levels, std::uint32_t range_entry, std::uint32_t position)
      : Expression(of, {}), level(levels), entry(range_entry), column(position) {}
  Value compute(const Frame& frame) const override {
    const Frame* at = &frame;
    for (std::uint32_t i = level; i > 0; --i) at = at->outer;
    return at->slots[entry].values[column];
  }
  void describe(std::string& text) const override;
  std::uint32_t level;
  std::uint32_t entry;
  std::uint32_t column;
};

/// What stands at `index` of the row that grouping, or windows, made; `level` queries out.
class RowReference final : public Expression {
 public:
  RowReference(Type of, std::uint32_t levels, std::size_t position)
      : Expression(of, {}), level(levels), index(position) {}
  Value compute(const Frame& frame) const override {
    const Frame* at = &frame;
    for (std::uint32_t i = level; i > 0; --i) at = at->outer;
    return at->row[index];
  }
  void describe(std::string& text) const override;
  std::uint32_t level;
  std::size_t index;
};

/// xmin, xmax, ctid, tableoid.
class SystemColumn final : public Expression {
 public:
  enum class Which : std::uint8_t { xmin, xmax, cmin, cmax, ctid, tableoid };
  SystemColumn(Type of, std::uint32_t levels, std::uint32_t range_entry, Which which)
      : Expression(of, {}), level(levels), entry(range_entry), which_(which) {}
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  std::uint32_t level;
  std::uint32_t entry;

 private:
  Which which_;
};

/// A function or an operator, called.
class FunctionCall final : public Expression {
 public:
  FunctionCall(std::string_view name, Body body, bool is_strict, bool is_volatile, Type result,
               std::vector<ExpressionPtr> arguments);
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  bool is_volatile() const { return is_volatile_; }
  bool is_always_null() const override;
  std::string_view name() const { return name_; }
  const CallSite& site() const { return site_; }
  bool is_strict() const { return is_strict_; }

 private:
  std::string name_;
  Body body_;
  bool is_strict_;
  bool is_volatile_;
  mutable std::int8_t always_null_ = -1;  ///< not known yet
  CallSite site_;
};

/// The next number of a sequence: the default of an identity column.
class NextValue final : public Expression {
 public:
  NextValue(Type of, std::uint32_t sequence) : Expression(of, {}), sequence_(sequence) {}
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;

 private:
  std::uint32_t sequence_;
};

/// Through text: from one type's output to another's input.
class TextCast final : public Expression {
 public:
  TextCast(Type to, ExpressionPtr argument);
  Value compute(const Frame& frame) const override;
  bool is_always_null() const override { return children[0]->is_always_null(); }
  void describe(std::string& text) const override;
};

/// The same value under another type.
class Relabel final : public Expression {
 public:
  Relabel(Type to, ExpressionPtr argument);
  Value compute(const Frame& frame) const override { return children[0]->evaluate(frame); }
  bool is_always_null() const override { return children[0]->is_always_null(); }
  void describe(std::string& text) const override;
};

/// The length of varchar(n) and the like.
class ModifierCast final : public Expression {
 public:
  ModifierCast(Type to, ExpressionPtr argument, bool is_explicit);
  Value compute(const Frame& frame) const override;
  bool is_always_null() const override { return children[0]->is_always_null(); }
  void describe(std::string& text) const override;

 private:
  bool is_explicit_;
};

/// Each element of an array, cast: `element` reads the element as column 0 of entry 0.
class ArrayCast final : public Expression {
 public:
  ArrayCast(Type to, ExpressionPtr argument, ExpressionPtr element);
  Value compute(const Frame& frame) const override;
  bool is_always_null() const override { return children[0]->is_always_null(); }
  void describe(std::string& text) const override;
  ExpressionPtr element;
};

class Boolean final : public Expression {
 public:
  enum class Operation : std::uint8_t { conjunction, disjunction, negation };
  Boolean(Operation operation, std::vector<ExpressionPtr> parts);
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  Operation operation() const { return operation_; }

 private:
  Operation operation_;
};

/// IS [NOT] NULL, IS [NOT] TRUE, ...
class Test final : public Expression {
 public:
  enum class Kind : std::uint8_t {
    null,
    not_null,
    truth,
    not_truth,
    falsity,
    not_falsity,
    unknown,
    not_unknown
  };
  Test(Kind kind, ExpressionPtr argument);
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

/// IS [NOT] DISTINCT FROM, NULLIF: `equal` compares children 0 and 1 of this, and is child 2.
class Distinct final : public Expression {
 public:
  enum class Kind : std::uint8_t { distinct, not_distinct, null_if };
  Distinct(Kind kind, Type of, ExpressionPtr left, ExpressionPtr right, ExpressionPtr equal);
  Value compute(const Frame& frame) const override;
  bool is_always_null() const override {
    return kind_ == Kind::null_if && children[0]->is_always_null();
  }
  void describe(std::string& text) const override;

 private:
  Kind kind_;
};

/// CASE: children are condition, result, condition, result, ..., otherwise.
class Case final : public Expression {
 public:
  using Expression::Expression;
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
};

class Coalesce final : public Expression {
 public:
  using Expression::Expression;
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
};

class Extreme final : public Expression {
 public:
  Extreme(bool greatest, Type of, std::vector<ExpressionPtr> parts)
      : Expression(of, std::move(parts)), greatest_(greatest) {}
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;

 private:
  bool greatest_;
};

/// left OP ANY|ALL (array): `comparison` compares column 0 with column 1 of entry 0.
class ArrayComparison final : public Expression {
 public:
  ArrayComparison(bool all, ExpressionPtr left, ExpressionPtr array, ExpressionPtr comparison);
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  bool is_all() const { return all_; }
  ExpressionPtr comparison;

 private:
  bool all_;
};

/// Some of a list: x IN (a, b, c) with constants of x's type, looked up in order.
class ArrayConstructor final : public Expression {
 public:
  ArrayConstructor(Type of, TypeId element, std::vector<ExpressionPtr> parts)
      : Expression(of, std::move(parts)), element_(element) {}
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;

 private:
  TypeId element_;
};

/// a[i], a[i:j]: children are the array, then the subscripts (lower, upper for slices; null: open).
class Subscript final : public Expression {
 public:
  struct Index {
    bool is_slice = false;
    ExpressionPtr lower;  ///< of a slice; null: from the beginning
    ExpressionPtr upper;  ///< or the index itself
  };
  Subscript(Type of, ExpressionPtr array, std::vector<Index> indices);
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;

 private:
  std::vector<Index> indices_;
};

class RowConstructor final : public Expression {
 public:
  RowConstructor(std::vector<ExpressionPtr> parts, std::vector<std::string> names);
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

/// A row compared with another: `pairs` holds, for each column, less and equal (both of columns).
class RowComparison final : public Expression {
 public:
  enum class Kind : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };
  /// children: strict comparison and equality of column 0, of column 1, ...; for equal and
  /// not_equal: the equalities alone, or the inequalities.
  RowComparison(Kind kind, std::vector<ExpressionPtr> comparisons);
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

/// The whole row of an entry, as a record.
class WholeRow final : public Expression {
 public:
  WholeRow(std::uint32_t levels, std::uint32_t range_entry, std::vector<TypeId> types,
           std::vector<std::string> names, std::vector<std::uint32_t> columns);
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  std::uint32_t level;
  std::uint32_t entry;
  const std::vector<TypeId>& types() const { return types_; }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<TypeId> types_;
  std::vector<std::string> names_;
  std::vector<std::uint32_t> columns_;
};

/// (row).field
class FieldSelect final : public Expression {
 public:
  FieldSelect(Type of, ExpressionPtr record, std::size_t position);
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;

 private:
  std::size_t position_;
};

/// An aggregate, until grouping replaces it by a RowReference.
class AggregateCall final : public Expression {
 public:
  AggregateCall(const AggregateRow& row, Type result, std::vector<ExpressionPtr> arguments);
  Value compute(const Frame& frame) const override;  ///< never: a bug
  void describe(std::string& text) const override;

  const AggregateRow* row;
  CallSite site;
  std::uint32_t level = 0;  ///< of which query around it is an aggregate of
  bool is_distinct = false;
  bool is_unused = false;  ///< NULL, then: nobody reads it
  ExpressionPtr filter;
  struct Order {
    ExpressionPtr expression;
    bool descending = false;
    bool nulls_first = false;
  };
  std::vector<Order> order;
  std::vector<ExpressionPtr> direct;  ///< of WITHIN GROUP: computed once, of the group
};

/// GROUPING(...): for each child, from the left, a bit that is set where the row is not grouped by
/// it.
class GroupingCall final : public Expression {
 public:
  explicit GroupingCall(std::vector<ExpressionPtr> parts)
      : Expression(Type{TypeId::int4, -1}, std::move(parts)) {}
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  std::vector<std::size_t> keys;  ///< once grouping has found them
  std::size_t mask = 0;           ///< where in the frame's row the bits of all keys are
};

/// Calls `visit` for the expression and all within it, outermost first; where it returns false,
/// not for what is within. Subqueries are left to `visit` (query.h).
void walk(ExpressionPtr& expression, const std::function<bool(ExpressionPtr&)>& visit);

/// Where the expression begins, as PostgreSQL's errors say it: exprLocation(). -1: nowhere.
std::int32_t location_of(const Expression& expression);

/// True and not NULL.
bool is_true(const Value& value);

}  // namespace firedrill::sim::postgres
