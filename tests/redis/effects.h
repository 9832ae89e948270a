#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <span>
#include <sstream>
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

/// An engine, and another one that hears only of the first one's effects.
struct Twins {
  Engine primary;
  Engine replica;
  WallTime now{std::chrono::seconds(1'700'000'000)};
  std::string told;  ///< the effects of the last command

  Twins() { primary.keep_effects(true); }

  RedisReply run(const std::vector<std::string>& words) {
    RedisReply reply = primary.execute(words, now);
    tell();
    return reply;
  }
  /// Words without blanks in them; the effects, one command a line.
  std::string effects_of(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    run(words);
    return lines();
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    primary.tick(now);
    tell();
  }
  void tell() {
    told = primary.take_effects();
    replica.apply(told, now);
  }
  /// `told`, readable; without the SELECTs.
  std::string lines() const {
    std::string text;
    std::vector<std::string_view> words;
    std::string_view left = told;
    while (const std::size_t length = read_command(left, words).value_or(0)) {
      left.remove_prefix(length);
      if (words[0] == "SELECT") continue;
      text += text.empty() ? "" : "; ";
      for (std::size_t i = 0; i < words.size(); ++i)
        text.append(i == 0 ? "" : " ").append(words[i]);
    }
    return text;
  }

  /// What is wrong between the first one and the other, or one made from a snapshot of the first.
  std::optional<std::string> difference() {
    const Contents expected = contents_of(primary);
    const Contents told_of = contents_of(replica);
    if (told_of != expected) {
      return "told: " + lines() + "\nprimary\n" + text_of(expected) + "replica\n" +
             text_of(told_of);
    }
    Engine fresh;
    fresh.apply(primary.snapshot(), now);
    const Contents rebuilt = contents_of(fresh);
    if (rebuilt == expected) return std::nullopt;
    return "primary\n" + text_of(expected) + "from its snapshot\n" + text_of(rebuilt);
  }
};

/// A command line drawn from a pattern: "SET $k $v" with words for $k and $v.
struct DrawnCommand {
  std::vector<std::string> words;

  friend std::ostream& operator<<(std::ostream& out, const DrawnCommand& command) {
    for (const std::string& word : command.words) out << word << ' ';
    return out;
  }
};

using WordsFor = std::map<std::string, std::vector<std::string>>;

inline rc::Gen<DrawnCommand> drawn_from(std::vector<std::string> patterns, WordsFor words_for) {
  const auto draws =
      rc::gen::container<std::vector<std::size_t>>(12, rc::gen::inRange<std::size_t>(0, 5040));
  return rc::gen::map(rc::gen::pair(rc::gen::elementOf(patterns), draws),
                      [words_for](const std::pair<std::string, std::vector<std::size_t>>& drawn) {
                        DrawnCommand command;
                        std::istringstream in(drawn.first);
                        std::size_t draw = 0;
                        for (std::string word; in >> word;) {
                          const auto kind = words_for.find(word);
                          if (kind != words_for.end())
                            word = kind->second[drawn.second[draw++] % kind->second.size()];
                          command.words.push_back(word);
                        }
                        return command;
                      });
}

/// Whether effects and snapshot hold all that these commands do, after each of them. "PASS" lets
/// 700 ms pass.
inline void effects_hold(const std::vector<DrawnCommand>& commands) {
  Twins twins;
  for (const DrawnCommand& command : commands) {
    if (command.words[0] == "PASS") {
      twins.pass(std::chrono::milliseconds(700));
    } else {
      twins.run(command.words);
    }
    if (const auto difference = twins.difference()) {
      std::ostringstream text;
      text << command << "\n" << *difference;
      RC_FAIL(text.str());
    }
  }
}

}  // namespace firedrill::sim::redis
