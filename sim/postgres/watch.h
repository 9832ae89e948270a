#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/catalog/tables.h"

// Which rows of some tables each commit changes, for whoever runs the engine.

namespace firedrill::sim::postgres {

/// A row of a watched table, as it is from a commit on.
struct CommittedRow {
  std::string table;  ///< as it was given to watch()
  /// Text form, in the order of the columns that were asked for; nothing: NULL, or the table has no
  /// such column.
  std::vector<std::optional<std::string>> cells;
  /// Then the cells are those that it had before the transaction: the last that anybody else saw.
  bool is_deleted = false;

  bool operator==(const CommittedRow&) const = default;
};

struct WatchedTable {
  std::string name;  ///< as it was given: the last two are parts of it
  std::string schema;
  std::string relation;
  std::vector<std::string> columns;
};

/// Those that are watched, of one server, and what has been committed of them.
class Watches {
 public:
  /// `table`: "schema.table", or "table" of "public". In place of what was said of that table
  /// before.
  void watch(std::string table, std::vector<std::string> columns);
  void watch_same_as(const Watches& other) { tables_ = other.tables_; }
  bool is_empty() const { return tables_.empty(); }
  /// Null: it is not watched.
  std::shared_ptr<const WatchedTable> find(const Table& table) const;
  std::shared_ptr<const WatchedTable> find(std::string_view name) const;

  std::vector<CommittedRow> committed;  ///< and not taken yet

 private:
  std::vector<std::shared_ptr<const WatchedTable>> tables_;
};

/// What a statement has done to a row of a watched table: a version was made (before: null),
/// replaced or deleted (after: null). Both null: the rows that are in the table's heap all go.
struct WatchedChange {
  std::shared_ptr<const WatchedTable> watched;
  std::shared_ptr<const Table> table;
  Xid by = kNoXid;  ///< where that one was rolled back, the versions may be gone
  const Version* before = nullptr;
  const Version* after = nullptr;
};

}  // namespace firedrill::sim::postgres
