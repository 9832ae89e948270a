#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/redis/engine.h"
#include "sim/redis/state.h"
#include "tests/support/redis_text.h"

namespace firedrill::sim::redis {

/// An engine, its clock, and connections to it: numbers from 1 up.
struct Sessions {
  Engine engine;
  WallTime now{std::chrono::seconds(1'700'000'000)};

  explicit Sessions(Engine::Options options = {}) : engine(std::move(options)) {}

  SessionId connect() {
    return engine.connect("127.0.0.1:" + std::to_string(50'000 + ++connected), now);
  }
  std::string run(SessionId session, const std::vector<std::string>& words) {
    const auto reply = engine.execute(session, words, now);
    return reply ? test::text_of(*reply) : "(nothing)";
  }
  /// Words without blanks in them; the answer as text.
  std::string ask(SessionId session, std::string_view line) {
    return run(session, test::words_of(line));
  }
  /// What came out of turn since the last call: "2: text", or "2: closed".
  std::vector<std::string> heard() {
    std::vector<std::string> all;
    for (const Engine::Delivery& delivery : engine.take_deliveries()) {
      const std::string to = std::to_string(delivery.to) + ": ";
      if (delivery.reply) all.push_back(to + test::text_of(*delivery.reply));
      if (delivery.then_close) all.push_back(to + "closed");
    }
    return all;
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    engine.tick(now);
  }
  EngineState& state() { return engine.state(); }

  int connected = 0;
};

using Heard = std::vector<std::string>;

}  // namespace firedrill::sim::redis
