#pragma once

#include <boost/asio/execution.hpp>
#include <utility>

#include "sim/kernel/scheduler.h"

namespace firedrill::sim {

/// A lane as an Asio executor: what is executed runs later, at the same virtual instant, as a
/// decision of the scheduler. Never inside execute().
class Executor {
 public:
  explicit Executor(Lane& lane) : lane_(&lane) {}

  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return lane_->scheduler().context();
  }
  static constexpr boost::asio::execution::blocking_t query(
      boost::asio::execution::blocking_t) noexcept {
    return boost::asio::execution::blocking.never;
  }

  template <class Handler>
  void execute(Handler handler) const {
    lane_->post(std::move(handler));
  }

  friend bool operator==(const Executor&, const Executor&) noexcept = default;

 private:
  Lane* lane_;
};

}  // namespace firedrill::sim
