#pragma once

#include <rapidcheck.h>

#include <map>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/redis/engine.h"
#include "sim/redis/resp.h"
#include "tests/redis/contents.h"
#include "tests/support/redis_text.h"

namespace firedrill::sim::redis {

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
  std::string effects_of(std::string_view line) {
    run(test::words_of(line));
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
                        std::size_t draw = 0;
                        for (std::string& word : test::words_of(drawn.first)) {
                          const auto kind = words_for.find(word);
                          if (kind != words_for.end())
                            word = kind->second[drawn.second[draw++] % kind->second.size()];
                          command.words.push_back(std::move(word));
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
