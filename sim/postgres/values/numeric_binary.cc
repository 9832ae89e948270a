#include "sim/postgres/values/numeric_binary.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/byte_order.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kInvalidBinary = "22P03";
constexpr int kBase = 10'000;
constexpr std::size_t kDigits = 4;  ///< of a group

constexpr std::uint16_t kPositive = 0x0000;
constexpr std::uint16_t kNegative = 0x4000;
constexpr std::uint16_t kNan = 0xC000;
constexpr std::uint16_t kInfinity = 0xD000;
constexpr std::uint16_t kMinusInfinity = 0xF000;
constexpr std::uint16_t kMostScale = 0x3fff;
constexpr std::int32_t kInfinityScale = 32;  // which PostgreSQL sends

std::string four_digits(int group) {
  std::string text = std::to_string(group);
  return std::string(kDigits - text.size(), '0') + text;
}

std::string header(std::size_t groups, int weight, std::uint16_t sign, std::int32_t scale) {
  std::string bytes;
  append_number(bytes, static_cast<std::int16_t>(groups));
  append_number(bytes, static_cast<std::int16_t>(weight));
  append_number(bytes, sign);
  append_number(bytes, static_cast<std::int16_t>(scale));
  return bytes;
}

/// The group with weight 0 is the last one before the point. Digits beyond the scale are cut off.
std::string decimal_text(const std::vector<int>& groups, int weight, std::uint16_t scale) {
  const auto group_at = [&](int wanted) {
    const int index = weight - wanted;
    const bool is_there = index >= 0 && static_cast<std::size_t>(index) < groups.size();
    return four_digits(is_there ? groups[static_cast<std::size_t>(index)] : 0);
  };
  std::string text;
  for (int at = std::max(weight, 0); at >= 0; --at) text += group_at(at);
  if (scale == 0) return text;
  std::string fraction;
  for (int at = -1; fraction.size() < scale; --at) fraction += group_at(at);
  return text + "." + fraction.substr(0, scale);
}

}  // namespace

Numeric read_numeric(BinaryReader& bytes) {
  const auto count = static_cast<std::uint16_t>(bytes.int16());
  const int weight = bytes.int16();
  const auto sign = static_cast<std::uint16_t>(bytes.int16());
  const auto scale = static_cast<std::uint16_t>(bytes.int16());
  if (sign != kPositive && sign != kNegative && sign != kNan && sign != kInfinity &&
      sign != kMinusInfinity) {
    fail(kInvalidBinary, "invalid sign in external \"numeric\" value");
  }
  if ((scale & kMostScale) != scale) {
    fail(kInvalidBinary, "invalid scale in external \"numeric\" value");
  }
  std::vector<int> groups;
  for (std::size_t i = 0; i < count; ++i) {
    const int group = bytes.int16();
    if (group < 0 || group >= kBase) {
      fail(kInvalidBinary, "invalid digit in external \"numeric\" value");
    }
    groups.push_back(group);
  }
  if (sign == kNan) return Numeric::nan();
  if (sign == kInfinity) return Numeric::infinity();
  if (sign == kMinusInfinity) return Numeric::minus_infinity();
  return parse_numeric((sign == kNegative ? "-" : "") + decimal_text(groups, weight, scale));
}

std::string numeric_bytes(const Numeric& number) {
  if (number.is_nan()) return header(0, 0, kNan, 0);
  const std::string printed = print_numeric(number);
  if (!number.is_finite()) {
    return header(0, 0, printed.front() == '-' ? kMinusInfinity : kInfinity, kInfinityScale);
  }
  std::string whole = printed.substr(printed.front() == '-' ? 1 : 0);
  std::string fraction;
  if (const std::size_t point = whole.find('.'); point != std::string::npos) {
    fraction = whole.substr(point + 1);
    whole.resize(point);
  }
  whole.insert(0, (kDigits - whole.size() % kDigits) % kDigits, '0');
  fraction.append((kDigits - fraction.size() % kDigits) % kDigits, '0');
  int weight = static_cast<int>(whole.size() / kDigits) - 1;
  std::vector<int> groups;
  const std::string digits = whole + fraction;
  for (std::size_t at = 0; at < digits.size(); at += kDigits) {
    groups.push_back(std::stoi(digits.substr(at, kDigits)));
  }
  std::size_t first = 0;
  while (first < groups.size() && groups[first] == 0) {
    ++first;
    --weight;
  }
  while (groups.size() > first && groups.back() == 0) groups.pop_back();
  if (first >= groups.size()) weight = 0;
  std::string bytes = header(groups.size() - first, weight,
                             printed.front() == '-' ? kNegative : kPositive, number.scale());
  for (std::size_t i = first; i < groups.size(); ++i) {
    append_number(bytes, static_cast<std::int16_t>(groups[i]));
  }
  return bytes;
}

}  // namespace firedrill::sim::postgres
