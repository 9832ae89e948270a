#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "system/domain/check.h"

namespace firedrill {

/// Why a call through a port ended without a value.
enum class Why : std::uint8_t {
  refused,    ///< nobody listens there
  reset,      ///< the connection broke
  timed_out,  ///< the deadline passed in silence
  closed,     ///< the port is being stopped
  by_server,  ///< it answered so: Refused::sqlstate says how
};

constexpr std::string_view to_string(Why why) {
  switch (why) {
    case Why::refused: return "connection refused";
    case Why::reset: return "connection reset";
    case Why::timed_out: return "timed out";
    case Why::closed: return "closed";
    case Why::by_server: return "refused by the server";
  }
  return "?";
}

/// What a database calls the reason of a refusal: five characters of the SQL standard and of
/// PostgreSQL's (the manual's appendix A).
class SqlState {
 public:
  constexpr SqlState() = default;
  /// The first five characters count.
  constexpr explicit SqlState(std::string_view text) {
    std::copy_n(text.begin(), std::min(text.size(), code_.size()), code_.begin());
  }
  constexpr std::string_view text() const {
    return code_[0] == '\0' ? std::string_view() : std::string_view(code_.data(), code_.size());
  }
  friend constexpr bool operator==(const SqlState&, const SqlState&) = default;

 private:
  std::array<char, 5> code_{};
};

/// The other side surely did not execute the call, and never will.
struct Refused {
  Why why;
  SqlState sqlstate = {};    ///< where a database answered so
  std::string message = {};  ///< what it said, for an operator
};

/// The other side may have executed the call, or may yet do so.
struct Unknown {
  Why why;
};

/// How a call through a port ends: a value, Refused, or Unknown. The two that are not values are
/// different types, so that no caller treats "may have happened" as "did not happen" by accident.
/// What the other side *answers*, a refusal of the business kind included, is a value.
template <class T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : state_(std::move(value)) {}
  Outcome(Refused refused) : state_(std::move(refused)) {}
  Outcome(Unknown unknown) : state_(unknown) {}

  bool has_value() const { return state_.index() == 0; }
  bool is_refused() const { return state_.index() == 1; }
  bool is_unknown() const { return state_.index() == 2; }

  T& value() & {
    check(has_value(), "the outcome is a value");
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    check(has_value(), "the outcome is a value");
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    check(has_value(), "the outcome is a value");
    return std::move(*std::get_if<0>(&state_));
  }

  /// Why there is no value. Precondition: !has_value().
  Why why() const {
    if (const auto* refused = std::get_if<1>(&state_)) return refused->why;
    check(is_unknown(), "the outcome is not a value");
    return std::get_if<2>(&state_)->why;
  }

  /// How a database refused; empty where it did not.
  SqlState sqlstate() const {
    const auto* refused = std::get_if<1>(&state_);
    return refused != nullptr ? refused->sqlstate : SqlState();
  }

  /// The same non-value for a call of another type. Precondition: !has_value().
  template <class U>
  Outcome<U> without_value() const {
    if (const auto* refused = std::get_if<1>(&state_)) return *refused;
    return Unknown{why()};
  }

 private:
  std::variant<T, Refused, Unknown> state_;
};

}  // namespace firedrill
