#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

/// What of the grammar has been compared.
class Coverage {
 public:
  explicit Coverage(const Grammar& grammar) : grammar_(grammar) {}

  void count(std::size_t template_number, const Grammar::Command& command);
  /// The model has no such command: not compared.
  void count_absent(const std::string& label) { absent_.insert(label); }
  /// The replies to dumps of the state that were compared.
  void count_state() { ++states_; }

  std::uint64_t commands() const { return commands_; }
  const std::set<std::string>& absent() const { return absent_; }

  /// The commands, how often, which options of each were reached, which were not; least covered
  /// first; then the rules by which replies are compared that need not be equal.
  std::string report() const;
  /// The same, in about 40 lines.
  std::string summary() const;

 private:
  struct Row {
    std::string label;
    std::uint64_t times = 0;
    std::size_t reached = 0;
    std::size_t options = 0;
    std::string missing;
  };
  std::vector<Row> rows() const;

  const Grammar& grammar_;
  std::uint64_t commands_ = 0;
  std::uint64_t spoilt_ = 0;
  std::uint64_t states_ = 0;
  std::map<std::size_t, std::uint64_t> times_;                           ///< by template
  std::map<std::size_t, std::map<std::size_t, std::uint64_t>> options_;  ///< by template, by option
  std::map<std::string, std::uint64_t> names_;  ///< by the command's own name
  std::set<std::string> absent_;
};

}  // namespace firedrill::test
