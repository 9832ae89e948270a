#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class PostgresTerminate final : public ActiveFault {
 public:
  explicit PostgresTerminate(sim::FlashSaleCluster::PostgresNode& node)
      : had_clients_(node.disk.server != nullptr && node.disk.server->has_clients()) {
    if (node.disk.server != nullptr) node.disk.server->terminate_clients();
  }
  bool took_effect() const override { return had_clients_; }

 private:
  bool had_clients_;
};

}  // namespace

const Kind kPostgresTerminate = {
    "postgres-terminate",
    "an operator ends every session of PostgreSQL (57P01): what was under way is rolled back",
    "",
    false,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      return std::make_unique<PostgresTerminate>(cluster.postgres_primary());
    },
};

}  // namespace firedrill::faults
