#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
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
};

/// "orders.orders" and "orders.outbox".
std::span<const WatchedTable> watched_tables();

/// What a row says; its cells are in PostgreSQL's text form. Precondition: the table is watched,
/// and the cells are those of its columns.
traces::What read_row(std::string_view table, std::span<const std::optional<std::string>> cells);

}  // namespace firedrill::workload
