#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/postgres/query/execution.h"
#include "sim/postgres/query/parse.h"

namespace firedrill::sim::postgres {

/// What DECLARE made. Its rows are those of the snapshot of its DECLARE, computed as a whole by the
/// first FETCH or MOVE (PostgreSQL computes them as they are fetched).
struct Cursor {
  std::string name;
  std::shared_ptr<const ParseTree> tree;
  std::shared_ptr<const Query> query;
  Snapshot snapshot;
  bool is_held = false;  ///< WITH HOLD, and its transaction has not ended yet: it will outlive it
  bool is_settled = false;  ///< outlives transactions
  bool scrolls = false;
  bool has_failed = false;     ///< computing its rows was an error: it cannot be read any more
  std::size_t savepoints = 0;  ///< how deep it was made
  std::optional<std::vector<Row>> rows;
  /// On row `position`, from 1; 0: before all; rows + 1: after all.
  std::size_t position = 0;

  /// The rows of one FETCH, in its order. Throws 55000 where it cannot go back.
  std::vector<Row> fetch(PgQuery__FetchDirection direction, std::int64_t count);

 private:
  std::vector<Row> forward(std::int64_t count);
  std::vector<Row> backward(std::int64_t count);
  std::vector<Row> absolute(std::int64_t place);
  std::vector<Row> relative(std::int64_t count);
  void require_scroll() const;
};

}  // namespace firedrill::sim::postgres
