#include "sim/postgres/query/constants.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "sim/postgres/query/execution.h"
#include "sim/postgres/query/set_results.h"
#include "sim/postgres/query/volatility.h"

namespace firedrill::sim::postgres {

namespace {

/// eval_const_expressions(): a value is what is known of an expression without any row. It stays
/// with the expression, which is not computed any more.
class Folder {
 public:
  explicit Folder(const Frame& frame) : frame_(frame) {}

  /// Something is known by a parameter: by other values it may not be, or may fail.
  bool depends_on_parameters() const { return depends_on_parameters_; }

  using Known = std::optional<Value>;

  void fold(const Query& query) {
    around_.push_back(&query);
    for (const CommonTable& each : query.ctes) {
      const bool is_computed = !each.is_unread || each.query->modification;
      if (each.query != nullptr && is_computed) fold(*each.query);
    }
    for (const auto& entry : query.range) {
      if (entry->subquery != nullptr && is_pulled_up(*entry->subquery)) fold(*entry);
    }
    for (const Target& target : query.targets) fold(target.expression);
    if (query.modification) fold(*query.modification);
    if (query.command == Query::Command::insert) {
      for (const ExpressionPtr& generated : query.modification->generated) fold(generated);
    }
    fold(query.where);
    if (query.where != nullptr && query.from == nullptr) leave_out(*query.where);
    if (query.from != nullptr) fold(*query.from);
    for (const auto& aggregate : query.aggregates) {
      if (aggregate->is_unused) continue;
      for (const ExpressionPtr& argument : aggregate->children) fold(argument);
      fold(aggregate->filter);
    }
    for (const WindowFunction& window : query.windows) fold(window);
    fold(query.having);
    for (const auto& entry : query.range) {
      if (entry->subquery == nullptr || !is_pulled_up(*entry->subquery)) fold(*entry);
    }
    if (query.left != nullptr) fold(*query.left);
    if (query.right != nullptr) fold(*query.right);
    around_.pop_back();
  }

 private:
  /// An outer join may put NULLs in its place.
  static bool is_nullable(const FromNode* node, std::uint32_t entry) {
    if (node == nullptr || node->join == FromNode::Join::none) return false;
    const auto has = [&](const FromNodePtr& side) {
      return std::ranges::find(side->entries, entry) != side->entries.end();
    };
    using Join = FromNode::Join;
    const bool is_left = has(node->left);
    if (is_left && (node->join == Join::right || node->join == Join::full)) return true;
    if (has(node->right) && (node->join == Join::left || node->join == Join::full)) return true;
    return is_nullable(is_left ? node->left.get() : node->right.get(), entry);
  }

  /// A column of a subquery that is pulled up is what the subquery selects.
  Known fold_column(const ColumnReference& column) {
    if (column.level >= around_.size()) return std::nullopt;
    const Query& owner = *around_[around_.size() - 1 - column.level];
    if (column.entry >= owner.range.size()) return std::nullopt;
    const RangeEntry& entry = *owner.range[column.entry];
    const Query* source = entry.subquery.get();
    if (entry.kind == RangeEntry::Kind::cte && entry.cte_level + column.level < around_.size()) {
      const Query& with = *around_[around_.size() - 1 - column.level - entry.cte_level];
      if (with.ctes[entry.cte].is_inlined) source = with.ctes[entry.cte].query.get();
    }
    if (source == nullptr || !is_pulled_up(*source)) return std::nullopt;
    if (is_nullable(owner.from.get(), column.entry)) return std::nullopt;
    std::size_t at = 0;
    for (const Target& target : source->targets) {
      if (target.is_hidden || at++ != column.column) continue;
      if (parameters_ > 0) depends_on_parameters_ = true;
      Known known = known_of(*target.expression);
      if (known && !is_constant(*target.expression)) ++parameters_;  // it reads one
      return known;
    }
    return std::nullopt;
  }

  /// A condition (NULL, ...) = (SELECT ...) is never true: where there is no FROM, nothing of it is
  /// asked for. (Over a table PostgreSQL runs the subquery all the same.)
  static void leave_out(const Expression& condition) {
    const auto* boolean = dynamic_cast<const Boolean*>(&condition);
    if (boolean != nullptr && boolean->operation() == Boolean::Operation::conjunction) {
      for (const ExpressionPtr& part : boolean->children) leave_out(*part);
    }
    const auto* subquery = dynamic_cast<const Subquery*>(&condition);
    if (subquery != nullptr && subquery->compares_null()) subquery->set_known(Value());
  }

  void fold(const WindowFunction& window) {
    if (window.is_unused) return;
    for (const ExpressionPtr& argument : window.arguments) fold(argument);
    if (window.aggregate != nullptr) {
      for (const ExpressionPtr& argument : window.aggregate->children) fold(argument);
    }
    fold(window.filter);
    for (const ExpressionPtr& each : window.partition) fold(each);
    for (const auto& each : window.order) fold(each.expression);
  }

  void fold(const Modification& modification) {
    for (std::size_t i = 0; i < modification.values.size(); ++i) {
      fold(modification.values[i] != nullptr ? modification.values[i] : modification.defaults[i]);
    }
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
    if (entry.subquery != nullptr) fold(*entry.subquery);
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
    const std::size_t parameters_before = parameters_;
    expression.set_known(std::nullopt);
    Known known = fold_whole(expression);
    if (known) note_parameters_since(parameters_before);
    expression.set_known(known, parameters_ != parameters_before);
    return known;
  }

