#include "workload/table_view.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "system/domain/check.h"

namespace firedrill::workload {

namespace {

constexpr std::string_view kOrders = "orders.orders";
constexpr std::string_view kOutbox = "orders.outbox";
constexpr std::string_view kStock = "inventory.stock";

using Cells = std::span<const std::optional<std::string>>;

std::string text(const std::optional<std::string>& cell) {
  return cell.value_or("");
}

std::int64_t whole(const std::optional<std::string>& cell) {
  std::int64_t value = 0;
  if (cell) std::from_chars(cell->data(), cell->data() + cell->size(), value);
  return value;
}

traces::OrderSeen read_order(Cells cells) {
  return {text(cells[0]),  text(cells[1]), text(cells[2]), text(cells[3]),
          whole(cells[4]), text(cells[5]), whole(cells[6])};
}

traces::EventSeen read_event(Cells cells) {
  using State = traces::EventSeen::State;
  const State state = cells[4] == "PUBLISHED" ? State::published
                      : cells[4] == "DEAD"    ? State::dead
                                              : State::pending;
  return {text(cells[0]), whole(cells[1]), text(cells[2]), text(cells[3]), state, whole(cells[5])};
}

traces::LedgerSeen read_ledger(Cells cells) {
  return {text(cells[0]), whole(cells[1]), whole(cells[2]), whole(cells[3])};
}

}  // namespace

std::span<const WatchedTable> watched_tables() {
  static const std::array<WatchedTable, 3> kTables = {
      WatchedTable{kOrders,
                   {"id", "user_id", "idempotency_key", "product", "quantity", "status", "version"},
                   true},
      WatchedTable{
          kOutbox, {"aggregate", "version", "status", "payload", "state", "attempts"}, true},
      WatchedTable{kStock, {"product", "initial", "sold", "epoch"}}};
  return kTables;
}

std::string select_rows(const WatchedTable& table) {
  std::string columns;
  for (const std::string& column : table.columns) columns += (columns.empty() ? "" : ", ") + column;
  return "SELECT " + columns + " FROM " + std::string(table.name);
}

traces::What read_row(std::string_view table, Cells cells) {
  const auto watched = std::ranges::find(watched_tables(), table, &WatchedTable::name);
  check(watched != watched_tables().end(), "the table is watched");
  check(cells.size() == watched->columns.size(), "the cells are those of its columns");
  if (table == kOrders) return read_order(cells);
  if (table == kStock) return read_ledger(cells);
  return read_event(cells);
}

traces::What ToldRows::take(std::string_view table, Cells cells) {
  traces::What what = read_row(table, cells);
  if (const auto* order = std::get_if<traces::OrderSeen>(&what)) {
    orders_[order->order_id] = order->version;
  } else if (const auto* event = std::get_if<traces::EventSeen>(&what)) {
    events_[{event->order_id, event->version}] = {event->state, event->attempts};
  }
  return what;
}

void ToldRows::forget(std::string_view table, Cells cells) {
  const traces::What what = read_row(table, cells);
  if (const auto* order = std::get_if<traces::OrderSeen>(&what)) {
    orders_.erase(order->order_id);
  } else if (const auto* event = std::get_if<traces::EventSeen>(&what)) {
    events_.erase({event->order_id, event->version});
  }
}

std::vector<traces::What> ToldRows::gone_from(const ToldRows& there) const {
  std::vector<traces::What> gone;
  for (const auto& [id, version] : orders_) {
    const auto found = there.orders_.find(id);
    if (found == there.orders_.end() || found->second < version) {
      gone.emplace_back(traces::OrderGone{id});
    }
  }
  for (const auto& [event, standing] : events_) {
    if (!there.events_.contains(event)) {
      gone.emplace_back(traces::EventGone{event.first, event.second});
    }
  }
  return gone;
}

bool ToldRows::knows(const traces::What& row) const {
  if (const auto* order = std::get_if<traces::OrderSeen>(&row)) {
    const auto told = orders_.find(order->order_id);
    return told != orders_.end() && told->second == order->version;
  }
  if (const auto* event = std::get_if<traces::EventSeen>(&row)) {
    const auto told = events_.find({event->order_id, event->version});
    return told != events_.end() && told->second == Standing{event->state, event->attempts};
  }
  return false;
}

}  // namespace firedrill::workload
