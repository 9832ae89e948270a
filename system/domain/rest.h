#pragma once

#include <string>
#include <string_view>

namespace firedrill {

/// Ports of the services, by role.
constexpr unsigned short kOrderPort = 8081;
constexpr unsigned short kInventoryPort = 8082;

/// The rest of `target` after `prefix`, without a query; empty where the prefix does not match.
constexpr std::string_view path_after(std::string_view target, std::string_view prefix) {
  if (!target.starts_with(prefix)) return {};
  target.remove_prefix(prefix.size());
  return target.substr(0, target.find('?'));
}

}  // namespace firedrill
