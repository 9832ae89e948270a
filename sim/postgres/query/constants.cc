#include "sim/postgres/query/constants.h"

#include <optional>

#include "sim/postgres/query/execution.h"
#include "sim/postgres/query/set_results.h"
#include "sim/postgres/query/volatility.h"

namespace firedrill::sim::postgres {

namespace {

/// eval_const_expressions(): a value is what is known of an expression without any row. Of an
/// expression some part of which is not known nothing is, though NULL or false may decide it.
class Folder {
 public:
  explicit Folder(const Frame& frame) : frame_(frame) {}

  /// Something was computed from a parameter: other values may fail where these did not.
  bool depends_on_parameters() const { return depends_on_parameters_; }

  using Known = std::optional<Value>;

  void fold(const Query& query, bool uses_targets) {
    for (const CommonTable& each : query.ctes) {
      // What nobody reads of a SELECT is not computed.
      if (each.query != nullptr) fold(*each.query, each.query->modification.has_value());
    }
    if (uses_targets) {
      for (const Target& target : query.targets) fold(target.expression);
    }
    if (query.modification) fold(*query.modification);
    fold(query.where);
    if (query.from != nullptr) fold(*query.from);
    for (const auto& aggregate : query.aggregates) {
      for (const ExpressionPtr& argument : aggregate->children) fold(argument);
      fold(aggregate->filter);
    }
    fold(query.having);
    for (const auto& entry : query.range) fold(*entry);
    if (query.left != nullptr) fold(*query.left, uses_targets);
    if (query.right != nullptr) fold(*query.right, uses_targets);
  }

 private:
  void fold(const Modification& modification) {
    for (const ExpressionPtr& value : modification.values) fold(value);
    for (const auto& each : modification.assignments) fold(each.value);
    for (const Target& target : modification.returning) fold(target.expression);
    for (const auto& each : modification.conflict_assignments) fold(each.value);
    fold(modification.conflict_condition);
  }

  void fold(const FromNode& node) {
    fold(node.condition);
    if (node.left != nullptr) fold(*node.left);
    if (node.right != nullptr) fold(*node.right);
  }

  void fold(const RangeEntry& entry) {
    for (const auto& row : entry.rows) {
      for (const ExpressionPtr& value : row) fold(value);
    }
    for (const ExpressionPtr& argument : entry.arguments) fold(argument);
    // What nobody reads of a subquery is not computed.
    if (entry.subquery != nullptr) fold(*entry.subquery, entry.name == "*SELECT*");
  }

  Known fold(const ExpressionPtr& expression) {
    if (expression == nullptr) return std::nullopt;
    return fold(*expression);
  }

  Known fold(const Expression& expression) {
    if (dynamic_cast<const Constant*>(&expression) != nullptr) return expression.evaluate(frame_);
    if (dynamic_cast<const Parameter*>(&expression) != nullptr) {
      ++parameters_;
      return expression.evaluate(frame_);
    }
    if (const auto* choice = dynamic_cast<const Case*>(&expression)) return fold_case(*choice);
    if (dynamic_cast<const Coalesce*>(&expression) != nullptr) return fold_coalesce(expression);
    if (const auto* boolean = dynamic_cast<const Boolean*>(&expression)) {
      return fold_boolean(*boolean);
    }
    if (const auto* rows = dynamic_cast<const RowComparison*>(&expression)) {
      if (rows->kind() == RowComparison::Kind::equal) return fold_parts(*rows, false);
      if (rows->kind() == RowComparison::Kind::not_equal) return fold_parts(*rows, true);
    }
    if (const auto* call = dynamic_cast<const FunctionCall*>(&expression)) return fold_call(*call);
    if (const auto* subquery = dynamic_cast<const Subquery*>(&expression)) {
      for (const ExpressionPtr& child : subquery->children) fold(child);
      fold(*subquery->query, true);
      return std::nullopt;
    }
    return fold_other(expression);
  }

  /// What is constant where its parts are.
  Known fold_other(const Expression& expression) {
    if (dynamic_cast<const AggregateCall*>(&expression) != nullptr ||
        dynamic_cast<const SetResult*>(&expression) != nullptr) {
      for (const ExpressionPtr& child : expression.children) fold(child);
      return std::nullopt;
    }
    const bool compares = dynamic_cast<const Distinct*>(&expression) != nullptr;
    const std::size_t count = compares ? 2 : expression.children.size();
    bool is_known = count > 0;
    const std::size_t parameters_before = parameters_;
    for (std::size_t i = 0; i < count; ++i) {
      if (expression.children[i] == nullptr) continue;
      const Known part = fold(*expression.children[i]);
      is_known = is_known && part.has_value();
    }
    const bool is_foldable = is_known && is_immutable_itself(expression, frame_.execution.types());
    if (!is_foldable) return std::nullopt;
    note_parameters_since(parameters_before);
    return expression.evaluate(frame_);
  }

  Known fold_call(const FunctionCall& call) {
    bool is_known = true;
    const std::size_t parameters_before = parameters_;
    for (const ExpressionPtr& argument : call.children) {
      const Known part = fold(argument);
      is_known = is_known && part.has_value();
    }
    if (call.is_always_null()) return Value();
    if (!is_known || !is_immutable_itself(call, frame_.execution.types())) return std::nullopt;
    note_parameters_since(parameters_before);
    return call.evaluate(frame_);
  }

  Known fold_case(const Case& choice) {
    const auto& parts = choice.children;
    bool is_open = false;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      const Known condition = fold(parts[i]);
      if (condition && !is_true(*condition)) continue;
      const Known result = fold(parts[i + 1]);
      if (condition) return is_open ? std::nullopt : result;
      is_open = true;
    }
    const Known otherwise = fold(parts.back());
    return is_open ? std::nullopt : otherwise;
  }

  Known fold_coalesce(const Expression& expression) {
    bool is_open = false;
    for (const ExpressionPtr& part : expression.children) {
      const Known value = fold(part);
      if (value && value->is_null()) continue;
      if (value) return is_open ? std::nullopt : value;
      is_open = true;
    }
    return is_open ? std::nullopt : Known(Value());
  }

  Known fold_boolean(const Boolean& boolean) {
    if (boolean.operation() == Boolean::Operation::negation) {
      const Known value = fold(boolean.children[0]);
      return value ? Known(boolean.evaluate(frame_)) : std::nullopt;
    }
    return fold_parts(boolean, boolean.operation() == Boolean::Operation::disjunction);
  }

  /// AND and OR, of which one value decides: what stands behind it is not looked at.
  Known fold_parts(const Expression& whole, bool decides) {
    bool is_open = false;
    bool has_null = false;
    for (const ExpressionPtr& part : whole.children) {
      const Known value = fold(part);
      if (!value) {
        is_open = true;
      } else if (value->is_null()) {
        has_null = true;
      } else if (value->boolean() == decides) {
        return is_open ? std::nullopt : Known(Value::of(decides));
      }
    }
    if (is_open) return std::nullopt;
    return has_null ? Value() : Value::of(!decides);
  }

  void note_parameters_since(std::size_t before) {
    depends_on_parameters_ = depends_on_parameters_ || parameters_ != before;
  }

  const Frame& frame_;
  std::size_t parameters_ = 0;  ///< met so far
  bool depends_on_parameters_ = false;
};

}  // namespace

void compute_constants(const Query& query, const Frame& frame) {
  if (query.has_sound_constants) return;
  Folder folder(frame);
  folder.fold(query, true);
  query.has_sound_constants = !folder.depends_on_parameters();
}

}  // namespace firedrill::sim::postgres
