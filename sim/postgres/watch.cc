#include "sim/postgres/watch.h"

#include <algorithm>

#include "sim/postgres/session.h"
#include "sim/postgres/storage/visibility.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

void Watches::watch(std::string table, std::vector<std::string> columns) {
  WatchedTable made{.name = table, .schema = "public", .relation = table, .columns = {}};
  if (const std::size_t dot = table.find('.'); dot != std::string::npos) {
    made.schema = table.substr(0, dot);
    made.relation = table.substr(dot + 1);
  }
  made.columns = std::move(columns);
  std::erase_if(tables_, [&](const auto& each) { return each->name == table; });
  tables_.push_back(std::make_shared<const WatchedTable>(std::move(made)));
}

std::shared_ptr<const WatchedTable> Watches::find(const Table& table) const {
  for (const auto& each : tables_) {
    if (each->relation == table.name && each->schema == table.schema) return each;
  }
  return nullptr;
}

std::shared_ptr<const WatchedTable> Watches::find(std::string_view name) const {
  for (const auto& each : tables_) {
    if (each->name == name) return each;
  }
  return nullptr;
}

namespace {

CommittedRow row_of(const Environment& environment, const WatchedTable& watched, const Table& table,
                    const Version& version) {
  CommittedRow row{.table = watched.name, .cells = {}};
  for (const std::string& name : watched.columns) {
    auto& cell = row.cells.emplace_back();
    const auto column = table.find_column(name);
    if (!column) continue;
    const Value& value = version.values[*column];
    if (!value.is_null()) cell = to_text(environment, table.columns[*column].type.id, value);
  }
  return row;
}

}  // namespace

void Session::note_change(const std::shared_ptr<const Table>& table, const Version* before,
                          const Version* after) {
  if (shared_.watches.is_empty()) return;
  auto watched = shared_.watches.find(*table);
  if (watched == nullptr) return;
  watched_changes_.push_back({std::move(watched), table, actor_.current, before, after});
}

/// TRUNCATE and DROP: nobody else can change it until the transaction has ended.
void Session::note_emptied(const std::shared_ptr<const Table>& table) {
  if (table->heap == nullptr || shared_.watches.is_empty()) return;
  if (shared_.watches.find(*table) == nullptr) return;
  note_change(table, nullptr, nullptr);
  table->heap->scan_all({}, actor_, [&](const Version& version, bool) {
    if (is_live_now(shared_.storage, actor_, version)) note_change(table, &version, nullptr);
    return true;
  });
}

/// The transaction has just been marked as committed, and still holds its locks. Each row is told
/// of where it was changed first: that is where its first version of this transaction was made, or
/// its last one of before was replaced.
void Session::tell_watched() {
  const Transactions& transactions = shared_.storage.transactions;
  const auto counts = [&](Xid xid) {
    return transactions.state(xid) == Transactions::State::committed;
  };
  std::erase_if(watched_changes_, [&](const WatchedChange& each) { return !counts(each.by); });
  const auto is_emptied = [&](const Heap* heap) {
    return std::ranges::any_of(watched_changes_, [&](const WatchedChange& each) {
      return each.before == nullptr && each.after == nullptr && each.table->heap.get() == heap;
    });
  };
  for (const WatchedChange& each : watched_changes_) {
    const Version* const first = each.before != nullptr ? each.before : each.after;
    if (first == nullptr) continue;
    const bool is_new = each.before == nullptr;
    if (!is_new && transactions.top_of(first->xmin) == actor_.top) continue;  // told of before
    const Version* last = is_emptied(each.table->heap.get()) ? nullptr : first;
    while (last != nullptr && counts(last->xmax)) last = last->newer;
    if (last == nullptr && is_new) continue;  // nobody else has ever seen it
    CommittedRow& row = shared_.watches.committed.emplace_back(
        row_of(*this, *each.watched, *each.table, last != nullptr ? *last : *first));
    row.is_deleted = last == nullptr;
  }
  watched_changes_.clear();
}

std::vector<CommittedRow> Session::committed_rows(const WatchedTable& watched) const {
  std::vector<CommittedRow> rows;
  const auto table = shared_.catalog.find_table(watched.schema, watched.relation, counts());
  if (table == nullptr || table->heap == nullptr) return rows;
  table->heap->scan_all({}, actor_, [&](const Version& version, bool) {
    if (is_live_now(shared_.storage, actor_, version)) {
      rows.push_back(row_of(*this, watched, *table, version));
    }
    return true;
  });
  return rows;
}

}  // namespace firedrill::sim::postgres
