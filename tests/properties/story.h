#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "properties/property.h"
#include "traces/history.h"

namespace firedrill::properties {

using traces::Ended;
using Effect = traces::StockEffect::Kind;
using Row = traces::EventSeen::State;

/// Writes a history in few words. A sale of sku-1, 10 units, at most 2 for each user; at most 3
/// requests of a user in 1000 ms. Every entry is a millisecond after the one before, or at the time
/// that at() set.
class Story {
 public:
  Story() {
    history_.terms = {
        .products = {{"sku-1", 10, 2}}, .rate_limit = 3, .rate_window = from_ms(1000)};
  }

  traces::Terms& terms() { return history_.terms; }
  const traces::History& history() const { return history_; }

  /// The next entry is at this time.
  Story& at(std::int64_t ms) {
    now_ = from_ms(ms);
    return *this;
  }

  traces::OpId invoke(std::string user, std::string key, std::int64_t quantity = 1,
                      std::string product = "sku-1", std::string sale = "sale-1") {
    add(traces::Invoke{++ops_, traces::OrderCall{std::move(user), std::move(key), std::move(sale),
                                                 std::move(product), quantity}});
    return ops_;
  }

  /// The end of a call, by its HTTP status; 0 is silence.
  Story& answer(traces::OpId op, int status, std::string order = "",
                std::string order_status = "") {
    const Ended ended = status >= 200 && status < 300                     ? Ended::ok
                        : status == 0 || (status >= 500 && status != 503) ? Ended::info
                                                                          : Ended::fail;
    return end(op, ended, status, std::move(order), std::move(order_status));
  }

  Story& end(traces::OpId op, Ended ended, int status, std::string order = "",
             std::string order_status = "") {
    add(traces::Return{op, ended, status, std::move(order), std::move(order_status)});
    return *this;
  }

  /// A call and its answer, one after the other.
  Story& call(std::string user, std::string key, int status, std::string order = "",
              std::int64_t quantity = 1, std::string product = "sku-1") {
    const auto op = invoke(std::move(user), std::move(key), quantity, std::move(product));
    return answer(op, status, std::move(order));
  }

  traces::OpId ask(std::string order) {
    add(traces::Invoke{++ops_, traces::ReadCall{std::move(order)}});
    return ops_;
  }

  Story& read(const std::string& order, int status, std::string order_status = "") {
    const auto op = ask(order);
    return answer(op, status, status == 200 ? order : "", std::move(order_status));
  }

  Story& seen(std::string order, std::string status, std::int64_t quantity = 1,
              std::string user = "u-1", std::string key = "", std::string product = "sku-1",
              std::int64_t version = 0) {
    add(traces::OrderSeen{std::move(order), std::move(user), std::move(key), std::move(product),
                          quantity, std::move(status), version});
    return *this;
  }

  /// An order of u-1 at a version.
  Story& seen(std::string order, std::int64_t version, std::string status) {
    return seen(std::move(order), std::move(status), 1, "u-1", "", "sku-1", version);
  }

  /// A row of the outbox.
  Story& event(std::string order, std::int64_t version, std::string status,
               Row state = Row::pending, std::string payload = "{}", std::int64_t attempts = 0) {
    add(traces::EventSeen{std::move(order), version, std::move(status), std::move(payload), state,
                          attempts});
    return *this;
  }

  /// The store has lost the order, as it was seen last; or an event.
  Story& gone(std::string order) {
    add(traces::OrderGone{std::move(order)});
    return *this;
  }
  Story& gone(std::string order, std::int64_t version) {
    add(traces::EventGone{std::move(order), version});
    return *this;
  }

  Story& delivered(std::string group, std::string order, std::int64_t version,
                   std::string payload = "{}", std::uint32_t attempt = 1) {
    add(traces::EventDelivered{std::move(group), std::move(order), version, std::move(payload),
                               attempt});
    return *this;
  }

  /// An order at a version, and its event.
  Story& committed(const std::string& order, std::int64_t version, const std::string& status,
                   Row state = Row::pending) {
    return seen(order, version, status).event(order, version, status, state);
  }

  Story& stock(std::int64_t available, std::int64_t reserved, std::int64_t sold,
               std::string product = "sku-1") {
    add(traces::StockSeen{std::move(product), available, reserved, sold, true});
    return *this;
  }

  Story& ledger(std::int64_t sold, std::string product = "sku-1") {
    add(traces::LedgerSeen{std::move(product), 10, sold, 1});
    return *this;
  }
  Story& redis_forgot() {
    add(traces::RedisForgot{});
    return *this;
  }

  /// As as-written tells it: no counters.
  Story& bare_stock(std::int64_t available, std::string product = "sku-1") {
    add(traces::StockSeen{std::move(product), available, 0, 0, false});
    return *this;
  }

  Story& effect(Effect kind, std::string token, std::int64_t quantity = 1,
                std::string product = "sku-1") {
    add(traces::StockEffect{kind, std::move(product), std::move(token), "u-1", quantity});
    return *this;
  }

  Story& quiet() {
    add(traces::PhaseSeen{traces::PhaseSeen::Phase::healed});
    add(traces::PhaseSeen{traces::PhaseSeen::Phase::quiet});
    return *this;
  }

  /// The index of the entry that was added last.
  std::size_t last() const { return history_.entries.size() - 1; }

 private:
  void add(traces::What what) {
    history_.add(now_, std::move(what));
    now_ += from_ms(1);
  }

  traces::History history_;
  traces::At now_{};
  traces::OpId ops_ = 0;
};

inline Verdict verdict_of(const Story& story, std::string_view property) {
  const Property* found = find(property);
  EXPECT_NE(found, nullptr) << property;
  Verdict verdict = judge(*found, story.history());
  EXPECT_EQ(verdict.judged == 0, verdict.judgement == Judgement::vacuous);
  EXPECT_EQ(verdict.signature.empty(), verdict.judgement != Judgement::violated);
  EXPECT_EQ(verdict.message.empty(), verdict.judgement != Judgement::violated);
  EXPECT_EQ(verdict.signature.find_first_of("0123456789"), std::string::npos);
  return verdict;
}

inline void expect_vacuous(const Story& story, std::string_view property) {
  const Verdict verdict = verdict_of(story, property);
  EXPECT_EQ(verdict.judgement, Judgement::vacuous) << verdict.message;
}

inline void expect_holds(const Story& story, std::string_view property, std::uint64_t judged) {
  const Verdict verdict = verdict_of(story, property);
  EXPECT_EQ(verdict.judgement, Judgement::holds) << verdict.message;
  EXPECT_EQ(verdict.judged, judged);
}

inline void expect_violated(const Story& story, std::string_view property,
                            std::string_view signature, std::string_view message,
                            std::size_t entry) {
  const Verdict verdict = verdict_of(story, property);
  EXPECT_EQ(verdict.judgement, Judgement::violated);
  EXPECT_EQ(verdict.signature, signature);
  EXPECT_EQ(verdict.message, message);
  EXPECT_EQ(verdict.entry, entry);
}

}  // namespace firedrill::properties
