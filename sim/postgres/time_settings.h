#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace firedrill::sim::postgres {

/// Whether a setting is a time in milliseconds: lock_timeout and the like.
bool is_time_setting(std::string_view name);

/// As SHOW has it: "1500 ms" is "1500ms", "60s" is "1min". Throws 22023 where PostgreSQL refuses.
std::string normal_time(std::string_view name, std::string_view value);

/// Of a value that normal_time() made. Zero: no timeout.
std::int64_t time_us(std::string_view normal);

}  // namespace firedrill::sim::postgres
