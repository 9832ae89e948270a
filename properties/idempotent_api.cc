#include <algorithm>
#include <optional>
#include <span>

#include "properties/facts.h"
#include "properties/judges.h"

namespace firedrill::properties {
namespace {

bool same_body(const OrderOp& a, const OrderOp& b) {
  return a.buyer == b.buyer && a.ask == b.ask;  // sale; product and quantity
}

/// The first accepted answer of a request beside another accepted one: how they disagree.
std::string_view disagreement(const OrderOp& first, const OrderOp& other) {
  if (same_body(first, other)) {
    const bool named = first.order != kNoId && other.order != kNoId;
    return named && first.order != other.order ? "two order ids for one request" : "";
  }
  // Where they overlapped, either may have been the first: one of them had to hear 422 all the
  // same.
  return other.invoked > first.returned ? "another body accepted under a used key"
                                        : "two bodies accepted at once under one key";
}

std::string name_of(const Facts& facts, const OrderOp& op) {
  return op.order == kNoId ? "an order" : facts.order_name(op.order);
}

/// The answers to one request, against the one that was accepted first.
std::optional<Verdict> judge_request(const Facts& facts, std::span<const std::uint32_t> ops) {
  const auto& all = facts.order_ops();
  const OrderOp* first = nullptr;
  for (const std::uint32_t op : ops) {
    if (all[op].ok() && (first == nullptr || all[op].returned < first->returned)) first = &all[op];
  }
  if (first == nullptr) return std::nullopt;
  std::optional<Verdict> worst;
  for (const std::uint32_t op : ops) {
    const OrderOp& other = all[op];
    if (!other.ok() || &other == first || (worst && worst->entry < other.returned)) continue;
    const std::string_view signature = disagreement(*first, other);
    if (signature.empty()) continue;
    worst = broken(1, signature,
                   "key " + facts.key_of_request(first->request) + " of " +
                       facts.user_of_request(first->request) + " gave " + name_of(facts, *first) +
                       " and " + name_of(facts, other),
                   other.returned);
  }
  return worst;
}

/// How many requests asked for each (user, product, quantity).
std::vector<std::uint32_t> requests_by_ask(const Facts& facts) {
  std::vector<std::uint32_t> counts(facts.asks());
  std::vector<Id> counted_for(facts.asks(), kNoId);
  const Groups& requests = facts.ops_of_request();
  for (Id request = 0; request < requests.size(); ++request) {
    for (const std::uint32_t op : requests[request]) {
      const Id ask = facts.order_ops()[op].ask;
      if (counted_for[ask] == request) continue;
      counted_for[ask] = request;
      ++counts[ask];
    }
  }
  return counts;
}

/// A client that never heard the first answer cannot see that its retry became another order: the
/// records show it. Each order comes from one request, so a user who asked under one key for two
/// units has at most one order of two units.
std::optional<Verdict> judge_records(const Facts& facts) {
  std::vector<std::uint32_t> left = requests_by_ask(facts);
  std::vector<bool> known(facts.orders());
  for (const SeenOrder& seen : facts.seen_orders()) {
    if (known[seen.order]) continue;
    known[seen.order] = true;
    if (left[seen.ask] > 0) {
      --left[seen.ask];
      continue;
    }
    return broken(1, "more orders than requests",
                  facts.order_name(seen.order) + " of " + facts.user_of_holder(seen.holder) +
                      " for " + facts.product_name(seen.product) +
                      " is one more than was asked for",
                  seen.entry);
  }
  return std::nullopt;
}

}  // namespace

Verdict judge_idempotent_api(const Facts& facts) {
  std::uint64_t judged = 0;  // repetitions of a request
  std::optional<Verdict> worst;
  const auto take = [&worst](std::optional<Verdict> found) {
    if (found && (!worst || found->entry < worst->entry)) worst = std::move(found);
  };
  const Groups& requests = facts.ops_of_request();
  for (Id request = 0; request < requests.size(); ++request) {
    const auto ops = requests[request];
    if (ops.size() < 2) continue;
    judged += ops.size() - 1;
    take(judge_request(facts, ops));
  }
  take(judge_records(facts));
  if (!worst) return sound(judged);
  worst->judged = std::max<std::uint64_t>(judged, 1);
  return *std::move(worst);
}

}  // namespace firedrill::properties
