#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "sim/postgres/query/execution.h"
#include "sim/postgres/query/windows.h"
#include "sim/postgres/values/array.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

/// NULLs are equal here, and last: the order of grouping and of DISTINCT.
int compare_rows(const Types& types, const std::vector<TypeId>& of, const Row& left,
                 const Row& right) {
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (left[i].is_null() || right[i].is_null()) {
      if (left[i].is_null() != right[i].is_null()) return left[i].is_null() ? 1 : -1;
      continue;
    }
    const int order = compare(types, of[i], left[i], right[i]);
    if (order != 0) return order;
  }
  return 0;
}

struct RowLess {
  const Types* types = nullptr;
  const std::vector<TypeId>* of = nullptr;
  bool operator()(const Row& left, const Row& right) const {
    return compare_rows(*types, *of, left, right) < 0;
  }
};

std::int64_t count_of(const ExpressionPtr& expression, const Frame& frame, const char* name,
                      std::string_view state, std::int64_t otherwise) {
  if (expression == nullptr) return otherwise;
  const Value value = expression->evaluate(frame);
  if (value.is_null()) return otherwise;
  if (value.integer() < 0) fail(state, std::string(name) + " must not be negative");
  return value.integer();
}

}  // namespace

int compare_sorted(const Types& types, TypeId type, const Value& left, const Value& right,
                   bool descending, bool nulls_first) {
  if (left.is_null() || right.is_null()) {
    if (left.is_null() && right.is_null()) return 0;
    return left.is_null() == nulls_first ? -1 : 1;
  }
  const int order = compare(types, type, left, right);
  return descending ? -order : order;
}

// --- Aggregates ----------------------------------------------------------------------------------

struct Execution::Group {
  struct State {
    std::unique_ptr<Aggregate> aggregate;
    std::optional<std::set<Row, RowLess>> seen;  ///< of DISTINCT
    std::vector<std::pair<Row, Row>> waiting;    ///< of ORDER BY: sort keys, arguments
  };
  std::vector<State> states;
};

namespace {

std::vector<TypeId> types_of(const std::vector<ExpressionPtr>& expressions) {
  std::vector<TypeId> types;
  for (const ExpressionPtr& each : expressions) types.push_back(each->type.id);
  return types;
}

}  // namespace

