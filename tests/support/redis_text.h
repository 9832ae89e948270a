#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "system/domain/redis_reply.h"

namespace firedrill::test {

/// A reply on one line, as redis-cli might print it: 1 "text" +OK -ERR ... nil [a, b].
std::string text_of(const RedisReply& reply);

/// The words of a command line; none has blanks in it, none is empty.
std::vector<std::string> words_of(std::string_view line);

}  // namespace firedrill::test
