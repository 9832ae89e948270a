#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "system/adapters/pqxx_connection.h"
#include "system/adapters/timers.h"
#include "system/ports/database.h"

namespace firedrill::adapters {

class PqxxPool;

/// A PostgreSQL through libpqxx: a thread for each of its few connections.
///
/// A call that outlasts its deadline breaks its connection off; the server notices within
/// Options::client_check and ends the statement. While no connection can be made, callers wait for
/// the next attempt and are refused with it. Of what a program sets in a session nothing is undone
/// when the connection goes to the next: use SET LOCAL.
class LiveDatabase final : public Database {
 public:
  using Options = PqxxOptions;

  /// Throws std::invalid_argument where the url is none. Connects when first asked.
  LiveDatabase(boost::asio::any_io_executor executor, Timers& timers, Options options);
  ~LiveDatabase() override { stop(); }
  LiveDatabase(const LiveDatabase&) = delete;
  LiveDatabase& operator=(const LiveDatabase&) = delete;

  boost::asio::awaitable<Outcome<std::unique_ptr<SqlTransaction>>> begin(
      SqlTransactionOptions options, Instant deadline) override;
  boost::asio::awaitable<Outcome<SqlRows>> run(SqlStatement statement, SqlParameters parameters,
                                               Instant deadline) override;

  /// Breaks off what runs, closes the connections and waits for the threads; not for the server,
  /// but for a name that is being resolved. Whoever is parked stays parked; further calls are
  /// refused as closed. Idempotent.
  void stop();

 private:
  std::shared_ptr<PqxxPool> pool_;
};

}  // namespace firedrill::adapters
