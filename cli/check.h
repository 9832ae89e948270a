#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace firedrill {

struct CheckOptions {
  std::string scenario = "flash-sale";  ///< a file, or the name of one of traces/scenarios
  std::optional<std::string> design;    ///< instead of the scenario's
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 2000;
  std::optional<std::chrono::seconds> run_for;  ///< as many seeds as fit, from first_seed on
  std::vector<std::string> properties;          ///< all where empty
  unsigned jobs = 0;                            ///< 0: one for each core
  unsigned shard = 1;  ///< of `shards`, from 1: each takes every shards-th seed
  unsigned shards = 1;
  bool verify_determinism = false;
  std::filesystem::path out = "traces/found";  ///< where failing traces go
  std::optional<std::filesystem::path> json;
};

/// Runs a scenario over many seeds, judges each, tells the smallest story of each way in which a
/// property broke. Returns the exit status of the program (see README.md). Throws
/// traces::InputError.
int check_command(const CheckOptions& options);

}  // namespace firedrill
