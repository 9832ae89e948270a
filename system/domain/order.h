#pragma once

#include <cstdint>
#include <string_view>

namespace firedrill {

/// The states of an order. QUEUED and later follow an acceptance.
enum class OrderStatus : std::uint8_t { pending, queued, confirmed, rejected };

constexpr std::string_view to_string(OrderStatus status) {
  switch (status) {
    case OrderStatus::pending: return "PENDING";
    case OrderStatus::queued: return "QUEUED";
    case OrderStatus::confirmed: return "CONFIRMED";
    case OrderStatus::rejected: return "REJECTED";
  }
  return "?";
}

/// Where an order's versions are told of, each by an event; its partition key is the order id.
constexpr std::string_view kOrderEventsTopic = "order.events";

/// What the flash sale's topic is called, and who reads it.
constexpr std::string_view kFlashOrdersTopic = "flash-sale-orders";
constexpr std::string_view kFlashOrdersGroup = "order";

}  // namespace firedrill
