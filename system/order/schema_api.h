#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "system/ports/database.h"
#include "system/ports/ports.h"

namespace firedrill::order {

/// The service's schema: system/order/migrations/*.sql, in the order of their names. Generated at
/// build time.
std::vector<Migration> migrations();

/// Brings the schema up to date, however often that takes. Until then statements are refused.
boost::asio::awaitable<void> bring_up_schema(Ports ports);

}  // namespace firedrill::order
