#include <algorithm>
#include <optional>

#include "sim/postgres/query/constants.h"
#include "sim/postgres/query/execution.h"
#include "sim/postgres/values/array.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

/// What the planner knows to be false, or NULL, decides before anything is computed.
bool Execution::may_hold(const Expression& condition) {
  const auto* constant = dynamic_cast<const Constant*>(&condition);
  const Value* known = constant != nullptr ? &constant->value : condition.known();
  return known == nullptr || is_true(*known);
}

bool Execution::may_hold(const std::vector<const Expression*>& conditions) {
  return std::ranges::all_of(conditions,
                             [](const Expression* condition) { return may_hold(*condition); });
}

/// Of what is to be there for each row of the query, a subquery's own conditions are conditions of
/// the query.
bool Execution::may_have_rows(const Query& query) {
  return std::ranges::all_of(query.plan->steps, [&](const std::unique_ptr<PlanNode>& step) {
    if (step->join != FromNode::Join::none) return true;
    const Query* inner = query.range[step->entry]->subquery.get();
    return inner == nullptr || inner->where == nullptr || !is_pulled_up(*inner) ||
           may_hold(*inner->where);
  });
}

bool Execution::holds(const std::vector<const Expression*>& conditions, const Frame& frame) {
  if (!may_hold(conditions)) return false;
  return std::ranges::all_of(
      conditions, [&](const Expression* condition) { return is_true(condition->evaluate(frame)); });
}

const Value* Execution::nulls(std::size_t width) {
  constexpr std::size_t kMostColumns = 1664;  // PostgreSQL's own limit
  check(width <= kMostColumns, "nothing has more columns than PostgreSQL allows");
  if (nulls_.empty()) nulls_.resize(kMostColumns);
  return nulls_.data();
}

bool Execution::from(const Query& query, Frame& frame, std::vector<Slot>& slots, const Next& next) {
  const FromPlan& plan = *query.plan;
  if (!may_hold(plan.conditions) || !may_have_rows(query)) return true;
  if (!holds(plan.constant, frame)) return true;
  for (const Subquery* early : plan.early) {
    if (rows_of(*early, frame, 2).size() > 1) fail_many_rows();
  }
  if (plan.is_never) return true;
  if (plan.steps.empty()) {
    return !holds(plan.conditions, frame) || next();
  }
  return step(query, 0, frame, slots, next);
}

bool Execution::step(const Query& query, std::size_t index, Frame& frame, std::vector<Slot>& slots,
                     const Next& next) {
  const FromPlan& plan = *query.plan;
  if (index == plan.steps.size()) return next();
  const PlanNode& here = *plan.steps[index];
  return matches(query, here, here.filter, frame, slots,
                 [&] { return step(query, index + 1, frame, slots, next); });
}

/// The rows of the inner side of a join, or what FROM begins with.
bool Execution::matches(const Query& query, const PlanNode& plan,
                        const std::vector<const Expression*>& conditions, Frame& frame,
                        std::vector<Slot>& slots, const Next& next) {
  bool goes_on = true;
  node(query, plan, frame, slots, [&] {
    if (!holds(conditions, frame)) return true;
    goes_on = next();
    return goes_on && !plan.is_single;
  });
  return goes_on;
}

bool Execution::node(const Query& query, const PlanNode& plan, Frame& frame,
                     std::vector<Slot>& slots, const Next& next) {
  switch (plan.join) {
    case FromNode::Join::none: return scan(query, plan, frame, slots, next);
    case FromNode::Join::full: return full_join(query, plan, frame, slots, next);
    case FromNode::Join::left: return left_join(query, plan, frame, slots, next);
    default:
      return node(query, *plan.left, frame, slots,
                  [&] { return matches(query, *plan.right, plan.conditions, frame, slots, next); });
  }
}

bool Execution::left_join(const Query& query, const PlanNode& plan, Frame& frame,
                          std::vector<Slot>& slots, const Next& next) {
  return node(query, *plan.left, frame, slots, [&] {
    bool matched = false;
    const bool goes_on = matches(query, *plan.right, plan.conditions, frame, slots, [&] {
      matched = true;
      return next();
    });
    if (!goes_on) return false;
    if (matched) return true;
    for (const std::uint32_t entry : plan.right->entries) {
      slots[entry] = {nulls(query.range[entry]->columns.size()), nullptr};
    }
    return next();
  });
}

