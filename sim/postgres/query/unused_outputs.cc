#include "sim/postgres/query/unused_outputs.h"

#include <algorithm>
#include <set>

#include "sim/postgres/query/set_results.h"

namespace firedrill::sim::postgres {

namespace {

using Columns = std::set<std::size_t>;  ///< of a query's output

bool is_volatile(const Expression& part) {
  const auto* call = dynamic_cast<const FunctionCall*>(&part);
  return dynamic_cast<const NextValue*>(&part) != nullptr ||
         (call != nullptr && call->is_volatile());
}

bool has_volatile(ExpressionPtr& expression) {
  bool found = false;
  walk_deep(expression, 0, [&](ExpressionPtr& part, std::uint32_t) {
    found = found || is_volatile(*part);
    return !found;
  });
  return found;
}

bool has_volatile(Query& query) {
  bool found = false;
  walk(query, 0, [&](ExpressionPtr& part, std::uint32_t) {
    found = found || is_volatile(*part);
    return !found;
  });
  return found;
}

using Visit = std::function<void(Query&, std::uint32_t depth)>;

/// The queries right within this one.
void each_within(Query& query, const std::function<void(Query&)>& visit) {
  for (CommonTable& table : query.ctes) {
    if (table.query != nullptr) visit(*table.query);
  }
  for (auto& entry : query.range) {
    if (entry->subquery != nullptr) visit(*entry->subquery);
  }
  for (Query* side : {query.left.get(), query.right.get()}) {
    if (side != nullptr) visit(*side);
  }
  walk(query, 0, [&](ExpressionPtr& part, std::uint32_t depth) {
    auto* subquery = dynamic_cast<Subquery*>(part.get());
    if (subquery != nullptr && depth == 0) visit(*subquery->query);
    return true;
  });
}

void each_query(Query& query, std::uint32_t depth, const Visit& visit) {
  visit(query, depth);
  each_within(query, [&](Query& inner) { each_query(inner, depth + 1, visit); });
}

/// What a query, and those within it, read of one of its entries.
Columns columns_read(Query& query, std::uint32_t entry) {
  Columns read;
  walk(query, 0, [&](ExpressionPtr& part, std::uint32_t depth) {
    if (const auto* column = dynamic_cast<const ColumnReference*>(part.get())) {
      if (column->level == depth && column->entry == entry) read.insert(column->column);
    } else if (const auto* row = dynamic_cast<const WholeRow*>(part.get())) {
      if (row->level != depth || row->entry != entry) return true;
      for (std::size_t i = 0; i < query.range[entry]->columns.size(); ++i) read.insert(i);
    }
    return true;
  });
  return read;
}

bool is_needed(const Query& query, std::size_t target) {
  return std::ranges::find(query.sort, target, &SortKey::target) != query.sort.end();
}

/// Of a grouped query: aggregates that nobody asks for any more. After those of the windows.
void mark_aggregates(Query& query) {
  std::set<std::size_t> used;
  walk(query, 0, [&](ExpressionPtr& part, std::uint32_t depth) {
    const auto* row = dynamic_cast<const RowReference*>(part.get());
    if (row != nullptr && row->level == depth) used.insert(row->index);
    return true;
  });
  // With windows the targets read other rows: what is read too much does no harm.
  for (std::size_t i = 0; i < query.aggregates.size(); ++i) {
    query.aggregates[i]->is_unused = !used.contains(query.group_keys.size() + i);
  }
}

void mark_windows(Query& query) {
  std::set<std::size_t> used;
  for (Target& target : query.targets) {
    walk_deep(target.expression, 0, [&](ExpressionPtr& part, std::uint32_t depth) {
      const auto* row = dynamic_cast<const RowReference*>(part.get());
      if (row != nullptr && row->level == depth) used.insert(row->index);
      return true;
    });
  }
  for (std::size_t i = 0; i < query.windows.size(); ++i) {
    query.windows[i].is_unused = !used.contains(query.captured.size() + i);
  }
}

bool is_plain_union_all(const Query& query) {
  return query.set_operation == Query::SetOperation::set_union && query.set_all &&
         query.sort.empty() && query.limit == nullptr && query.offset == nullptr &&
         query.ctes.empty();
}

/// False: it had none of these, or they stay.
bool leave_out(Query& query, const Columns& read) {
  if (query.command != Query::Command::select || query.is_distinct) return false;
  if (query.set_operation != Query::SetOperation::none) {
    if (!is_plain_union_all(query)) return false;
    const bool left = leave_out(*query.left, read);
    return leave_out(*query.right, read) || left;
  }
  bool changed = false;
  std::size_t column = 0;
  for (std::size_t i = 0; i < query.targets.size(); ++i) {
    Target& target = query.targets[i];
    if (target.is_hidden || read.contains(column++) || is_needed(query, i)) continue;
    if (dynamic_cast<const Constant*>(target.expression.get()) != nullptr) continue;
    if (find_set_result(target.expression) != nullptr || has_volatile(target.expression)) continue;
    target.expression = std::make_unique<Constant>(target.expression->type, Value());
    changed = true;
  }
  if (!changed) return false;
  mark_windows(query);
  mark_aggregates(query);
  return true;
}

/// What an EXISTS selects, sorts and groups by (simplify_EXISTS_query()).
void simplify_exists(Query& query) {
  const bool stays = query.command != Query::Command::select ||
                     query.set_operation != Query::SetOperation::none ||
                     !query.aggregates.empty() || query.has_grouping_sets ||
                     !query.windows.empty() || !query.sets.empty() || query.having != nullptr ||
                     query.offset != nullptr || query.limit != nullptr || query.locks_rows;
  if (stays) return;
  query.sort.clear();
  query.is_distinct = false;
  query.distinct_on.clear();
  query.is_grouped = false;
  query.group_keys.clear();
  for (Target& target : query.targets) {
    target.expression = std::make_unique<Constant>(target.expression->type, Value());
  }
}

bool leave_out_of_entries(Query& query) {
  bool changed = false;
  for (std::uint32_t i = 0; i < query.range.size(); ++i) {
    RangeEntry& entry = *query.range[i];
    const bool is_subquery = entry.kind == RangeEntry::Kind::subquery && entry.subquery != nullptr;
    if (!is_subquery) continue;
    changed = leave_out(*entry.subquery, columns_read(query, i)) || changed;
  }
  return changed;
}

bool leave_out_of_common(Query& query, std::size_t index) {
  CommonTable& table = query.ctes[index];
  std::size_t references = 0;
  Columns read;
  each_query(query, 0, [&](Query& reader, std::uint32_t depth) {
    for (std::uint32_t i = 0; i < reader.range.size(); ++i) {
      const RangeEntry& entry = *reader.range[i];
      const bool is_it =
          entry.kind == RangeEntry::Kind::cte && entry.cte_level == depth && entry.cte == index;
      if (!is_it) continue;
      ++references;
      read.merge(columns_read(reader, i));
    }
  });
  table.is_unread = references == 0;
  table.is_inlined = references == 1 && !table.is_recursive && !table.is_materialized &&
                     table.query != nullptr && table.query->command == Query::Command::select &&
                     !table.query->locks_rows && !has_volatile(*table.query);
  return table.is_inlined && leave_out(*table.query, read);
}

void leave_out_within(Query& query) {
  // What is left out of one may be what another was read for.
  for (bool goes_on = true; goes_on;) {
    goes_on = leave_out_of_entries(query);
    for (std::size_t i = 0; i < query.ctes.size(); ++i) {
      goes_on = leave_out_of_common(query, i) || goes_on;
    }
  }
  walk(query, 0, [&](ExpressionPtr& part, std::uint32_t depth) {
    auto* subquery = dynamic_cast<Subquery*>(part.get());
    if (subquery == nullptr || depth > 0) return true;
    if (subquery->kind == Subquery::Kind::exists) simplify_exists(*subquery->query);
    return true;
  });
  each_within(query, [](Query& inner) { leave_out_within(inner); });
}

}  // namespace

void leave_out_unused(Query& query) {
  leave_out_within(query);
}

}  // namespace firedrill::sim::postgres
