#include "sim/ports/sim_database.h"

#include <optional>
#include <string_view>
#include <utility>

#include "sim/world/world.h"

namespace firedrill::sim {

namespace asio = boost::asio;
using postgres::Reply;
using postgres::Request;

namespace {

Why why_of(NoReply::Why reason) {
  switch (reason) {
    case NoReply::Why::refused: return Why::refused;
    case NoReply::Why::reset: return Why::reset;
    case NoReply::Why::timed_out: return Why::timed_out;
  }
  return Why::timed_out;
}

Request request_of(SqlStatement statement, SqlParameters parameters) {
  Request request;
  request.sql = statement.text;
  request.parameters.reserve(parameters.size());
  for (SqlValue& value : parameters) request.parameters.push_back(std::move(value).text());
  return request;
}

/// The server turned the connection away before it executed anything.
bool was_turned_away(const Reply& reply) {
  return reply.error && (reply.error->sqlstate == "53300" || reply.error->sqlstate == "57P03");
}

Refused refused_by_server(Reply::Error error) {
  return {Why::by_server, SqlState(error.sqlstate), std::move(error.message)};
}

SqlRows rows_of(Reply reply) {
  const std::uint64_t count = postgres::affected(reply);
  return {reply.width, std::move(reply.cells), count};
}

constexpr std::string_view begin_text(SqlTransactionOptions options) {
  using Isolation = SqlTransactionOptions::Isolation;
  switch (options.isolation) {
    case Isolation::read_committed:
      return options.read_only ? "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
                               : "BEGIN ISOLATION LEVEL READ COMMITTED";
    case Isolation::repeatable_read:
      return options.read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                               : "BEGIN ISOLATION LEVEL REPEATABLE READ";
    case Isolation::serializable:
      return options.read_only ? "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"
                               : "BEGIN ISOLATION LEVEL SERIALIZABLE";
  }
  return "BEGIN";
}

}  // namespace

// --- Transactions --------------------------------------------------------------------------------

class SimDatabase::Transaction final : public SqlTransaction {
 public:
  Transaction(SimDatabase& database, Lease lease)
      : database_(database), lease_(std::move(lease)), broken_((*lease_).client.broken()) {}
  ~Transaction() override {
    if (is_open()) database_.background_.spawn(database_.roll_back(std::move(lease_)));
  }

  asio::awaitable<Outcome<SqlRows>> run(SqlStatement statement, SqlParameters parameters,
                                        Instant deadline) override {
    return ask(request_of(statement, std::move(parameters)), deadline);
  }

  asio::awaitable<Outcome<SqlRows>> run_script(std::string_view text, Instant deadline) override {
    Request request;
    request.kind = Request::Kind::script;
    request.sql = text;
    return ask(std::move(request), deadline);
  }

  asio::awaitable<Outcome<Committed>> commit(Instant deadline) override {
    if (!lease_) co_return Refused{Why::closed};
    const bool was_open = is_open();
    const Lease lease = std::move(lease_);
    if (!was_open) co_return Refused{Why::reset};
    Request request;
    request.sql = "COMMIT";
    Answer answer = co_await database_.ask(*lease, std::move(request), deadline);
    if (const auto* none = std::get_if<NoReply>(&answer)) {
      if (none->sent) co_return Unknown{why_of(none->why)};
      co_return Refused{why_of(none->why)};
    }
    auto& reply = *std::get_if<Reply>(&answer);
    if (reply.error && reply.error->is_fatal) co_return Unknown{Why::reset};
    if (reply.error) co_return refused_by_server(std::move(*reply.error));
    if (reply.tag == "ROLLBACK") {
      co_return Refused{Why::by_server, SqlState("25P02"), "the transaction had failed"};
    }
    co_return Committed{};
  }

 private:
  asio::awaitable<Outcome<SqlRows>> ask(Request request, Instant deadline) {
    if (!lease_) co_return Refused{Why::closed};
    if (!is_open()) {
      lease_ = Lease();
      co_return Refused{Why::reset};
    }
    Answer answer = co_await database_.ask(*lease_, std::move(request), deadline);
    if (const auto* none = std::get_if<NoReply>(&answer)) {
      lease_ = Lease();
      co_return Refused{why_of(none->why)};
    }
    auto& reply = *std::get_if<Reply>(&answer);
    if (!reply.error) co_return rows_of(std::move(reply));
    if (!reply.error->is_fatal) co_return refused_by_server(std::move(*reply.error));
    lease_ = Lease();
    co_return Refused{Why::reset};
  }

