#include <algorithm>

#include "sim/postgres/query/analyzer.h"

namespace firedrill::sim::postgres {

namespace {

using Visit = std::function<bool(ExpressionPtr&, std::uint32_t)>;

}  // namespace

void walk_deep(ExpressionPtr& expression, std::uint32_t depth, const Visit& visit) {
  walk(expression, [&](ExpressionPtr& part) {
    if (!visit(part, depth)) return false;
    if (auto* subquery = dynamic_cast<Subquery*>(part.get())) {
      walk(*subquery->query, depth + 1, visit);
    }
    return true;
  });
}

namespace {

void walk_from(FromNode& node, std::uint32_t depth, const Visit& visit) {
  walk_deep(node.condition, depth, visit);
  if (node.left != nullptr) walk_from(*node.left, depth, visit);
  if (node.right != nullptr) walk_from(*node.right, depth, visit);
}

void walk_entry(RangeEntry& entry, std::uint32_t depth, const Visit& visit) {
  if (entry.subquery != nullptr) walk(*entry.subquery, depth + 1, visit);
  for (ExpressionPtr& argument : entry.arguments) walk_deep(argument, depth, visit);
  walk_deep(entry.scalar, depth, visit);
  for (auto& row : entry.rows) {
    for (ExpressionPtr& value : row) walk_deep(value, depth, visit);
  }
}

void walk_windows(Query& query, std::uint32_t depth, const Visit& visit) {
  for (WindowFunction& window : query.windows) {
    for (ExpressionPtr& argument : window.arguments) walk_deep(argument, depth, visit);
    for (ExpressionPtr& partition : window.partition) walk_deep(partition, depth, visit);
    for (auto& order : window.order) walk_deep(order.expression, depth, visit);
    walk_deep(window.filter, depth, visit);
    walk_deep(window.start.offset, depth, visit);
    walk_deep(window.end.offset, depth, visit);
    if (window.aggregate == nullptr) continue;
    for (ExpressionPtr& argument : window.aggregate->children) walk_deep(argument, depth, visit);
  }
}

void walk_modification(Modification& modification, std::uint32_t depth, const Visit& visit) {
  for (ExpressionPtr& value : modification.values) walk_deep(value, depth, visit);
  for (auto& each : modification.assignments) walk_deep(each.value, depth, visit);
  for (auto& each : modification.conflict_assignments) walk_deep(each.value, depth, visit);
  walk_deep(modification.conflict_condition, depth, visit);
  for (Target& target : modification.returning) walk_deep(target.expression, depth, visit);
}

}  // namespace

void walk(Query& query, std::uint32_t depth, const Visit& visit) {
  for (CommonTable& cte : query.ctes) {
    if (cte.query != nullptr) walk(*cte.query, depth + 1, visit);
  }
  for (auto& entry : query.range) walk_entry(*entry, depth, visit);
  if (query.from != nullptr) walk_from(*query.from, depth, visit);
  walk_deep(query.where, depth, visit);
  for (Target& target : query.targets) walk_deep(target.expression, depth, visit);
  for (ExpressionPtr& key : query.group_keys) walk_deep(key, depth, visit);
  for (auto& aggregate : query.aggregates) {
    for (ExpressionPtr& argument : aggregate->children) walk_deep(argument, depth, visit);
    walk_deep(aggregate->filter, depth, visit);
    for (auto& order : aggregate->order) walk_deep(order.expression, depth, visit);
    for (ExpressionPtr& each : aggregate->direct) walk_deep(each, depth, visit);
  }
  walk_deep(query.having, depth, visit);
  walk_windows(query, depth, visit);
  for (ExpressionPtr& captured : query.captured) walk_deep(captured, depth, visit);
  walk_deep(query.limit, depth, visit);
  walk_deep(query.offset, depth, visit);
  if (query.left != nullptr) walk(*query.left, depth + 1, visit);
  if (query.right != nullptr) walk(*query.right, depth + 1, visit);
  if (query.modification) walk_modification(*query.modification, depth, visit);
}

namespace {

/// Puts what grouping makes of rows into the place of what was asked of them.
class Grouper {
 public:
  Grouper(Query& query, const ParseTree& tree) : query_(query), tree_(tree) {}

