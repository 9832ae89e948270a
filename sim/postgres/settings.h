#pragma once

#include <span>
#include <string>
#include <string_view>

namespace firedrill::sim::postgres {

/// A configuration parameter that can be asked for, and what it is to begin with.
struct Setting {
  std::string_view name;  ///< as SHOW ALL spells it
  std::string_view value;
};

std::span<const Setting> known_settings();

/// By its name in any case; nullptr where there is none.
const Setting* find_setting(std::string_view name);

/// The value as SHOW has it. Throws SqlError: 22023 for what is none, 55P02 for what cannot be
/// changed, 0A000 for what PostgreSQL takes and the model does not follow.
std::string normal_value(const Setting& setting, std::string_view value);

}  // namespace firedrill::sim::postgres
