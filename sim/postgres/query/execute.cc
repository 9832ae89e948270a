#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>

#include "sim/postgres/query/execution.h"
#include "sim/postgres/query/set_results.h"
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

namespace {

/// Of each grouping set: the bits of the keys that it does not group by. What depends on keys that
/// all sets have has no bit.
std::vector<std::int64_t> keys_left_out(const Query& query) {
  if (!query.has_grouping_sets) return {0};
  std::vector<std::int64_t> all;
  for (const auto& set : query.grouping_sets) {
    std::int64_t bits = 0;
    for (const auto& other : query.grouping_sets) {
      for (const std::size_t key : other) bits |= std::int64_t{1} << key;
    }
    for (const std::size_t key : set) bits &= ~(std::int64_t{1} << key);
    all.push_back(bits);
  }
  return all;
}

}  // namespace

bool Execution::grouped(const Query& query, Frame& frame, std::vector<Slot>& slots,
                        const std::function<bool(Frame&)>& found) {
  const std::vector<TypeId> key_types = types_of(query.group_keys);
  std::vector<std::vector<TypeId>> argument_types;
  for (const auto& aggregate : query.aggregates) {
    argument_types.push_back(types_of(aggregate->children));
  }
  using Groups = std::map<Row, Group, RowLess>;
  const std::size_t set_count = query.has_grouping_sets ? query.grouping_sets.size() : 1;
  std::deque<Groups> sets;
  for (std::size_t set = 0; set < set_count; ++set)
    sets.emplace_back(RowLess{&types(), &key_types});
  const std::vector<std::int64_t> left_out = keys_left_out(query);
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
    if (call.is_unused) return;
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
    for (std::size_t set = 0; set < set_count; ++set) {
      Row of_set = key;
      for (std::size_t i = 0; i < of_set.size(); ++i) {
        if ((left_out[set] >> i & 1) != 0) of_set[i] = Value();
      }
      auto at = sets[set].find(of_set);
      if (at == sets[set].end()) at = sets[set].emplace(std::move(of_set), made()).first;
      for (std::size_t i = 0; i < query.aggregates.size(); ++i) {
        add(at->second.states[i], *query.aggregates[i]);
      }
    }
    return true;
  });
  const auto give = [&](const Row& key, Group& group, std::size_t set) {
    Row row = key;
    frame.row = row.data();
    std::vector<Row> direct;
    for (const auto& aggregate : query.aggregates) {
      Row& values = direct.emplace_back();
      if (aggregate->is_unused) continue;
      for (const ExpressionPtr& each : aggregate->direct) values.push_back(each->evaluate(frame));
    }
    for (std::size_t i = 0; i < query.aggregates.size(); ++i) {
      const AggregateCall& call = *query.aggregates[i];
      Group::State& state = group.states[i];
      if (call.is_unused) {
        row.emplace_back();
        continue;
      }
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
      Call last{environment(), call.site, direct[i]};
      row.push_back(state.aggregate->result(last));
    }
    row.push_back(Value::of(left_out[set]));
    frame.row = row.data();
    if (query.having != nullptr && !is_true(query.having->evaluate(frame))) return true;
    return found(frame);
  };
  for (std::size_t set = 0; set < set_count; ++set) {
    const bool is_whole =
        query.has_grouping_sets ? query.grouping_sets[set].empty() : query.group_keys.empty();
    if (sets[set].empty() && is_whole) {
      sets[set].emplace(Row(query.group_keys.size()), made());
    }
    for (auto& [key, group] : sets[set]) {
      if (!give(key, group, set)) return false;
    }
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
      bool goes_on = true;
      run(*side, &frame, [&](Row& row) {
        goes_on = give(row);
        return goes_on;
      });
      if (!goes_on) return false;
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
  const auto spread = [&](Frame& at) { return each_of_sets(query.sets, at, found); };
  if (query.windows.empty()) return query.sets.empty() ? source(found) : source(spread);
  WindowRows windows(query, environment());
  source([&](Frame& at) {
    windows.add(at);
    return true;
  });
  return windows.each(frame, spread);
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
  if (query.locks_rows) require_writable(query);
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
  const bool reads_ahead = query.plan->reads_ahead;
  const bool streams = (query.sort.empty() || (query.plan->is_ordered && !reads_ahead)) &&
                       !query.is_distinct && !query.with_ties;
  if (limit == 0 && !query.with_ties) return 0;  // nothing is computed, though it be to be sorted
  if (streams) {
    std::vector<Slot> found;
    produce(query, frame, slots, [&](Frame& at) {
      if (!query.locks_rows) {
        Row row = project(at);
        return give(row);
      }
      found = slots;  // what is locked may be newer than what was found
      std::optional<Row> row;
      if (lock_rows(query, at, slots)) row = project(at);
      slots = found;
      return !row || give(*row);
    });
    return given;
  }
  std::vector<Candidate> candidates;
  produce(query, frame, slots, [&](Frame& at) {
    Candidate candidate;
    candidate.targets = project(at);
    if (query.locks_rows) candidate.made_of = KeptSlots(query, slots);
    candidates.push_back(std::move(candidate));
    return !reads_ahead || candidates.size() <= static_cast<std::uint64_t>(limit) +
                                                    static_cast<std::uint64_t>(offset);
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

/// Of rows to lock, the first one's strength names the command.
void Execution::require_writable(const Query& query) {
  static constexpr std::array<std::string_view, 4> kNames = {
      "SELECT FOR KEY SHARE", "SELECT FOR SHARE", "SELECT FOR NO KEY UPDATE", "SELECT FOR UPDATE"};
  for (const auto& entry : query.range) {
    if (!entry->locking) continue;
    backend_.require_writable(kNames.at(static_cast<std::size_t>(entry->locking->mode)));
    return;
  }
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
      case Change::deleted:
        if (follows) return false;
        fail(sqlstate::kSerializationFailure,
             "could not serialize access due to concurrent update");
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
  if (query.plan == nullptr || query.plan->depends_on_age) {
    query.plan = plan_of(query, backend_.began_with());
  }
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
  run(*table.query, common.frame, [&](Row& row) {
    common.rows.push_back(std::move(row));
    return true;
  });
}

/// A recursive one, which is made as it is read: an iteration at a time, for it may have no end.
class Execution::Recursion {
 public:
  Recursion(Execution& execution, CommonRows& common)
      : execution_(execution),
        common_(common),
        query_(*common.owner->ctes[common.index].query),
        frame_{execution, common.frame, nullptr, nullptr, &query_} {
    for (const OutputColumn& column : common.owner->ctes[common.index].columns) {
      of_.push_back(column.type.id);
    }
    types_ = &execution.types();
    seen_ = std::make_unique<std::set<Row, RowLess>>(RowLess{types_, &of_});
  }

  /// False: there are no more.
  bool advance() {
    const bool is_first = std::exchange(is_first_, false);
    if (!is_first && working_.empty()) return false;
    common_.working = is_first ? nullptr : &working_;
    std::deque<Row> next = fresh(execution_.rows(is_first ? *query_.left : *query_.right, &frame_));
    common_.working = nullptr;
    working_ = std::move(next);
    common_.rows.insert(common_.rows.end(), working_.begin(), working_.end());
    return !working_.empty();
  }

 private:
  std::deque<Row> fresh(std::vector<Row> made) {
    std::deque<Row> kept;
    for (Row& row : made) {
      if (!query_.set_all && !seen_->insert(row).second) continue;
      kept.push_back(std::move(row));
    }
    return kept;
  }

  Execution& execution_;
  CommonRows& common_;
  const Query& query_;
  const Frame frame_;  ///< the level of the UNION itself, which has no rows of its own
  const Types* types_ = nullptr;
  std::vector<TypeId> of_;
  std::unique_ptr<std::set<Row, RowLess>> seen_;
  std::deque<Row> working_;
  bool is_first_ = true;
};

/// Whether there is a row of that number: it is made, if need be.
bool Execution::has_common(CommonRows& common, std::size_t row) {
  if (!common.owner->ctes[common.index].is_recursive) {
    make_common(common);
    return row < common.rows.size();
  }
  if (common.recursion == nullptr) common.recursion = std::make_shared<Recursion>(*this, common);
  while (row >= common.rows.size()) {
    if (!common.recursion->advance()) return false;
  }
  return true;
}

/// INSERT, UPDATE and DELETE in WITH run to their end whether anybody reads them or not.
void Execution::finish_modifying(const Query& query, const Frame&) {
  for (std::size_t i = 0; i < query.ctes.size(); ++i) {
    const CommonTable& table = query.ctes[i];
    if (table.query->command != Query::Command::select) make_common(common(query, i));
  }
}

// --- Subqueries in expressions -------------------------------------------------------------------

void fail_many_rows() {
  fail("21000", "more than one row returned by a subquery used as an expression");
}

Subquery::Subquery(Kind of_kind, Type of, QueryPtr inner)
    : Expression(of, {}), kind(of_kind), query(std::move(inner)) {}

void Subquery::describe(std::string& text) const {
  // Two subqueries are never taken for equal.
  text += "subquery at " + std::to_string(location);
}

const std::vector<Row>& Execution::rows_of(const Subquery& subquery, const Frame& frame,
                                           std::size_t most) {
  for (const auto& [known, rows] : independent_) {
    if (known == &subquery) return rows;
  }
  std::vector<Row> rows;
  run(*subquery.query, &frame, [&](Row& row) {
    rows.push_back(std::move(row));
    return rows.size() < most;
  });
  return independent_.emplace_back(&subquery, std::move(rows)).second;
}

namespace {

/// The subquery's rows until `found` returns false. `most`: no more are looked at.
void each_row(const Subquery& subquery, const Frame& frame, std::size_t most,
              const std::function<bool(Row&)>& found) {
  if (!subquery.is_independent()) {
    frame.execution.run(*subquery.query, &frame, found);
    return;
  }
  for (const Row& row : frame.execution.rows_of(subquery, frame, most)) {
    Row copy = row;
    if (!found(copy)) return;
  }
}

}  // namespace

Value Subquery::compute(const Frame& frame) const {
  Execution& execution = frame.execution;
  switch (kind) {
    case Kind::exists: {
      bool found = false;
      each_row(*this, frame, 1, [&](Row&) {
        found = true;
        return false;
      });
      return Value::of(found);
    }
    case Kind::scalar: {
      Value value;
      std::size_t count = 0;
      each_row(*this, frame, 2, [&](Row& row) {
        if (++count > 1) {
          fail_many_rows();
        }
        value = std::move(row[column]);
        return true;
      });
      return value;
    }
    case Kind::array: {
      Row elements;
      each_row(*this, frame, SIZE_MAX, [&](Row& row) {
        elements.push_back(std::move(row[0]));
        return true;
      });
      const TypeId element = execution.types().get(type.id).element;
      return Value::boxed(Array::of(element, std::move(elements)));
    }
    default: break;
  }
  // ANY and ALL: where the subquery has no row, nobody asks for the left side.
  Row sides;
  const std::size_t width = children.size();
  const auto compute_left = [&] {
    for (const ExpressionPtr& child : children) sides.push_back(child->evaluate(frame));
  };
  if (kind == Kind::row_compare) {
    compute_left();
    Value result;
    std::size_t count = 0;
    each_row(*this, frame, 2, [&](Row& row) {
      if (++count > 1) {
        fail_many_rows();
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
  each_row(*this, frame, SIZE_MAX, [&](Row& row) {
    if (sides.empty()) compute_left();
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
