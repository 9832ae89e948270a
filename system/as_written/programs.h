#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "system/domain/flash_sale.h"
#include "system/ports/program.h"

/// The article's own design of the hot path, meaning for meaning, faults and all: the control that
/// must fail. Nothing here is mended.
namespace firedrill::as_written {

std::string stock_key(std::string_view product);

/// POST /v1/flash-orders: limit by the caller's clock, deduct, make an id, send in the background,
/// answer at once; a send that fails, a time-out too, puts the stock back.
ProgramFactory order_service(FlashSale sale, std::uint16_t port);

/// Makes an order of each message.
ProgramFactory order_consumer(FlashSale sale, std::string name);

/// PUT /v1/inventory/{product}: a plain SET, once.
ProgramFactory inventory_service(std::uint16_t port);

}  // namespace firedrill::as_written
