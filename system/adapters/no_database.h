#pragma once

#include "system/ports/database.h"

namespace firedrill::adapters {

/// Where no database was configured: every call is refused.
class NoDatabase final : public Database {
 public:
  boost::asio::awaitable<Outcome<std::unique_ptr<SqlTransaction>>> begin(SqlTransactionOptions,
                                                                         Instant) override {
    co_return Refused{Why::refused, {}, "no database was configured"};
  }
  boost::asio::awaitable<Outcome<SqlRows>> run(SqlStatement, SqlParameters, Instant) override {
    co_return Refused{Why::refused, {}, "no database was configured"};
  }
};

}  // namespace firedrill::adapters
