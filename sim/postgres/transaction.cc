#include <algorithm>

#include "sim/postgres/session.h"

namespace firedrill::sim::postgres {

void Session::begin() {
  if (is_open_) return;
  is_open_ = true;
  settings_before_ = settings_;
  transaction_time_ = statement_time_;
  const std::string_view level = plain_setting("default_transaction_isolation");
  isolation_ = level == "serializable"      ? Isolation::serializable
               : level == "repeatable read" ? Isolation::repeatable_read
                                            : Isolation::read_committed;
  is_read_only_ = plain_setting("default_transaction_read_only") == "on";
  actor_.owner = kTransactionOwner;
}

Snapshot Session::statement_snapshot() {
  Transactions& transactions = shared_.storage.transactions;
  has_queried_ = true;
  if (isolation_ == Isolation::read_committed) return transactions.snapshot(actor_.command);
  if (!transaction_snapshot_) {
    transaction_snapshot_ = transactions.snapshot(actor_.command);
    if (isolation_ == Isolation::serializable) {
      shared_.predicates.begin(actor_.backend, *transaction_snapshot_, is_read_only_);
    }
  }
  Snapshot snapshot = *transaction_snapshot_;
  snapshot.command = actor_.command;
  return snapshot;
}

void Session::require_writable(std::string_view what) {
  if (!is_read_only_) return;
  fail(sqlstate::kReadOnlySqlTransaction,
       "cannot execute " + std::string(what) + " in a read-only transaction");
}

void Session::begin_writing(std::string_view what) {
  require_writable(what);
  if (shared_.disk_is_full && (what == "INSERT" || what == "UPDATE")) {
    throw SqlError{.sqlstate = "53100",
                   .message = "could not extend file \"base/5/16384\": No space left on device",
                   .hint = "Check free disk space."};
  }
  if (what != "INSERT" && what != "UPDATE" && what != "DELETE") is_logged_ = true;
}

void Session::give_number() {
  if (actor_.top == kNoXid) {
    actor_.top = shared_.storage.begin(actor_.backend);
    actor_.current = actor_.top;
  }
  for (Savepoint& savepoint : savepoints_) {
    if (savepoint.xid == kNoXid) {
      savepoint.xid = shared_.storage.begin(actor_.backend, actor_.current, savepoint.owner);
    }
    actor_.current = savepoint.xid;
  }
}

void Session::end_transaction() {
  actor_.top = actor_.current = kNoXid;
  actor_.command = 0;
  actor_.owner = kTransactionOwner;
  savepoints_.clear();
  transaction_snapshot_.reset();
  is_logged_ = false;
  row_events_.clear();
  watched_changes_.clear();
  local_.clear();
  pending_.clear();
  drop_cursors(0);
  if (has_defined_) own_plans_.clear();
  deferred_.clear();
  constraint_modes_ = {};
  portals_.clear();
  has_queried_ = false;
  is_open_ = in_block_ = has_failed_ = has_defined_ = is_pipelined_ = false;
}

void Session::commit() {
  if (!is_open_) return;
  in_block_ = false;  // an error from here on ends the transaction
  run_deferred(true);
  settle_cursors();
  const bool tracked = shared_.predicates.is_tracked(actor_.backend);
  if (tracked) {
    try {
      shared_.predicates.pre_commit(actor_);
    } catch (const SqlError&) {
      rollback();  // all of it, with its block
      throw;
    }
  }
  if (actor_.top != kNoXid) commit_durably();
  if (has_defined_) shared_.catalog.changed();
  for (std::size_t i = 0; i < savepoints_.size(); ++i) pending_.merge_level();
  shared_.notifications.commit(actor_.backend, pending_);
  for (const std::string& name : local_) {
    const auto before = settings_before_.find(name);
    if (before == settings_before_.end()) {
      settings_.erase(name);
    } else {
      settings_[name] = before->second;
    }
  }
  shared_.locks.release_transaction(actor_.backend);
  if (tracked) shared_.predicates.commit(actor_);
  end_transaction();
}

/// Nobody sees it, and its locks stay, until it is as durable as it asks to be
/// (RecordTransactionCommit(), SyncRepWaitForLSN()).
void Session::commit_durably() {
  if (!is_logged_) return shared_.storage.transactions.commit(actor_.top);
  const Lsn at = shared_.log.commit(actor_.top);
  ++commits;
  if (shared_.log.is_kept()) {
    const std::string wanted(plain_setting("synchronous_commit"));  // it may be set meanwhile
    if (wanted != "off") shared_.commit_waiter.wait_for_disk(actor_.backend, at);
    const bool waits_for_standby = wanted != "off" && wanted != "local";
    if (waits_for_standby && !shared_.commit_waiter.wait_for_standby(actor_.backend, at)) {
      say("WARNING",
          {.sqlstate = "01000",
           .message = "canceling wait for synchronous replication due to user request",
           .detail = "The transaction has already committed locally, but might not have been "
                     "replicated to the standby."});
    }
  }
  shared_.storage.transactions.commit(actor_.top);
  tell_watched();
}

void Session::rollback() {
  if (!is_open_) return;
  settings_ = settings_before_;
  if (actor_.top != kNoXid) {
    shared_.storage.transactions.abort(actor_.top);
    if (has_defined_) shared_.catalog.changed();
  }
  shared_.locks.release_transaction(actor_.backend);
  if (shared_.predicates.is_tracked(actor_.backend)) shared_.predicates.abort(actor_);
  end_transaction();
}

/// An error within a block: its work is undone, as far as the last savepoint; the block stays.
void Session::fail_transaction() {
  row_events_.clear();
  if (!in_block_) {
    rollback();
    return;
  }
  has_failed_ = true;
  if (!savepoints_.empty()) {
    Savepoint& last = savepoints_.back();
    if (last.xid != kNoXid) shared_.storage.transactions.abort(last.xid);
    last.xid = kNoXid;
    shared_.locks.release_since(actor_.backend, last.owner);
    pending_.forget_levels(savepoints_.size());
    drop_cursors(savepoints_.size());
  } else {
    pending_.clear();
    if (actor_.top != kNoXid) shared_.storage.transactions.abort(actor_.top);
    actor_.top = actor_.current = kNoXid;
    shared_.locks.release_transaction(actor_.backend);
    if (shared_.predicates.is_tracked(actor_.backend)) shared_.predicates.abort(actor_);
  }
  if (has_defined_) shared_.catalog.changed();
}

// --- Savepoints ----------------------------------------------------------------------------------

void Session::require_block(std::string_view command) const {
  if (!in_block_) {
    fail(sqlstate::kNoActiveSqlTransaction,
         std::string(command) + " can only be used in transaction blocks");
  }
}

void Session::warn_outside_block(std::string_view command) {
  if (in_block_ || is_implicit_block_) return;
  say("WARNING", {.sqlstate = std::string(sqlstate::kNoActiveSqlTransaction),
                  .message = std::string(command) + " can only be used in transaction blocks"});
}

std::size_t Session::find_savepoint(std::string_view name) const {
  for (std::size_t i = savepoints_.size(); i > 0; --i) {
    if (savepoints_[i - 1].name == name) return i - 1;
  }
  fail("3B001", "savepoint \"" + std::string(name) + "\" does not exist");
}

void Session::savepoint(std::string_view name) {
  require_block("SAVEPOINT");
  actor_.owner = static_cast<LockOwner>(actor_.owner + 1);
  savepoints_.push_back(
      {std::string(name), kNoXid, actor_.owner, deferred_.size(), constraint_modes_});
  pending_.begin_level();
}

void Session::release(std::string_view name) {
  require_block("RELEASE SAVEPOINT");
  const std::size_t first = find_savepoint(name);
  while (savepoints_.size() > first) {
    const Savepoint& last = savepoints_.back();
    shared_.storage.release_subtransaction(actor_.backend, last.xid, last.owner);
    savepoints_.pop_back();
    for (DeferredCheck& check : deferred_) {
      check.done_level = std::min(check.done_level, savepoints_.size());
    }
    for (Cursor& cursor : cursors_) {
      cursor.savepoints = std::min(cursor.savepoints, savepoints_.size());
    }
    pending_.merge_level();
    actor_.owner = savepoints_.empty() ? kTransactionOwner : savepoints_.back().owner;
  }
  actor_.current = actor_.top;
  for (const Savepoint& each : savepoints_) {
    if (each.xid != kNoXid) actor_.current = each.xid;
  }
}

void Session::rollback_to(std::string_view name) {
  require_block("ROLLBACK TO SAVEPOINT");
  const std::size_t wanted = find_savepoint(name);
  const LockOwner owner = savepoints_[wanted].owner;
  for (std::size_t i = savepoints_.size(); i > wanted; --i) {
    if (savepoints_[i - 1].xid != kNoXid) {
      shared_.storage.transactions.abort(savepoints_[i - 1].xid);
    }
  }
  shared_.locks.release_since(actor_.backend, owner);
  close_portals_within(wanted + 1);
  savepoints_.resize(wanted + 1);
  forget_deferred(wanted);
  drop_cursors(wanted + 1);
  pending_.forget_levels(wanted + 1);
  savepoints_[wanted].xid = kNoXid;
  actor_.owner = owner;
  actor_.current = actor_.top;
  for (const Savepoint& each : savepoints_) {
    if (each.xid != kNoXid) actor_.current = each.xid;
  }
  has_failed_ = false;
  if (has_defined_) shared_.catalog.changed();
}

/// Of COMMIT and ROLLBACK.
void Session::warn_no_transaction() {
  if (in_block_) return;
  say("WARNING", {.sqlstate = std::string(sqlstate::kNoActiveSqlTransaction),
                  .message = "there is no transaction in progress"});
}

// --- Commands ------------------------------------------------------------------------------------

void Session::set_characteristics(NodeList options) {
  for (const PgQuery__Node* node : options) {
    const PgQuery__DefElem& option = *node->def_elem;
    const std::string_view name = option.defname;
    const PgQuery__AConst& value = *option.arg->a_const;
    if (name == "transaction_isolation") {
      if (has_queried_) {
        fail(sqlstate::kActiveSqlTransaction,
             "SET TRANSACTION ISOLATION LEVEL must be called before any query");
      }
      const std::string_view level = value.sval->sval;
      isolation_ = level == "serializable"      ? Isolation::serializable
                   : level == "repeatable read" ? Isolation::repeatable_read
                                                : Isolation::read_committed;
    } else if (name == "transaction_read_only") {
      is_read_only_ = value.ival != nullptr && value.ival->ival != 0;
    } else if (name == "transaction_deferrable") {
      if (value.ival != nullptr && value.ival->ival != 0) unsupported("DEFERRABLE");
    }
  }
}

void Session::transaction(const PgQuery__TransactionStmt& node, StatementResult& result) {
  switch (node.kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
      if (in_block_) {
        say("WARNING", {.sqlstate = std::string(sqlstate::kActiveSqlTransaction),
                        .message = "there is already a transaction in progress"});
      }
      begin();
      in_block_ = true;
      set_characteristics({node.options, node.n_options});
      result.tag = node.kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN
                       ? "BEGIN"
                       : "START TRANSACTION";
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
      if (node.chain) unsupported("AND CHAIN");
      warn_no_transaction();
      result.tag = has_failed_ ? "ROLLBACK" : "COMMIT";
      if (has_failed_) {
        rollback();
      } else {
        commit();
      }
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
      if (node.chain) unsupported("AND CHAIN");
      warn_no_transaction();
      rollback();
      result.tag = "ROLLBACK";
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
      savepoint(node.savepoint_name);
      result.tag = "SAVEPOINT";
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE:
      release(node.savepoint_name);
      result.tag = "RELEASE";
      break;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
      rollback_to(node.savepoint_name);
      result.tag = "ROLLBACK";
      break;
    default: unsupported("two-phase commit");
  }
}

char Session::transaction_status() const {
  return !in_block_ ? 'I' : has_failed_ ? 'E' : 'T';
}

}  // namespace firedrill::sim::postgres
