#pragma once

#include <cstdint>

#include "system/ports/program.h"

namespace firedrill::inventory {

/// The inventory service: PUT and GET /v1/inventory/{product} on `port`, the sweeper that gives
/// back holds whose deadline has come, and the reconciler that makes the stock in Redis anew from
/// the ledger where it has forgotten something. Any number may run.
ProgramFactory inventory_service(std::uint16_t port);

}  // namespace firedrill::inventory
