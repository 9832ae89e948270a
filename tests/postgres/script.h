#pragma once

#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "sim/postgres/engine.h"

namespace firedrill::test {

/// Statements of several sessions, one a line: "A: select 1". What they answer, one a line too:
/// rows with | between values, then the tag, or ERROR, its state and its message; "waits" where a
/// statement does. A line of "+" lets two seconds pass.
inline std::string answers(std::string_view script) {
  using namespace sim::postgres;
  Engine engine;
  std::map<char, SessionId> sessions;
  std::int64_t now = 0;
  std::string heard;
  const auto listen = [&] {
    for (const auto& [name, id] : sessions) {
      for (const StatementResult& result : engine.take_results(id)) {
        const std::string begin = std::string(1, name) + ": ";
        if (result.error) {
          heard += begin + "ERROR " + result.error->sqlstate + " " + result.error->message + "\n";
          continue;
        }
        for (const Row& row : result.rows) {
          heard += begin;
          for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) heard += '|';
            heard += engine.text(id, result.columns[i], row[i]).value_or("NULL");
          }
          heard += '\n';
        }
        heard += begin + result.tag + "\n";
      }
      for (const Notification& each : engine.take_notifications(id)) {
        heard += std::string(1, name) + ": hears " + each.channel + " '" + each.payload +
                 "' from " + std::to_string(each.sender) + "\n";
      }
    }
  };
  std::istringstream lines{std::string(script)};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    if (line[0] == '+') {
      now += 2'000'000;
      engine.tick(now);
    } else {
      const char name = line[0];
      if (!sessions.contains(name)) sessions[name] = engine.connect(now);
      engine.query(sessions[name], std::string_view(line).substr(3), ++now);
      if (engine.is_busy(sessions[name])) heard += std::string(1, name) + ": waits\n";
    }
    listen();
  }
  return heard;
}

}  // namespace firedrill::test
