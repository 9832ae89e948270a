#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>
#include <vector>

#include "system/ports/database.h"
#include "system/ports/ports.h"

namespace firedrill {

/// migrate(), however often that takes. Until then statements are refused. `service` is a constant
/// of the program.
boost::asio::awaitable<void> bring_up_schema(Ports ports, std::string_view service,
                                             std::vector<Migration> migrations);

}  // namespace firedrill