bool Execution::full_join(const Query& query, const PlanNode& plan, Frame& frame,
                          std::vector<Slot>& slots, const Next& next) {
  struct Kept {
    std::vector<Slot> slots;
    std::vector<Row> rows;  ///< of what is gone once the next is made
    bool matched = false;
  };
  const auto all = [&](const PlanNode& side) {
    std::vector<Kept> found;
    node(query, side, frame, slots, [&] {
      Kept row;
      for (const std::uint32_t entry : side.entries) {
        Slot slot = slots[entry];
        if (slot.version == nullptr && slot.values != nullptr) {
          row.rows.emplace_back(slot.values, slot.values + query.range[entry]->columns.size());
          slot.values = row.rows.back().data();
        }
        row.slots.push_back(slot);
      }
      found.push_back(std::move(row));
      return true;
    });
    return found;
  };
  const auto bind = [&](const PlanNode& side, const Kept* row) {
    for (std::size_t i = 0; i < side.entries.size(); ++i) {
      const std::uint32_t entry = side.entries[i];
      slots[entry] =
          row != nullptr ? row->slots[i] : Slot{nulls(query.range[entry]->columns.size()), nullptr};
    }
  };
  std::vector<Kept> rights = all(*plan.right);
  std::vector<Kept> lefts = all(*plan.left);
  for (Kept& left : lefts) {
    bind(*plan.left, &left);
    for (Kept& right : rights) {
      bind(*plan.right, &right);
      if (!holds(plan.conditions, frame)) continue;
      left.matched = right.matched = true;
      if (!next()) return false;
    }
    if (left.matched) continue;
    bind(*plan.right, nullptr);
    if (!next()) return false;
  }
  bind(*plan.left, nullptr);
  for (const Kept& right : rights) {
    if (right.matched) continue;
    bind(*plan.right, &right);
    bind(*plan.left, nullptr);
    if (!next()) return false;
  }
  return true;
}

bool Execution::scan(const Query& query, const PlanNode& plan, Frame& frame,
                     std::vector<Slot>& slots, const Next& next) {
  const RangeEntry& entry = *query.range[plan.entry];
  Slot& slot = slots[plan.entry];
  switch (entry.kind) {
    case RangeEntry::Kind::table: return scan_table(entry, plan, frame, slot, next);
    case RangeEntry::Kind::function: return scan_function(entry, frame, slot, next);
    case RangeEntry::Kind::values:
      for (const auto& expressions : entry.rows) {
        Row row;
        for (const ExpressionPtr& expression : expressions)
          row.push_back(expression->evaluate(frame));
        slot = {row.data(), nullptr};
        if (!next()) return false;
      }
      return true;
    case RangeEntry::Kind::subquery: {
      bool goes_on = true;
      run(*entry.subquery, &frame, [&](Row& row) {
        const Row held = std::move(row);
        slot = {held.data(), nullptr};
        goes_on = next();
        return goes_on;
      });
      return goes_on;
    }
    case RangeEntry::Kind::cte: {
      const Frame* at = &frame;
      for (std::uint32_t i = entry.cte_level; i > 0; --i) at = at->outer;
      CommonRows& rows = common(*at->query, entry.cte);
      if (const std::deque<Row>* working = rows.working) {
        for (const Row& row : *working) {
          slot = {row.data(), nullptr};
          if (!next()) return false;
        }
        return true;
      }
      for (std::size_t i = 0; has_common(rows, i); ++i) {
        slot = {rows.rows[i].data(), nullptr};
        if (!next()) return false;
      }
      return true;
    }
    case RangeEntry::Kind::single_row: return next();
  }
  return true;
}

