#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "sim/redis/hash.h"
#include "sim/redis/list.h"
#include "sim/redis/propagation.h"
#include "sim/redis/ready_keys.h"
#include "sim/redis/set.h"
#include "sim/redis/sorted_set.h"
#include "sim/redis/stream.h"
#include "sim/redis/string_map.h"

namespace firedrill::sim::redis {

/// What a key holds. A string that was set and spells an integer is kept as one.
using Value =
    std::variant<std::int64_t, std::string, std::unique_ptr<Hash>, std::unique_ptr<Set>,
                 std::unique_ptr<SortedSet>, std::unique_ptr<Stream>, std::unique_ptr<List>>;

std::string_view type_name(const Value& value);
/// A copy that shares nothing.
Value copy_of(const Value& value);

/// The keys of one database, at one moment of the server's clock: keys whose time has come are
/// not there. Remembers which keys the current command changed.
class Keyspace {
 public:
  static constexpr std::int64_t kForever = -1;

  /// What happens to a key whose time has come, when somebody looks at it.
  enum class Expiry : std::uint8_t {
    erase,  ///< a primary: it goes, and the replicas are told
    hide,   ///< a replica: it stays until the primary says so, but nobody sees it
    ignore  ///< the primary's own commands on a replica, and loading: it is there
  };

  /// `effects` is told of keys that expire, `ready` of those that somebody may wait for.
  Keyspace(std::uint32_t number, Propagation& effects, ReadyKeys& ready)
      : number_(number), effects_(&effects), ready_(&ready) {}

  struct Slot {
    [[no_unique_address]] Value value{};
    bool raw = false;                    ///< a string that was edited in place (OBJECT ENCODING)
    std::int64_t expires_ms = kForever;  ///< gone once the clock is past it; never negative else
    std::uint64_t changed_in = 0;        ///< the command that last changed it
    std::int64_t used_ms = 0;            ///< when it was last looked up: what LRU goes by
  };
  using Entry = StringMap<Slot>::Entry;

  /// The next command begins: forgets the changed keys.
  void begin_command(std::int64_t now_ms);
  std::int64_t now_ms() const { return now_ms_; }
  std::uint32_t number() const { return number_; }
  /// Others are told of keys that expire, and of those that somebody may wait for.
  void attach(Propagation& effects, ReadyKeys& ready) {
    effects_ = &effects;
    ready_ = &ready;
  }
  void set_expiry_mode(Expiry mode) { expiry_ = mode; }

  /// Pointers hold until the next call of a non-const function, save changed().
  Entry* find(std::string_view key);
  /// The same, for a command that only asks about the key: it does not count as used.
  Entry* peek(std::string_view key);
  /// The same, whether or not its time has come.
  const Entry* look(std::string_view key) const { return entries_.find(key); }
  /// Sets the value, keeping the expiry where asked.
  Entry& put(std::string_view key, Value value, bool keeps_expiry = false);
  bool erase(std::string_view key);
  void clear();

  void changed(Entry& entry);
  void set_expiry(Entry& entry, std::int64_t at_ms);

  /// Erases every key whose time has come; cheap when none has. Does nothing on a replica.
  void expire_due();

  /// No key expires before this moment; INT64_MAX where none will.
  std::int64_t earliest_expiry() const { return earliest_expiry_; }

  std::size_t size() const { return entries_.size(); }
  Entry& at(std::size_t position) { return entries_.at(position); }
  const Entry& at(std::size_t position) const { return entries_.at(position); }

  /// In order of change, each once.
  std::span<const std::string> changed_keys() const;
  /// Whether it is there, and its time has come.
  bool is_due(std::string_view key) const {
    const Entry* entry = look(key);
    return entry != nullptr && due(*entry);
  }
  /// Grows with every change but that a key expires: equal before and after a command means that
  /// the command changed nothing.
  std::uint64_t changes() const { return changes_; }
  /// Another database takes this one's number, and its keys go with it (SWAPDB).
  void swap_keys(Keyspace& other);

 private:
  bool due(const Entry& entry) const {
    return entry.value.expires_ms != kForever && now_ms_ > entry.value.expires_ms;
  }
  void note(std::string_view key);
  /// An entry has come to be, or goes: whoever waits for it may have to look.
  void note_arrival(const Entry& entry);
  void note_departure(const Entry& entry);

  /// Whether a due key counts as missing; erases it where this is a primary.
  bool expire(const Entry& entry);

  std::uint32_t number_;
  Propagation* effects_;
  ReadyKeys* ready_;
  Expiry expiry_ = Expiry::erase;
  StringMap<Slot> entries_;
  std::int64_t now_ms_ = 0;
  std::int64_t earliest_expiry_ = INT64_MAX;  ///< no key expires before it
  std::uint64_t command_ = 0;
  std::uint64_t changes_ = 0;
  mutable std::vector<std::string> changed_;  ///< the first changed_count_ are this command's
  mutable std::size_t changed_count_ = 0;
  mutable bool changed_is_unique_ = true;
};

}  // namespace firedrill::sim::redis
