#include "sim/postgres/storage/index.h"

#include <algorithm>
#include <utility>

#include "sim/postgres/storage/heap.h"
#include "sim/postgres/values/text_form.h"
#include "system/domain/check.h"

namespace firedrill::sim::postgres {

namespace {

/// A leaf is split in two when it has more entries.
constexpr std::size_t kLeafEntries = 64;

int sign(int order) {
  return (order > 0) - (order < 0);
}

/// Types whose values compare as their bytes do, under the collation C.
bool is_plain_text(TypeId type) {
  return type == TypeId::text || type == TypeId::varchar || type == TypeId::name;
}

bool is_plain_number(TypeId type) {
  switch (type) {
    case TypeId::int2:
    case TypeId::int4:
    case TypeId::int8:
    case TypeId::date:
    case TypeId::timestamp:
    case TypeId::timestamptz: return true;
    default: return false;
  }
}

}  // namespace

/// `head` is the key's first value again, so that a search does not leave the leaf.
struct Index::Entry {
  Value head;
  Row key;
  Version* version = nullptr;
};

struct Index::Leaf {
  std::vector<Entry> entries;
};

Index::Index(std::vector<IndexColumn> columns, const Types& types)
    : columns_(std::move(columns)), types_(types) {
  check(!columns_.empty(), "an index has a column");
}
Index::~Index() = default;

int Index::compare_values(const IndexColumn& column, const Value& left, const Value& right) const {
  if (left.is_null() || right.is_null()) {
    const int order = static_cast<int>(left.is_null()) - static_cast<int>(right.is_null());
    return column.nulls_first ? -order : order;
  }
  int order = 0;
  if (is_plain_number(column.type)) {
    const std::int64_t a = left.integer();
    const std::int64_t b = right.integer();
    order = (a > b) - (a < b);
  } else if (is_plain_text(column.type)) {
    order = sign(left.text().compare(right.text()));
  } else {
    order = sign(compare(types_, column.type, left, right));
  }
  return column.descending ? -order : order;
}

int Index::compare_keys(const Row& left, const Row& right) const {
  for (const IndexColumn& column : columns_) {
    const int order = compare_values(column, left[column.position], right[column.position]);
    if (order != 0) return order;
  }
  return 0;
}

Index::Side Index::side_of_bounds(const Range& range, const IndexColumn& column,
                                  const Value& value) const {
  if (!range.lower && !range.upper) return Side::within;
  if (value.is_null()) return column.nulls_first ? Side::before : Side::after;
  const Side below = column.descending ? Side::after : Side::before;
  const Side above = column.descending ? Side::before : Side::after;
  const auto order_to = [&](const Bound& bound) {
    const int order = compare_values(column, value, bound.value);
    return column.descending ? -order : order;
  };
  if (range.lower) {
    const int order = order_to(*range.lower);
    if (order < 0 || (order == 0 && !range.lower->inclusive)) return below;
  }
  if (range.upper) {
    const int order = order_to(*range.upper);
    if (order > 0 || (order == 0 && !range.upper->inclusive)) return above;
  }
  return Side::within;
}

Index::Side Index::side_of(const Range& range, const Row& key) const {
  for (std::size_t i = 0; i < range.prefix.size(); ++i) {
    const int order = compare_values(columns_[i], key[columns_[i].position], range.prefix[i]);
    if (order != 0) return order < 0 ? Side::before : Side::after;
  }
  if (range.prefix.size() == columns_.size()) return Side::within;
  const IndexColumn& next = columns_[range.prefix.size()];
  return side_of_bounds(range, next, key[next.position]);
}

namespace {

/// Whether nothing can be within it: a NULL is compared.
bool is_empty(const Index::Range& range) {
  const auto is_null = [](const Value& value) { return value.is_null(); };
  return (!range.nulls_match && std::ranges::any_of(range.prefix, is_null)) ||
         (range.lower && range.lower->value.is_null()) ||
         (range.upper && range.upper->value.is_null());
}

}  // namespace

bool Index::is_within(const Range& range, const Row& key) const {
  return !is_empty(range) && side_of(range, key) == Side::within;
}

/// The first entry of which `is_before` is false, or the place behind all.
template <class IsBefore>
Index::Place Index::partition(IsBefore is_before) const {
  const auto leaf = std::partition_point(
      leaves_.begin(), leaves_.end(),
      [&](const std::unique_ptr<Leaf>& it) { return is_before(it->entries.back()); });
  const auto number = static_cast<std::size_t>(leaf - leaves_.begin());
  if (leaf == leaves_.end()) return {number, 0};
  const std::vector<Entry>& entries = (*leaf)->entries;
  const auto entry = std::partition_point(entries.begin(), entries.end(), is_before);
  return {number, static_cast<std::size_t>(entry - entries.begin())};
}

Index::Place Index::place_of(const Row& key, std::uint64_t number) const {
  const IndexColumn& first = columns_.front();
  return partition([&](const Entry& entry) {
    int order = compare_values(first, entry.head, key[first.position]);
    if (order == 0) order = compare_keys(entry.key, key);
    return order < 0 || (order == 0 && entry.version->number < number);
  });
}

const Index::Entry* Index::at(Place place) const {
  return place.leaf < leaves_.size() ? &leaves_[place.leaf]->entries[place.entry] : nullptr;
}

void Index::step(Place& place) const {
  if (++place.entry < leaves_[place.leaf]->entries.size()) return;
  place = {place.leaf + 1, 0};
}

/// The entry ahead of the place, which becomes its place; null: there is none.
const Index::Entry* Index::before(Place& place) const {
  if (place.entry == 0) {
    if (place.leaf == 0) return nullptr;
    --place.leaf;
    place.entry = leaves_[place.leaf]->entries.size();
  }
  --place.entry;
  return at(place);
}

void Index::insert(Row key, Version* version) {
  Place place = place_of(key, version->number);
  ++changes_;
  ++size_;
  if (leaves_.empty()) leaves_.push_back(std::make_unique<Leaf>());
  if (place.leaf == leaves_.size()) place = {leaves_.size() - 1, leaves_.back()->entries.size()};
  std::vector<Entry>& entries = leaves_[place.leaf]->entries;
  const Value head = key[columns_.front().position];
  entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(place.entry),
                 Entry{head, std::move(key), version});
  if (entries.size() <= kLeafEntries) return;
  // Keys often come in ascending order: then the left leaf stays full.
  const bool at_end = place.leaf + 1 == leaves_.size() && place.entry + 1 == entries.size();
  const auto middle = entries.begin() +
                      static_cast<std::ptrdiff_t>(at_end ? entries.size() - 1 : entries.size() / 2);
  auto right = std::make_unique<Leaf>();
  right->entries.reserve(kLeafEntries + 1);
  std::move(middle, entries.end(), std::back_inserter(right->entries));
  entries.erase(middle, entries.end());
  leaves_.insert(leaves_.begin() + static_cast<std::ptrdiff_t>(place.leaf) + 1, std::move(right));
}

