#include "system/inventory/ledger.h"

namespace firedrill::inventory {

namespace {

namespace asio = boost::asio;

constexpr SqlStatement kOpen{
    "WITH opened AS ("
    "  INSERT INTO inventory.stock (product, initial, epoch) VALUES ($1, $2, $3)"
    "  ON CONFLICT DO NOTHING RETURNING product, initial, sold, epoch"
    ") SELECT * FROM opened "
    "UNION ALL SELECT product, initial, sold, epoch FROM inventory.stock WHERE product = $1"};
constexpr SqlStatement kFind{
    "SELECT product, initial, sold, epoch FROM inventory.stock WHERE product = $1"};
constexpr SqlStatement kAll{
    "SELECT product, initial, sold, epoch FROM inventory.stock ORDER BY product"};

// Whoever decides about a product does so alone: what is read behind this lock stays so.
constexpr SqlStatement kLock{
    "SELECT product, initial, sold, epoch FROM inventory.stock WHERE product = $1 FOR UPDATE"};
constexpr SqlStatement kRead{
    "SELECT (SELECT units FROM inventory.sales WHERE reservation = $1), "
    "  (SELECT coalesce(sum(units), 0)::bigint FROM inventory.sales "
    "   WHERE product = $2 AND user_id = $3)"};
constexpr SqlStatement kDecide{
    "WITH counted AS ("
    "  UPDATE inventory.stock SET sold = sold + $4 "
    "  WHERE product = $2 AND $4::bigint > 0 AND sold + $4 <= initial"
    ") INSERT INTO inventory.sales (reservation, product, user_id, units) VALUES ($1, $2, $3, $4)"};

constexpr SqlStatement kTakeBack{
    "WITH taken AS ("
    "  SELECT reservation, product, units FROM inventory.sales "
    "  WHERE reservation = $1 AND units > 0 FOR UPDATE"
    "), refused AS ("
    "  UPDATE inventory.sales SET units = 0 FROM taken "
    "  WHERE sales.reservation = taken.reservation"
    ") UPDATE inventory.stock SET sold = sold - taken.units FROM taken "
    "WHERE stock.product = taken.product"};

constexpr SqlStatement kRaise{
    "UPDATE inventory.stock SET epoch = $2::bigint + 1 WHERE product = $1 AND epoch <= $2 "
    "RETURNING product, initial, sold, epoch"};
constexpr SqlStatement kBuyers{
    "SELECT user_id, sum(units)::bigint FROM inventory.sales WHERE product = $1 AND units > 0 "
    "GROUP BY user_id ORDER BY user_id"};

LedgerStock stock(const SqlRows& rows, std::size_t row) {
  return {rows.text(row, 0), rows.integer(row, 1), rows.integer(row, 2), rows.integer(row, 3)};
}

Outcome<std::optional<LedgerStock>> first(const Outcome<SqlRows>& rows) {
  if (!rows.has_value()) return rows.without_value<std::optional<LedgerStock>>();
  if (rows.value().empty()) return std::optional<LedgerStock>();
  return std::optional<LedgerStock>(stock(rows.value(), 0));
}

asio::awaitable<Outcome<Decided>> decide_in(SqlTransaction& transaction, const Sale& sale,
                                            bool admitted, Instant deadline) {
  const Outcome<SqlRows> locked =
      co_await transaction.run(kLock, sql_parameters(sale.product), deadline);
  if (!locked.has_value()) co_return locked.without_value<Decided>();
  if (locked.value().empty()) co_return Decided::insufficient;
  const LedgerStock there = stock(locked.value(), 0);

  const Outcome<SqlRows> read = co_await transaction.run(
      kRead, sql_parameters(sale.reservation, sale.product, sale.user), deadline);
  if (!read.has_value()) co_return read.without_value<Decided>();
  if (!read.value().is_null(0, 0)) {
    co_return read.value().integer(0, 0) > 0 ? Decided::sold : Decided::refused;
  }
  const std::int64_t bought = read.value().integer(0, 1);
  const Decided decided = !admitted                                           ? Decided::refused
                          : sale.cap > 0 && bought + sale.quantity > sale.cap ? Decided::over_cap
                          : there.sold + sale.quantity > there.initial ? Decided::insufficient
                                                                       : Decided::sold;
  const std::int64_t units = decided == Decided::sold ? sale.quantity : 0;
  const Outcome<SqlRows> written = co_await transaction.run(
      kDecide, sql_parameters(sale.reservation, sale.product, sale.user, units), deadline);
  if (!written.has_value()) co_return written.without_value<Decided>();
  co_return decided;
}

}  // namespace

asio::awaitable<Outcome<LedgerStock>> Ledger::open(std::string product, std::int64_t initial,
                                                   std::int64_t epoch, Instant deadline) {
  while (true) {
    const auto there =
        first(co_await database_.run(kOpen, sql_parameters(product, initial, epoch), deadline));
    if (!there.has_value()) co_return there.without_value<LedgerStock>();
    // None: another transaction opened it after this one began, and is seen the next time.
    if (there.value().has_value()) co_return *there.value();
  }
}

asio::awaitable<Outcome<std::optional<LedgerStock>>> Ledger::find(std::string product,
                                                                  Instant deadline) {
  co_return first(co_await database_.run(kFind, sql_parameters(std::move(product)), deadline));
}

asio::awaitable<Outcome<std::vector<LedgerStock>>> Ledger::all(Instant deadline) {
  const Outcome<SqlRows> rows = co_await database_.run(kAll, {}, deadline);
  if (!rows.has_value()) co_return rows.without_value<std::vector<LedgerStock>>();
  std::vector<LedgerStock> all;
  for (std::size_t i = 0; i < rows.value().size(); ++i) all.push_back(stock(rows.value(), i));
  co_return all;
}

asio::awaitable<Outcome<Decided>> Ledger::decide(Sale sale, bool admitted, Instant deadline) {
  co_return co_await transact(database_, {}, deadline, [&](SqlTransaction& transaction) {
    return decide_in(transaction, sale, admitted, deadline);
  });
}

asio::awaitable<Outcome<Committed>> Ledger::take_back(std::string reservation, Instant deadline) {
  const Outcome<SqlRows> taken =
      co_await database_.run(kTakeBack, sql_parameters(std::move(reservation)), deadline);
  if (!taken.has_value()) co_return taken.without_value<Committed>();
  co_return Committed{};
}

asio::awaitable<Outcome<std::optional<LedgerStock>>> Ledger::raise(std::string product,
                                                                   std::int64_t epoch,
                                                                   Instant deadline) {
  co_return first(
      co_await database_.run(kRaise, sql_parameters(std::move(product), epoch), deadline));
}

asio::awaitable<Outcome<std::vector<UserUnits>>> Ledger::buyers(std::string product,
                                                                Instant deadline) {
  const Outcome<SqlRows> rows =
      co_await database_.run(kBuyers, sql_parameters(std::move(product)), deadline);
  if (!rows.has_value()) co_return rows.without_value<std::vector<UserUnits>>();
  std::vector<UserUnits> buyers;
  for (std::size_t i = 0; i < rows.value().size(); ++i) {
    buyers.push_back({rows.value().text(i, 0), rows.value().integer(i, 1)});
  }
  co_return buyers;
}

}  // namespace firedrill::inventory
