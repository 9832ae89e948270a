#pragma once

#include <array>
#include <functional>
#include <vector>

#include "sim/postgres/query/query.h"

namespace firedrill::sim::postgres {

/// As ORDER BY puts them.
int compare_sorted(const Types& types, TypeId type, const Value& left, const Value& right,
                   bool descending, bool nulls_first);

/// Window functions: all rows first, then the functions' values for each.
class WindowRows {
 public:
  WindowRows(const Query& query, Environment& environment)
      : query_(query), environment_(environment) {}

  void add(const Frame& frame);
  /// Calls `found` with the frame's row set to what was captured and the functions' values, in the
  /// order that the last of the windows leaves the rows in.
  bool each(Frame& frame, const std::function<bool(Frame&)>& found);

 private:
  struct Input {
    Row captured;
    /// Of each window: its partition's keys, its order's, and its arguments; whether FILTER holds.
    struct Of {
      Row partition;
      Row order;
      Row arguments;
      bool counts = true;
    };
    std::vector<Of> windows;
    Row values;
  };

  void compute(std::size_t window);
  void compute_partition(std::size_t window, std::size_t begin, std::size_t end);
  void compute_aggregate(std::size_t window, std::size_t begin, std::size_t end);
  void aggregate_frames(std::size_t window, std::size_t begin, std::size_t end);
  bool counts_in(std::size_t window, std::size_t row) const;
  bool is_within(std::size_t window, const WindowFunction::Bound& bound, std::size_t row,
                 std::size_t current) const;
  bool are_peers(std::size_t window, std::size_t a, std::size_t b) const;
  int compare_inputs(std::size_t window, const Input& a, const Input& b) const;
  int compare_partitions(std::size_t window, const Input& a, const Input& b) const;

  /// Rows [begin, end) of `inputs_`, but for those that are excluded.
  struct Extent {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  Extent extent_of(std::size_t window, Extent partition, std::size_t current) const;
  std::size_t bound_of(std::size_t window, Extent partition, std::size_t current,
                       bool is_start) const;
  std::vector<std::size_t> frame_of(std::size_t window, Extent partition,
                                    std::size_t current) const;
  Extent peers_of(std::size_t window, Extent partition, std::size_t current) const;
  void read_offsets(const Frame& frame);

  const Query& query_;
  Environment& environment_;
  /// Of each window: the offsets of its frame's start and end, where it has them.
  std::vector<std::array<Value, 2>> offsets_;
  const Frame* frame_ = nullptr;  ///< while values are computed
  std::vector<Input> inputs_;
};

}  // namespace firedrill::sim::postgres
