#pragma once

#include "faults/aim.h"

namespace firedrill::faults {

/// Connections from one host to another break at the next messages, which are lost: what
/// request-lost and reply-lost share.
class MessageLost final : public ActiveFault {
 public:
  MessageLost(sim::Link& link, std::int64_t messages) : loss_(messages) { link.lose_next(loss_); }
  void end() override { loss_.unlink(); }
  bool took_effect() const override { return loss_.lost > 0; }

 private:
  sim::Loss loss_;
};

inline std::unique_ptr<ActiveFault> begin_message_lost(sim::FlashSaleCluster& cluster,
                                                       const traces::Fault& fault) {
  return std::make_unique<MessageLost>(link(cluster, fault), fault.amount);
}

}  // namespace firedrill::faults
