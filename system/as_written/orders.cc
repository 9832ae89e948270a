#include "system/as_written/orders.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "system/domain/order.h"

namespace firedrill::as_written {

namespace {

namespace asio = boost::asio;
using order::QueuedOrder;

constexpr SqlStatement kFind{"SELECT status, product, quantity FROM orders.orders WHERE id = $1"};
constexpr SqlStatement kInsert{
    "INSERT INTO orders.orders (id, user_id, product, quantity, status, version) "
    "VALUES ($1, $2, $3, $4, 'PENDING', 1)"};
constexpr SqlStatement kConfirm{
    "UPDATE orders.orders SET status = 'CONFIRMED', version = version + 1 "
    "WHERE id = $1 AND status = 'PENDING' RETURNING version"};
constexpr SqlStatement kNote{
    "INSERT INTO orders.outbox (aggregate, version, status, payload) VALUES ($1, $2, $3, $4)"};

asio::awaitable<Outcome<Committed>> note(SqlTransaction& transaction, const QueuedOrder& order,
                                         std::int64_t version, OrderStatus status,
                                         Instant deadline) {
  const nlohmann::json event{{"id", order.order_id + "-" + std::to_string(version)},
                             {"type", "order." + std::string(to_string(status))},
                             {"source", "order"},
                             {"aggregateId", order.order_id},
                             {"aggregateSeq", version},
                             {"occurredAt", order.occurred_at_ms},
                             {"schemaVersion", 1},
                             {"data",
                              {{"userId", order.user},
                               {"productId", order.product},
                               {"quantity", order.quantity},
                               {"status", to_string(status)}}}};
  SqlParameters row =
      sql_parameters(order.order_id, version, to_string(status),
                     event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  const Outcome<SqlRows> noted = co_await transaction.run(kNote, std::move(row), deadline);
  if (!noted.has_value()) co_return noted.without_value<Committed>();
  co_return Committed{};
}

asio::awaitable<Outcome<Committed>> insert(SqlTransaction& transaction, const QueuedOrder& order,
                                           Instant deadline) {
  const Outcome<SqlRows> found =
      co_await transaction.run(kFind, sql_parameters(order.order_id), deadline);
  if (!found.has_value()) co_return found.without_value<Committed>();
  if (!found.value().empty()) co_return Committed{};
  SqlParameters row = sql_parameters(order.order_id, order.user, order.product, order.quantity);
  const Outcome<SqlRows> inserted = co_await transaction.run(kInsert, std::move(row), deadline);
  if (!inserted.has_value()) co_return inserted.without_value<Committed>();
  co_return co_await note(transaction, order, 1, OrderStatus::pending, deadline);
}

asio::awaitable<Outcome<Committed>> update(SqlTransaction& transaction, const QueuedOrder& order,
                                           Instant deadline) {
  const Outcome<SqlRows> changed =
      co_await transaction.run(kConfirm, sql_parameters(order.order_id), deadline);
  if (!changed.has_value()) co_return changed.without_value<Committed>();
  if (changed.value().empty()) co_return Committed{};
  co_return co_await note(transaction, order, changed.value().integer(0, 0), OrderStatus::confirmed,
                          deadline);
}

}  // namespace

asio::awaitable<Outcome<Committed>> Orders::save(const QueuedOrder& order, Instant deadline) {
  co_return co_await transact(database_, {}, deadline, [&](SqlTransaction& transaction) {
    return insert(transaction, order, deadline);
  });
}

asio::awaitable<Outcome<Committed>> Orders::confirm(const QueuedOrder& order, Instant deadline) {
  co_return co_await transact(database_, {}, deadline, [&](SqlTransaction& transaction) {
    return update(transaction, order, deadline);
  });
}

asio::awaitable<Outcome<std::optional<OrderRow>>> Orders::find(std::string order_id,
                                                               Instant deadline) {
  const Outcome<SqlRows> found =
      co_await database_.run(kFind, sql_parameters(std::move(order_id)), deadline);
  if (!found.has_value()) co_return found.without_value<std::optional<OrderRow>>();
  const SqlRows& rows = found.value();
  if (rows.empty()) co_return std::optional<OrderRow>();
  co_return std::optional<OrderRow>({rows.text(0, 0), rows.text(0, 1), rows.integer(0, 2)});
}

}  // namespace firedrill::as_written