bool Execution::grouped(const Query& query, Frame& frame, std::vector<Slot>& slots,
                        const std::function<bool(Frame&)>& found) {
  const std::vector<TypeId> key_types = types_of(query.group_keys);
  std::vector<std::vector<TypeId>> argument_types;
  for (const auto& aggregate : query.aggregates) {
    argument_types.push_back(types_of(aggregate->children));
  }
  std::map<Row, Group, RowLess> groups(RowLess{&types(), &key_types});
  const auto made = [&] {
    Group group;
    for (std::size_t i = 0; i < query.aggregates.size(); ++i) {
      Group::State state;
      state.aggregate = query.aggregates[i]->row->make();
      if (query.aggregates[i]->is_distinct) {
        state.seen.emplace(RowLess{&types(), &argument_types[i]});
      }
      group.states.push_back(std::move(state));
    }
    return group;
  };
  const auto add = [&](Group::State& state, const AggregateCall& call) {
    if (call.filter != nullptr && !is_true(call.filter->evaluate(frame))) return;
    Row arguments;
    bool has_null = false;
    for (const ExpressionPtr& child : call.children) {
      arguments.push_back(child->evaluate(frame));
      has_null = has_null || arguments.back().is_null();
    }
    if (call.row->is_strict && has_null) return;
    if (state.seen && !state.seen->insert(arguments).second) return;
    if (!call.order.empty()) {
      Row keys;
      for (const auto& order : call.order) keys.push_back(order.expression->evaluate(frame));
      state.waiting.emplace_back(std::move(keys), std::move(arguments));
      return;
    }
    if (state.seen) return;  // in their order, at the end
    Call one{environment(), call.site, arguments};
    state.aggregate->add(one);
  };
  from(query, frame, slots, [&] {
    Row key;
    for (const ExpressionPtr& each : query.group_keys) key.push_back(each->evaluate(frame));
    auto at = groups.find(key);
    if (at == groups.end()) at = groups.emplace(std::move(key), made()).first;
    for (std::size_t i = 0; i < query.aggregates.size(); ++i) {
      add(at->second.states[i], *query.aggregates[i]);
    }
    return true;
  });
  if (groups.empty() && query.group_keys.empty()) groups.emplace(Row{}, made());
  for (auto& [key, group] : groups) {
    Row row = key;
    for (std::size_t i = 0; i < query.aggregates.size(); ++i) {
      const AggregateCall& call = *query.aggregates[i];
      Group::State& state = group.states[i];
      std::ranges::stable_sort(state.waiting, [&](const auto& a, const auto& b) {
        for (std::size_t k = 0; k < call.order.size(); ++k) {
          const auto& order = call.order[k];
          const int result = compare_sorted(types(), order.expression->type.id, a.first[k],
                                            b.first[k], order.descending, order.nulls_first);
          if (result != 0) return result < 0;
        }
        return false;
      });
      if (state.seen && call.order.empty()) {
        for (const Row& arguments : *state.seen) state.waiting.emplace_back(Row{}, arguments);
      }
      for (const auto& [keys, arguments] : state.waiting) {
        Call one{environment(), call.site, arguments};
        state.aggregate->add(one);
      }
      Call last{environment(), call.site, {}};
      row.push_back(state.aggregate->result(last));
    }
    frame.row = row.data();
    if (query.having != nullptr && !is_true(query.having->evaluate(frame))) continue;
    if (!found(frame)) return false;
  }
  return true;
}

// --- UNION and the like --------------------------------------------------------------------------

bool Execution::set_rows(const Query& query, Frame& frame, std::vector<Slot>& slots,
                         const std::function<bool(Frame&)>& found) {
  const auto give = [&](const Row& row) {
    slots[0] = {row.data(), nullptr};
    return found(frame);
  };
  std::vector<TypeId> of;
  for (const Target& target : query.targets) of.push_back(target.expression->type.id);
  const RowLess less{&types(), &of};
  using Operation = Query::SetOperation;
  if (query.set_operation == Operation::set_union && query.set_all) {
    for (const Query* side : {query.left.get(), query.right.get()}) {
      for (const Row& row : rows(*side, &frame)) {
        if (!give(row)) return false;
      }
    }
    return true;
  }
  std::map<Row, std::pair<std::int64_t, std::int64_t>, RowLess> counts(less);
  for (Row& row : rows(*query.left, &frame)) ++counts[std::move(row)].first;
  for (Row& row : rows(*query.right, &frame)) ++counts[std::move(row)].second;
  for (const auto& [row, count] : counts) {
    const auto [left, right] = count;
    std::int64_t times = 0;
    if (query.set_operation == Operation::set_union) {
      times = 1;
    } else if (query.set_operation == Operation::intersect) {
      times = query.set_all ? std::min(left, right) : std::int64_t{left > 0 && right > 0};
    } else {
      times = query.set_all ? std::max<std::int64_t>(left - right, 0)
                            : std::int64_t{left > 0 && right == 0};
    }
    for (; times > 0; --times) {
      if (!give(row)) return false;
    }
  }
  return true;
}

// --- SELECT --------------------------------------------------------------------------------------

bool Execution::produce(const Query& query, Frame& frame, std::vector<Slot>& slots,
                        const std::function<bool(Frame&)>& found) {
  const auto source = [&](const std::function<bool(Frame&)>& each) {
    if (query.set_operation != Query::SetOperation::none) {
      return set_rows(query, frame, slots, each);
    }
    if (query.is_grouped) return grouped(query, frame, slots, each);
    return from(query, frame, slots, [&] { return each(frame); });
  };
  if (query.windows.empty()) return source(found);
  WindowRows windows(query, environment());
  source([&](Frame& at) {
    windows.add(at);
    return true;
  });
  return windows.each(frame, found);
}

