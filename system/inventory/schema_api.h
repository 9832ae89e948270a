#pragma once

#include <vector>

#include "system/ports/database.h"

namespace firedrill::inventory {

/// The service's schema: system/inventory/migrations/*.sql, in the order of their names. Generated
/// at build time.
std::vector<Migration> migrations();

}  // namespace firedrill::inventory
