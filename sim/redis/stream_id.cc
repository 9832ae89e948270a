#include "sim/redis/stream_id.h"

#include <cerrno>
#include <charconv>
#include <cstdlib>

#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

/// As Redis reads half an id: an integer, or else whatever strtoull() takes ("+5", "007").
std::optional<std::uint64_t> parse_part(std::string_view text) {
  if (const auto value = parse_integer(text)) {
    return *value < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(*value));
  }
  if (text.empty()) return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  errno = 0;
  const std::uint64_t value = std::strtoull(copy.c_str(), &end, 10);
  if (errno != 0 || *end != '\0') return std::nullopt;
  return value;
}

/// What there is of it for a parser that stops at a zero byte; nothing where it is too long.
std::optional<std::string_view> readable(std::string_view text) {
  constexpr std::size_t kLongest = 127;
  if (text.size() > kLongest) return std::nullopt;
  return text.substr(0, text.find('\0'));
}

}  // namespace

std::optional<StreamId> StreamId::next() const {
  if (seq < UINT64_MAX) return StreamId{ms, seq + 1};
  if (ms < UINT64_MAX) return StreamId{ms + 1, 0};
  return std::nullopt;
}

std::optional<StreamId> StreamId::previous() const {
  if (seq > 0) return StreamId{ms, seq - 1};
  if (ms > 0) return StreamId{ms - 1, UINT64_MAX};
  return std::nullopt;
}

std::string StreamId::text() const {
  constexpr std::size_t kDigits = 20;
  char buffer[2 * kDigits + 1];
  char* end = std::to_chars(buffer, buffer + kDigits, ms).ptr;
  *end++ = '-';
  end = std::to_chars(end, end + kDigits, seq).ptr;
  return std::string(buffer, end);
}

std::optional<StreamId> parse_stream_id(std::string_view text, std::uint64_t missing_seq) {
  const auto read = readable(text);
  if (!read || *read == "-" || *read == "+") return std::nullopt;
  const std::size_t dash = read->find('-');
  const auto ms = parse_part(read->substr(0, dash));
  if (!ms) return std::nullopt;
  if (dash == read->npos) return StreamId{*ms, missing_seq};
  const auto seq = parse_part(read->substr(dash + 1));
  if (!seq) return std::nullopt;
  return StreamId{*ms, *seq};
}

std::optional<NewStreamId> parse_new_stream_id(std::string_view text) {
  if (text == "*") return NewStreamId{.whole_is_automatic = true};
  const std::size_t dash = text.find('-');
  if (dash != text.npos && text.substr(dash + 1) == "*") {
    const auto read = readable(text);
    const auto ms = read ? parse_part(text.substr(0, dash)) : std::nullopt;
    if (!ms) return std::nullopt;
    return NewStreamId{.seq_is_automatic = true, .id = {*ms, 0}};
  }
  const auto id = parse_stream_id(text);
  if (!id) return std::nullopt;
  return NewStreamId{.id = *id};
}

}  // namespace firedrill::sim::redis
