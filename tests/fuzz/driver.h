#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace firedrill::fuzz {

/// What is fuzzed: `make_input` draws one by its seed, `run` runs it and ends the process where
/// something is wrong.
struct Target {
  std::string name;  ///< of the program
  std::string (*make_input)(std::uint64_t seed);
  void (*run)(std::string_view input);
};

/// The program: runs the inputs in the files that it is given; without any, new ones in a process
/// of their own, for FIREDRILL_FUZZ_SECONDS (5). One that ends it, or that runs for a minute, is
/// written to a file. What main() returns.
int drive(const Target& target, int argc, char** argv);

}  // namespace firedrill::fuzz
