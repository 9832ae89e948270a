#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "properties/dense_ids.h"
#include "traces/history.h"

namespace firedrill::properties {

/// The index of an entry in the history. Entries are in order of time, and those of one moment in
/// order of happening: a smaller index is earlier.
using EntryIndex = std::size_t;
inline constexpr EntryIndex kNever = std::numeric_limits<EntryIndex>::max();

/// An order's status, as far as the judges know it.
enum class Status : std::uint8_t {
  unknown,  ///< a word that is none of the below
  queued,
  pending,
  reserved,
  paying,
  paid,
  confirmed,
  completed,
  rejected,
  cancelling,
  cancelled,
  refunding,
  refunded,
};

Status status_of(std::string_view word);
std::string_view to_string(Status status);

/// The customer has the units, as far as the shop is concerned.
constexpr bool is_sold(Status status) {
  return status == Status::paid || status == Status::confirmed || status == Status::completed;
}

/// Nothing has to happen to the order any more.
constexpr bool is_final(Status status) {
  return status == Status::confirmed || status == Status::completed || status == Status::rejected ||
         status == Status::cancelled || status == Status::refunded;
}

/// An order operation: the call and its end in one place. One that never returned is `info`.
struct OrderOp {
  EntryIndex invoked = kNever;
  EntryIndex returned = kNever;
  traces::At from{};
  traces::At until = traces::At::max();
  traces::Ended ended = traces::Ended::info;
  int status = 0;
  Id request = kNoId;  ///< (user, key)
  Id buyer = kNoId;    ///< (sale, user)
  Id ask = kNoId;      ///< (user, product, quantity)
  Id order = kNoId;    ///< that the answer names

  bool ok() const { return ended == traces::Ended::ok; }
};

/// A read of one order.
struct ReadOp {
  EntryIndex invoked = kNever;
  EntryIndex returned = kNever;
  traces::Ended ended = traces::Ended::info;
  int status = 0;
  Id order = kNoId;
  Status told = Status::unknown;
};

/// An OrderSeen.
struct SeenOrder {
  EntryIndex entry = kNever;
  Id order = kNoId;
  Id request = kNoId;  ///< kNoId where the record has no key
  Id product = kNoId;
  Id holder = kNoId;  ///< (user, product)
  Id ask = kNoId;     ///< (user, product, quantity)
  Status status = Status::unknown;
  /// What it takes from the stock when sold. An order of less than nothing (a malformed one that
  /// went through) sells nothing: it must not make room for a sale too many.
  std::int64_t units = 0;
  bool mints = false;        ///< its quantity is below zero
  std::int64_t version = 0;  ///< 0 where the store keeps none
};

/// An EventSeen.
struct SeenEvent {
  EntryIndex entry = kNever;
  Id order = kNoId;
  Id event = kNoId;    ///< (order, version)
  Id content = kNoId;  ///< (order, version, payload)
  std::int64_t version = 0;
  Status status = Status::unknown;
  traces::EventSeen::State state{};
  std::int64_t attempts = 0;  ///< to publish it
};

/// An EventDelivered.
struct Delivery {
  EntryIndex entry = kNever;
  Id group = kNoId;  ///< the consumer group
  Id order = kNoId;
  Id event = kNoId;    ///< (order, version)
  Id content = kNoId;  ///< (order, version, payload)
  std::int64_t version = 0;
  bool again = false;  ///< the broker had sent it before, whether or not that arrived
};

/// A StockSeen.
struct SeenStock {
  EntryIndex entry = kNever;
  Id product = kNoId;
  const traces::StockSeen* seen = nullptr;
};

/// A StockEffect.
struct SeenEffect {
  EntryIndex entry = kNever;
  traces::StockEffect::Kind kind{};
  Id product = kNoId;
  Id reservation = kNoId;  ///< (product, token); kNoId where it was made under no token
  std::int64_t units = 0;
};

/// A LedgerSeen.
struct SeenLedger {
  EntryIndex entry = kNever;
  Id product = kNoId;
  std::int64_t sold = 0;
};

/// A RedisForgot.
struct Forgot {
  EntryIndex entry = kNever;
  traces::At at{};
};

/// `order` was made for `request`, as the client was told or as the record says.
struct MadeFor {
  EntryIndex entry = kNever;
  Id request = kNoId;
  Id order = kNoId;
};

/// Numbers grouped by another number, in their old order within each group.
class Groups {
 public:
  Groups() = default;
  /// Item i belongs to the group group_of[i] < group_count.
  Groups(std::span<const Id> group_of, std::size_t group_count);

