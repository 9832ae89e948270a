#include <algorithm>

#include "sim/postgres/session.h"

namespace firedrill::sim::postgres {

bool Session::is_deferred(const Constraint& constraint) const {
  if (!constraint.is_deferrable) return false;
  const auto said = constraint_modes_.each.find(constraint.oid);
  if (said != constraint_modes_.each.end()) return said->second;
  return constraint_modes_.all.value_or(constraint.is_initially_deferred);
}

void Session::check_or_defer(DeferredCheck check) {
  using Action = Constraint::Action;
  const Constraint& constraint = check.constraint;
  const Action action = check.event.after == nullptr ? constraint.on_delete : constraint.on_update;
  // What changes the referring rows, and RESTRICT, never waits.
  const bool acts = check.is_of_referred && action != Action::no_action;
  if (acts || !is_deferred(constraint)) {
    check_now(check);
  } else {
    deferred_.push_back(std::move(check));
  }
}

void Session::check_now(const DeferredCheck& check) {
  if (check.is_of_referred) {
    referred_changed(check.event, *check.table, check.constraint);
  } else if (check.event.unique == 0) {
    check_reference(check.event, check.constraint);
  } else {
    const auto index =
        std::ranges::find(check.table->indexes, check.event.unique, &TableIndex::oid);
    if (index == check.table->indexes.end()) return;
    Execution execution(*this, shared_.storage.transactions.snapshot(actor_.command), {});
    execution.check_unique(*check.table, *index, *check.event.after);
  }
}

/// Those that are no longer to be put off; `all`: every one, for the transaction commits.
void Session::run_deferred(bool all) {
  for (std::size_t i = 0; i < deferred_.size(); ++i) {
    if (deferred_[i].is_done || (!all && is_deferred(deferred_[i].constraint))) continue;
    deferred_[i].is_done = true;
    deferred_[i].done_level = savepoints_.size();
    check_now(DeferredCheck(deferred_[i]));
    run_row_events();
  }
}

/// Back to the savepoint of that number: checks that came after it are gone, and those that were
/// made after it have not been made.
void Session::forget_deferred(std::size_t savepoint) {
  deferred_.resize(savepoints_[savepoint].deferred_count);
  constraint_modes_ = savepoints_[savepoint].constraint_modes;
  for (DeferredCheck& check : deferred_) {
    if (check.done_level > savepoint) check.is_done = false;
  }
}

std::vector<Constraint> Session::constraints_named(const PgQuery__RangeVar& name) const {
  std::vector<std::string> path = {name.schemaname};
  if (path[0].empty()) {
    path = search_path();
  } else if (!shared_.catalog.has_schema(path[0], counts())) {
    fail("3F000", "schema \"" + path[0] + "\" does not exist");
  }
  std::vector<Constraint> found;
  for (const std::string& schema : path) {
    for (const auto& table : shared_.catalog.tables(counts())) {
      if (table->schema != schema) continue;
      std::ranges::copy_if(table->constraints, std::back_inserter(found),
                           [&](const Constraint& each) { return each.name == name.relname; });
    }
    if (!found.empty()) return found;
  }
  fail(sqlstate::kUndefinedObject,
       "constraint \"" + std::string(name.relname) + "\" does not exist");
}

void Session::set_constraints(const PgQuery__ConstraintsSetStmt& node) {
  warn_outside_block("SET CONSTRAINTS");
  const bool is_put_off = node.deferred != 0;
  if (node.n_constraints == 0) constraint_modes_ = {.all = is_put_off};
  for (const PgQuery__Node* each : NodeList{node.constraints, node.n_constraints}) {
    for (const Constraint& constraint : constraints_named(*each->range_var)) {
      if (!constraint.is_deferrable) {
        fail(sqlstate::kWrongObjectType,
             "constraint \"" + constraint.name + "\" is not deferrable");
      }
      constraint_modes_.each[constraint.oid] = is_put_off;
    }
  }
  if (!is_put_off) run_deferred(false);
}

/// 55006 where checks of the table's rows are still to be made.
void Session::require_no_checks(const Table& table, std::string_view command) const {
  const bool has_some = std::ranges::any_of(deferred_, [&](const DeferredCheck& check) {
    return !check.is_done && check.event.table->oid == table.oid;
  });
  if (has_some) {
    fail("55006", "cannot " + std::string(command) + " \"" + table.name +
                      "\" because it has pending trigger events");
  }
}

}  // namespace firedrill::sim::postgres
