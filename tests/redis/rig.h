#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/redis/engine.h"
#include "system/ports/redis.h"
#include "tests/support/redis_text.h"

namespace firedrill::sim::redis {

/// An engine and its clock.
struct Rig {
  Engine engine;
  WallTime now{std::chrono::seconds(1'700'000'000)};

  RedisReply run(const std::vector<std::string>& command) { return engine.execute(command, now); }
  /// Words without blanks in them; the answer as text.
  std::string ask(const std::string& line) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : line + " ") {
      if (c != ' ') {
        word += c;
      } else {
        words.push_back(std::exchange(word, ""));
      }
    }
    return test::text_of(run(words));
  }
  std::string eval(const std::string& body) { return test::text_of(run({"EVAL", body, "0"})); }
  std::string eval(const RedisScript& script, const std::vector<std::string>& keys,
                   const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {"EVAL", std::string(script.source),
                                      std::to_string(keys.size())};
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), arguments.begin(), arguments.end());
    return test::text_of(run(words));
  }
};

}  // namespace firedrill::sim::redis
