#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firedrill::sim::redis {

/// The id of an entry of a stream: "1700000000000-0".
struct StreamId {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;

  friend auto operator<=>(const StreamId&, const StreamId&) = default;
  static constexpr StreamId max() { return {UINT64_MAX, UINT64_MAX}; }

  bool is_zero() const { return ms == 0 && seq == 0; }
  /// The least greater one; nothing where there is none.
  std::optional<StreamId> next() const;
  std::optional<StreamId> previous() const;
  std::string text() const;
};

/// "ms-seq", or "ms" alone with the sequence given here. "-" and "+" are no ids.
std::optional<StreamId> parse_stream_id(std::string_view text, std::uint64_t missing_seq = 0);

/// An id as XADD takes it.
struct NewStreamId {
  bool whole_is_automatic = false;  ///< "*"
  bool seq_is_automatic = false;    ///< "ms-*"
  StreamId id{};
};
std::optional<NewStreamId> parse_new_stream_id(std::string_view text);

}  // namespace firedrill::sim::redis
