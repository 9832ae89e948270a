#pragma once

#include <rapidcheck.h>

#include <iosfwd>
#include <string>
#include <vector>

namespace firedrill::test {

struct RedisCommand {
  std::vector<std::string> words;
};

/// Quoted words; a script of lua/redis by its name.
void showValue(const RedisCommand& command, std::ostream& out);

/// A command over a small space of keys, fields and values that collide; mostly well-formed.
rc::Gen<RedisCommand> any_redis_command();

/// A call of one of lua/redis's scripts (EVAL), with arguments that mostly make sense.
rc::Gen<RedisCommand> any_script_call();

}  // namespace firedrill::test
