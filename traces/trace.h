#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "system/domain/time.h"
#include "traces/history.h"
#include "traces/scenario.h"

namespace firedrill::traces {

/// One thing that goes wrong, as data. Which fields mean something, and in what unit, is the
/// kind's business (faults/).
struct Fault {
  std::string kind;
  At at{};
  Duration duration{};
  std::string subject;  ///< a host or process, such as "order-1"
  std::string object;   ///< the other host, where the kind strikes a link; or a topic
  std::int64_t amount = 0;

  friend bool operator==(const Fault&, const Fault&) = default;
};

/// One call that a client makes, retries included, then reads what it was told.
struct PlannedOrder {
  At at{};
  OrderCall call;
  std::uint32_t retries = 0;  ///< after `info`, with the same key

  friend bool operator==(const PlannedOrder&, const PlannedOrder&) = default;
};

/// Everything that one run depends on, picks resolved: the scenario at one seed. Running a case
/// twice gives the same history and digest. Shrinking works on this.
struct Case {
  std::string scenario;  ///< its name, for the reader
  std::string graph = "flash-sale";
  std::string design = "hardened";
  std::uint64_t seed = 0;  ///< of the run's random streams

  struct Topology {
    std::uint32_t order_services = 1;
    std::uint32_t consumers = 1;
    std::uint32_t partitions = 1;

    friend bool operator==(const Topology&, const Topology&) = default;
  } topology;

  /// How Redis is set up: see sim/redis/store.h.
  struct Redis {
    enum class Persistence : std::uint8_t { none, snapshots, append_only };
    enum class Fsync : std::uint8_t { no, everysec, always };

    Persistence persistence = Persistence::append_only;
    Fsync fsync = Fsync::everysec;
    std::uint32_t replicas = 0;
    std::uint32_t min_replicas_to_write = 0;
    std::uint32_t sentinels = 0;  ///< 0: nobody promotes a replica by himself

    friend bool operator==(const Redis&, const Redis&) = default;
  } redis;

  /// How PostgreSQL is set up: see sim/postgres/server/server.h.
  struct Postgres {
    std::uint32_t standbys = 0;
    bool synchronous_commit = true;
    bool synchronous_standby = false;  ///< commits wait for a standby, where there is any

    friend bool operator==(const Postgres&, const Postgres&) = default;
  } postgres;

  Terms terms;
  Duration hold_ttl{};
  Duration client_timeout{};

  struct Network {
    Duration latency{};
    Duration jitter{};
    std::uint32_t tail_percent = 0;
    Duration tail{};
    Duration tick = std::chrono::nanoseconds(1);

    friend bool operator==(const Network&, const Network&) = default;
  } network;

  enum class Pick : std::uint8_t { first_come, random, pct };

  struct Schedule {
    Pick pick = Pick::first_come;
    std::uint32_t change_points = 0;  ///< pct only

    friend bool operator==(const Schedule&, const Schedule&) = default;
  } schedule;

  std::vector<PlannedOrder> orders;  ///< in order of time
  std::vector<Fault> faults;         ///< the plan, in order of time
  Duration faults_until{};           ///< everything heals here
  Duration length{};

  friend bool operator==(const Case&, const Case&) = default;
};

/// A history plus what is needed to run it again, as a file.
struct Trace {
  Case run;
  std::string property;   ///< the violated one; empty where all hold
  std::string signature;  ///< of the violation: what a replay must show again
  std::string message;
  std::uint64_t digest = 0;
  History history;

  friend bool operator==(const Trace&, const Trace&) = default;
};

std::string_view to_string(Case::Pick pick);
std::string_view to_string(Case::Redis::Persistence persistence);
std::string_view to_string(Case::Redis::Fsync fsync);

/// Writes the file whole or not at all (a temporary file beside it, then a rename). Throws
/// std::runtime_error with the path.
void write_trace(const std::filesystem::path& file, const Trace& trace);

/// As strict as read_scenario. Throws InputError.
Trace read_trace(const std::filesystem::path& file);

/// Whether the file looks like a trace rather than a scenario (its "format" field). Throws
/// InputError where the file cannot be read or is no JSON.
bool is_trace(const std::filesystem::path& file);

}  // namespace firedrill::traces