  std::size_t size() const { return starts_.empty() ? 0 : starts_.size() - 1; }
  std::span<const std::uint32_t> operator[](std::size_t group) const {
    return std::span(items_).subspan(starts_[group], starts_[group + 1] - starts_[group]);
  }

 private:
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint32_t> items_;
};

/// A history, read once and indexed for all judges: names are numbers, an operation is one thing.
/// It interprets nothing. It refers to the history, which must outlive it unchanged.
class Facts {
 public:
  /// Precondition: each operation is invoked once and returns at most once, later.
  explicit Facts(const traces::History& history);

  const traces::Terms& terms() const { return history_.terms; }

  const std::vector<OrderOp>& order_ops() const { return order_ops_; }  ///< in order of invoking
  const std::vector<ReadOp>& reads() const { return reads_; }           ///< in order of invoking
  const std::vector<SeenOrder>& seen_orders() const { return seen_orders_; }
  const std::vector<SeenStock>& seen_stocks() const { return seen_stocks_; }
  const std::vector<SeenEffect>& effects() const { return effects_; }
  const std::vector<SeenLedger>& seen_ledgers() const { return seen_ledgers_; }
  const std::vector<Forgot>& forgot() const { return forgot_; }

  const std::vector<SeenEvent>& seen_events() const { return seen_events_; }
  /// Whether it is still so, or was replaced: no OrderGone, or EventGone, takes it back later. What
  /// is left of an order that is gone is seen again, and stands.
  bool stands(const SeenOrder& seen) const {
    return order_gone_[seen.order] == kNever || order_gone_[seen.order] < seen.entry;
  }
  bool stands(const SeenEvent& seen) const {
    return event_gone_[seen.event] == kNever || event_gone_[seen.event] < seen.entry;
  }
  /// The last OrderGone, EventGone, or kNever.
  EntryIndex order_gone(Id order) const { return order_gone_[order]; }
  EntryIndex event_gone(Id event) const { return event_gone_[event]; }
  const std::vector<Delivery>& deliveries() const { return deliveries_; }

  /// Whether any order was seen at a version, or any event.
  bool tells_versions() const { return tells_versions_; }

  /// Each pair at least once, the first time that it shows; later repetitions may be left out.
  const std::vector<MadeFor>& made_for() const { return made_for_; }

  /// Of order_ops(): the operations of each request, of each buyer.
  const Groups& ops_of_request() const { return ops_of_request_; }
  const Groups& ops_of_buyer() const { return ops_of_buyer_; }

  /// Of seen_events(): those of each order. Of deliveries(): those of each event. Empty where the
  /// history tells of neither versions nor deliveries.
  const Groups& events_of_order() const { return events_of_order_; }
  const Groups& deliveries_of_event() const { return deliveries_of_event_; }

  /// The return of the first 2xx answer that names the order; kNever where there is none.
  EntryIndex accepted(Id order) const { return accepted_[order]; }

  /// Where the run became quiet, or kNever.
  EntryIndex quiet() const { return quiet_; }

  std::size_t orders() const { return orders_.size(); }
  std::size_t products() const { return products_.size(); }
  std::size_t requests() const { return requests_.size(); }
  std::size_t holders() const { return holders_.size(); }
  std::size_t asks() const { return asks_.size(); }
  std::size_t reservations() const { return reservations_.size(); }
  std::size_t events() const { return events_.size(); }  ///< seen or delivered
  std::size_t contents() const { return contents_.size(); }
  std::size_t consumer_groups() const { return consumer_groups_.size(); }  ///< that received any

  /// Whether effects other than seeding the stock were seen for the product.
  bool touched(Id product) const { return touched_[product]; }

