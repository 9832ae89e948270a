#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/kernel/intrusive_list.h"
#include "sim/kernel/wait.h"
#include "sim/ports/owned_coroutines.h"
#include "sim/postgres/server/messages.h"
#include "sim/world/rpc.h"
#include "system/ports/database.h"

namespace firedrill::sim {

/// The simulated side of the database: a pool of connections to a simulated PostgreSQL.
class SimDatabase final : public Database {
 public:
  /// `server` may be nullptr: every call is refused then.
  SimDatabase(Process& process, const Endpoint* server, std::size_t pool_size);
  ~SimDatabase() override;

  boost::asio::awaitable<Outcome<std::unique_ptr<SqlTransaction>>> begin(
      SqlTransactionOptions options, Instant deadline) override;
  boost::asio::awaitable<Outcome<SqlRows>> run(SqlStatement statement, SqlParameters parameters,
                                               Instant deadline) override;

 private:
  class Transaction;
  struct Connection {
    Connection(Process& process, const Endpoint& server)
        : client(process, server, postgres::kPort) {}
    RpcClient<postgres::Request, postgres::Reply> client;
    bool is_in_use = false;
    std::uint32_t backend = 0;  ///< as the server calls it
  };
  /// A connection for as long as it lives.
  class Lease {
   public:
    Lease() = default;
    Lease(SimDatabase& database, Connection& connection)
        : database_(&database), connection_(&connection) {}
    Lease(Lease&& other) noexcept
        : database_(other.database_), connection_(std::exchange(other.connection_, nullptr)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(database_, other.database_);
      std::swap(connection_, other.connection_);
      return *this;
    }
    ~Lease() {
      if (connection_ != nullptr) database_->give_back(*connection_);
    }
    explicit operator bool() const { return connection_ != nullptr; }
    Connection& operator*() const { return *connection_; }

   private:
    SimDatabase* database_ = nullptr;
    Connection* connection_ = nullptr;
  };
  /// Who waits for a connection. One that was given and never taken goes to the next.
  struct Waiting : ListNode {
    Waiting(SimDatabase& its_database, Lane& lane) : database(its_database), wait(lane) {}
    ~Waiting() {
      if (given != nullptr) database.give_back(*given);
    }
    SimDatabase& database;
    Wait<std::monostate> wait;
    Connection* given = nullptr;
  };
  /// How a request went: an answer, or why there is none and whether the server may have seen it.
  using Answer = RpcResult<postgres::Reply>;

  boost::asio::awaitable<Lease> acquire(Instant deadline);
  void give_back(Connection& connection);
  boost::asio::awaitable<Answer> ask(Connection& connection, postgres::Request request,
                                     Instant deadline);
  boost::asio::awaitable<void> cancel(std::uint32_t backend);
  boost::asio::awaitable<void> roll_back(Lease lease);
  Instant now() const { return process_.world().now(); }

  Process& process_;
  const Endpoint* server_;
  std::size_t pool_size_;
  std::vector<std::unique_ptr<Connection>> connections_;
  IntrusiveList<Waiting> waiting_;
  OwnedCoroutines background_;
};

}  // namespace firedrill::sim
