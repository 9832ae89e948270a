#include "properties/facts.h"

#include <array>
#include <type_traits>
#include <utility>
#include <variant>

#include "system/domain/check.h"

namespace firedrill::properties {
namespace {

using traces::History;

constexpr std::array<std::pair<Status, std::string_view>, 13> kWords{{
    {Status::confirmed, "CONFIRMED"},
    {Status::queued, "QUEUED"},
    {Status::pending, "PENDING"},
    {Status::reserved, "RESERVED"},
    {Status::paying, "PAYING"},
    {Status::paid, "PAID"},
    {Status::completed, "COMPLETED"},
    {Status::rejected, "REJECTED"},
    {Status::cancelling, "CANCELLING"},
    {Status::cancelled, "CANCELLED"},
    {Status::refunding, "REFUNDING"},
    {Status::refunded, "REFUNDED"},
    {Status::unknown, "in an unknown status"},
}};

/// Entries of each kind, by the variant's index.
std::array<std::size_t, std::variant_size_v<traces::What>> counts_of(const History& history) {
  std::array<std::size_t, std::variant_size_v<traces::What>> counts{};
  for (const auto& entry : history.entries) ++counts[entry.what.index()];
  return counts;
}

bool same_but_status(const traces::OrderSeen& a, const traces::OrderSeen& b) {
  return a.quantity == b.quantity && a.user == b.user && a.key == b.key && a.product == b.product;
}

constexpr Id left_of(std::uint64_t key) {
  return static_cast<Id>(key >> 32);
}
constexpr Id right_of(std::uint64_t key) {
  return static_cast<Id>(key);
}

}  // namespace

Status status_of(std::string_view word) {
  for (const auto& [status, name] : kWords) {
    if (name == word) return status;
  }
  return Status::unknown;
}

std::string_view to_string(Status status) {
  for (const auto& [known, name] : kWords) {
    if (known == status) return name;
  }
  return "?";
}

Groups::Groups(std::span<const Id> group_of, std::size_t group_count)
    : starts_(group_count + 1), items_(group_of.size()) {
  for (const Id group : group_of) ++starts_[group + 1];
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
  for (std::uint32_t item = 0; item < group_of.size(); ++item) {
    items_[next[group_of[item]]++] = item;
  }
}

Facts::Facts(const History& history) : history_(history) {
  for (const auto& product : history.terms.products) product_of(product.id);
  check(products_.size() == history.terms.products.size(), "the terms name a product once");

  const auto counts = counts_of(history);
  order_ops_.reserve(counts[0]);
  reads_.reserve(counts[0]);
  open_.reserve(counts[0]);
  seen_stocks_.reserve(counts[2]);
  effects_.reserve(counts[3]);
  seen_orders_.reserve(counts[4]);
  seen_events_.reserve(counts[5]);
  deliveries_.reserve(counts[6]);

  for (EntryIndex index = 0; index < history.entries.size(); ++index) {
    const traces::Entry& entry = history.entries[index];
    if (const auto* invoke = std::get_if<traces::Invoke>(&entry.what)) {
      take(index, entry.at, *invoke);
    } else if (const auto* returned = std::get_if<traces::Return>(&entry.what)) {
      take(index, entry.at, *returned);
    } else if (const auto* stock = std::get_if<traces::StockSeen>(&entry.what)) {
      take(index, *stock);
    } else if (const auto* effect = std::get_if<traces::StockEffect>(&entry.what)) {
      take(index, *effect);
    } else if (const auto* order = std::get_if<traces::OrderSeen>(&entry.what)) {
      take(index, *order);
    } else if (const auto* event = std::get_if<traces::EventSeen>(&entry.what)) {
      take(index, *event);
    } else if (const auto* delivered = std::get_if<traces::EventDelivered>(&entry.what)) {
      take(index, *delivered);
    } else if (const auto* order_gone = std::get_if<traces::OrderGone>(&entry.what)) {
      take(index, *order_gone);
    } else if (const auto* event_gone = std::get_if<traces::EventGone>(&entry.what)) {
      take(index, *event_gone);
    } else if (const auto* ledger = std::get_if<traces::LedgerSeen>(&entry.what)) {
      take(index, *ledger);
    } else if (std::holds_alternative<traces::RedisForgot>(entry.what)) {
      forgot_.push_back({index, entry.at});
    } else if (const auto* phase = std::get_if<traces::PhaseSeen>(&entry.what)) {
      if (phase->phase == traces::PhaseSeen::Phase::quiet && quiet_ == kNever) quiet_ = index;
    }
  }
  group();
}

void Facts::group() {
  std::vector<Id> group_of(order_ops_.size());
  for (std::size_t i = 0; i < order_ops_.size(); ++i) group_of[i] = order_ops_[i].request;
  ops_of_request_ = Groups(group_of, requests_.size());
  for (std::size_t i = 0; i < order_ops_.size(); ++i) group_of[i] = order_ops_[i].buyer;
  ops_of_buyer_ = Groups(group_of, buyers_.size());
  group_events();
}

void Facts::group_events() {
  if (!tells_versions_ && deliveries_.empty()) return;  // and nobody asks for these
  std::vector<Id> group_of;
  for (const SeenEvent& seen : seen_events_) group_of.push_back(seen.order);
  events_of_order_ = Groups(group_of, orders_.size());
  group_of.clear();
  for (const Delivery& delivery : deliveries_) group_of.push_back(delivery.event);
  deliveries_of_event_ = Groups(group_of, events_.size());
}

void Facts::take(EntryIndex entry, traces::At at, const traces::Invoke& seen) {
  const Id op = ops_.of(seen.op);
  check(op == open_.size(), "an operation is invoked once");
  if (const auto* call = std::get_if<traces::OrderCall>(&seen.call)) {
    open_.push_back({true, static_cast<std::uint32_t>(order_ops_.size())});
    const Id user = users_.of(call->user);
    OrderOp order;
    order.invoked = entry;
    order.from = at;
    order.request = request_of(user, call->key);
    order.buyer = buyers_.of(both(sales_.of(call->sale), user));
    order.ask = ask_of(holders_.of(both(user, product_of(call->product))), call->quantity);
    order_ops_.push_back(order);
  } else {
    open_.push_back({false, static_cast<std::uint32_t>(reads_.size())});
    ReadOp read;
    read.invoked = entry;
    read.order = order_of(std::get<traces::ReadCall>(seen.call).order_id);
    reads_.push_back(read);
  }
}

void Facts::take(EntryIndex entry, traces::At at, const traces::Return& seen) {
  const Id op = ops_.of(seen.op);
  check(op < open_.size(), "an operation returns after it was invoked");
  if (open_[op].orders) {
    close(order_ops_[open_[op].index], entry, at, seen);
  } else {
    close(reads_[open_[op].index], entry, seen);
  }
}

void Facts::close(OrderOp& op, EntryIndex entry, traces::At at, const traces::Return& seen) {
  check(op.returned == kNever, "an operation returns once");
  op.returned = entry;
  op.until = at;
  op.ended = seen.ended;
  op.status = seen.status;
  if (seen.order_id.empty()) return;
  op.order = order_of(seen.order_id);
  make_for(entry, op.request, op.order);
  if (op.ok() && accepted_[op.order] == kNever) accepted_[op.order] = entry;
}

void Facts::close(ReadOp& op, EntryIndex entry, const traces::Return& seen) {
  check(op.returned == kNever, "an operation returns once");
  op.returned = entry;
  op.ended = seen.ended;
  op.status = seen.status;
  op.told = status_of(seen.order_status);
}

void Facts::take(EntryIndex entry, const traces::StockSeen& seen) {
  seen_stocks_.push_back({entry, product_of(seen.product), &seen});
}

void Facts::take(EntryIndex entry, const traces::StockEffect& seen) {
  const Id product = product_of(seen.product);
  if (seen.kind != traces::StockEffect::Kind::seed) touched_[product] = true;
  const Id reservation =
      seen.token.empty() ? kNoId : reservations_.of(both(product, tokens_.of(seen.token)));
  effects_.push_back({entry, seen.kind, product, reservation, seen.quantity});
}

void Facts::take(EntryIndex entry, const traces::LedgerSeen& seen) {
  seen_ledgers_.push_back({entry, product_of(seen.product), seen.sold});
}

void Facts::take(EntryIndex entry, const traces::OrderSeen& seen) {
  const Id id = order_of(seen.order_id);
  Record& last = records_[id];
  if (last.seen != nullptr && same_but_status(*last.seen, seen)) {
    last.numbers.entry = entry;
  } else {
    last.numbers = number(entry, id, seen);
  }
  last.numbers.status = status_of(seen.status);
  last.numbers.version = seen.version;
  if (seen.version > 0) tells_versions_ = true;
  last.seen = &seen;
  seen_orders_.push_back(last.numbers);
}

void Facts::take(EntryIndex entry, const traces::EventSeen& seen) {
  tells_versions_ = true;
  const Id order = order_of(seen.order_id);
  const Id event = event_of(order, seen.version);
  seen_events_.push_back({.entry = entry,
                          .order = order,
                          .event = event,
                          .content = content_of(event, seen.payload),
                          .version = seen.version,
                          .status = status_of(seen.status),
                          .state = seen.state,
                          .attempts = seen.attempts});
}

void Facts::take(EntryIndex entry, const traces::EventDelivered& seen) {
  const Id order = order_of(seen.order_id);
  const Id event = event_of(order, seen.version);
  deliveries_.push_back({.entry = entry,
                         .group = consumer_groups_.of(seen.group),
                         .order = order,
                         .event = event,
                         .content = content_of(event, seen.payload),
                         .version = seen.version,
                         .again = seen.attempt > 1});
}

void Facts::take(EntryIndex entry, const traces::OrderGone& seen) {
  order_gone_[order_of(seen.order_id)] = entry;
}

void Facts::take(EntryIndex entry, const traces::EventGone& seen) {
  tells_versions_ = true;
  event_gone_[event_of(order_of(seen.order_id), seen.version)] = entry;
}

/// Everything but the status and the version.
SeenOrder Facts::number(EntryIndex entry, Id order, const traces::OrderSeen& seen) {
  SeenOrder numbers;
  const Id user = users_.of(seen.user);
  numbers.entry = entry;
  numbers.order = order;
  numbers.product = product_of(seen.product);
  numbers.holder = holders_.of(both(user, numbers.product));
  numbers.ask = ask_of(numbers.holder, seen.quantity);
  numbers.units = seen.quantity > 0 ? seen.quantity : 0;
  numbers.mints = seen.quantity < 0;
  if (!seen.key.empty()) {
    numbers.request = request_of(user, seen.key);
    make_for(entry, numbers.request, order);
  }
  return numbers;
}

void Facts::make_for(EntryIndex entry, Id request, Id order) {
  if (first_order_[request] == order) return;
  if (first_order_[request] == kNoId) first_order_[request] = order;
  made_for_.push_back({entry, request, order});
}

Id Facts::order_of(std::string_view id) {
  const Id order = orders_.of(id);
  if (order == accepted_.size()) {
    accepted_.push_back(kNever);
    order_gone_.push_back(kNever);
    records_.emplace_back();
  }
  return order;
}

Id Facts::product_of(std::string_view id) {
  const Id product = products_.of(id);
  if (product == touched_.size()) touched_.push_back(false);
  return product;
}

Id Facts::request_of(Id user, std::string_view key) {
  const Id request = requests_.of(both(user, keys_.of(key)));
  if (request == first_order_.size()) first_order_.push_back(kNoId);
  return request;
}

// Quantities that agree in 32 bits share a number: then two asks are taken for one, which makes
// the judges lenient, never wrong.
Id Facts::ask_of(Id holder, std::int64_t quantity) {
  return asks_.of(both(holder, static_cast<Id>(quantity)));
}

Id Facts::event_of(Id order, std::int64_t version) {
  const Id event = events_.of(both(order, versions_.of(static_cast<std::uint64_t>(version))));
  if (event == event_gone_.size()) event_gone_.push_back(kNever);
  return event;
}

Id Facts::content_of(Id event, std::string_view payload) {
  return contents_.of(both(event, payloads_.of(payload)));
}

std::string Facts::user_of_holder(Id holder) const {
  return std::string(users_[left_of(holders_[holder])]);
}

std::string Facts::user_of_request(Id request) const {
  return std::string(users_[left_of(requests_[request])]);
}

std::string Facts::key_of_request(Id request) const {
  return std::string(keys_[right_of(requests_[request])]);
}

std::string Facts::user_of_buyer(Id buyer) const {
  return std::string(users_[right_of(buyers_[buyer])]);
}

std::string Facts::user_of_ask(Id ask) const {
  return user_of_holder(left_of(asks_[ask]));
}

std::string Facts::product_of_ask(Id ask) const {
  return product_name(right_of(holders_[left_of(asks_[ask])]));
}

Id Facts::product_of_reservation(Id reservation) const {
  return left_of(reservations_[reservation]);
}

std::string Facts::token_name(Id reservation) const {
  return std::string(tokens_[right_of(reservations_[reservation])]);
}

}  // namespace firedrill::properties
