#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "faults/fault.h"

namespace firedrill::faults {

extern const Kind kLatencySpike;
extern const Kind kPartition;
extern const Kind kPartitionBoth;
extern const Kind kRequestLost;
extern const Kind kReplyLost;
extern const Kind kKill;
extern const Kind kPause;
extern const Kind kClockOffset;
extern const Kind kClockDrift;
extern const Kind kClockJump;
extern const Kind kConfirmLost;
extern const Kind kConfirmLate;
extern const Kind kRedelivery;
extern const Kind kLeaderLost;
extern const Kind kRedisSlow;
extern const Kind kRedisSlowCommand;
extern const Kind kRedisScriptBusy;
extern const Kind kRedisScriptFlush;
extern const Kind kRedisMemoryFull;
extern const Kind kRedisReplicaLag;
extern const Kind kRedisFsyncStall;
extern const Kind kRedisPowerLoss;
extern const Kind kRedisRestartEmpty;
extern const Kind kRedisFailover;
extern const Kind kPostgresSlow;
extern const Kind kPostgresStorm;
extern const Kind kPostgresTerminate;
extern const Kind kPostgresDiskFull;
extern const Kind kPostgresCommitLost;
extern const Kind kPostgresFsyncStall;
extern const Kind kPostgresPowerLoss;
extern const Kind kPostgresStandbyLag;
extern const Kind kPostgresFailover;
extern const Kind kPostgresClockJump;

/// Every kind, in the order in which they are listed.
std::span<const Kind* const> all_kinds();

/// nullptr where there is none of that name.
const Kind* find_kind(std::string_view name);

std::vector<std::string> kind_names();

}  // namespace firedrill::faults
