#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct pg_conn;
struct pg_result;

namespace firedrill::test {

/// An ErrorResponse's fields; empty (0) where it does not have them.
struct PostgresError {
  std::string sqlstate;
  std::string message;
  std::string detail;
  std::string hint;
  int position = 0;  ///< in characters, from 1
};

/// A NoticeResponse.
struct PostgresNotice {
  std::string severity;
  PostgresError message;
};

/// A NotificationResponse.
struct PostgresNotification {
  std::string channel;
  std::string payload;
};

/// What one statement answered.
struct PostgresResult {
  std::string tag;  ///< "INSERT 0 1"; empty for an error, or an empty query
  std::vector<std::string> names;
  std::vector<std::uint32_t> types;                           ///< oids, one for each name
  std::vector<std::vector<std::optional<std::string>>> rows;  ///< as text; nothing: NULL
  std::optional<PostgresError> error;
  /// Of the whole text, at its first result: libpq does not say of which statement they are.
  std::vector<PostgresNotice> notices;
  std::vector<PostgresNotification> notifications;  ///< at the text's last result
};

/// A blocking connection to a PostgreSQL, for tests. Throws std::runtime_error when the connection
/// fails or breaks. COPY is not spoken.
class PostgresClient {
 public:
  explicit PostgresClient(const std::string& connection);

  /// A text of statements by the simple protocol; one result for each that was run.
  std::vector<PostgresResult> query(const std::string& sql);

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  [[noreturn]] void broken() const;
  PostgresResult read(const pg_result& result) const;

  std::unique_ptr<pg_conn, Finish> connection_;
  std::unique_ptr<std::vector<PostgresNotice>> notices_;  ///< libpq keeps its address
};

}  // namespace firedrill::test
