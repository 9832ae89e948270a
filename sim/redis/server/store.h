#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/redis/config.h"
#include "sim/redis/engine.h"
#include "system/domain/time.h"

namespace firedrill::sim::redis {

/// What a Redis keeps on its host's disk: a snapshot and, after it, the effects of commands.
///
/// Three places, each surviving more than the one before: the buffer is in the process and goes
/// with it; what was written is in the kernel and goes with the power; what was synced stays. When
/// which moves to the next is what redis.conf says of `appendonly` and `appendfsync`, as
/// flushAppendOnlyFile() of Redis 7.0 does it. Time is what the caller passes.
class Store {
 public:
  enum class Persistence : std::uint8_t {
    none,         ///< comes back empty
    snapshots,    ///< comes back as of the last save()
    append_only,  ///< comes back with what its file holds
  };

  Store() = default;
  Store(Persistence persistence, Config::Fsync policy)
      : persistence_(persistence), policy_(policy) {}

  Persistence persistence() const { return persistence_; }
  Config::Fsync policy() const { return policy_; }

  /// A command had these effects. Nothing is kept without an append-only file.
  void append(std::string_view effects);

  /// What the server must do before it may answer.
  struct Flush {
    bool fsync_begins = false;  ///< in the background; the caller calls end_fsync() when it is done
    bool waits = false;  ///< the server stands still until the fsync that is under way has ended
  };
  /// The end of a turn of the event loop: writes the buffer out, or puts that off (everysec) for up
  /// to two seconds while an fsync is under way.
  Flush flush(Instant now);
  bool syncing() const { return syncing_.has_value(); }
  void end_fsync();
  /// Whether something that was written waits for an fsync that has not begun.
  bool unsynced() const { return synced_ < log_.size(); }
  bool buffered() const { return !buffer_.empty(); }

  /// A new base: after BGSAVE or a full resynchronisation. On disk at once.
  void save(std::string snapshot);

  /// The process died: the buffer goes with it. How many bytes of effects were lost.
  std::size_t lose_buffer();
  /// The host lost its power: of what was written and not synced, so many percent are on disk even
  /// so (the kernel writes when it likes).
  std::size_t lose_unsynced(std::size_t percent_kept);

  /// The file loses its last bytes, for whatever reason.
  void truncate(std::size_t bytes);

  /// What the next process finds, into an empty engine. A last command, or transaction, that is not
  /// all there is cut off (aof-load-truncated yes).
  void load(Engine& engine, WallTime now);

  std::size_t size() const { return base_.size() + log_.size(); }

 private:
  Persistence persistence_ = Persistence::append_only;
  Config::Fsync policy_ = Config::Fsync::everysec;
  std::string base_;
  std::string log_;                     ///< written
  std::string buffer_;                  ///< not written yet
  std::size_t synced_ = 0;              ///< of the log
  std::optional<std::size_t> syncing_;  ///< how much of the log the fsync under way covers
  std::optional<Instant> put_off_since_;
  std::int64_t last_fsync_s_ = -1;  ///< the second in which the last one began
};

}  // namespace firedrill::sim::redis
