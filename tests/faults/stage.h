#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/injector.h"
#include "faults/kinds.h"
#include "sim/cluster/flash_sale.h"
#include "traces/trace.h"

namespace firedrill::faults {

/// A quiet sale on a network without surprises: one order service, one consumer, ten units.
inline traces::Case quiet_case() {
  traces::Case run;
  run.seed = 1;
  run.topology = {1, 1, 1};
  run.terms = {{{"sku-1", 10, 5}}, 100, from_ms(1'000)};
  run.hold_ttl = from_ms(8'000);
  run.client_timeout = from_ms(3'000);
  run.network = {from_us(500), {}, 0, {}};
  run.faults_until = from_ms(10'000);
  run.length = from_ms(20'000);
  return run;
}

/// The same with an order of one unit at 1000 ms, after one at 500 ms, so that everybody is
/// connected. They are not retried.
inline traces::Case busy_case() {
  traces::Case run = quiet_case();
  for (const std::int64_t at : {500, 1'000}) {
    traces::PlannedOrder order;
    order.at = from_ms(at);
    const std::string number = std::to_string(run.orders.size() + 1);
    order.call = {"u-" + number, "k-" + number, "sale-1", "sku-1", 1};
    run.orders.push_back(std::move(order));
  }
  return run;
}

/// From 900 ms on, around the second order; till 1900 ms where nothing else is said.
inline traces::Fault fault(const Kind& kind, std::string subject, std::string object = "",
                           std::int64_t amount = 0, std::int64_t lasts_ms = 1'000) {
  return {std::string(kind.name), from_ms(900),      kind.lasts ? from_ms(lasts_ms) : Duration{},
          std::move(subject),     std::move(object), amount};
}

inline traces::Case with(traces::Case run, traces::Fault one) {
  run.faults.push_back(std::move(one));
  return run;
}

/// A run, and what came of it.
class Played {
 public:
  using Look = std::function<void(sim::FlashSaleCluster&)>;

  explicit Played(const traces::Case& run) : Played(run, {}, {}) {}

  /// `look` at `when`.
  Played(const traces::Case& run, Duration when, const Look& look) {
    sim::FlashSaleCluster cluster(run, run.length - from_ms(3'000));
    const Injector injector(cluster, run);
    if (look) cluster.world().at(Instant(when), [&] { look(cluster); });
    cluster.world().run_until(Instant(run.length));
    digest = cluster.world().scheduler().digest().value();
    counts = cluster.counts();
    repeated = cluster.queue().repeated;
    history = cluster.history();
  }

  /// When that happened to fault `index`; below 0 where it did not.
  Duration seen(traces::FaultSeen::What what, std::uint32_t index = 0) const {
    for (const auto& entry : history.entries) {
      const auto* fault = std::get_if<traces::FaultSeen>(&entry.what);
      if (fault != nullptr && fault->index == index && fault->what == what) return entry.at;
    }
    return Duration(-1);
  }
  bool took_effect(std::uint32_t index = 0) const {
    return seen(traces::FaultSeen::What::took_effect, index) >= Duration::zero();
  }
  std::uint64_t count(const std::string& name) const {
    const auto found = counts.find(name);
    return found == counts.end() ? 0 : found->second;
  }
  std::uint64_t counted(std::string_view kind) const { return count("fault:" + std::string(kind)); }

  /// The call of an order, by its number from 1.
  struct Call {
    Duration invoked{-1};
    Duration returned{-1};
    traces::Return answer;
    Duration took() const { return returned - invoked; }
  };
  Call call(int number) const {
    Call call;
    traces::OpId op = 0;
    for (const auto& entry : history.entries) {
      if (const auto* invoke = std::get_if<traces::Invoke>(&entry.what)) {
        const auto* order = std::get_if<traces::OrderCall>(&invoke->call);
        if (order == nullptr || order->key != "k-" + std::to_string(number)) continue;
        op = invoke->op;
        call.invoked = entry.at;
      } else if (const auto* back = std::get_if<traces::Return>(&entry.what)) {
        if (op == 0 || back->op != op) continue;
        call.returned = entry.at;
        call.answer = *back;
      }
    }
    return call;
  }

  /// How often the store made such an effect for user `u-number`.
  int effects(traces::StockEffect::Kind kind, int number) const {
    int count = 0;
    for (const auto& entry : history.entries) {
      const auto* effect = std::get_if<traces::StockEffect>(&entry.what);
      count += effect != nullptr && effect->kind == kind &&
               effect->user == "u-" + std::to_string(number);
    }
    return count;
  }

  /// The last status of the order of user `u-number`; empty where there is none.
  std::string status(int number) const {
    std::string status;
    for (const auto& entry : history.entries) {
      const auto* order = std::get_if<traces::OrderSeen>(&entry.what);
      if (order != nullptr && order->user == "u-" + std::to_string(number)) status = order->status;
    }
    return status;
  }

  traces::History history;
  sim::Counts counts;
  std::uint64_t repeated = 0;
  std::uint64_t digest = 0;
};

}  // namespace firedrill::faults
