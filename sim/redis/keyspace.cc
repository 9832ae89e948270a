#include "sim/redis/keyspace.h"

#include <algorithm>

namespace firedrill::sim::redis {

std::string_view type_name(const Value& value) {
  switch (value.index()) {
    case 2: return "hash";
    case 3: return "set";
    case 4: return "zset";
    case 5: return "stream";
    case 6: return "list";
    default: return "string";
  }
}

namespace {

std::int64_t duplicate(std::int64_t value) {
  return value;
}
std::string duplicate(const std::string& value) {
  return value;
}
template <class T>
std::unique_ptr<T> duplicate(const std::unique_ptr<T>& value) {
  return std::make_unique<T>(*value);
}

}  // namespace

Value copy_of(const Value& value) {
  return std::visit([](const auto& held) { return Value(duplicate(held)); }, value);
}

void Keyspace::begin_command(std::int64_t now_ms) {
  now_ms_ = now_ms;
  ++command_;
  changed_count_ = 0;
  changed_is_unique_ = true;
}

Keyspace::Entry* Keyspace::find(std::string_view key) {
  Entry* entry = peek(key);
  if (entry != nullptr) entry->value.used_ms = now_ms_;
  return entry;
}

Keyspace::Entry* Keyspace::peek(std::string_view key) {
  Entry* entry = entries_.find(key);
  if (entry == nullptr) return nullptr;
  if (due(*entry) && expire(*entry)) [[unlikely]]
    return nullptr;
  return entry;
}

bool Keyspace::expire(const Entry& entry) {
  if (expiry_ != Expiry::erase) return expiry_ == Expiry::hide;
  effects_->add(number_, {"DEL", entry.key});
  const std::uint64_t before = changes_;
  erase(std::string(entry.key));
  changes_ = before;
  return true;
}

Keyspace::Entry& Keyspace::put(std::string_view key, Value value, bool keeps_expiry) {
  Entry* old = find(key);
  if (old != nullptr) note_departure(*old);
  Entry& entry = old != nullptr ? *old : *entries_.insert(key).first;
  entry.value.value = std::move(value);
  entry.value.used_ms = now_ms_;
  if (old == nullptr) note_arrival(entry);
  entry.value.raw = false;
  if (!keeps_expiry) entry.value.expires_ms = kForever;
  changed(entry);
  return entry;
}

bool Keyspace::erase(std::string_view key) {
  const std::uint32_t position = entries_.position_of(key);
  if (position == entries_.kNowhere) return false;
  changed(entries_.at(position));
  note_departure(entries_.at(position));
  entries_.erase_at(position);
  return true;
}

void Keyspace::clear() {
  for (Entry& entry : entries_) {
    changed(entry);
    note_departure(entry);
  }
  entries_.clear();
  earliest_expiry_ = INT64_MAX;
}

void Keyspace::changed(Entry& entry) {
  ++changes_;
  if (entry.value.changed_in == command_) return;
  entry.value.changed_in = command_;
  note(entry.key);
}

void Keyspace::set_expiry(Entry& entry, std::int64_t at_ms) {
  entry.value.expires_ms = at_ms;
  earliest_expiry_ = std::min(earliest_expiry_, at_ms);
}

void Keyspace::swap_keys(Keyspace& other) {
  for (Keyspace* database : {this, &other}) {
    for (Entry& entry : database->entries_) {
      database->changed(entry);
      database->note_departure(entry);
    }
  }
  std::swap(entries_, other.entries_);
  std::swap(earliest_expiry_, other.earliest_expiry_);
  for (Keyspace* database : {this, &other}) {
    for (Entry& entry : database->entries_) {
      entry.value.changed_in = 0;  // it was the other's command that this counted
      database->changed(entry);
      database->note_arrival(entry);
    }
  }
}

void Keyspace::expire_due() {
  if (now_ms_ <= earliest_expiry_ || expiry_ != Expiry::erase) return;
  std::int64_t earliest = INT64_MAX;
  for (std::size_t i = entries_.size(); i-- > 0;) {
    Entry& entry = entries_.at(i);
    if (due(entry)) {
      effects_->add(number_, {"DEL", entry.key});
      changed(entry);
      note_departure(entry);
      entries_.erase_at(static_cast<std::uint32_t>(i));
    } else if (entry.value.expires_ms != kForever) {
      earliest = std::min(earliest, entry.value.expires_ms);
    }
  }
  earliest_expiry_ = earliest;
}

void Keyspace::note(std::string_view key) {
  // The strings are reused: noting a change costs no allocation in the long run.
  if (changed_count_ == changed_.size()) changed_.emplace_back();
  changed_[changed_count_++].assign(key);
  changed_is_unique_ = changed_count_ <= 1;
}

void Keyspace::note_arrival(const Entry& entry) {
  const Value& value = entry.value.value;
  const bool is_awaited = std::holds_alternative<std::unique_ptr<List>>(value) ||
                          std::holds_alternative<std::unique_ptr<SortedSet>>(value) ||
                          std::holds_alternative<std::unique_ptr<Stream>>(value);
  if (is_awaited) ready_->add(number_, entry.key, value.index());
}

/// Only the readers of a stream's group must hear that it is gone.
void Keyspace::note_departure(const Entry& entry) {
  const Value& value = entry.value.value;
  if (std::holds_alternative<std::unique_ptr<Stream>>(value)) {
    ready_->add(number_, entry.key, value.index());
  }
}

std::span<const std::string> Keyspace::changed_keys() const {
  if (!changed_is_unique_) {
    // A key that was erased and made again was noted twice.
    StringMap<Nothing> seen;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < changed_count_; ++i) {
      if (!seen.insert(changed_[i]).second) continue;
      if (kept != i) std::swap(changed_[kept], changed_[i]);
      ++kept;
    }
    changed_count_ = kept;
    changed_is_unique_ = true;
  }
  return {changed_.data(), changed_count_};
}

}  // namespace firedrill::sim::redis
