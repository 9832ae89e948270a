#pragma once

#include <vector>

#include "system/ports/database.h"

namespace firedrill::order {

/// The service's schema: system/order/migrations/*.sql, in the order of their names. Generated at
/// build time.
std::vector<Migration> migrations();

}  // namespace firedrill::order
