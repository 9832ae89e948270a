#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
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
  std::string ask(std::string_view line) { return test::text_of(run(test::words_of(line))); }
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

struct Line {
  const char* command;
  const char* answer;
};

/// In order, on one engine.
inline void answers(const std::vector<Line>& lines) {
  Rig rig;
  for (const Line& line : lines) EXPECT_EQ(rig.ask(line.command), line.answer) << line.command;
}

}  // namespace firedrill::sim::redis
