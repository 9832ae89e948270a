#include "tests/conformance/redis/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace firedrill::test {

void Coverage::count(std::size_t template_number, const Grammar::Command& command) {
  ++commands_;
  ++times_[template_number];
  ++names_[upper(command.words[0])];
  if (command.spoilt) {
    ++spoilt_;
    return;
  }
  for (const std::size_t option : command.options) ++options_[template_number][option];
}

std::vector<Coverage::Row> Coverage::rows() const {
  std::map<std::string, Row> by_label;
  for (std::size_t number = 0; number < grammar_.size(); ++number) {
    Row& row = by_label[grammar_.label(number)];
    row.label = grammar_.label(number);
    if (const auto times = times_.find(number); times != times_.end()) row.times += times->second;
    row.options += grammar_.options(number);
    const auto reached = options_.find(number);
    for (std::size_t option = 0; option < grammar_.options(number); ++option) {
      if (reached != options_.end() && reached->second.contains(option)) {
        ++row.reached;
      } else {
        row.missing += (row.missing.empty() ? "" : ", ") + grammar_.option(number, option);
      }
    }
  }
  std::vector<Row> rows;
  for (auto& [label, row] : by_label) rows.push_back(std::move(row));
  std::ranges::stable_sort(rows, [](const Row& a, const Row& b) {
    const std::size_t lacks_a = a.options - a.reached;
    const std::size_t lacks_b = b.options - b.reached;
    return lacks_a != lacks_b ? lacks_a > lacks_b : a.times < b.times;
  });
  return rows;
}

namespace {

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::string Coverage::report() const {
  std::string text = fmt::format(
      "{} commands compared, {} of them spoilt; {} states compared\n"
      "\n{:<40} {:>8} {:>9}  options not reached\n",
      commands_, spoilt_, states_, "command", "times", "options");
  for (const Row& row : rows()) {
    text += fmt::format("{:<40} {:>8} {:>9}  {}\n", row.label, row.times,
                        fmt::format("{}/{}", row.reached, row.options), row.missing);
  }
  text += "\ntimes by name:";
  for (const auto& [name, times] : names_) text += fmt::format(" {} {}", name, times);
  if (!absent_.empty()) text += "\n\nnot in the model: " + joined(absent_) + "\n";
  text += "\n\nreplies that cannot be compared as they stand:\n";
  for (const Rule& rule : grammar_.rules()) {
    text += fmt::format("{:<24} {}: {}\n", rule.command, name_of(rule.likeness), rule.reason);
  }
  return text;
}

std::string Coverage::summary() const {
  constexpr std::size_t kRows = 24;
  constexpr std::size_t kColumns = 92;
  const std::vector<Row> all = rows();
  std::size_t reached = 0;
  std::size_t options = 0;
  std::uint64_t least = UINT64_MAX;
  for (const Row& row : all) {
    reached += row.reached;
    options += row.options;
    least = std::min(least, row.times);
  }
  std::string text = fmt::format(
      "{} commands ({} spoilt) of {} kinds, each at least {} times, {} of {} options; {} states\n",
      commands_, spoilt_, all.size(), least, reached, options, states_);
  text += "least covered (times, options reached):\n";
  for (std::size_t i = 0; i < std::min(kRows, all.size()); ++i) {
    const Row& row = all[i];
    const std::string line =
        fmt::format("  {:<28} {:>7} {:>7}  {}", row.label, row.times,
                    fmt::format("{}/{}", row.reached, row.options), row.missing);
    text += line.substr(0, kColumns) + "\n";
  }
  if (!absent_.empty()) text += "not in the model: " + joined(absent_) + "\n";
  std::map<std::string_view, std::string> by_likeness;
  for (const Rule& rule : grammar_.rules()) {
    std::string& names = by_likeness[name_of(rule.likeness)];
    names += (names.empty() ? "" : ", ") + std::string(rule.command);
  }
  text += "cannot be compared as they stand:\n";
  for (const auto& [likeness, names] : by_likeness) {
    text += fmt::format("  {}: {}\n", likeness, names);
  }
  return text;
}

}  // namespace firedrill::test
