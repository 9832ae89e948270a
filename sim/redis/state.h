#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sim/redis/engine.h"
#include "sim/redis/keyspace.h"
#include "system/domain/redis_reply.h"
#include "system/domain/time.h"

namespace firedrill::sim::redis {

class ScriptHost;

/// Everything an engine is.
struct EngineState {
  explicit EngineState(Engine::Options engine_options);
  ~EngineState();

  /// Made at the first script: a Lua state costs more than all the rest.
  ScriptHost& scripts();

  Engine::Options options;
  Keyspace keys;
  WallTime now{};
  bool in_script = false;
  std::unique_ptr<ScriptHost> script_host;
};

}  // namespace firedrill::sim::redis
