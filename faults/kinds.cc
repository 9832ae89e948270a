#include "faults/kinds.h"

#include <array>

namespace firedrill::faults {

std::span<const Kind* const> all_kinds() {
  static constexpr std::array<const Kind*, 34> kinds = {
      &kLatencySpike,
      &kPartition,
      &kPartitionBoth,
      &kRequestLost,
      &kReplyLost,
      &kKill,
      &kPause,
      &kClockOffset,
      &kClockDrift,
      &kClockJump,
      &kConfirmLost,
      &kConfirmLate,
      &kRedelivery,
      &kLeaderLost,
      &kRedisSlow,
      &kRedisSlowCommand,
      &kRedisScriptBusy,
      &kRedisScriptFlush,
      &kRedisMemoryFull,
      &kRedisReplicaLag,
      &kRedisFsyncStall,
      &kRedisPowerLoss,
      &kRedisRestartEmpty,
      &kRedisFailover,
      &kPostgresSlow,
      &kPostgresStorm,
      &kPostgresTerminate,
      &kPostgresDiskFull,
      &kPostgresCommitLost,
      &kPostgresFsyncStall,
      &kPostgresPowerLoss,
      &kPostgresStandbyLag,
      &kPostgresFailover,
      &kPostgresClockJump,
  };
  return kinds;
}

const Kind* find_kind(std::string_view name) {
  for (const Kind* kind : all_kinds()) {
    if (kind->name == name) return kind;
  }
  return nullptr;
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const Kind* kind : all_kinds()) names.emplace_back(kind->name);
  return names;
}

}  // namespace firedrill::faults
