#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace firedrill::sim::postgres {

/// What PostgreSQL reports as an error: the fields of its ErrorResponse. Thrown, for this is how
/// the server itself leaves a statement from anywhere within it (ereport); it never leaves the
/// engine, which answers with it.
struct SqlError {
  std::string sqlstate;  ///< five characters: see the manual's appendix A
  std::string message;
  std::string detail = {};
  std::string hint = {};
  /// Where in the statement's text, in characters from 1; 0: nowhere.
  std::int32_t position = 0;
  // Of what the error speaks, where it speaks of such a thing.
  std::string schema = {};
  std::string table = {};
  std::string column = {};
  std::string data_type = {};
  std::string constraint = {};
  /// FATAL: the session ends with it.
  bool is_fatal = false;
  std::string context = {};  ///< "COPY t, line 3, column a: ..."
};

/// The states that are used in more than one place.
namespace sqlstate {
inline constexpr std::string_view kFeatureNotSupported = "0A000";
inline constexpr std::string_view kNumericValueOutOfRange = "22003";
inline constexpr std::string_view kDatetimeFieldOverflow = "22008";
inline constexpr std::string_view kDivisionByZero = "22012";
inline constexpr std::string_view kInvalidParameterValue = "22023";
inline constexpr std::string_view kInvalidTextRepresentation = "22P02";
inline constexpr std::string_view kInvalidDatetimeFormat = "22007";
inline constexpr std::string_view kStringDataRightTruncation = "22001";
inline constexpr std::string_view kNotNullViolation = "23502";
inline constexpr std::string_view kForeignKeyViolation = "23503";
inline constexpr std::string_view kUniqueViolation = "23505";
inline constexpr std::string_view kCheckViolation = "23514";
inline constexpr std::string_view kActiveSqlTransaction = "25001";
inline constexpr std::string_view kReadOnlySqlTransaction = "25006";
inline constexpr std::string_view kNoActiveSqlTransaction = "25P01";
inline constexpr std::string_view kInFailedSqlTransaction = "25P02";
inline constexpr std::string_view kSerializationFailure = "40001";
inline constexpr std::string_view kDeadlockDetected = "40P01";
inline constexpr std::string_view kSyntaxError = "42601";
inline constexpr std::string_view kUndefinedColumn = "42703";
inline constexpr std::string_view kUndefinedFunction = "42883";
inline constexpr std::string_view kUndefinedTable = "42P01";
inline constexpr std::string_view kUndefinedObject = "42704";
inline constexpr std::string_view kDuplicateObject = "42710";
inline constexpr std::string_view kDuplicateTable = "42P07";
inline constexpr std::string_view kDuplicateColumn = "42701";
inline constexpr std::string_view kAmbiguousColumn = "42702";
inline constexpr std::string_view kAmbiguousFunction = "42725";
inline constexpr std::string_view kGroupingError = "42803";
inline constexpr std::string_view kDatatypeMismatch = "42804";
inline constexpr std::string_view kCannotCoerce = "42846";
inline constexpr std::string_view kWrongObjectType = "42809";
inline constexpr std::string_view kInvalidColumnReference = "42P10";
inline constexpr std::string_view kInvalidTableDefinition = "42P16";
inline constexpr std::string_view kIndeterminateDatatype = "42P18";
inline constexpr std::string_view kStatementTooComplex = "54001";
inline constexpr std::string_view kLockNotAvailable = "55P03";
inline constexpr std::string_view kObjectNotInPrerequisiteState = "55000";
inline constexpr std::string_view kQueryCanceled = "57014";
}  // namespace sqlstate

[[noreturn]] inline void fail(std::string_view state, std::string message,
                              std::int32_t position = 0) {
  throw SqlError{
      .sqlstate = std::string(state), .message = std::move(message), .position = position};
}

/// Something is nested more deeply than the stack bears, in PostgreSQL's words.
[[noreturn]] inline void fail_nesting() {
  throw SqlError{
      .sqlstate = std::string(sqlstate::kStatementTooComplex),
      .message = "stack depth limit exceeded",
      .hint =
          "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after "
          "ensuring the platform's stack depth limit is adequate."};
}

/// What the model does not have: refused with its name, never answered otherwise.
[[noreturn]] inline void unsupported(std::string_view construct, std::int32_t position = 0) {
  fail(sqlstate::kFeatureNotSupported,
       std::string(construct) + " is not supported by the simulated PostgreSQL", position);
}

}  // namespace firedrill::sim::postgres
