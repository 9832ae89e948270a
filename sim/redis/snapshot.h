#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "sim/redis/keyspace.h"

namespace firedrill::sim::redis {

/// Gets one command at a time; the views hold until it returns.
using CommandSink = std::function<void(std::span<const std::string_view> words)>;

/// Tells `sink` the commands that make this value at `key` in an empty database: what a rewritten
/// append-only file holds. Collections come in pieces of at most 64 members.
void rebuild(std::string_view key, const Value& value, const CommandSink& sink);

/// The same of a stream with its groups. (The real server's rewritten append-only file forgets what
/// is pending of entries that are deleted; its snapshots do not, and no more does this.)
void rebuild_stream(std::string_view key, const Stream& stream, const CommandSink& sink);

}  // namespace firedrill::sim::redis
