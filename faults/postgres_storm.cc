#include <algorithm>

#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

/// Those who are connected stay; who connects anew finds no place.
class PostgresStorm final : public ActiveFault {
 public:
  PostgresStorm(sim::postgres::Levers& levers, std::uint32_t strangers)
      : levers_(levers), strangers_(strangers), before_(levers.too_many_clients) {
    levers_.strangers += strangers_;
  }
  void end() override { levers_.strangers -= strangers_; }
  bool took_effect() const override { return levers_.too_many_clients > before_; }

 private:
  sim::postgres::Levers& levers_;
  std::uint32_t strangers_;
  std::uint64_t before_;
};

}  // namespace

const Kind kPostgresStorm = {
    "postgres-storm",
    "somebody else holds connections to PostgreSQL: who connects may hear 53300",
    "connections; 97 are all that there are",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      const auto strangers = std::clamp<std::int64_t>(fault.amount, 0, 1'000'000);
      return std::make_unique<PostgresStorm>(cluster.postgres().levers,
                                             static_cast<std::uint32_t>(strangers));
    },
};

}  // namespace firedrill::faults
