#pragma once

#include "faults/aim.h"

namespace firedrill::faults {

/// Connections from one host to another break at the next messages, which are lost: what
/// request-lost and reply-lost share.
class MessageLost final : public ActiveFault {
 public:
  MessageLost(sim::Link& link, std::int64_t messages)
      : link_(link), lost_before_(link.lost()) {
    link_.lose_next(messages);
  }
  void end() override { link_.stop_losing(); }
  bool took_effect() const override { return link_.lost() > lost_before_; }

 private:
  sim::Link& link_;
  std::uint64_t lost_before_;
};

inline std::unique_ptr<ActiveFault> begin_message_lost(sim::FlashSaleCluster& cluster,
                                                       const traces::Fault& fault) {
  return std::make_unique<MessageLost>(link(cluster, fault), fault.amount);
}

}  // namespace firedrill::faults