Execution::KeptSlots::KeptSlots(const Query& query, const std::vector<Slot>& from) : slots(from) {
  rows.reserve(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i].version != nullptr || from[i].values == nullptr) continue;
    rows.emplace_back(from[i].values, from[i].values + query.range[i]->columns.size());
    slots[i].values = rows.back().data();
  }
}

/// A row that is on its way: its targets, and what it was made of where that is needed still.
struct Execution::Candidate {
  Row targets;
  KeptSlots made_of;
};

std::uint64_t Execution::run_select(const Query& query, Frame& frame, std::vector<Slot>& slots,
                                    const Emit& emit) {
  const std::int64_t offset = count_of(query.offset, frame, "OFFSET", "2201X", 0);
  const std::int64_t limit = count_of(query.limit, frame, "LIMIT", "2201W", INT64_MAX);
  std::uint64_t given = 0;
  std::int64_t skipped = 0;
  const auto project = [&](const Frame& at) {
    Row row;
    row.reserve(query.targets.size());
    for (const Target& target : query.targets) row.push_back(target.expression->evaluate(at));
    return row;
  };
  const auto give = [&](Row& row) {
    if (skipped < offset) {
      ++skipped;
      return true;
    }
    if (given >= static_cast<std::uint64_t>(limit)) return false;
    ++given;
    std::size_t at = 0;
    if (row.size() != query.width) {
      std::erase_if(row, [&](const Value&) { return query.targets[at++].is_hidden; });
    }
    return emit(row) && (given < static_cast<std::uint64_t>(limit) || query.with_ties);
  };
  const bool streams = query.sort.empty() && !query.is_distinct && !query.locks_rows;
  if (limit == 0 && !query.with_ties) return 0;  // nothing is computed, though it be to be sorted
  if (streams) {
    produce(query, frame, slots, [&](Frame& at) {
      Row row = project(at);
      return give(row);
    });
    return given;
  }
  std::vector<Candidate> candidates;
  produce(query, frame, slots, [&](Frame& at) {
    Candidate candidate;
    candidate.targets = project(at);
    if (query.locks_rows) candidate.made_of = KeptSlots(query, slots);
    candidates.push_back(std::move(candidate));
    return true;
  });
  const auto sorted_before = [&](const Candidate& a, const Candidate& b) {
    for (const SortKey& key : query.sort) {
      const TypeId type = query.targets[key.target].expression->type.id;
      const int order = compare_sorted(types(), type, a.targets[key.target], b.targets[key.target],
                                       key.descending, key.nulls_first);
      if (order != 0) return order < 0;
    }
    return false;
  };
  if (query.is_distinct) {
    // The first of each in the order asked for; where none is, in the order of the values.
    std::vector<TypeId> of;
    for (const std::size_t target : query.distinct_on) {
      of.push_back(query.targets[target].expression->type.id);
    }
    std::ranges::stable_sort(candidates, sorted_before);
    std::map<Row, std::size_t, RowLess> first(RowLess{&types(), &of});
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      Row key;
      for (const std::size_t target : query.distinct_on)
        key.push_back(candidates[i].targets[target]);
      first.emplace(std::move(key), i);
    }
    std::vector<Candidate> distinct;
    for (const auto& [key, index] : first) distinct.push_back(std::move(candidates[index]));
    candidates = std::move(distinct);
  }
  std::ranges::stable_sort(candidates, sorted_before);
  const Candidate* last = nullptr;
  for (Candidate& candidate : candidates) {
    if (query.with_ties && last != nullptr && given >= static_cast<std::uint64_t>(limit)) {
      if (sorted_before(*last, candidate)) break;
      Row row = candidate.targets;
      std::size_t at = 0;
      std::erase_if(row, [&](const Value&) { return query.targets[at++].is_hidden; });
      ++given;
      if (!emit(row)) break;
      continue;
    }
    if (given >= static_cast<std::uint64_t>(limit)) break;
    if (query.locks_rows) {
      slots = candidate.made_of.slots;
      frame.slots = slots.data();
      if (!lock_rows(query, frame, slots)) continue;
      candidate.targets = project(frame);
    }
    Row row = candidate.targets;
    last = &candidate;
    if (!give(row)) break;
  }
  return given;
}

