#include "tests/conformance/postgres/interleaving.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace firedrill::test {

namespace {

using Step = Interleaving::Step;

}  // namespace

std::uint32_t Interleaving::sessions() const {
  std::uint32_t count = 0;
  for (const Step& step : steps) count = std::max(count, step.session + 1);
  return count;
}

std::string name_of(std::uint32_t session) {
  return {static_cast<char>('A' + session)};
}

std::string text_of(const Step& step) {
  switch (step.kind) {
    case Step::Kind::cancel: return name_of(step.session) + "! cancel";
    case Step::Kind::disconnect: return name_of(step.session) + "! disconnect";
    case Step::Kind::pause: return name_of(step.session) + "! pause " + step.sql;
    case Step::Kind::statement: break;
  }
  return name_of(step.session) + ": " + step.sql;
}

std::string text_of(const Interleaving& interleaving) {
  std::string text;
  for (const std::string& sql : interleaving.setup) text += "S: " + sql + '\n';
  for (const Step& step : interleaving.steps) text += text_of(step) + '\n';
  for (const std::string& sql : interleaving.contents) text += "E: " + sql + '\n';
  return text;
}

Interleaving read_interleaving(std::string_view text) {
  Interleaving read;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with("--")) continue;
    if (line.size() < 4 || line[2] != ' ') throw std::invalid_argument("no step: " + line);
    const std::string rest = line.substr(3);
    const auto session = static_cast<std::uint32_t>(line[0] - 'A');
    if (line[0] == 'S') {
      read.setup.push_back(rest);
    } else if (line[0] == 'E') {
      read.contents.push_back(rest);
    } else if (session >= Interleaving::kMostSessions) {
      throw std::invalid_argument("no such session: " + line);
    } else if (line[1] == ':') {
      read.steps.push_back({session, Step::Kind::statement, rest});
    } else if (rest.starts_with("pause ")) {
      read.steps.push_back({session, Step::Kind::pause, rest.substr(6)});
    } else if (rest == "cancel" || rest == "disconnect") {
      read.steps.push_back(
          {session, rest == "cancel" ? Step::Kind::cancel : Step::Kind::disconnect});
    } else {
      throw std::invalid_argument("no step: " + line);
    }
  }
  return read;
}

std::vector<Interleaving> smaller(const Interleaving& interleaving) {
  std::vector<Interleaving> found;
  const auto add_without = [&](auto is_gone) {
    Interleaving rest = interleaving;
    rest.steps.clear();
    for (std::size_t i = 0; i < interleaving.steps.size(); ++i) {
      if (!is_gone(i)) rest.steps.push_back(interleaving.steps[i]);
    }
    if (rest.steps.size() < interleaving.steps.size()) found.push_back(std::move(rest));
  };
  for (std::uint32_t session = 0; session < interleaving.sessions(); ++session) {
    add_without([&](std::size_t i) { return interleaving.steps[i].session == session; });
  }
  for (std::size_t length = interleaving.steps.size() / 2; length > 0; length /= 2) {
    for (std::size_t first = 0; first < interleaving.steps.size(); first += length) {
      add_without([&](std::size_t i) { return i >= first && i < first + length; });
    }
  }
  return found;
}

}  // namespace firedrill::test
