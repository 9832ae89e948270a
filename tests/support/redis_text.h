#pragma once

#include <string>

#include "system/domain/redis_reply.h"

namespace firedrill::test {

/// A reply on one line, as redis-cli might print it: 1 "text" +OK -ERR ... nil [a, b].
std::string text_of(const RedisReply& reply);

}  // namespace firedrill::test
