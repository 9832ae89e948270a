#include "cli/input.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "faults/kinds.h"
#include "faults/validate.h"
#include "properties/property.h"

namespace firedrill {

namespace fs = std::filesystem;
using traces::InputError;

fs::path scenarios_directory() {
  return fs::path(FIREDRILL_SOURCE_DIR) / "traces" / "scenarios";
}

fs::path find_input(const std::string& name) {
  if (fs::is_regular_file(name)) return name;
  const fs::path known = scenarios_directory() / (name + ".json");
  if (fs::is_regular_file(known)) return known;
  throw InputError(fmt::format(
      "{}: no such file, and no scenario of that name (see: firedrill list scenarios)", name));
}

traces::Scenario load_scenario(const std::string& name) {
  const fs::path file = find_input(name);
  if (traces::is_trace(file)) {
    throw InputError(file.string() + ": this is a trace; run it with: firedrill replay " +
                     file.string());
  }
  return traces::read_scenario(file, faults::kind_names());
}

traces::Trace load_trace(const fs::path& file) {
  traces::Trace trace = traces::read_trace(file);
  if (const std::string problem = faults::validate(trace.run); !problem.empty()) {
    throw InputError(file.string() + ": " + problem);
  }
  if (!trace.property.empty() && properties::find(trace.property) == nullptr) {
    throw InputError(
        fmt::format("{}: /property: there is no property {}", file.string(), trace.property));
  }
  return trace;
}

std::vector<bool> chosen_properties(const std::vector<std::string>& names) {
  const auto all = properties::all();
  std::vector<bool> chosen(all.size(), names.empty());
  for (const std::string& name : names) {
    const properties::Property* property = properties::find(name);
    if (property == nullptr) {
      std::vector<std::string_view> known;
      for (const auto& one : all) known.push_back(one.name);
      throw InputError(
          fmt::format("--property {}: expected one of {}", name, fmt::join(known, ", ")));
    }
    chosen[static_cast<std::size_t>(property - all.data())] = true;
  }
  return chosen;
}

}  // namespace firedrill
