#include <algorithm>
#include <array>

#include "sim/postgres/query/execution.h"
#include "sim/postgres/storage/unique.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

SqlError about(const Table& table, std::string_view state, std::string message) {
  SqlError error{.sqlstate = std::string(state), .message = std::move(message)};
  error.schema = table.schema;
  error.table = table.name;
  return error;
}

/// Whether a foreign key may refer to its columns.
bool is_key(const TableIndex& index) {
  return index.is_unique && !index.condition &&
         std::ranges::none_of(index.parts, [](const auto& part) { return part.column < 0; });
}

bool may_change_key(const std::vector<Modification::Assignment>& assignments, const Table& table) {
  return std::ranges::any_of(table.indexes, [&](const TableIndex& index) {
    return is_key(index) && std::ranges::any_of(index.parts, [&](const auto& part) {
             return std::ranges::find(assignments, static_cast<std::size_t>(part.column),
                                      &Modification::Assignment::column) != assignments.end();
           });
  });
}

bool is_one_row(const Query& source) {
  return source.ctes.empty() && source.range.size() == 1 &&
         source.range[0]->kind == RangeEntry::Kind::values && source.range[0]->rows.size() == 1 &&
         source.sort.empty() && source.limit == nullptr && source.offset == nullptr;
}

/// Which of the source's columns a value is of.
std::optional<std::size_t> source_column(const Expression& value) {
  if (const auto* column = dynamic_cast<const ColumnReference*>(&value)) {
    if (column->level == 0 && column->entry == Modification::kSource) return column->column;
    return std::nullopt;
  }
  for (const ExpressionPtr& child : value.children) {
    if (child == nullptr) continue;
    if (const auto found = source_column(*child)) return found;
  }
  return std::nullopt;
}

}  // namespace

/// "(1, null, abc)", as details show rows.
std::string Execution::row_text(const Table& table, const Row& row) {
  constexpr std::size_t kMost = 64;
  std::string text = "(";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].is_dropped) continue;
    if (text.size() > 1) text += ", ";
    std::string value =
        row[i].is_null() ? "null" : to_text(environment(), table.columns[i].type.id, row[i]);
    if (value.size() > kMost) value = value.substr(0, kMost) + "...";
    text += value;
  }
  return text + ")";
}

/// Generated columns, NOT NULL and CHECK, for a row that is about to be stored.
void Execution::check_row(const Modification& modification, Frame& frame, std::vector<Slot>& slots,
                          Row& row) {
  const Table& table = *modification.table;
  slots[Modification::kRow] = {row.data(), nullptr};
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (modification.generated[i] != nullptr) row[i] = modification.generated[i]->evaluate(frame);
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    const Column& column = table.columns[i];
    if (!column.not_null || column.is_dropped || !row[i].is_null()) continue;
    SqlError error = about(table, sqlstate::kNotNullViolation,
                           "null value in column \"" + column.name + "\" of relation \"" +
                               table.name + "\" violates not-null constraint");
    error.detail = "Failing row contains " + row_text(table, row) + ".";
    error.column = column.name;
    throw error;
  }
  // In the order of their names, as PostgreSQL checks them.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < table.constraints.size(); ++i) {
    if (modification.checks[i] != nullptr) order.push_back(i);
  }
  std::ranges::sort(order, {}, [&](std::size_t i) { return table.constraints[i].name; });
  for (const std::size_t i : order) {
    const Value value = modification.checks[i]->evaluate(frame);
    if (value.is_null() || value.boolean()) continue;
    SqlError error =
        about(table, sqlstate::kCheckViolation,
              "new row for relation \"" + table.name + "\" violates check constraint \"" +
                  table.constraints[i].name + "\"");
    error.detail = "Failing row contains " + row_text(table, row) + ".";
    error.constraint = table.constraints[i].name;
    throw error;
  }
}

// --- Indexes -------------------------------------------------------------------------------------

