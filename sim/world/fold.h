#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/digest.h"
#include "system/domain/redis_reply.h"

namespace firedrill::sim {

inline void fold(Digest& digest, const std::string& text) {
  digest.fold(std::string_view(text));
}

inline void fold(Digest& digest, const std::vector<std::string>& words) {
  digest.fold(words.size());
  for (const std::string& word : words) digest.fold(std::string_view(word));
}

inline void fold(Digest& digest, const RedisReply& reply) {
  digest.fold((static_cast<std::uint64_t>(reply.items.size()) << 8) |
              static_cast<std::uint64_t>(reply.kind));
  digest.fold(static_cast<std::uint64_t>(reply.integer));
  if (!reply.text.empty()) digest.fold(std::string_view(reply.text));
  for (const RedisReply& item : reply.items) fold(digest, item);
}

}  // namespace firedrill::sim
