#include "faults/aim.h"
#include "faults/kinds.h"

namespace firedrill::faults {

namespace {

class PostgresCommitLost final : public ActiveFault {
 public:
  explicit PostgresCommitLost(sim::postgres::Levers& levers)
      : levers_(levers), before_(levers.commit_answers_lost) {
    ++levers_.losing_commit_answers;
  }
  void end() override { --levers_.losing_commit_answers; }
  bool took_effect() const override { return levers_.commit_answers_lost > before_; }

 private:
  sim::postgres::Levers& levers_;
  std::uint64_t before_;
};

}  // namespace

const Kind kPostgresCommitLost = {
    "postgres-commit-lost",
    "connections break right behind a commit: it is done, and nobody hears of it",
    "",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault& fault) -> std::unique_ptr<ActiveFault> {
      static_cast<void>(fault);
      return std::make_unique<PostgresCommitLost>(cluster.postgres().levers);
    },
};

}  // namespace firedrill::faults