/// Nothing where a partial index does not hold the row.
std::optional<Row> Execution::key_of(const Modification& modification, std::size_t number,
                                     Frame& frame, std::vector<Slot>& slots, const Row& values) {
  const TableIndex& index = modification.table->indexes[number];
  const Modification::IndexKey& rule = modification.indexes[number];
  const Slot before = std::exchange(slots[Modification::kRow], Slot{values.data(), nullptr});
  std::optional<Row> key;
  if (rule.condition == nullptr || is_true(rule.condition->evaluate(frame))) {
    key.emplace();
    for (std::size_t i = 0; i < index.parts.size(); ++i) {
      key->push_back(rule.parts[i] != nullptr
                         ? rule.parts[i]->evaluate(frame)
                         : values[static_cast<std::size_t>(index.parts[i].column)]);
    }
    for (const std::size_t column : index.included) key->push_back(values[column]);
  }
  slots[Modification::kRow] = before;
  return key;
}

void Execution::fail_duplicate(const Table& table, const TableIndex& index, const Row& key) {
  std::string columns;
  std::string values;
  for (std::size_t i = 0; i < index.parts.size(); ++i) {
    if (i > 0) {
      columns += ", ";
      values += ", ";
    }
    const TableIndex::Part& part = index.parts[i];
    columns += part.column >= 0 ? table.columns[static_cast<std::size_t>(part.column)].name
                                : text_of(part.expression);
    values += key[i].is_null() ? "null" : to_text(environment(), part.type.id, key[i]);
  }
  SqlError error = about(table, sqlstate::kUniqueViolation,
                         "duplicate key value violates unique constraint \"" + index.name + "\"");
  error.detail = "Key (" + columns + ")=(" + values + ") already exists.";
  error.constraint = index.name;
  throw error;
}

void Execution::check_unique(const Table& table, const TableIndex& index, Version& version) {
  Row key;
  for (const TableIndex::Part& part : index.parts) {
    key.push_back(version.values[static_cast<std::size_t>(part.column)]);
  }
  const Version* other = find_conflict(backend_.actor(), *table.heap, *index.entries, key, &version,
                                       index.nulls_not_distinct);
  if (other != nullptr) fail_duplicate(table, index, key);
}

/// Puts a new version into the indexes; `before`: the version that it replaces.
void Execution::index_row(const Modification& modification, Frame& frame, std::vector<Slot>& slots,
                          Version& version, const Version* before) {
  const Table& table = *modification.table;
  bool is_hot = before != nullptr;
  // Where one of them does not find the new version by the old one, all of them get an entry.
  const bool moves = std::ranges::any_of(table.indexes, [&](const TableIndex& index) {
    return before != nullptr && changes_columns(index, before->values, version.values);
  });
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    const TableIndex& index = table.indexes[i];
    // What such an index is made of may have changed, though not what it has made of it.
    const bool is_computed = index.condition || !index.included.empty() ||
                             std::ranges::any_of(index.parts, [](const TableIndex::Part& part) {
                               return part.column < 0;
                             });
    if (is_computed) is_hot = false;
    std::optional<Row> key = key_of(modification, i, frame, slots, version.values);
    if (!key) continue;
    std::optional<Row> old_key;
    if (before != nullptr) old_key = key_of(modification, i, frame, slots, before->values);
    const auto same = [&](std::size_t part) {
      const Value& a = (*key)[part];
      const Value& b = (*old_key)[part];
      if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
      return compare(types(), index.parts[part].type.id, a, b) == 0;
    };
    bool changed = !old_key;
    for (std::size_t part = 0; part < index.parts.size() && !changed; ++part) {
      changed = !same(part);
    }
    const auto note_entry = [&] {
      const NewKey entry{index.oid, index.entries.get(), &*key};
      backend_.predicates().writes(backend_.actor(), table.heap->table(), before,
                                   std::span(&entry, 1));
    };
    if (index.is_deferrable) {  // the version before may still be to be looked at
      if (may_conflict(backend_.actor(), *table.heap, *index.entries, *key, &version,
                       index.nulls_not_distinct)) {
        backend_.unique_unchecked(modification.table, index.oid, version);
      }
    } else if (index.is_unique && changed) {
      const Version* other = find_conflict(backend_.actor(), *table.heap, *index.entries, *key,
                                           &version, index.nulls_not_distinct);
      if (other != nullptr) {
        note_entry();  // who had looked for it may be the reason, and fails with 40001
        fail_duplicate(table, index, *key);
      }
    }
    if (changed) is_hot = false;
    if (changed || moves) note_entry();
    index.entries->insert(std::move(*key), &version);
  }
  if (is_hot) version.hot_from = before;
}