  Known fold_whole(const Expression& expression) {
    if (const auto* column = dynamic_cast<const ColumnReference*>(&expression)) {
      return fold_column(*column);
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
    if (const auto* test = dynamic_cast<const Test*>(&expression)) return fold_test(*test);
    if (const auto* subquery = dynamic_cast<const Subquery*>(&expression)) {
      for (const ExpressionPtr& child : subquery->children) fold(child);
      fold(*subquery->query);
      return std::nullopt;
    }
    return fold_other(expression);
  }

  /// What is constant where its parts are.
  Known fold_other(const Expression& expression) {
    // A row less than another is nothing that PostgreSQL computes beforehand.
    if (dynamic_cast<const AggregateCall*>(&expression) != nullptr ||
        dynamic_cast<const SetResult*>(&expression) != nullptr ||
        dynamic_cast<const OperandComparison*>(&expression) != nullptr) {
      for (const ExpressionPtr& child : expression.children) fold(child);
      return std::nullopt;
    }
    const bool compares = dynamic_cast<const Distinct*>(&expression) != nullptr;
    const std::size_t count = compares ? 2 : expression.children.size();
    bool is_known = count > 0;
    bool has_null = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (expression.children[i] == nullptr) continue;
      const Known part = fold(*expression.children[i]);
      is_known = is_known && part.has_value();
      has_null = has_null || (part && part->is_null());
    }
    if (has_null && dynamic_cast<const TextCast*>(&expression) != nullptr) return Value();
    const bool is_foldable = is_known && is_immutable_itself(expression, frame_.execution.types());
    return is_foldable ? Known(expression.evaluate(frame_)) : std::nullopt;
  }

  Known fold_call(const FunctionCall& call) {
    bool is_known = true;
    bool has_null = false;
    for (const ExpressionPtr& argument : call.children) {
      const Known part = fold(argument);
      is_known = is_known && part.has_value();
      has_null = has_null || (part && part->is_null());
    }
    if (call.is_always_null() || (call.is_strict() && has_null)) return Value();
    if (!is_known || !is_immutable_itself(call, frame_.execution.types())) return std::nullopt;
    return call.evaluate(frame_);
  }

  /// Of a row IS [NOT] NULL looks at each value that is known, but at no row that is known as one.
  Known fold_test(const Test& test) {
    const Expression& argument = *test.children[0];
    const bool is_null = test.kind() == Test::Kind::null;
    const bool is_row =
        argument.type.id == TypeId::record && (is_null || test.kind() == Test::Kind::not_null);
    if (!is_row) return fold_other(test);
    const std::size_t parameters_before = parameters_;
    if (fold(argument) || dynamic_cast<const RowConstructor*>(&argument) == nullptr) {
      return std::nullopt;
    }
    for (const ExpressionPtr& part : argument.children) {
      const Known value = known_of(*part);
      if (value) note_parameters_since(parameters_before);
      if (value && value->is_null() != is_null) return Value::of(false);
    }
    return std::nullopt;
  }

  /// Of one that has been looked at.
  Known known_of(const Expression& expression) {
    const bool is_leaf = dynamic_cast<const Constant*>(&expression) != nullptr ||
                         dynamic_cast<const Parameter*>(&expression) != nullptr;
    if (is_leaf) return expression.evaluate(frame_);
    return expression.known() != nullptr ? Known(*expression.known()) : std::nullopt;
  }

  static bool is_constant(const Expression& expression) {
    return expression.is_constant() || dynamic_cast<const Constant*>(&expression) != nullptr;
  }

  Known fold_case(const Case& choice) {
    const auto& parts = choice.children;
    bool is_open = false;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      const Known condition = fold_deciding(parts[i]);
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
      const Known value = fold_deciding(part);
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

  /// What says how much of the rest is looked at.
  Known fold_deciding(const ExpressionPtr& part) {
    const std::size_t parameters_before = parameters_;
    Known value = fold(part);
    if (value) note_parameters_since(parameters_before);
    return value;
  }

  /// AND and OR, of which one value decides: what stands behind it is not looked at.
  Known fold_parts(const Expression& whole, bool decides) {
    bool is_open = false;
    bool has_null = false;
    for (const ExpressionPtr& part : whole.children) {
      const Known value = fold_deciding(part);
      if (!value) {
        is_open = true;
      } else if (value->is_null()) {
        has_null = true;
      } else if (value->boolean() == decides) {
        return Value::of(decides);
      }
    }
    if (is_open) return std::nullopt;
    return has_null ? Value() : Value::of(!decides);
  }

  void note_parameters_since(std::size_t before) {
    depends_on_parameters_ = depends_on_parameters_ || parameters_ != before;
  }

  const Frame& frame_;
  std::vector<const Query*> around_;  ///< the one that is folded, last
  std::size_t parameters_ = 0;        ///< met so far
  bool depends_on_parameters_ = false;
};

}  // namespace

bool is_pulled_up(const Query& query) {
  return query.command == Query::Command::select &&
         query.set_operation == Query::SetOperation::none && !query.is_grouped &&
         query.windows.empty() && query.sets.empty() && !query.is_distinct && query.sort.empty() &&
         query.limit == nullptr && query.offset == nullptr && query.ctes.empty() &&
         !query.locks_rows;
}

void compute_constants(const Query& query, const Frame& frame) {
  const bool has_null = frame.execution.has_null_parameter();  // it decides of strict functions
  if (query.has_sound_constants && !has_null) return;
  query.has_sound_constants = false;
  Folder folder(frame);
  folder.fold(query);
  query.has_sound_constants = !has_null && !folder.depends_on_parameters();
}

}  // namespace firedrill::sim::postgres
