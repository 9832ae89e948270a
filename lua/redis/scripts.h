#pragma once

#include "system/ports/redis.h"

/// The scripts of lua/redis, as constants of the program: the same text for every Redis. What each
/// takes and answers stands at its head. Generated at build time; lua/CMakeLists.txt lists them.
namespace firedrill::scripts {

extern const RedisScript seed;
extern const RedisScript reserve;
extern const RedisScript confirm;
extern const RedisScript release;
extern const RedisScript rebuild;
extern const RedisScript rate;

extern const RedisScript as_written_deduct;
extern const RedisScript as_written_rate;

}  // namespace firedrill::scripts
