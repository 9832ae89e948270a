#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "system/domain/check.h"
#include "system/inventory/schema_api.h"
#include "system/order/schema_api.h"
#include "system/ports/schema.h"
#include "tests/sim_ports/small_world.h"

namespace firedrill::sim {

/// A small world with the services' schemas in its PostgreSQL.
class ServiceWorld : public SmallWorld {
 public:
  ServiceWorld() {
    check(run(bring_up_schema(at_one(), "order", order::migrations())) &&
              run(bring_up_schema(at_one(), "inventory", inventory::migrations())),
          "the schemas are up");
  }

  /// The answer of a statement, as lines of cells; asked from process one.
  std::string ask(std::string_view sql) {
    std::string answer;
    const auto body = [](Ports ports, std::string_view text,
                         std::string* out) -> boost::asio::awaitable<void> {
      const Outcome<SqlRows> rows =
          co_await ports.database.run({text}, {}, ports.clock.now() + from_ms(1000));
      if (!rows.has_value()) {
        *out = "refused " + std::string(rows.sqlstate().text());
        co_return;
      }
      for (std::size_t row = 0; row < rows.value().size(); ++row) {
        if (row > 0) *out += '\n';
        for (std::size_t column = 0; column < rows.value().width(); ++column) {
          if (column > 0) *out += ' ';
          *out += rows.value().cell(row, column).value_or("-");
        }
      }
    };
    check(run(body(at_one(), sql, &answer)), "it is answered");
    return answer;
  }
};

}  // namespace firedrill::sim