  void group() {
    take_keys();
    const Visit visit = [this](ExpressionPtr& part, std::uint32_t depth) {
      return replace(part, depth);
    };
    for (Target& target : query_.targets) walk_deep(target.expression, 0, visit);
    walk_deep(query_.having, 0, visit);
    walk_windows(query_, 0, visit);
    for (RowReference* reference : aggregate_references_) {
      reference->level = 0;
      reference->index += query_.group_keys.size();
    }
    for (GroupingCall* call : grouping_calls_) {
      call->mask = query_.group_keys.size() + query_.aggregates.size();
    }
  }

 private:
  void take_keys() {
    std::vector<ExpressionPtr> keys;
    std::vector<std::size_t> taken;
    for (const ExpressionPtr& mark : query_.group_keys) {
      const std::size_t target = dynamic_cast<const RowReference&>(*mark).index;
      if (std::ranges::find(taken, target) != taken.end()) continue;
      taken.push_back(target);
      ExpressionPtr& expression = query_.targets[target].expression;
      auto reference = std::make_unique<RowReference>(expression->type, 0, keys.size());
      descriptions_.push_back(expression->description());
      keys.push_back(std::move(expression));
      expression = std::move(reference);
      // References that stand for keys already are not looked at again.
    }
    query_.group_keys = std::move(keys);
    for (std::vector<std::size_t>& set : query_.grouping_sets) {
      for (std::size_t& each : set) {
        each = static_cast<std::size_t>(std::ranges::find(taken, each) - taken.begin());
      }
    }
  }

  void find_arguments(GroupingCall& call) {
    for (const ExpressionPtr& child : call.children) {
      const auto key = std::ranges::find(descriptions_, child->description());
      if (key == descriptions_.end()) {
        fail(sqlstate::kGroupingError,
             "arguments to GROUPING must be grouping expressions of the associated query level",
             tree_.position(child->location));
      }
      call.keys.push_back(static_cast<std::size_t>(key - descriptions_.begin()));
    }
    call.children.clear();
    grouping_calls_.push_back(&call);
  }

  bool replace(ExpressionPtr& part, std::uint32_t depth) {
    if (dynamic_cast<RowReference*>(part.get()) != nullptr) return false;
    if (depth == 0) {
      const auto key = std::ranges::find(descriptions_, part->description());
      if (key != descriptions_.end() && dynamic_cast<Constant*>(part.get()) == nullptr) {
        part = std::make_unique<RowReference>(
            part->type, 0, static_cast<std::size_t>(key - descriptions_.begin()));
        return false;
      }
      if (auto* call = dynamic_cast<GroupingCall*>(part.get())) {
        if (call->keys.empty()) find_arguments(*call);
        return false;
      }
      if (dynamic_cast<AggregateCall*>(part.get()) != nullptr) {
        take_aggregate(part);
        return false;
      }
    }
    if (auto* column = dynamic_cast<ColumnReference*>(part.get())) {
      if (column->level == depth) take_column(part, *column, depth);
      return false;
    }
    if (auto* whole = dynamic_cast<WholeRow*>(part.get())) {
      if (whole->level == depth) unsupported("a whole row in a grouped query");
    }
    return true;
  }

  void take_aggregate(ExpressionPtr& part) {
    const std::string description = part->description();
    std::size_t index = 0;
    for (; index < query_.aggregates.size(); ++index) {
      if (query_.aggregates[index]->description() == description) break;
    }
    auto reference = std::make_unique<RowReference>(part->type, kAggregateMark, index);
    aggregate_references_.push_back(reference.get());
    if (index == query_.aggregates.size()) {
      query_.aggregates.emplace_back(dynamic_cast<AggregateCall*>(part.release()));
      std::vector<ExpressionPtr> direct = std::move(query_.aggregates.back()->direct);
      for (ExpressionPtr& each : direct) {
        is_direct_ = true;
        walk_deep(each, 0,
                  [this](ExpressionPtr& of, std::uint32_t depth) { return replace(of, depth); });
        is_direct_ = false;
      }
      query_.aggregates[index]->direct = std::move(direct);
    }
    part = std::move(reference);
  }

  void take_column(ExpressionPtr& part, const ColumnReference& column, std::uint32_t depth) {
    const Type type = column.type;
    const ColumnReference own(type, 0, column.entry, column.column);
    const std::string description = own.description();
    auto key = std::ranges::find(descriptions_, description);
    if (key == descriptions_.end()) {
      if (!depends_on_keys(column.entry)) refuse(column, depth);
      descriptions_.push_back(description);
      query_.group_keys.push_back(
          std::make_unique<ColumnReference>(type, 0, column.entry, column.column));
      key = descriptions_.end() - 1;
    }
    part = std::make_unique<RowReference>(type, depth,
                                          static_cast<std::size_t>(key - descriptions_.begin()));
  }

