#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

RedisReply select(Call& call) {
  const auto number = parse_integer(call.args[1]);
  if (!number) return error("ERR invalid DB index");
  if (*number < 0 || *number >= EngineState::kDatabases) {
    return error("ERR DB index is out of range");
  }
  call.session.database = static_cast<std::uint32_t>(*number);
  return ok();
}

constexpr CommandSpec kCommands[] = {
    {"select", 2, kLoading | kStale, select},
};

}  // namespace

std::span<const CommandSpec> connection_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
