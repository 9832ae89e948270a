#include "faults/kinds.h"
#include "faults/lever.h"

namespace firedrill::faults {

const Kind kPostgresCommitLost = {
    "postgres-commit-lost",
    "connections break right behind a commit: it is done, and nobody hears of it",
    "",
    true,
    Aim::postgres,
    [](sim::FlashSaleCluster& cluster, const traces::Fault&) -> std::unique_ptr<ActiveFault> {
      auto& levers = cluster.postgres().levers;
      return move_lever(levers.losing_commit_answers, 1, levers.commit_answers_lost);
    },
};

}  // namespace firedrill::faults
