#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "traces/scenario.h"
#include "traces/trace.h"

namespace firedrill {

/// The file of a scenario or trace: a path, or the name of a scenario that comes with Firedrill.
/// Throws traces::InputError.
std::filesystem::path find_input(const std::string& name);

traces::Scenario load_scenario(const std::string& name);

/// A trace, checked against what this build knows: its faults, its hosts, its design.
traces::Trace load_trace(const std::filesystem::path& file);

/// Which of properties::all() are meant: all where `names` is empty. Throws traces::InputError.
std::vector<bool> chosen_properties(const std::vector<std::string>& names);

/// Where the scenarios are that come with Firedrill.
std::filesystem::path scenarios_directory();

}  // namespace firedrill
