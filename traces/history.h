#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "system/domain/time.h"

namespace firedrill::traces {

/// Time in a history: since the run began. Virtual in a world, the driver's monotonic clock live.
using At = Duration;

using OpId = std::uint32_t;

/// POST /v1/flash-orders
struct OrderCall {
  std::string user;
  std::string key;  ///< Idempotency-Key
  std::string sale;
  std::string product;
  std::int64_t quantity = 0;

  friend bool operator==(const OrderCall&, const OrderCall&) = default;
};

/// GET /v1/orders/{id}
struct ReadCall {
  std::string order_id;

  friend bool operator==(const ReadCall&, const ReadCall&) = default;
};

/// A client calls. Every `op` is invoked once, and returns at most once, later. A retry is an
/// operation of its own, with the same user and key.
struct Invoke {
  OpId op = 0;
  std::variant<OrderCall, ReadCall> call;

  friend bool operator==(const Invoke&, const Invoke&) = default;
};

/// How an operation ended. An operation that never returned counts as `info`.
enum class Ended : std::uint8_t {
  ok,    ///< 2xx
  fail,  ///< surely had no effect: refused with a 4xx or a 503, or never sent
  info,  ///< unknown: 500, 504, silence, a broken connection
};

struct Return {
  OpId op = 0;
  Ended ended = Ended::info;
  int status = 0;            ///< HTTP status; 0 where there was no response
  std::string order_id;      ///< where the answer names one
  std::string order_status;  ///< QUEUED, CONFIRMED, ... where the answer tells it

  friend bool operator==(const Return&, const Return&) = default;
};

/// The store's counters of one product, as they stand from now on. Written at each change in a
/// world; at least once, when quiet, live. as-written keeps `available` alone: there `reserved`
/// and `sold` are 0 and `counters` is false.
struct StockSeen {
  std::string product;
  std::int64_t available = 0;
  std::int64_t reserved = 0;
  std::int64_t sold = 0;
  bool counters = true;

  friend bool operator==(const StockSeen&, const StockSeen&) = default;
};

/// One effect on the stock, with the token that it was made under (the reservation id; empty in
/// as-written, which has none). In hardened read from the stock's own log.
struct StockEffect {
  enum class Kind : std::uint8_t {
    seed,
    reserve,
    confirm,
    release,
    expire,
    restock,
    deduct,
    restore,
    rebuild,  ///< of the whole stock, from the ledger: all holds end, `quantity` units are left
  };

  Kind kind = Kind::seed;
  std::string product;
  std::string token;
  std::string user;
  std::int64_t quantity = 0;

  friend bool operator==(const StockEffect&, const StockEffect&) = default;
};

/// An order record as it stands in its store from now on. Written at each change in a world; at
/// least once, when quiet, live.
struct OrderSeen {
  std::string order_id;
  std::string user;
  std::string key;  ///< Idempotency-Key; empty in as-written, which does not keep it
  std::string product;
  std::int64_t quantity = 0;
  std::string status;
  std::int64_t version = 0;  ///< from 1, one more with each change; 0 where the store keeps none

  friend bool operator==(const OrderSeen&, const OrderSeen&) = default;
};

/// An event of an order, as its row stands in the outbox from now on: the order is at `version`
/// since then, in that status. Written at each change in a world; at least once, when quiet, live.
struct EventSeen {
  enum class State : std::uint8_t {
    pending,    ///< to be published; also while a relay has claimed it
    published,  ///< the broker has confirmed it, says the row
    dead,       ///< given up, and listed for an operator
  };

  std::string order_id;
  std::int64_t version = 0;
  std::string status;
  std::string payload;  ///< what is published, as it is
  State state = State::pending;
  std::int64_t attempts = 0;  ///< to publish it, as the row counts them

  friend bool operator==(const EventSeen&, const EventSeen&) = default;
};

/// A consumer group received an event. Again and again, where it is delivered again.
struct EventDelivered {
  std::string group;
  std::string order_id;
  std::int64_t version = 0;
  std::string payload;
  /// As the broker counts: above 1, an earlier delivery may have been lost on its way.
  std::uint32_t attempt = 1;

  friend bool operator==(const EventDelivered&, const EventDelivered&) = default;
};

/// What happened to fault `index` of the plan.
struct FaultSeen {
  enum class What : std::uint8_t { began, took_effect, ended };

  std::uint32_t index = 0;
  What what = What::began;

  friend bool operator==(const FaultSeen&, const FaultSeen&) = default;
};

/// The run's phases: from the start faults may strike; from `healed` there are none any more; at
/// `quiet` every liveness bound has passed.
struct PhaseSeen {
  enum class Phase : std::uint8_t { healed, quiet };

  Phase phase = Phase::healed;

  friend bool operator==(const PhaseSeen&, const PhaseSeen&) = default;
};

/// A line for the reader: what a process told its operators. Properties do not read it.
struct Note {
  std::string process;
  std::string text;

  friend bool operator==(const Note&, const Note&) = default;
};

/// An order's record as it was seen last is not in its store any more: a commit was lost. What is
/// left of it, if anything, is seen right after.
struct OrderGone {
  std::string order_id;

  friend bool operator==(const OrderGone&, const OrderGone&) = default;
};

/// The same of a row of the outbox. It may be written again, and be another event then.
struct EventGone {
  std::string order_id;
  std::int64_t version = 0;

  friend bool operator==(const EventGone&, const EventGone&) = default;
};

/// The stock ledger's counters of one product, as they stand from now on. Written at each change in
/// a world; at least once, when quiet, live.
struct LedgerSeen {
  std::string product;
  std::int64_t initial = 0;
  std::int64_t sold = 0;
  std::int64_t epoch = 0;

  friend bool operator==(const LedgerSeen&, const LedgerSeen&) = default;
};

/// Redis has lost what it had acknowledged up to now, or answers from a copy that will be dropped.
/// What is seen of it next may know nothing of what was seen before.
struct RedisForgot {
  friend bool operator==(const RedisForgot&, const RedisForgot&) = default;
};

using What =
    std::variant<Invoke, Return, StockSeen, StockEffect, OrderSeen, EventSeen, EventDelivered,
                 FaultSeen, PhaseSeen, Note, OrderGone, EventGone, LedgerSeen, RedisForgot>;

struct Entry {
  At at{};
  What what;

  friend bool operator==(const Entry&, const Entry&) = default;
};

/// What the sale promises: the terms that the properties judge by.
struct Terms {
  struct Product {
    std::string id;
    std::int64_t initial = 0;
    std::int64_t per_user_cap = 0;

    friend bool operator==(const Product&, const Product&) = default;
  };

  std::vector<Product> products;
  std::int64_t rate_limit = 0;  ///< requests of one (sale, user) in any `rate_window`
  Duration rate_window{};

  friend bool operator==(const Terms&, const Terms&) = default;
};

/// Every operation, effect and fault of a run, in order of time. Append-only. With the terms, the
/// only thing that properties read.
struct History {
  Terms terms;
  std::vector<Entry> entries;

  void add(At at, What what) { entries.push_back({at, std::move(what)}); }

  friend bool operator==(const History&, const History&) = default;
};

/// "ok", "fail", "info"; the names in trace files, and so on for each enumeration.
std::string_view to_string(Ended ended);
std::string_view to_string(StockEffect::Kind kind);
std::string_view to_string(EventSeen::State state);
std::string_view to_string(FaultSeen::What what);
std::string_view to_string(PhaseSeen::Phase phase);

}  // namespace firedrill::traces
