#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/values/value.h"

namespace firedrill::sim::postgres {

struct Version;

struct IndexColumn {
  std::uint32_t position = 0;  ///< within the entry's key
  TypeId type = TypeId::none;
  bool descending = false;
  bool nulls_first = false;
};

/// An index: an ordered list of keys and versions; equal keys in the order of their versions. What
/// a key is (columns, expressions, a condition), the caller knows, and computes.
class Index {
 public:
  /// `types` outlives it. Values of the key beyond `columns` (INCLUDE) are kept, and not compared.
  Index(std::vector<IndexColumn> columns, const Types& types);
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;
  ~Index();

  void insert(Row key, Version* version);
  /// Nothing, where it is not there.
  void remove(const Row& key, const Version* version);

  struct Bound {
    Value value;
    bool inclusive = true;
  };
  /// All keys whose first columns equal `prefix`, and whose next column is within the bounds (of
  /// its values: `lower` is the lesser one in a descending column, too). NULLs equal nothing and
  /// are in no bounds, but for `nulls_match`: those in `prefix` equal others (IS NULL). Where there
  /// is no bound the next column may be NULL.
  struct Range {
    Row prefix = {};
    std::optional<Bound> lower = {};
    std::optional<Bound> upper = {};
    bool backwards = false;
    bool nulls_match = false;
  };
  /// In the index's order (or backwards), until `found` returns false. `found` may sleep, and
  /// change the index, but what it was given of the key is gone then.
  void scan(const Range& range, const std::function<bool(const Row& key, Version*)>& found) const;
  /// Whether scan() meets that key.
  bool is_within(const Range& range, const Row& key) const;
  std::size_t size() const { return size_; }
  const std::vector<IndexColumn>& columns() const { return columns_; }

 private:
  struct Entry;
  struct Leaf;
  struct Place {
    std::size_t leaf = 0;
    std::size_t entry = 0;
  };
  enum class Side : std::uint8_t { before, within, after };

  int compare_values(const IndexColumn& column, const Value& left, const Value& right) const;
  int compare_keys(const Row& left, const Row& right) const;
  Side side_of(const Range& range, const Row& key) const;
  Side side_of_bounds(const Range& range, const IndexColumn& column, const Value& value) const;
  template <class IsBefore>
  Place partition(IsBefore is_before) const;
  Place place_of(const Row& key, std::uint64_t number) const;
  const Entry* at(Place place) const;
  const Entry* before(Place& place) const;
  void step(Place& place) const;
  void scan_forwards(const Range& range,
                     const std::function<bool(const Row& key, Version*)>& found) const;
  void scan_backwards(const Range& range,
                      const std::function<bool(const Row& key, Version*)>& found) const;

  std::vector<IndexColumn> columns_;
  const Types& types_;
  std::vector<std::unique_ptr<Leaf>> leaves_;  ///< in order; none is empty
  std::size_t size_ = 0;
  std::uint64_t changes_ = 0;  ///< so that scans notice that places have moved
};

}  // namespace firedrill::sim::postgres
