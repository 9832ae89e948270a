#pragma once

#include "sim/redis/command.h"

namespace firedrill::sim::redis {

/// LCS key1 key2 [LEN] [IDX] [MINMATCHLEN length] [WITHMATCHLEN].
RedisReply lcs(Call& call);

}  // namespace firedrill::sim::redis