// --- INSERT --------------------------------------------------------------------------------------

std::uint64_t Execution::run_modification(const Query& query, Frame& frame,
                                          std::vector<Slot>& slots, const Emit& emit) {
  return query.command == Query::Command::insert ? run_insert(query, frame, slots, emit)
                                                 : run_change(query, frame, slots, emit);
}

void Execution::emit_returning(const Query& query, Frame& frame, const Emit& emit) {
  const std::vector<Target>& returning = query.modification->returning;
  if (returning.empty()) return;
  Row row;
  for (const Target& target : returning) row.push_back(target.expression->evaluate(frame));
  emit(row);
}

/// VALUES of one row: PostgreSQL takes them, and defaults, in the order of the table's columns.
Row Execution::one_row(const Query& query, Frame& frame, std::vector<Slot>& slots) {
  const Modification& modification = *query.modification;
  const Query& source = *query.range[Modification::kSource]->subquery;
  std::vector<Slot> inner_slots(source.range.size());
  const Frame inner{*this, &frame, inner_slots.data(), nullptr, &source};
  const std::vector<ExpressionPtr>& given = source.range[0]->rows[0];
  Row held(given.size());
  slots[Modification::kSource] = {held.data(), nullptr};
  Row row(modification.table->columns.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    const Expression* value = modification.values[i] != nullptr ? modification.values[i].get()
                                                                : modification.defaults[i].get();
    if (value == nullptr) continue;
    if (const auto column = source_column(*value)) held[*column] = given[*column]->evaluate(inner);
    row[i] = value->evaluate(frame);
  }
  return row;
}

std::uint64_t Execution::run_insert(const Query& query, Frame& frame, std::vector<Slot>& slots,
                                    const Emit& emit) {
  const Modification& modification = *query.modification;
  const Table& table = *modification.table;
  backend_.begin_writing("INSERT");
  std::uint64_t count = 0;
  const auto insert_one = [&] {
    Row row(table.columns.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Expression* value = modification.values[i] != nullptr ? modification.values[i].get()
                                                                  : modification.defaults[i].get();
      if (value != nullptr) row[i] = value->evaluate(frame);
    }
    if (insert_row(query, frame, slots, std::move(row), emit)) ++count;
    return true;
  };
  const RangeEntry& source = *query.range[Modification::kSource];
  if (is_one_row(*source.subquery)) {
    if (insert_row(query, frame, slots, one_row(query, frame, slots), emit)) ++count;
    return count;
  }
  // The source is read to its end first where it reads tables: it might wait.
  run(*source.subquery, &frame, [&](Row& row) {
    const Row held = std::move(row);
    slots[Modification::kSource] = {held.data(), nullptr};
    return insert_one();
  });
  return count;
}

