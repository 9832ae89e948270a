#include "system/adapters/live_database.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "system/adapters/pqxx_pool.h"
#include "system/domain/check.h"

namespace firedrill::adapters {

namespace asio = boost::asio;

namespace {

using Isolation = SqlTransactionOptions::Isolation;

/// With the isolation, since what a server takes where none is named can be configured.
std::string_view begin_text(SqlTransactionOptions options) {
  const bool only = options.read_only;
  switch (options.isolation) {
    case Isolation::read_committed:
      return only ? "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
                  : "BEGIN ISOLATION LEVEL READ COMMITTED";
    case Isolation::repeatable_read:
      return only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                  : "BEGIN ISOLATION LEVEL REPEATABLE READ";
    case Isolation::serializable:
      return only ? "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"
                  : "BEGIN ISOLATION LEVEL SERIALIZABLE";
  }
  return "BEGIN";
}

class LiveTransaction final : public SqlTransaction {
 public:
  explicit LiveTransaction(PqxxLease lease) : lease_(std::move(lease)) {}

  asio::awaitable<Outcome<SqlRows>> run(SqlStatement statement, SqlParameters parameters,
                                        Instant deadline) override {
    return ask(
        {.kind = PqxxJob::Kind::run, .text = statement.text, .parameters = std::move(parameters)},
        SqlStage::in_transaction, deadline);
  }

  asio::awaitable<Outcome<SqlRows>> run_script(std::string_view text, Instant deadline) override {
    return ask({.kind = PqxxJob::Kind::run_script, .text = text}, SqlStage::in_transaction,
               deadline);
  }

  asio::awaitable<Outcome<Committed>> commit(Instant deadline) override {
    PqxxJob job{.kind = PqxxJob::Kind::commit};
    const auto ended = co_await ask(std::move(job), SqlStage::committing, deadline);
    lease_.reset();
    if (!ended.has_value()) co_return ended.without_value<Committed>();
    co_return Committed{};
  }

 private:
  asio::awaitable<Outcome<SqlRows>> ask(PqxxJob job, SqlStage stage, Instant deadline) {
    if (!lease_) co_return Refused{Why::closed};
    SqlAnswer answer = co_await lease_->ask(std::move(job), deadline);
    if (!answer) {
      if (answer.error().kind != SqlFailure::Kind::answered) lease_.reset();
      co_return outcome_of<SqlRows>(stage, std::move(answer).error());
    }
    check(stage == SqlStage::committing || lease_->in_transaction(),
          "a transaction ends by commit(), not by a statement");
    co_return std::move(*answer);
  }

  std::optional<PqxxLease> lease_;  ///< gone when the transaction is over
};

}  // namespace

LiveDatabase::LiveDatabase(asio::any_io_executor executor, Timers& timers, Options options)
    : pool_(std::make_shared<PqxxPool>(std::move(executor), timers, std::move(options))) {}

void LiveDatabase::stop() {
  pool_->stop();
}

asio::awaitable<Outcome<std::unique_ptr<SqlTransaction>>> LiveDatabase::begin(
    SqlTransactionOptions options, Instant deadline) {
  using Begun = std::unique_ptr<SqlTransaction>;
  auto taken = co_await pool_->take(deadline);
  if (!taken.has_value()) co_return taken.without_value<Begun>();
  PqxxLease lease = std::move(taken).value();
  PqxxJob job{.kind = PqxxJob::Kind::run_script, .text = begin_text(options)};
  SqlAnswer answer = co_await lease.ask(std::move(job), deadline);
  if (!answer) co_return outcome_of<Begun>(SqlStage::in_transaction, std::move(answer).error());
  co_return Begun(std::make_unique<LiveTransaction>(std::move(lease)));
}

asio::awaitable<Outcome<SqlRows>> LiveDatabase::run(SqlStatement statement,
                                                    SqlParameters parameters, Instant deadline) {
  auto taken = co_await pool_->take(deadline);
  if (!taken.has_value()) co_return taken.without_value<SqlRows>();
  PqxxLease lease = std::move(taken).value();
  PqxxJob job{
      .kind = PqxxJob::Kind::run, .text = statement.text, .parameters = std::move(parameters)};
  SqlAnswer answer = co_await lease.ask(std::move(job), deadline);
  if (!answer) co_return outcome_of<SqlRows>(SqlStage::alone, std::move(answer).error());
  co_return std::move(*answer);
}

}  // namespace firedrill::adapters
