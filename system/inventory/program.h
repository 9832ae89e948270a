#pragma once

#include <cstdint>
#include <string_view>

#include "system/ports/program.h"

namespace firedrill::inventory {

/// The set of all products that have stock.
constexpr std::string_view kProductsKey = "inventory:products";

/// The inventory service: PUT and GET /v1/inventory/{product} on `port`, and the sweeper that gives
/// back holds whose deadline has come. Any number may run.
ProgramFactory inventory_service(std::uint16_t port);

}  // namespace firedrill::inventory