  /// Of the terms; products that are not in the terms have no units, and no cap but 0.
  std::int64_t initial(Id product) const {
    return product < terms().products.size() ? terms().products[product].initial : 0;
  }
  std::int64_t per_user_cap(Id product) const {
    return product < terms().products.size() ? terms().products[product].per_user_cap : 0;
  }

  // Names, for messages.
  std::string order_name(Id order) const { return std::string(orders_[order]); }
  std::string product_name(Id product) const { return std::string(products_[product]); }
  std::string user_of_holder(Id holder) const;
  std::string user_of_request(Id request) const;
  std::string key_of_request(Id request) const;
  std::string user_of_buyer(Id buyer) const;
  std::string user_of_ask(Id ask) const;
  std::string product_of_ask(Id ask) const;
  Id product_of_reservation(Id reservation) const;
  std::string token_name(Id reservation) const;
  std::string consumer_group_name(Id group) const { return std::string(consumer_groups_[group]); }

 private:
  struct Open {
    bool orders = false;      // an order operation, not a read
    std::uint32_t index = 0;  // in order_ops_ or reads_
  };

  /// What was seen last of an order: its next record mostly differs in the status alone.
  struct Record {
    const traces::OrderSeen* seen = nullptr;
    SeenOrder numbers;
  };

  void take(EntryIndex entry, traces::At at, const traces::Invoke& seen);
  void take(EntryIndex entry, traces::At at, const traces::Return& seen);
  void take(EntryIndex entry, const traces::StockSeen& seen);
  void take(EntryIndex entry, const traces::StockEffect& seen);
  void take(EntryIndex entry, const traces::LedgerSeen& seen);
  void take(EntryIndex entry, const traces::OrderSeen& seen);
  void take(EntryIndex entry, const traces::EventSeen& seen);
  void take(EntryIndex entry, const traces::EventDelivered& seen);
  void take(EntryIndex entry, const traces::OrderGone& seen);
  void take(EntryIndex entry, const traces::EventGone& seen);
  SeenOrder number(EntryIndex entry, Id order, const traces::OrderSeen& seen);
  void close(OrderOp& op, EntryIndex entry, traces::At at, const traces::Return& seen);
  void close(ReadOp& op, EntryIndex entry, const traces::Return& seen);
  void make_for(EntryIndex entry, Id request, Id order);
  Id order_of(std::string_view id);
  Id product_of(std::string_view id);
  Id request_of(Id user, std::string_view key);
  Id ask_of(Id holder, std::int64_t quantity);
  Id event_of(Id order, std::int64_t version);
  Id content_of(Id event, std::string_view payload);
  void group();
  void group_events();

  const traces::History& history_;

  DenseIds<std::string_view> users_, keys_, sales_, products_, orders_, tokens_;
  DenseIds<std::uint64_t> ops_, requests_, buyers_, holders_, asks_, reservations_;
  // Most histories have no events: these begin small.
  DenseIds<std::string_view> consumer_groups_{1}, payloads_{1};
  DenseIds<std::uint64_t> versions_{1}, events_{1}, contents_{1};

  std::vector<Open> open_;  // by operation
  std::vector<OrderOp> order_ops_;
  std::vector<ReadOp> reads_;
  std::vector<SeenOrder> seen_orders_;
  std::vector<SeenStock> seen_stocks_;
  std::vector<SeenEffect> effects_;
  std::vector<SeenLedger> seen_ledgers_;
  std::vector<Forgot> forgot_;
  std::vector<SeenEvent> seen_events_;
  std::vector<Delivery> deliveries_;
  std::vector<MadeFor> made_for_;
  std::vector<Id> first_order_;       // by request
  std::vector<EntryIndex> accepted_;  // by order
  std::vector<Record> records_;       // by order
  std::vector<EntryIndex> order_gone_, event_gone_;
  std::vector<bool> touched_;  // by product
  EntryIndex quiet_ = kNever;
  bool tells_versions_ = false;
  Groups ops_of_request_, ops_of_buyer_, events_of_order_, deliveries_of_event_;
};

}  // namespace firedrill::properties