bool Execution::scan_table(const RangeEntry& entry, const PlanNode& plan, Frame& frame, Slot& slot,
                           const Next& next) {
  const Table& table = *entry.table;
  const Access& access = plan.access;
  const Actor& actor = backend_.actor();
  PredicateLocks& predicates = backend_.predicates();
  const bool tracked = predicates.is_tracked(actor.backend);
  if (access.index == nullptr) {
    if (tracked) predicates.reads_relation(actor, table.heap->table());
    bool goes_on = true;
    const auto found = [&](Version& version) {
      slot = {version.values.data(), &version};
      goes_on = next();
      return goes_on;
    };
    if (!tracked) {
      table.heap->scan(snapshot_, actor, found);
      return goes_on;
    }
    table.heap->scan_all(snapshot_, actor, [&](Version& version, bool is_visible) {
      predicates.reads_row(actor, table.heap->table(), version, is_visible);
      return !is_visible || found(version);
    });
    return goes_on;
  }
  Index::Range range;
  range.backwards = access.backwards;
  for (const Expression* value : access.prefix) {
    range.prefix.push_back(value->evaluate(frame));
    if (range.prefix.back().is_null()) return true;
  }
  const auto bound = [&](const Expression* of, bool inclusive, std::optional<Index::Bound>& into) {
    if (of == nullptr) return true;
    Value value = of->evaluate(frame);
    if (value.is_null()) return false;
    into = Index::Bound{std::move(value), inclusive};
    return true;
  };
  if (!bound(access.lower, access.lower_inclusive, range.lower)) return true;
  if (!bound(access.upper, access.upper_inclusive, range.upper)) return true;
  if (access.in != nullptr) {
    Row wanted;
    for (const Row& row : rows_of(*access.in, frame, SIZE_MAX)) wanted.push_back(row.front());
    return scan_set(entry, access, std::move(wanted), slot, next);
  }
  if (access.any == nullptr) return scan_index(entry, access, std::move(range), slot, next);
  const Value array = access.any->evaluate(frame);
  return array.is_null() || scan_set(entry, access, array.as<Array>().elements, slot, next);
}

/// Those whose first column is one of these, in their order.
bool Execution::scan_set(const RangeEntry& entry, const Access& access, Row wanted, Slot& slot,
                         const Next& next) {
  std::erase_if(wanted, [](const Value& value) { return value.is_null(); });
  const TypeId type = access.index->parts[0].type.id;
  const auto less = [&](const Value& a, const Value& b) {
    return compare(types(), type, a, b) < 0;
  };
  std::ranges::sort(wanted, less);
  const auto same = [&](const Value& a, const Value& b) {
    return compare(types(), type, a, b) == 0;
  };
  wanted.erase(std::unique(wanted.begin(), wanted.end(), same), wanted.end());
  for (Value& value : wanted) {
    Index::Range one;
    one.prefix.push_back(std::move(value));
    if (!scan_index(entry, access, std::move(one), slot, next)) return false;
  }
  return true;
}

bool Execution::scan_index(const RangeEntry& entry, const Access& access, Index::Range range,
                           Slot& slot, const Next& next) {
  const Heap& heap = *entry.table->heap;
  const Actor& actor = backend_.actor();
  PredicateLocks& predicates = backend_.predicates();
  const bool tracked = predicates.is_tracked(actor.backend);
  if (tracked) predicates.reads_range(actor, access.index->oid, range);
  const auto is_behind_visible = [&](const Version& version) {
    for (const Version* each = version.hot_from; each != nullptr; each = each->hot_from) {
      if (heap.is_visible(*each, snapshot_, actor)) return true;
    }
    return false;
  };
  bool goes_on = true;
  access.index->entries->scan(range, [&](const Row&, Version* version) {
    const bool is_visible = heap.is_visible(*version, snapshot_, actor);
    if (tracked && !is_behind_visible(*version)) {
      predicates.reads_row(actor, heap.table(), *version, is_visible);
    }
    if (!is_visible) return true;
    slot = {version->values.data(), version};
    goes_on = next();
    return goes_on;
  });
  return goes_on;
}

bool Execution::scan_function(const RangeEntry& entry, Frame& frame, Slot& slot, const Next& next) {
  std::vector<Value> values;
  if (entry.set_function == nullptr) {
    values.push_back(entry.scalar->evaluate(frame));
  } else {
    Row arguments;
    bool has_null = false;
    for (const ExpressionPtr& argument : entry.arguments) {
      arguments.push_back(argument->evaluate(frame));
      has_null = has_null || arguments.back().is_null();
    }
    if (has_null && entry.set_function->is_strict) return true;
    Call call{environment(), entry.site, arguments};
    values = entry.set_function->body(call);
  }
  std::int64_t ordinal = 0;
  for (Value& value : values) {
    Row row;
    if (entry.has_records) {
      row = value.is_null() ? Row(entry.columns.size()) : value.as<Record>().values;
    } else {
      row.push_back(std::move(value));
    }
    if (entry.has_ordinality) row.push_back(Value::of(++ordinal));
    slot = {row.data(), nullptr};
    if (!next()) return false;
  }
  return true;
}

}  // namespace firedrill::sim::postgres