void Index::remove(const Row& key, const Version* version) {
  const Place place = place_of(key, version->number);
  const Entry* entry = at(place);
  if (entry == nullptr || entry->version != version || compare_keys(entry->key, key) != 0) return;
  ++changes_;
  --size_;
  std::vector<Entry>& entries = leaves_[place.leaf]->entries;
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(place.entry));
  if (entries.empty()) leaves_.erase(leaves_.begin() + static_cast<std::ptrdiff_t>(place.leaf));
}

void Index::scan(const Range& range,
                 const std::function<bool(const Row& key, Version*)>& found) const {
  if (is_empty(range)) return;
  if (range.backwards)
    scan_backwards(range, found);
  else
    scan_forwards(range, found);
}

// An entry that is given out may be gone afterwards: where another comes after it, its key is kept,
// to find the way back.

void Index::scan_forwards(const Range& range,
                          const std::function<bool(const Row& key, Version*)>& found) const {
  Place place =
      partition([&](const Entry& entry) { return side_of(range, entry.key) == Side::before; });
  const Entry* entry = at(place);
  while (entry != nullptr && side_of(range, entry->key) == Side::within) {
    Place next = place;
    step(next);
    const Entry* ahead = at(next);
    if (ahead == nullptr || side_of(range, ahead->key) != Side::within) {
      found(entry->key, entry->version);
      return;
    }
    const Row key = entry->key;
    const std::uint64_t number = entry->version->number;
    const std::uint64_t changes = changes_;
    if (!found(key, entry->version)) return;
    place = changes == changes_ ? next : place_of(key, number + 1);
    entry = at(place);
  }
}

void Index::scan_backwards(const Range& range,
                           const std::function<bool(const Row& key, Version*)>& found) const {
  Place place =
      partition([&](const Entry& entry) { return side_of(range, entry.key) != Side::after; });
  const Entry* entry = before(place);
  while (entry != nullptr && side_of(range, entry->key) == Side::within) {
    const Row key = entry->key;
    const std::uint64_t number = entry->version->number;
    const std::uint64_t changes = changes_;
    if (!found(key, entry->version)) return;
    if (changes != changes_) place = place_of(key, number);
    entry = before(place);
  }
}

}  // namespace firedrill::sim::postgres
