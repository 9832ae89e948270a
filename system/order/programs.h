#pragma once

#include <cstdint>
#include <string>

#include "system/domain/flash_sale.h"
#include "system/ports/program.h"

namespace firedrill::order {

/// The order service: answers REST on `port`.
ProgramFactory order_service(FlashSale sale, std::uint16_t port);

/// The order service's worker: consumes the flash-sale topic. `name` is unique among the workers.
ProgramFactory order_consumer(FlashSale sale, std::string name);

}  // namespace firedrill::order
