#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/storage/locks.h"

namespace firedrill::sim::postgres {

/// What a COPY ... FROM STDIN wants.
struct CopyInput {
  std::size_t columns = 0;
};

/// What a COPY ... TO STDOUT gives: lines, each with its end.
struct CopyOutput {
  std::size_t columns = 0;
  std::vector<std::string> lines;
};

/// What has come of the data, and has not been read.
struct CopyFeed {
  std::string bytes;
  bool is_done = false;
  std::optional<SqlError> failure;  ///< what ends it instead
};

/// How a backend waits for data: the engine implements it.
class CopyWaiter {
 public:
  virtual ~CopyWaiter() = default;
  /// Returns when there is more in its feed; throws the SqlError that ended the statement.
  virtual void await_copy(BackendId backend) = 0;
};

}  // namespace firedrill::sim::postgres