/// FOR UPDATE: false where the row is gone, or (SKIP LOCKED) somebody else's, or no longer wanted.
bool Execution::lock_rows(const Query& query, Frame& frame, std::vector<Slot>& slots) {
  bool changed = false;
  for (std::size_t i = 0; i < query.range.size(); ++i) {
    const RangeEntry& entry = *query.range[i];
    if (!entry.locking || slots[i].version == nullptr) continue;
    backend_.begin_writing("SELECT FOR UPDATE");
    Heap& heap = *entry.table->heap;
    Version* version = slots[i].version;
    const bool follows = backend_.isolation() == Isolation::read_committed;
    const Change change =
        follows ? heap.lock_newest(backend_.actor(), version, entry.locking->mode,
                                   entry.locking->policy)
                : heap.lock(backend_.actor(), *version, entry.locking->mode, entry.locking->policy);
    switch (change) {
      case Change::done: break;
      case Change::would_block:
        if (entry.locking->policy == WaitPolicy::skip) return false;
        fail(sqlstate::kLockNotAvailable,
             "could not obtain lock on row in relation \"" + entry.table->name + "\"");
      case Change::updated:
        fail(sqlstate::kSerializationFailure,
             "could not serialize access due to concurrent update");
      case Change::deleted:
        if (follows) return false;
        fail(sqlstate::kSerializationFailure,
             "could not serialize access due to concurrent delete");
      case Change::self_modified:
      case Change::invisible: return false;
    }
    if (version == slots[i].version) continue;
    slots[i] = {version->values.data(), version};
    changed = true;
  }
  return !changed || holds(query.plan->conditions, frame);
}

std::uint64_t Execution::run(const Query& query, const Frame* outer, const Emit& emit) {
  if (query.plan == nullptr) query.plan = plan_of(query);
  std::vector<Slot> slots(query.range.size());
  Frame frame{*this, outer, slots.data(), nullptr, &query};
  const std::size_t common_before = common_.size();
  for (std::size_t i = 0; i < query.ctes.size(); ++i) {
    auto common = std::make_unique<CommonRows>();
    common->owner = &query;
    common->index = i;
    common->frame = &frame;
    common_.push_back(std::move(common));
  }
  const std::uint64_t count = query.command == Query::Command::select
                                  ? run_select(query, frame, slots, emit)
                                  : run_modification(query, frame, slots, emit);
  finish_modifying(query, frame);
  common_.resize(common_before);
  return count;
}

std::vector<Row> Execution::rows(const Query& query, const Frame* outer) {
  std::vector<Row> found;
  run(query, outer, [&](Row& row) {
    found.push_back(std::move(row));
    return true;
  });
  return found;
}

// --- WITH ----------------------------------------------------------------------------------------

Execution::CommonRows& Execution::common(const Query& owner, std::size_t index) {
  const auto found = std::find_if(common_.rbegin(), common_.rend(), [&](const auto& common) {
    return common->owner == &owner && common->index == index;
  });
  check(found != common_.rend(), "who reads a common table runs within the query that has it");
  return **found;
}

void Execution::make_common(CommonRows& common) {
  if (std::exchange(common.is_made, true)) return;
  const CommonTable& table = common.owner->ctes[common.index];
  if (table.is_recursive) {
    make_recursive(common, *table.query, *common.frame);
    return;
  }
  run(*table.query, common.frame, [&](Row& row) {
    common.rows.push_back(std::move(row));
    return true;
  });
}

