#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system/domain/redis_reply.h"

// What a client of a Redis Cluster knows: the slots, 0 to 16383, and how a node says that a slot is
// elsewhere.

namespace firedrill::adapters {

/// CRC16 (XMODEM) of the key, or of what stands between its first { and the next }, if that is
/// anything; modulo the number of slots.
std::uint16_t slot_of_key(std::string_view key);

/// The slot of a command's first key. Knows where the keys are in the commands of this program; of
/// another one it takes the first argument for the key, which costs a redirection where it is not.
/// Nothing where there is no key.
std::optional<std::uint16_t> slot_of(const std::vector<std::string>& command);

/// The answer of a node that did not execute a command, since another one may.
struct Redirection {
  bool ask = false;  ///< this once, after ASKING; else the slot has moved for good
  std::uint16_t slot = 0;
  std::string host;  ///< empty: that of the node which answered
  std::uint16_t port = 0;

  friend bool operator==(const Redirection&, const Redirection&) = default;
};

/// Nothing where the reply is anything else, or names a node of which nobody knows the address.
std::optional<Redirection> redirection_in(const RedisReply& reply);

}  // namespace firedrill::adapters
