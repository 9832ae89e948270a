#include "cli/list.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "bench/bench.h"
#include "cli/exit_status.h"
#include "cli/input.h"
#include "faults/kinds.h"
#include "properties/property.h"

namespace firedrill {

namespace {

void list_scenarios() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(scenarios_directory())) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const traces::Scenario scenario = load_scenario(file.string());
    fmt::print("{:<16} {}\n", scenario.name, scenario.about);
  }
}

void list_faults() {
  for (const faults::Kind* kind : faults::all_kinds()) {
    fmt::print("{:<16} {}\n", kind->name, kind->about);
    if (!kind->amount.empty()) fmt::print("{:<16}   amount: {}\n", "", kind->amount);
  }
}

}  // namespace

int list_command(const std::string& what) {
  if (what == "scenarios") list_scenarios();
  if (what == "faults") list_faults();
  if (what == "properties") {
    for (const auto& property : properties::all()) {
      fmt::print("{:<22} {}\n", property.name, property.holds_when);
    }
  }
  if (what == "benchmarks") {
    for (const auto& benchmark : bench::all()) {
      fmt::print("{:<16} {}\n", benchmark.name, benchmark.about);
    }
  }
  return kHolds;
}

}  // namespace firedrill