bool Execution::insert_row(const Query& query, Frame& frame, std::vector<Slot>& slots, Row row,
                           const Emit& emit) {
  const Modification& modification = *query.modification;
  const Table& table = *modification.table;
  check_row(modification, frame, slots, row);
  using OnConflict = Modification::OnConflict;
  if (modification.on_conflict != OnConflict::none) {
    for (;;) {
      Version* conflicting = nullptr;
      for (std::size_t i = 0; i < table.indexes.size() && conflicting == nullptr; ++i) {
        const TableIndex& index = table.indexes[i];
        const auto& arbiters = modification.arbiters;
        const bool judges =
            arbiters.empty() || std::ranges::find(arbiters, index.oid) != arbiters.end();
        if (!index.is_unique || !judges) continue;
        if (index.is_deferrable) {
          fail(sqlstate::kObjectNotInPrerequisiteState,
               "ON CONFLICT does not support deferrable unique constraints/exclusion constraints "
               "as arbiters");
        }
        const auto key = key_of(modification, i, frame, slots, row);
        if (!key) continue;
        conflicting = find_conflict(backend_.actor(), *table.heap, *index.entries, *key, nullptr,
                                    index.nulls_not_distinct);
      }
      if (conflicting == nullptr) break;
      const bool is_seen = table.heap->is_visible(*conflicting, snapshot_, backend_.actor());
      const bool by_self = conflicting->xmin == backend_.actor().current ||
                           conflicting->xmin == backend_.actor().top;
      if (backend_.isolation() != Isolation::read_committed && !is_seen && !by_self) {
        fail(sqlstate::kSerializationFailure,
             "could not serialize access due to concurrent update");
      }
      if (modification.on_conflict == OnConflict::nothing) return false;
      const Row excluded = row;
      slots[Modification::kExcluded] = {excluded.data(), nullptr};
      Version* version = conflicting;
      const RowLockMode mode = may_change_key(modification.conflict_assignments, table)
                                   ? RowLockMode::update
                                   : RowLockMode::no_key_update;
      const Change change =
          table.heap->lock(backend_.actor(), *version, mode, WaitPolicy::block, false);
      if (change == Change::invisible || change == Change::self_modified) {
        throw SqlError{
            .sqlstate = "21000",
            .message = "ON CONFLICT DO UPDATE command cannot affect row a second time",
            .hint =
                "Ensure that no rows proposed for insertion within the same command have "
                "duplicate constrained values."};
      }
      if (change != Change::done) {
        if (backend_.isolation() != Isolation::read_committed) {
          fail(sqlstate::kSerializationFailure,
               change == Change::deleted ? "could not serialize access due to concurrent delete"
                                         : "could not serialize access due to concurrent update");
        }
        continue;  // gone, or replaced: look again
      }
      return update_conflicting(query, frame, slots, version, excluded, emit);
    }
  }
  backend_.actor().need_number();
  backend_.predicates().writes(backend_.actor(), table.heap->table(), nullptr, {});
  Version& version = table.heap->insert(backend_.actor(), std::move(row));
  index_row(modification, frame, slots, version, nullptr);
  backend_.row_changed(modification.table, nullptr, &version);
  slots[Modification::kRow] = {version.values.data(), &version};
  emit_returning(query, frame, emit);
  return true;
}

bool Execution::update_conflicting(const Query& query, Frame& frame, std::vector<Slot>& slots,
                                   Version* version, const Row& excluded, const Emit& emit) {
  const Modification& modification = *query.modification;
  slots[Modification::kRow] = {version->values.data(), version};
  slots[Modification::kExcluded] = {excluded.data(), nullptr};
  if (modification.conflict_condition != nullptr &&
      !is_true(modification.conflict_condition->evaluate(frame))) {
    return false;
  }
  Row row = updated_row(modification, modification.conflict_assignments, *version, frame);
  if (!update_version(query, frame, slots, version, std::move(row))) return false;
  emit_returning(query, frame, emit);
  return true;
}

/// A row that is about to be changed.
void Execution::writes(const Heap& heap, const Version& version) {
  if (crosscheck_ && !heap.is_visible(version, *crosscheck_, backend_.actor())) {
    fail(sqlstate::kSerializationFailure, "could not serialize access due to concurrent update");
  }
  backend_.predicates().writes(backend_.actor(), heap.table(), &version, {});
}

// --- UPDATE and DELETE ---------------------------------------------------------------------------

Row Execution::updated_row(const Modification& modification,
                           const std::vector<Modification::Assignment>& assignments,
                           const Version& version, Frame& frame) {
  Row row = version.values;
  row.resize(modification.table->columns.size());
  for (const Modification::Assignment& assignment : assignments) {
    row[assignment.column] = assignment.value->evaluate(frame);
  }
  return row;
}

/// FOR UPDATE's strength where a column changes that a foreign key may refer to: one of a unique
/// index without expressions and conditions.
RowLockMode Execution::change_mode(const Modification& modification, const Version& version,
                                   const Row& values) {
  const bool changes_key =
      std::ranges::any_of(modification.table->indexes, [&](const TableIndex& index) {
        return is_key(index) && changes_columns(index, version.values, values);
      });
  return changes_key ? RowLockMode::update : RowLockMode::no_key_update;
}

bool Execution::changes_columns(const TableIndex& index, const Row& before, const Row& after) {
  return std::ranges::any_of(index.parts, [&](const TableIndex::Part& part) {
    if (part.column < 0) return false;
    const auto column = static_cast<std::size_t>(part.column);
    const Value& old_value = before[column];
    const Value& new_value = after[column];
    if (old_value.is_null() || new_value.is_null()) {
      return old_value.is_null() != new_value.is_null();
    }
    return compare(types(), part.type.id, old_value, new_value) != 0;
  });
}

