#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "system/ports/database.h"
#include "system/ports/outcome.h"

namespace firedrill::adapters {

/// Why a statement, or an attempt to connect, has no rows.
struct SqlFailure {
  enum class Kind : std::uint8_t {
    answered,       ///< the server said so, and the connection lives
    no_connection,  ///< none came about; with a SQLSTATE where a server said why
    broken,         ///< the connection broke; what the server said last does not count
    timed_out,      ///< the deadline passed
    closed,         ///< the port is being stopped
  };
  Kind kind;
  SqlState sqlstate = {};
  std::string message = {};
  bool sent = true;  ///< whether any of it may have left for the server

  friend bool operator==(const SqlFailure&, const SqlFailure&) = default;
};

using SqlAnswer = std::expected<SqlRows, SqlFailure>;

/// What was asked, as far as it decides what a failure means.
enum class SqlStage : std::uint8_t {
  in_transaction,  ///< nothing of it lasts: connecting and BEGIN, too
  alone,           ///< a statement that commits by itself
  committing,      ///< COMMIT
};

/// What the caller of a port is told. Unknown only where the failure leaves open what lasts: 08007
/// and 40003, and a connection lost, or given up, between the sending and the answer.
std::variant<Refused, Unknown> classify(SqlStage stage, SqlFailure failure);

template <class T>
Outcome<T> outcome_of(SqlStage stage, SqlFailure failure) {
  auto ending = classify(stage, std::move(failure));
  if (auto* refused = std::get_if<Refused>(&ending)) return std::move(*refused);
  return std::get<Unknown>(ending);
}

/// What stands in libpq's text of an error, at verbosity "verbose": "ERROR:  23505: duplicate key
/// ...\nDETAIL: ...", the first word in the server's language, the address of the server before it
/// where connecting failed. Without a SQLSTATE where it has none: then it is libpq's own.
struct SqlErrorText {
  SqlState sqlstate;
  std::string message;  ///< the first line

  static SqlErrorText parse(std::string_view text);
};

}  // namespace firedrill::adapters
