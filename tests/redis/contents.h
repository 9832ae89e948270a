#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/redis/engine.h"
#include "sim/redis/resp.h"
#include "tests/support/redis_text.h"

namespace firedrill::sim::redis {

/// What an engine holds, key by key: the commands of its snapshot, by database and key. Members of
/// sets and fields of hashes one by one and sorted, since their order is nobody's promise.
using Contents = std::map<std::string, std::vector<std::string>>;

inline std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    text += (text.empty() ? "" : " ") + test::text_of(RedisReply::bulk(std::string(word)));
  }
  return text;
}

inline Contents contents_of(const Engine& engine) {
  const std::string bytes = engine.snapshot();
  Contents contents;
  std::string database;
  std::vector<std::string_view> words;
  std::string_view left = bytes;
  while (const std::size_t length = read_command(left, words).value_or(0)) {
    left.remove_prefix(length);
    if (words[0] == "SELECT") {
      database = words[1];
      continue;
    }
    const std::string_view key = words[0].starts_with("XGROUP") ? words[2] : words[1];
    std::vector<std::string>& of_key = contents[database + " " + std::string(key)];
    const std::size_t step = words[0] == "SADD" || words[0] == "RPUSH" ? 1
                             : words[0] == "HMSET"                     ? 2
                                                                       : words.size();
    for (std::size_t i = 2; i < words.size(); i += step) {
      const auto part = std::span(words).subspan(i, std::min(step, words.size() - i));
      of_key.push_back(std::string(words[0]) + " " + joined(part));
    }
  }
  for (auto& [key, commands] : contents) {
    if (commands.front().starts_with("SADD") || commands.front().starts_with("HMSET")) {
      std::sort(commands.begin(), commands.end());
    }
  }
  return contents;
}

inline std::string text_of(const Contents& contents) {
  std::string text;
  for (const auto& [key, commands] : contents) {
    text += key + ":\n";
    for (const std::string& command : commands) text += "  " + command + "\n";
  }
  return text;
}

}  // namespace firedrill::sim::redis
