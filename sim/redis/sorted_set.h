#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/redis/config.h"
#include "sim/redis/string_map.h"

namespace firedrill::sim::redis {

/// Members with scores, ordered by (score, member bytes). A score is never NaN.
class SortedSet {
 public:
  struct Element {
    std::string_view member;  ///< holds until the next change
    double score = 0;
  };

  /// Whether Redis would keep it as a listpack: it has never been large, and once it is a skip
  /// list, Redis leaves it one. A listpack has no -0.
  bool listpack = true;

  std::size_t size() const { return members_.size(); }
  bool empty() const { return members_.empty(); }

  std::optional<double> score_of(std::string_view member) const;
  /// True where the member is new. set() does not look at `listpack`.
  bool add(std::string_view member, double score, const Config& config);
  bool set(std::string_view member, double score);
  bool erase(std::string_view member);

  /// How many members stand before `member`, which is there.
  std::size_t rank_of(std::string_view member) const;
  /// The element with `rank` others before it; rank < size().
  Element at(std::size_t rank) const;
  /// The element at a position below size(): in no order, but the one in which ScanOptions counts.
  Element in_any_order(std::size_t position) const {
    const auto& entry = members_.at(position);
    return {entry.key, entry.value};
  }
  /// How many elements stand before the first one for which before(element) is false; it is true of
  /// none that stand behind that.
  template <class Before>
  std::size_t count_before(Before before) const;
  /// How many members have a score below `score` (`or_equal`: or equal to it).
  std::size_t count_below(double score, bool or_equal) const;

  /// The elements of ranks [first, last), in order.
  std::vector<Element> range(std::size_t first, std::size_t last) const;
  /// Erases ranks [first, last).
  void erase_range(std::size_t first, std::size_t last);

 private:
  struct Item {
    double score;
    std::uint32_t position;  ///< in members_
  };
  /// Up to kChunk items, never empty (save the first one of an empty set).
  using Chunk = std::vector<Item>;
  static constexpr std::size_t kChunk = 128;

  struct Place {
    std::size_t chunk;
    std::size_t offset;
  };

  bool before(const Item& item, double score, std::string_view member) const;
  Place lower_bound(double score, std::string_view member) const;
  Place place_of_rank(std::size_t rank) const;
  void insert_item(double score, std::uint32_t position);
  void erase_item(double score, std::string_view member);

  StringMap<double> members_;
  std::vector<Chunk> chunks_;
};

template <class Before>
std::size_t SortedSet::count_before(Before before) const {
  const auto is_before = [&](const Item& item) {
    return before(Element{members_.at(item.position).key, item.score});
  };
  std::size_t count = 0;
  for (const Chunk& chunk : chunks_) {
    if (!chunk.empty() && is_before(chunk.back())) {
      count += chunk.size();
      continue;
    }
    const auto first_not = std::partition_point(chunk.begin(), chunk.end(), is_before);
    return count + static_cast<std::size_t>(first_not - chunk.begin());
  }
  return count;
}

}  // namespace firedrill::sim::redis
