#include "system/ports/database.h"

#include <algorithm>
#include <charconv>

namespace firedrill {

namespace asio = boost::asio;

const SqlRows::Cell& SqlRows::cell(std::size_t row, std::size_t column) const {
  check(column < width_ && row < size(), "the cell is there");
  return cells_[row * width_ + column];
}

std::span<const SqlRows::Cell> SqlRows::cells(std::size_t row) const {
  check(row < size(), "the row is there");
  return std::span(cells_).subspan(row * width_, width_);
}

const std::string& SqlRows::text(std::size_t row, std::size_t column) const {
  const Cell& found = cell(row, column);
  check(found.has_value(), "the cell is not NULL");
  return *found;
}

std::int64_t SqlRows::integer(std::size_t row, std::size_t column) const {
  const std::string& digits = text(row, column);
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value);
  check(error == std::errc() && stopped == end, "the cell is a whole number");
  return value;
}

bool SqlRows::boolean(std::size_t row, std::size_t column) const {
  const std::string& letter = text(row, column);
  check(letter == "t" || letter == "f", "the cell is a boolean");
  return letter == "t";
}

namespace {

// Whoever migrates holds it: two that create one table at once would both find it missing.
constexpr SqlStatement kLock{"SELECT pg_advisory_xact_lock(4607182418800017408)"};
constexpr SqlStatement kMakeList{
    "CREATE TABLE IF NOT EXISTS firedrill_migrations (service text NOT NULL, name text NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (service, name))"};
constexpr SqlStatement kApplied{"SELECT name FROM firedrill_migrations WHERE service = $1"};
constexpr SqlStatement kNote{"INSERT INTO firedrill_migrations (service, name) VALUES ($1, $2)"};

asio::awaitable<Outcome<Migrated>> apply(SqlTransaction& transaction, std::string_view service,
                                         const std::vector<Migration>& migrations,
                                         Instant deadline) {
  const auto locked = co_await transaction.run(kLock, {}, deadline);
  if (!locked.has_value()) co_return locked.without_value<Migrated>();
  const auto listed = co_await transaction.run(kMakeList, {}, deadline);
  if (!listed.has_value()) co_return listed.without_value<Migrated>();
  const auto applied = co_await transaction.run(kApplied, sql_parameters(service), deadline);
  if (!applied.has_value()) co_return applied.without_value<Migrated>();
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < applied.value().size(); ++i) {
    known.push_back(applied.value().text(i, 0));
  }
  Migrated result;
  for (const Migration& migration : migrations) {
    if (std::ranges::find(known, migration.name) != known.end()) continue;
    const auto done = co_await transaction.run_script(migration.text, deadline);
    if (!done.has_value()) co_return done.without_value<Migrated>();
    const auto noted =
        co_await transaction.run(kNote, sql_parameters(service, migration.name), deadline);
    if (!noted.has_value()) co_return noted.without_value<Migrated>();
    ++result.applied;
  }
  co_return result;
}

}  // namespace

asio::awaitable<Outcome<Migrated>> migrate(Database& database, std::string_view service,
                                           std::vector<Migration> migrations, Instant deadline) {
  co_return co_await transact(database, {}, deadline,
                              [service, &migrations, deadline](SqlTransaction& transaction) {
                                return apply(transaction, service, migrations, deadline);
                              });
}

}  // namespace firedrill
