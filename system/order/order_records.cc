#include "system/order/order_records.h"

#include <utility>

#include "system/ports/clock.h"

namespace firedrill::order {

namespace {

namespace asio = boost::asio;

// What the outbox tells of an order's new version, a row of `changed`: the envelope of an event.
#define NOTE_EVENT                                                                         \
  "noted AS ("                                                                             \
  "  INSERT INTO orders.outbox (aggregate, version, status, payload) "                     \
  "  SELECT id, version, status, jsonb_build_object("                                      \
  "    'id', id || '-' || version, 'type', 'order.' || lower(status), 'source', 'order', " \
  "    'aggregateId', id, 'aggregateSeq', version, "                                       \
  "    'occurredAt', (extract(epoch FROM now()) * 1000)::bigint, 'schemaVersion', 1, "     \
  "    'data', jsonb_build_object('userId', user_id, 'productId', product, "               \
  "      'quantity', quantity, 'status', status, 'reason', reason))::text "                \
  "  FROM changed) "

// What is only read may not last: a commit that waits for its standby is seen by all once its
// client gives up, and a failover then loses it. So who answers for an order has written it
// himself, even where there was nothing to change: his commit waits for all that were before it.
constexpr SqlStatement kOpen{
    "WITH opened AS ("
    "  INSERT INTO orders.orders (id, user_id, idempotency_key, product, quantity, status, version)"
    "  VALUES ($1, $2, $3, $4, $5, 'PENDING', 1) "
    "  ON CONFLICT (id) DO UPDATE SET asked = orders.asked + 1 RETURNING *"
    "), changed AS (SELECT * FROM opened WHERE asked = 0"
    "), " NOTE_EVENT "SELECT status, reason, product, quantity FROM opened"};

constexpr SqlStatement kMove{
    "WITH changed AS ("
    "  UPDATE orders.orders SET status = $2, reason = $3, version = version + 1 "
    "  WHERE id = $1 AND status = ANY ($4::text[]) RETURNING *"
    "), " NOTE_EVENT "SELECT status, reason FROM changed"};

constexpr SqlStatement kMoveFor{
    "WITH received AS ("
    "  INSERT INTO orders.inbox (consumer, message) VALUES ($5, $6) "
    "  ON CONFLICT DO NOTHING RETURNING 1"
    "), changed AS ("
    "  UPDATE orders.orders SET status = $2, reason = $3, version = version + 1 "
    "  WHERE id = $1 AND status = ANY ($4::text[]) AND EXISTS (SELECT FROM received) RETURNING *"
    "), " NOTE_EVENT "SELECT status, reason FROM changed"};

#undef NOTE_EVENT

constexpr SqlStatement kStanding{
    "UPDATE orders.orders SET asked = asked + 1 WHERE id = $1 RETURNING status, reason"};

constexpr SqlStatement kFind{
    "SELECT status, reason, user_id, coalesce(idempotency_key, ''), product, quantity "
    "FROM orders.orders WHERE id = $1"};

std::optional<OrderStatus> parse_status(std::string_view text) {
  for (const OrderStatus status :
       {OrderStatus::pending, OrderStatus::queued, OrderStatus::confirmed, OrderStatus::rejected}) {
    if (to_string(status) == text) return status;
  }
  return std::nullopt;
}

/// Of the first row: its first two columns.
Standing standing(const SqlRows& rows) {
  const auto status = parse_status(rows.text(0, 0));
  check(status.has_value(), "a constraint of the table allows these statuses alone");
  return {*status, rows.text(0, 1)};
}

/// From which statuses an order may go there, as an array.
std::string_view before(OrderStatus to) {
  return to == OrderStatus::queued ? "{PENDING}" : "{PENDING,QUEUED}";
}

}  // namespace

asio::awaitable<Outcome<Opened>> OrderRecords::open(std::string order_id, OrderRecord record,
                                                    Instant deadline) {
  const Outcome<SqlRows> rows = co_await database_.run(
      kOpen, sql_parameters(order_id, record.user, record.key, record.product, record.quantity),
      deadline);
  if (!rows.has_value()) co_return rows.without_value<Opened>();
  const bool same =
      rows.value().text(0, 2) == record.product && rows.value().integer(0, 3) == record.quantity;
  co_return Opened{!same, standing(rows.value())};
}

asio::awaitable<Outcome<std::optional<Standing>>> OrderRecords::move(std::string order_id,
                                                                     OrderStatus to,
                                                                     std::string reason,
                                                                     Instant deadline) {
  SqlParameters parameters = sql_parameters(order_id, to_string(to), std::move(reason), before(to));
  return moved(kMove, std::move(parameters), std::move(order_id), deadline);
}

asio::awaitable<Outcome<std::optional<Standing>>> OrderRecords::move_for(
    std::string consumer, std::string message, std::string order_id, OrderStatus to,
    std::string reason, Instant deadline) {
  SqlParameters parameters = sql_parameters(order_id, to_string(to), std::move(reason), before(to),
                                            std::move(consumer), std::move(message));
  return moved(kMoveFor, std::move(parameters), std::move(order_id), deadline);
}

asio::awaitable<Outcome<std::optional<Standing>>> OrderRecords::moved(SqlStatement statement,
                                                                      SqlParameters parameters,
                                                                      std::string order_id,
                                                                      Instant deadline) {
  Outcome<SqlRows> rows = co_await database_.run(statement, std::move(parameters), deadline);
  if (!rows.has_value()) co_return rows.without_value<std::optional<Standing>>();
  if (rows.value().empty()) {
    rows = co_await database_.run(kStanding, sql_parameters(std::move(order_id)), deadline);
    if (!rows.has_value()) co_return rows.without_value<std::optional<Standing>>();
    if (rows.value().empty()) co_return std::optional<Standing>();
  }
  co_return std::optional<Standing>(standing(rows.value()));
}

asio::awaitable<Outcome<std::optional<OrderRecord>>> OrderRecords::find(std::string order_id,
                                                                        Instant deadline) {
  const Outcome<SqlRows> found =
      co_await database_.run(kFind, sql_parameters(std::move(order_id)), deadline);
  if (!found.has_value()) co_return found.without_value<std::optional<OrderRecord>>();
  const SqlRows& rows = found.value();
  if (rows.empty()) co_return std::optional<OrderRecord>();
  OrderRecord record{rows.text(0, 2), rows.text(0, 3), rows.text(0, 4), rows.integer(0, 5),
                     standing(rows)};
  co_return std::optional<OrderRecord>(std::move(record));
}

}  // namespace firedrill::order
