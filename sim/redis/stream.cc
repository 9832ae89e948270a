#include "sim/redis/stream.h"

#include <algorithm>
#include <cstring>

#include "system/domain/check.h"

namespace firedrill::sim::redis {

Stream::Entry::Entry(StreamId id, const std::string_view* fields, std::size_t count)
    : id_(id), count_(static_cast<std::uint32_t>(count)) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) bytes += fields[i].size() + sizeof(std::uint32_t);
  packed_.reserve(bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const auto length = static_cast<std::uint32_t>(fields[i].size());
    packed_.append(reinterpret_cast<const char*>(&length), sizeof length);
    packed_.append(fields[i]);
  }
}

std::vector<std::string_view> Stream::Entry::fields() const {
  std::vector<std::string_view> fields;
  fields.reserve(count_);
  const char* at = packed_.data();
  for (std::uint32_t i = 0; i < count_; ++i) {
    std::uint32_t length;
    std::memcpy(&length, at, sizeof length);
    fields.emplace_back(at + sizeof length, length);
    at += sizeof length + length;
  }
  return fields;
}

void Stream::append(StreamId id, const std::string_view* fields, std::size_t count) {
  check(id > last_id_, "stream ids grow");
  entries_.emplace_back(id, fields, count);
  last_id_ = id;
}

std::size_t Stream::count_below(StreamId id) const {
  const auto first = std::partition_point(entries_.begin(), entries_.end(),
                                          [&](const Entry& entry) { return entry.id() < id; });
  return static_cast<std::size_t>(first - entries_.begin());
}

bool Stream::erase(StreamId id) {
  const std::size_t at = count_below(id);
  if (at == entries_.size() || entries_[at].id() != id) return false;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(at));
  return true;
}

void Stream::trim_to(std::size_t length) {
  while (entries_.size() > length) entries_.pop_front();
}

}  // namespace firedrill::sim::redis
