#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "system/ports/clock.h"
#include "system/ports/telemetry.h"

namespace firedrill::adapters {

/// Notes go out as one JSON line each: {"time":..,"process":..,"note":..}, time in UTC. Counters
/// are kept here for whoever shows them.
class LiveTelemetry final : public Telemetry {
 public:
  using Counters = std::map<std::string, std::uint64_t, std::less<>>;
  using WriteLine = std::function<void(std::string_view line)>;

  /// `write_line` gets the whole line, its newline included; by default it goes to standard error.
  LiveTelemetry(const Clock& clock, std::string process, WriteLine write_line = {});

  void note(std::string text) override;
  void count(std::string_view name) override;

  const Counters& counters() const { return counters_; }

 private:
  const Clock& clock_;
  std::string process_;
  WriteLine write_line_;
  Counters counters_;
};

}  // namespace firedrill::adapters
