#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sim/world/process.h"
#include "sim/world/rpc.h"
#include "system/ports/ports.h"
#include "system/ports/program.h"

namespace firedrill::sim {

/// Who hears what services tell their operators.
class TelemetrySink {
 public:
  virtual void note(Process& process, std::string text) = 0;
  virtual void count(Process& process, std::string_view name) = 0;

 protected:
  ~TelemetrySink() = default;
};

/// Where the backends of a process run, and who hears its telemetry. They outlive the process, and
/// may be nullptr: calls to what is not there are refused.
struct Surroundings {
  const Endpoint* redis = nullptr;
  const Endpoint* postgres = nullptr;
  Host* queue = nullptr;
  TelemetrySink* telemetry = nullptr;
};

/// Runs a program in a simulated process: its memory is the program and the simulated ports.
Process::Boot boot_program(Surroundings surroundings, ProgramFactory factory);

}  // namespace firedrill::sim
