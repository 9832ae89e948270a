#include "sim/redis/sorted_set.h"

#include <algorithm>

#include "system/domain/check.h"

namespace firedrill::sim::redis {

std::optional<double> SortedSet::score_of(std::string_view member) const {
  const auto* entry = members_.find(member);
  if (entry == nullptr) return std::nullopt;
  return entry->value;
}

bool SortedSet::set(std::string_view member, double score) {
  const auto [entry, is_new] = members_.insert(member);
  const auto position = static_cast<std::uint32_t>(entry - &members_.at(0));
  if (!is_new) {
    if (entry->value == score) return false;
    erase_item(entry->value, member);
  }
  entry->value = score;
  insert_item(score, position);
  return is_new;
}

bool SortedSet::add(std::string_view member, double score, const Config& config) {
  if (!listpack) return set(member, score);
  const auto most = static_cast<std::size_t>(config.zset_max_listpack_entries);
  const auto longest = static_cast<std::size_t>(config.zset_max_listpack_value);
  if (score == 0) {
    const bool stays = member.size() <= longest && (size() < most || members_.contains(member));
    if (stays) score = 0;
  }
  const bool is_new = set(member, score);
  if (is_new) listpack = size() <= most && member.size() <= longest;
  return is_new;
}

bool SortedSet::erase(std::string_view member) {
  const std::uint32_t position = members_.position_of(member);
  if (position == members_.kNowhere) return false;
  erase_item(members_.at(position).value, member);
  const auto last = static_cast<std::uint32_t>(members_.size() - 1);
  if (position != last) {
    const auto& moved = members_.at(last);
    const Place place = lower_bound(moved.value, moved.key);
    chunks_[place.chunk][place.offset].position = position;
  }
  members_.erase_at(position);
  return true;
}

bool SortedSet::before(const Item& item, double score, std::string_view member) const {
  if (item.score != score) return item.score < score;
  return members_.at(item.position).key < member;
}

SortedSet::Place SortedSet::lower_bound(double score, std::string_view member) const {
  const auto less = [&](const Item& item, int) { return before(item, score, member); };
  const auto chunk = std::partition_point(chunks_.begin(), chunks_.end(), [&](const Chunk& c) {
    return !c.empty() && before(c.back(), score, member);
  });
  if (chunk == chunks_.end()) return {chunks_.size(), 0};
  const auto item = std::lower_bound(chunk->begin(), chunk->end(), 0, less);
  return {static_cast<std::size_t>(chunk - chunks_.begin()),
          static_cast<std::size_t>(item - chunk->begin())};
}

void SortedSet::insert_item(double score, std::uint32_t position) {
  if (chunks_.empty()) chunks_.emplace_back();
  Place place = lower_bound(score, members_.at(position).key);
  if (place.chunk == chunks_.size()) place = {chunks_.size() - 1, chunks_.back().size()};
  Chunk& chunk = chunks_[place.chunk];
  chunk.insert(chunk.begin() + static_cast<std::ptrdiff_t>(place.offset), Item{score, position});
  if (chunk.size() <= kChunk) return;
  // Deadlines and times mostly arrive in order: leave the full part behind nearly full.
  const bool at_the_end = place.chunk + 1 == chunks_.size() && place.offset + 1 == chunk.size();
  const auto half = static_cast<std::ptrdiff_t>(at_the_end ? kChunk - 8 : kChunk / 2);
  Chunk upper(chunk.begin() + half, chunk.end());
  chunk.resize(static_cast<std::size_t>(half), Item{});
  chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(place.chunk) + 1, std::move(upper));
}

void SortedSet::erase_item(double score, std::string_view member) {
  const Place place = lower_bound(score, member);
  check(place.chunk < chunks_.size() && place.offset < chunks_[place.chunk].size(),
        "every member has its place in the order");
  Chunk& chunk = chunks_[place.chunk];
  chunk.erase(chunk.begin() + static_cast<std::ptrdiff_t>(place.offset));
  if (chunk.empty() && chunks_.size() > 1) {
    chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(place.chunk));
  }
}

std::size_t SortedSet::rank_of(std::string_view member) const {
  const auto* entry = members_.find(member);
  check(entry != nullptr, "only members have a rank");
  const Place place = lower_bound(entry->value, member);
  std::size_t rank = place.offset;
  for (std::size_t i = 0; i < place.chunk; ++i) rank += chunks_[i].size();
  return rank;
}

SortedSet::Place SortedSet::place_of_rank(std::size_t rank) const {
  std::size_t chunk = 0;
  while (rank >= chunks_[chunk].size()) rank -= chunks_[chunk++].size();
  return {chunk, rank};
}

SortedSet::Element SortedSet::at(std::size_t rank) const {
  check(rank < size(), "a rank is below the size");
  const Place place = place_of_rank(rank);
  const Item& item = chunks_[place.chunk][place.offset];
  return {members_.at(item.position).key, item.score};
}

std::size_t SortedSet::count_below(double score, bool or_equal) const {
  return count_before([&](const Element& element) {
    return element.score < score || (or_equal && element.score == score);
  });
}

std::vector<SortedSet::Element> SortedSet::range(std::size_t first, std::size_t last) const {
  std::vector<Element> elements;
  last = std::min(last, size());
  if (first >= last) return elements;
  elements.reserve(last - first);
  Place place = place_of_rank(first);
  while (elements.size() < last - first) {
    const Item& item = chunks_[place.chunk][place.offset];
    elements.push_back({members_.at(item.position).key, item.score});
    if (++place.offset == chunks_[place.chunk].size()) place = {place.chunk + 1, 0};
  }
  return elements;
}

void SortedSet::erase_range(std::size_t first, std::size_t last) {
  last = std::min(last, size());
  for (std::size_t left = first < last ? last - first : 0; left > 0; --left) {
    const std::string member(at(first).member);
    erase(member);
  }
}

}  // namespace firedrill::sim::redis
