#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "sim/postgres/engine.h"

namespace firedrill::test {

/// Statements of several sessions, one a line: "A: select 1". What they answer, one a line too:
/// rows with | between values, then the tag, or ERROR, its state and its message; "waits" where a
/// statement does. A line of "+" lets two seconds pass. Others are done to the server: "! log"
/// (commits wait for the disk from now on), "! flush", "! crash" (it comes back from what was
/// flushed),
/// "! standby" (commits wait for one), "! acknowledge" (it has everything), "! cancel A", "! bye A"
/// (its connection breaks), "! full" (so is the disk).
inline std::string answers(std::string_view script) {
  using namespace sim::postgres;
  auto server = std::make_unique<Engine>();
  std::map<char, SessionId> sessions;
  std::int64_t now = 0;
  std::string heard;
  const auto order = [&](const std::string& word, char name) {
    Engine& engine = *server;
    if (word == "log") engine.keep_log();
    if (word == "flush") engine.flushed(engine.log_end(), ++now);
    if (word == "standby") engine.require_standby(true, ++now);
    if (word == "acknowledge") engine.acknowledged(engine.log_end(), ++now);
    if (word == "cancel") engine.cancel(sessions.at(name), ++now);
    if (word == "full") engine.fill_disk(true);
    if (word == "bye") {
      engine.disconnect(sessions.at(name), ++now);
      sessions.erase(name);
    }
    if (word == "crash") {
      server = engine.recover(engine.log_flushed());
      sessions.clear();
    }
  };
  const auto listen = [&] {
    Engine& engine = *server;
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
        for (const Notice& notice : result.notices) {
          if (notice.severity == "WARNING")
            heard += begin + "WARNING " + notice.message.message + "\n";
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
      server->tick(now);
    } else if (line[0] == '!') {
      std::istringstream words(line.substr(2));
      std::string word;
      char name = ' ';
      words >> word >> name;
      order(word, name);
    } else {
      Engine& engine = *server;
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