  /// Whether the keys hold a primary key of the table.
  bool depends_on_keys(std::uint32_t entry) const {
    const RangeEntry& range = *query_.range[entry];
    if (range.kind != RangeEntry::Kind::table) return false;
    for (const Constraint& constraint : range.table->constraints) {
      if (constraint.kind != Constraint::Kind::primary_key) continue;
      return std::ranges::all_of(constraint.columns, [&](std::size_t column) {
        const Type type = range.table->columns[column].type;
        const ColumnReference wanted(type, 0, entry, static_cast<std::uint32_t>(column));
        const auto key = std::ranges::find(descriptions_, wanted.description());
        return key != descriptions_.end() && is_in_all_sets(key - descriptions_.begin());
      });
    }
    return false;
  }

  bool is_in_all_sets(std::ptrdiff_t key) const {
    return std::ranges::all_of(query_.grouping_sets, [&](const auto& set) {
      return std::ranges::find(set, static_cast<std::size_t>(key)) != set.end();
    });
  }

  [[noreturn]] void refuse(const ColumnReference& column, std::uint32_t depth) const {
    const RangeEntry& range = *query_.range[column.entry];
    const std::string name = "\"" + range.name + "." + range.columns[column.column].name + "\"";
    const std::int32_t position = tree_.position(column.location);
    if (depth > 0) {
      fail(sqlstate::kGroupingError, "subquery uses ungrouped column " + name + " from outer query",
           position);
    }
    throw SqlError{
        .sqlstate = std::string(sqlstate::kGroupingError),
        .message = "column " + name +
                   " must appear in the GROUP BY clause or be used in an aggregate function",
        .detail = is_direct_ ? "Direct arguments of an ordered-set aggregate must use only grouped "
                               "columns."
                             : "",
        .position = position};
  }

  Query& query_;
  const ParseTree& tree_;
  std::vector<std::string> descriptions_;
  std::vector<RowReference*> aggregate_references_;
  std::vector<GroupingCall*> grouping_calls_;
  bool is_direct_ = false;  ///< within direct arguments of WITHIN GROUP
};

}  // namespace

void Analyzer::apply_grouping(Query& query, Scope& scope) {
  if (!query.is_grouped && !scope.has_aggregates && query.having == nullptr) return;
  query.is_grouped = true;
  Grouper(query, tree_).group();
}

void Analyzer::apply_windows(Query& query) {
  if (query.windows.empty()) return;
  std::vector<std::string> descriptions;
  std::vector<RowReference*> windows;
  const Visit visit = [&](ExpressionPtr& part, std::uint32_t depth) {
    auto* row = dynamic_cast<RowReference*>(part.get());
    if (row != nullptr && row->level == kWindowMark) {
      windows.push_back(row);
      return false;
    }
    auto* column = dynamic_cast<ColumnReference*>(part.get());
    auto* system = dynamic_cast<SystemColumn*>(part.get());
    auto* whole = dynamic_cast<WholeRow*>(part.get());
    const bool is_own = (row != nullptr && row->level == depth) ||
                        (column != nullptr && column->level == depth) ||
                        (system != nullptr && system->level == depth) ||
                        (whole != nullptr && whole->level == depth);
    if (!is_own) return true;
    ExpressionPtr own = std::move(part);
    const Type type = own->type;
    for (std::uint32_t* level :
         {row != nullptr ? &row->level : nullptr, column != nullptr ? &column->level : nullptr,
          system != nullptr ? &system->level : nullptr,
          whole != nullptr ? &whole->level : nullptr}) {
      if (level != nullptr) *level = 0;
    }
    const std::string description = own->description();
    const auto found = std::ranges::find(descriptions, description);
    const auto index = static_cast<std::size_t>(found - descriptions.begin());
    if (found == descriptions.end()) {
      descriptions.push_back(description);
      query.captured.push_back(std::move(own));
    }
    part = std::make_unique<RowReference>(type, depth, index);
    return false;
  };
  for (Target& target : query.targets) walk_deep(target.expression, 0, visit);
  for (RowReference* reference : windows) {
    reference->level = 0;
    reference->index += query.captured.size();
  }
}

}  // namespace firedrill::sim::postgres