void Execution::make_recursive(CommonRows& common, const Query& query, const Frame& outer) {
  // The level of the UNION itself, which has no rows of its own.
  const Frame frame{*this, &outer, nullptr, nullptr, &query};
  std::vector<TypeId> of;
  for (const OutputColumn& column : common.owner->ctes[common.index].columns) {
    of.push_back(column.type.id);
  }
  std::set<Row, RowLess> seen(RowLess{&types(), &of});
  const auto fresh = [&](std::vector<Row> made) {
    std::deque<Row> kept;
    for (Row& row : made) {
      if (!query.set_all && !seen.insert(row).second) continue;
      kept.push_back(std::move(row));
    }
    return kept;
  };
  std::deque<Row> working = fresh(rows(*query.left, &frame));
  while (!working.empty()) {
    common.rows.insert(common.rows.end(), working.begin(), working.end());
    common.working = &working;
    std::deque<Row> next = fresh(rows(*query.right, &frame));
    common.working = nullptr;
    working = std::move(next);
  }
}

/// INSERT, UPDATE and DELETE in WITH run to their end whether anybody reads them or not.
void Execution::finish_modifying(const Query& query, const Frame&) {
  for (std::size_t i = 0; i < query.ctes.size(); ++i) {
    const CommonTable& table = query.ctes[i];
    if (table.query->command != Query::Command::select) make_common(common(query, i));
  }
}

// --- Subqueries in expressions -------------------------------------------------------------------

Subquery::Subquery(Kind of_kind, Type of, QueryPtr inner)
    : Expression(of, {}), kind(of_kind), query(std::move(inner)) {}

void Subquery::describe(std::string& text) const {
  // Two subqueries are never taken for equal.
  text += "subquery at " + std::to_string(location);
}

Value Subquery::evaluate(const Frame& frame) const {
  Execution& execution = frame.execution;
  switch (kind) {
    case Kind::exists: {
      bool found = false;
      execution.run(*query, &frame, [&](Row&) {
        found = true;
        return false;
      });
      return Value::of(found);
    }
    case Kind::scalar: {
      Value value;
      std::size_t count = 0;
      execution.run(*query, &frame, [&](Row& row) {
        if (++count > 1) {
          fail("21000", "more than one row returned by a subquery used as an expression");
        }
        value = std::move(row[column]);
        return true;
      });
      return value;
    }
    case Kind::array: {
      Row elements;
      execution.run(*query, &frame, [&](Row& row) {
        elements.push_back(std::move(row[0]));
        return true;
      });
      const TypeId element = execution.types().get(type.id).element;
      return Value::boxed(Array::of(element, std::move(elements)));
    }
    default: break;
  }
  Row sides;
  for (const ExpressionPtr& child : children) sides.push_back(child->evaluate(frame));
  const std::size_t width = sides.size();
  if (kind == Kind::row_compare) {
    Value result;
    std::size_t count = 0;
    execution.run(*query, &frame, [&](Row& row) {
      if (++count > 1) {
        fail("21000", "more than one row returned by a subquery used as an expression");
      }
      for (Value& value : row) sides.push_back(std::move(value));
      return true;
    });
    if (count == 0) return result;
    const Slot slot{sides.data(), nullptr};
    return comparison->evaluate({execution, frame.outer, &slot, nullptr, nullptr});
  }
  const bool wants = kind == Kind::any;
  bool has_null = false;
  bool decided = false;
  execution.run(*query, &frame, [&](Row& row) {
    sides.resize(width);
    for (Value& value : row) sides.push_back(std::move(value));
    const Slot slot{sides.data(), nullptr};
    const Frame inner{execution, frame.outer, &slot, nullptr, nullptr};
    const Value result = comparison->evaluate(inner);
    if (result.is_null()) {
      has_null = true;
    } else if (result.boolean() == wants) {
      decided = true;
    }
    return !decided;
  });
  if (decided) return Value::of(wants);
  return has_null ? Value() : Value::of(!wants);
}

}  // namespace firedrill::sim::postgres
