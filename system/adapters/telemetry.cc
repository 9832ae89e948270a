#include "system/adapters/telemetry.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

namespace firedrill::adapters {

namespace {

/// One write, so that lines of several processes do not mix. A full or closed pipe loses the line.
void to_standard_error(std::string_view line) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

std::string utc(WallTime wall) {
  const auto since = wall.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto micros = to_us(since - seconds);
  const std::time_t time = seconds.count();
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 40> text{};
  const std::size_t used = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%06dZ", static_cast<int>(micros));
  return std::string(text.data(), used) + fraction.data();
}

}  // namespace

LiveTelemetry::LiveTelemetry(const Clock& clock, std::string process, WriteLine write_line)
    : clock_(clock),
      process_(std::move(process)),
      write_line_(write_line ? std::move(write_line) : to_standard_error) {}

void LiveTelemetry::note(std::string text) {
  nlohmann::ordered_json line;
  line["time"] = utc(clock_.wall());
  line["process"] = process_;
  line["note"] = std::move(text);
  using Handler = nlohmann::ordered_json::error_handler_t;
  write_line_(line.dump(-1, ' ', false, Handler::replace) + '\n');
}

void LiveTelemetry::count(std::string_view name) {
  const auto found = counters_.find(name);
  if (found != counters_.end()) {
    ++found->second;
  } else {
    counters_.emplace(name, 1);
  }
}

}  // namespace firedrill::adapters
