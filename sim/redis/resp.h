#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "system/domain/redis_reply.h"

// The protocol of Redis (RESP), versions 2 and 3: bytes, no sockets. What clients may send besides,
// and in pieces: request_parser.h.

namespace firedrill::sim::redis {

/// A command as clients send it: an array of bulk strings.
void append_command(std::string& out, std::span<const std::string_view> words);

/// Reads the command at the beginning of `bytes`, which append_command() has written: how many
/// bytes it takes, 0 where it is not all there, nothing where this is no command. The words are
/// views.
std::optional<std::size_t> read_command(std::string_view bytes,
                                        std::vector<std::string_view>& words);

/// A reply, in the given version of the protocol (2 or 3). What is only in version 3 becomes what
/// Redis sends instead in version 2.
void append_reply(std::string& out, const RedisReply& reply, int protocol);

}  // namespace firedrill::sim::redis
