#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/redis/engine.h"
#include "sim/redis/string_map.h"
#include "system/domain/redis_reply.h"

namespace firedrill::sim::redis {

struct CommandSpec;

/// A key of one of the databases.
struct DatabaseKey {
  std::uint32_t database = 0;
  std::string key;

  friend bool operator==(const DatabaseKey&, const DatabaseKey&) = default;
};

/// A key that a session watches.
struct Watched {
  DatabaseKey key;
  bool had_expired = false;  ///< it was there, and due, when it began: that it goes is no change
};

/// A command that waits for a key, for replicas or for its time.
struct Blocked {
  const CommandSpec* spec = nullptr;  ///< null: CLIENT PAUSE holds it up, it has not begun
  std::vector<std::string> words;
  std::vector<DatabaseKey> keys;  ///< none: it waits for replicas (WAIT)
  std::int64_t until_ms = 0;      ///< 0: for ever
  std::int64_t replicas = 0;      ///< how many it waits for (WAIT)
  RedisReply on_timeout;
};

/// What the server knows of one connection.
struct Session {
  /// What makes the fast path of a command impossible.
  enum Special : std::uint16_t {
    kInMulti = 1,
    kUnauthenticated = 2,
    kSubscriber = 4,    ///< to anything, whatever the protocol
    kReplyOff = 8,      ///< CLIENT REPLY OFF
    kReplySkip = 16,    ///< CLIENT REPLY SKIP: not of the next command
    kFromPrimary = 32,  ///< the stream of this replica's primary, or an append-only file
    kBuiltIn = 64,      ///< the engine's own: it cannot wait
    kAsking = 128,      ///< cluster: the next command may use an importing slot
    kClosing = 256,     ///< it was told to go, and is heard no more
  };

  SessionId id = 0;
  std::uint32_t database = 0;
  std::uint8_t protocol = 2;  ///< RESP 2 or 3
  std::uint16_t special = 0;

  std::string address;  ///< "127.0.0.1:50000"
  std::string name;     ///< CLIENT SETNAME
  std::int64_t since_ms = 0;
  std::int64_t last_used_ms = 0;
  std::string_view last_command;    ///< lower case, of the command table
  bool reads_from_replica = false;  ///< cluster: READONLY
  bool keeps_memory = false;        ///< CLIENT NO-EVICT

  // Between MULTI and EXEC.
  std::vector<std::vector<std::string>> queued;
  bool must_abort = false;                ///< a command was refused while queueing
  std::uint16_t queued_any = 0;           ///< flags that a queued command had (CommandFlag)
  std::uint16_t queued_all = UINT16_MAX;  ///< flags that every queued command had
  std::vector<Watched> watched;
  bool watched_changed = false;

  // Publish and subscribe, in the order of subscription.
  StringMap<Nothing, true> channels;
  StringMap<Nothing, true> patterns;
  StringMap<Nothing, true> shard_channels;

  std::optional<Blocked> blocked;
  std::uint64_t last_write_offset = 0;  ///< of the replication stream: what WAIT waits for

  bool is(Special flag) const { return (special & flag) != 0; }
  void set(Special flag, bool on) {
    special = static_cast<std::uint16_t>(on ? special | flag : special & ~flag);
  }
};

}  // namespace firedrill::sim::redis
