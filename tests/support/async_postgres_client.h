#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/postgres_client.h"

namespace firedrill::test {

/// A connection to a PostgreSQL that waits for nothing but for its beginning: for tests that keep
/// many in the middle of a statement. Throws std::runtime_error when the connection fails; when it
/// breaks, is_broken() tells.
///
/// Its server says when a statement waits for a lock, and has looked for a deadlock: it has to run
/// with log_lock_waits, and the connection with client_min_messages = log.
class AsyncPostgresClient {
 public:
  explicit AsyncPostgresClient(const std::string& connection);
  AsyncPostgresClient(const AsyncPostgresClient&) = delete;
  AsyncPostgresClient& operator=(const AsyncPostgresClient&) = delete;
  ~AsyncPostgresClient();

  int socket() const;
  /// The server's process.
  int backend() const;
  bool is_broken() const;

  /// A text of statements; the client is not busy.
  void send(const std::string& sql);
  /// Its answers have not all come.
  bool is_busy() const { return is_busy_; }
  /// The statement sleeps in the queue of a lock, as far as what has come tells.
  bool is_waiting() const { return is_waiting_; }
  /// Something is about to come that ends the waiting.
  void expect_news() { is_waiting_ = false; }
  /// Takes what has come. True where anything had.
  bool read();
  /// All the answers, since they were taken last.
  /// What the server said beside is the first one's.
  std::vector<PostgresResult> take_results() {
    if (!results_.empty()) results_.front().notices = std::exchange(notices_, {});
    return std::exchange(results_, {});
  }

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  static void hear(void* self, const pg_result* notice);

  std::unique_ptr<pg_conn, Finish> connection_;
  std::vector<PostgresResult> results_;
  std::vector<PostgresNotice> notices_;
  std::size_t heard_ = 0;
  bool is_busy_ = false;
  bool is_waiting_ = false;
};

}  // namespace firedrill::test