/// Replaces a version that is the newest; false where it has been replaced or deleted meanwhile,
/// with `version` then the one to look at next (null: deleted).
bool Execution::update_version(const Query& query, Frame& frame, std::vector<Slot>& slots,
                               Version*& version, Row values) {
  const Modification& modification = *query.modification;
  Heap& heap = *modification.table->heap;
  check_row(modification, frame, slots, values);
  const RowLockMode mode = change_mode(modification, *version, values);
  const Change change = heap.update(backend_.actor(), *version, std::move(values), mode,
                                    WaitPolicy::block, [&] { writes(heap, *version); });
  switch (change) {
    case Change::done: break;
    case Change::updated: version = version->newer; return false;
    default: version = nullptr; return false;
  }
  Version* before = version;
  version = before->newer;
  index_row(modification, frame, slots, *version, before);
  backend_.row_changed(modification.table, before, version);
  slots[Modification::kRow] = {version->values.data(), version};
  return true;
}

std::uint64_t Execution::run_change(const Query& query, Frame& frame, std::vector<Slot>& slots,
                                    const Emit& emit) {
  backend_.begin_writing(query.command == Query::Command::update ? "UPDATE" : "DELETE");
  // One after the other, as they are found: where one has to be waited for, the next are not read.
  std::uint64_t count = 0;
  std::vector<Slot> found;
  from(query, frame, slots, [&] {
    found = slots;
    if (change_row(query, frame, slots, emit)) ++count;
    slots = found;
    return true;
  });
  return count;
}

/// One row that the snapshot sees. Where another transaction has changed it meanwhile, READ
/// COMMITTED goes on with its newest version if that still meets the conditions (EvalPlanQual).
bool Execution::change_row(const Query& query, Frame& frame, std::vector<Slot>& slots,
                           const Emit& emit) {
  const Modification& modification = *query.modification;
  Heap& heap = *modification.table->heap;
  Version* version = slots[Modification::kRow].version;
  const bool follows = backend_.isolation() == Isolation::read_committed;
  for (;;) {
    Change change = Change::done;
    RowLockMode mode = RowLockMode::update;
    if (query.command == Query::Command::update) {
      slots[Modification::kRow] = {version->values.data(), version};
      Row values = updated_row(modification, modification.assignments, *version, frame);
      check_row(modification, frame, slots, values);
      mode = change_mode(modification, *version, values);
      change = heap.update(backend_.actor(), *version, std::move(values), mode, WaitPolicy::block,
                           [&] { writes(heap, *version); });
    } else {
      change = heap.remove(backend_.actor(), *version, WaitPolicy::block,
                           [&] { writes(heap, *version); });
    }
    switch (change) {
      case Change::done: {
        if (query.command == Query::Command::remove) {
          backend_.row_changed(modification.table, version, nullptr);
          slots[Modification::kRow] = {version->values.data(), version};
        } else {
          Version& after = *version->newer;
          index_row(modification, frame, slots, after, version);
          backend_.row_changed(modification.table, version, &after);
          slots[Modification::kRow] = {after.values.data(), &after};
        }
        emit_returning(query, frame, emit);
        return true;
      }
      case Change::self_modified:
      case Change::invisible: return false;  // by an earlier row of this statement
      case Change::would_block: check(false, "who waits is not told that he would"); return false;
      case Change::updated:
        if (!follows) {
          fail(sqlstate::kSerializationFailure,
               "could not serialize access due to concurrent update");
        }
        break;
      case Change::deleted:
        if (!follows) {
          fail(sqlstate::kSerializationFailure,
               "could not serialize access due to concurrent delete");
        }
        return false;
    }
    // The newest version is locked first, then looked at.
    const Change locked =
        heap.lock_newest(backend_.actor(), version, mode, WaitPolicy::block, false);
    if (locked != Change::done) return false;
    slots[Modification::kRow] = {version->values.data(), version};
    if (!holds(query.plan->conditions, frame)) return false;
  }
}

}  // namespace firedrill::sim::postgres
