#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "traces/history.h"

namespace firedrill::workload {

/// How the services' tables are read into a history. Written against their documented schema
/// (docs/ARCHITECTURE.md), not against the services' code: who watches must not share their bugs.
///
/// A table that is read, and its columns in the order in which read_row() takes them.
struct WatchedTable {
  std::string_view name;
  std::vector<std::string> columns;
  bool is_versioned = false;  ///< its rows tell whether they changed: see ToldRows::knows()
};

/// "orders.orders", "orders.outbox" and "inventory.stock".
std::span<const WatchedTable> watched_tables();

/// The statement that reads its rows.
std::string select_rows(const WatchedTable& table);

/// What a row says; its cells are in PostgreSQL's text form. Precondition: the table is watched,
/// and the cells are those of its columns.
traces::What read_row(std::string_view table, std::span<const std::optional<std::string>> cells);

/// Which rows of those tables a history was told of: where their store comes back with another
/// state, what of them is gone.
class ToldRows {
 public:
  using Cells = std::span<const std::optional<std::string>>;

  /// As read_row(), which it is the answer of.
  traces::What take(std::string_view table, Cells cells);
  /// It was deleted, which is no loss.
  void forget(std::string_view table, Cells cells);

  /// An OrderGone for each order that is not in `there`, or at an earlier version; an EventGone for
  /// each event that is not. Orders first, each in the order of their names.
  std::vector<traces::What> gone_from(const ToldRows& there) const;

  /// Whether that row was told of as it is. (Of the ledger that is not known.)
  bool knows(const traces::What& row) const;

 private:
  using Event = std::pair<std::string, std::int64_t>;                  ///< (order, version)
  using Standing = std::pair<traces::EventSeen::State, std::int64_t>;  ///< state, attempts

  std::map<std::string, std::int64_t> orders_;  ///< at that version
  std::map<Event, Standing> events_;
};

}  // namespace firedrill::workload
