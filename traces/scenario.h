#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "system/domain/time.h"

namespace firedrill::traces {

/// An inclusive range from which each seed picks one value. Written as a number or as [low, high].
struct Range {
  std::int64_t low = 0;
  std::int64_t high = 0;

  friend bool operator==(const Range&, const Range&) = default;
};

/// A kind of fault that the scenario allows.
struct FaultAllowed {
  std::string kind;   ///< a name of `firedrill list faults`
  Range count;        ///< how many in one run, when the kind is on
  Range duration_ms;  ///< 0 where the kind has no duration
  Range amount;       ///< kind-specific, in the unit that the kind states; 0 where it has none

  friend bool operator==(const FaultAllowed&, const FaultAllowed&) = default;
};

/// The input of a run: data, in a file (traces/scenarios/*.json). Times in the file are in
/// milliseconds, money in minor units. See docs/scenarios.md for the format.
struct Scenario {
  std::string name;
  std::string about;                 ///< one sentence for `firedrill list scenarios`
  std::string graph = "flash-sale";  ///< which service graph
  std::string design = "hardened";   ///< or "as-written"; the command line may override it

  struct Topology {
    Range order_services;  ///< instances
    Range consumers;
    Range partitions;  ///< of each topic

    friend bool operator==(const Topology&, const Topology&) = default;
  } topology;

  /// How Redis is set up. Of the names one is picked; a name that stands twice is picked twice as
  /// often.
  struct Redis {
    std::vector<std::string> persistence = {"append-only"};
    std::vector<std::string> fsync = {"everysec"};
    Range replicas;
    Range min_replicas_to_write;
    Range sentinels;

    friend bool operator==(const Redis&, const Redis&) = default;
  } redis;

  /// How PostgreSQL is set up; names as for Redis, "on" or "off", "yes" or "no".
  struct Postgres {
    Range standbys;
    std::vector<std::string> synchronous_commit = {"on"};
    /// Whether commits wait for a standby; where there is none, nothing waits.
    std::vector<std::string> synchronous_standby = {"no"};

    friend bool operator==(const Postgres&, const Postgres&) = default;
  } postgres;

  struct Sale {
    Range products;
    Range stock;  ///< units of each product
    Range per_user_cap;
    Range rate_limit;
    std::vector<std::int64_t> rate_window_ms;  ///< one is picked, uniformly
    Range hold_ttl_ms;

    friend bool operator==(const Sale&, const Sale&) = default;
  } sale;

  struct Workload {
    Range users;
    Range orders;
    Range arrival_ms;                    ///< the orders arrive within this time after the opening
    Range quantity;                      ///< of an ordinary order
    std::int64_t burst_percent = 0;      ///< share of orders that come in bursts of one user
    std::int64_t malformed_percent = 0;  ///< share with a quantity of 0 or less
    std::int64_t key_reuse_percent =
        0;          ///< share that uses an earlier key of the user with another body
    Range retries;  ///< of a client whose call ended as info
    Range client_timeout_ms;

    friend bool operator==(const Workload&, const Workload&) = default;
  } workload;

  struct Network {
    Range latency_us;    ///< the least one-way latency of a link
    Range jitter_us;     ///< added, uniformly from 0
    Range tail_percent;  ///< share of messages with the tail added
    Range tail_us;
    Range tick_us;  ///< arrivals fall on multiples of it: those of one tick may come in any order

    friend bool operator==(const Network&, const Network&) = default;
  } network;

  std::int64_t faults_from_ms = 0;  ///< faults begin in [from, until), and end by `until`
  std::int64_t faults_until_ms = 0;
  std::int64_t length_ms = 0;  ///< of the whole run: after `until`, liveness is awaited
  std::vector<FaultAllowed> faults;

  /// Names of counts (see `firedrill check --json`) of which each must be above zero over a check
  /// of at least `require_over_seeds` seeds, or the check is undecided.
  std::vector<std::string> require;
  std::int64_t require_over_seeds = 200;

  friend bool operator==(const Scenario&, const Scenario&) = default;
};

/// Bad input: one line that names the file, the path within it and what was expected, such as
/// `flash-sale.json: /sale/stock: expected a whole number or [low, high], got "ten"`.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads and validates strictly: an unknown key, a wrong type and a value out of range are errors.
/// `known_faults` are the kinds that may be named. Throws InputError.
Scenario read_scenario(const std::filesystem::path& file,
                       const std::vector<std::string>& known_faults);
Scenario parse_scenario(const std::string& text, const std::string& file_name,
                        const std::vector<std::string>& known_faults);

}  // namespace firedrill::traces