  /// Another connection knows nothing of the transaction.
  bool is_open() const { return lease_ && (*lease_).client.broken() == broken_; }

  SimDatabase& database_;
  Lease lease_;
  std::uint64_t broken_;
};

asio::awaitable<Outcome<std::unique_ptr<SqlTransaction>>> SimDatabase::begin(
    SqlTransactionOptions options, Instant deadline) {
  if (server_ == nullptr) co_return Refused{Why::refused};
  Lease lease = co_await acquire(deadline);
  if (!lease) co_return Refused{Why::timed_out};
  Request request;
  request.sql = begin_text(options);
  Answer answer = co_await ask(*lease, std::move(request), deadline);
  if (const auto* none = std::get_if<NoReply>(&answer)) co_return Refused{why_of(none->why)};
  auto& reply = *std::get_if<Reply>(&answer);
  if (reply.error) co_return refused_by_server(std::move(*reply.error));
  std::unique_ptr<SqlTransaction> made = std::make_unique<Transaction>(*this, std::move(lease));
  co_return made;
}

// --- Connections ---------------------------------------------------------------------------------

SimDatabase::SimDatabase(Process& process, const Endpoint* server, std::size_t pool_size)
    : process_(process), server_(server), pool_size_(pool_size), background_(process.executor()) {}

SimDatabase::~SimDatabase() = default;

asio::awaitable<Outcome<SqlRows>> SimDatabase::run(SqlStatement statement, SqlParameters parameters,
                                                   Instant deadline) {
  if (server_ == nullptr) co_return Refused{Why::refused};
  const Lease lease = co_await acquire(deadline);
  if (!lease) co_return Refused{Why::timed_out};
  Answer answer = co_await ask(*lease, request_of(statement, std::move(parameters)), deadline);
  if (const auto* none = std::get_if<NoReply>(&answer)) {
    if (none->sent) co_return Unknown{why_of(none->why)};
    co_return Refused{why_of(none->why)};
  }
  auto& reply = *std::get_if<Reply>(&answer);
  if (!reply.error) co_return rows_of(std::move(reply));
  if (reply.error->is_fatal && !was_turned_away(reply)) co_return Unknown{Why::reset};
  co_return refused_by_server(std::move(*reply.error));
}

/// Who gave up, in silence, has the server stop, and closes: what it would answer yet is nobody's.
asio::awaitable<SimDatabase::Answer> SimDatabase::ask(Connection& connection, Request request,
                                                      Instant deadline) {
  Answer answer = co_await connection.client.call(std::move(request), deadline);
  if (const auto* none = std::get_if<NoReply>(&answer)) {
    if (none->why == NoReply::Why::timed_out) {
      if (none->sent && connection.backend != 0) background_.spawn(cancel(connection.backend));
      connection.client.close();
    }
    connection.backend = 0;
  } else {
    connection.backend = std::get_if<Reply>(&answer)->backend;
  }
  co_return answer;
}

asio::awaitable<void> SimDatabase::cancel(std::uint32_t backend) {
  constexpr Duration kWait = from_ms(1000);
  RpcClient<Request, Reply> canceller(process_, *server_, postgres::kPort);
  Request request;
  request.kind = Request::Kind::cancel;
  request.backend = backend;
  static_cast<void>(co_await canceller.call(std::move(request), now() + kWait, false));
}

asio::awaitable<void> SimDatabase::roll_back(Lease lease) {
  constexpr Duration kWait = from_ms(1000);
  Request request;
  request.sql = "ROLLBACK";
  static_cast<void>(co_await ask(*lease, std::move(request), now() + kWait));
}

asio::awaitable<SimDatabase::Lease> SimDatabase::acquire(Instant deadline) {
  for (const auto& connection : connections_) {
    if (connection->is_in_use) continue;
    connection->is_in_use = true;
    co_return Lease(*this, *connection);
  }
  if (connections_.size() < pool_size_) {
    connections_.push_back(std::make_unique<Connection>(process_, *server_));
    connections_.back()->is_in_use = true;
    co_return Lease(*this, *connections_.back());
  }
  Waiting waiting(*this, process_.lane());
  waiting_.push_back(waiting);
  co_await waiting.wait.until(deadline);
  Connection* given = std::exchange(waiting.given, nullptr);
  if (given == nullptr) co_return Lease();
  co_return Lease(*this, *given);
}

void SimDatabase::give_back(Connection& connection) {
  if (waiting_.empty()) {
    connection.is_in_use = false;
    return;
  }
  Waiting& first = waiting_.front();
  first.ListNode::unlink();
  first.given = &connection;
  first.wait.complete({});
}

}  // namespace firedrill::sim
