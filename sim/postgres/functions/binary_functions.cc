#include <algorithm>
#include <bit>
#include <limits>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/binary_text.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/digest.h"

namespace firedrill::sim::postgres {

namespace {

std::int64_t size_of(const Value& bytes) {
  return static_cast<std::int64_t>(bytes.text().size());
}

std::string part(std::string_view bytes, std::int64_t begin, std::int64_t end) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  begin = std::clamp<std::int64_t>(begin, 0, size);
  end = std::clamp<std::int64_t>(end, begin, size);
  return std::string(
      bytes.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
}

[[noreturn]] void fail_length() {
  fail("22011", "negative substring length not allowed");
}

Value concatenate(Call& call) {
  return Value::of(call[0].text() + call[1].text());
}

Value length(Call& call) {
  return Value::of(size_of(call[0]));
}

Value bit_length(Call& call) {
  return Value::of(size_of(call[0]) * 8);
}

Value bit_count(Call& call) {
  std::int64_t count = 0;
  for (char byte : call[0].text()) count += std::popcount(static_cast<unsigned char>(byte));
  return Value::of(count);
}

Value substring(Call& call) {
  const std::int64_t begin = call[1].integer() - 1;
  const std::int64_t length = call.size() > 2 ? call[2].integer() : size_of(call[0]) - begin;
  if (call.size() > 2 && length < 0) fail_length();
  return Value::of(part(call[0].text(), begin, begin + length));
}

Value overlay(Call& call) {
  const std::int64_t start = call[2].integer();
  const std::int64_t replaced = call.size() > 3 ? call[3].integer() : size_of(call[1]);
  if (start <= 0) fail_length();
  const std::int64_t next = start + replaced;
  if (next > std::numeric_limits<std::int32_t>::max() ||
      next < std::numeric_limits<std::int32_t>::min()) {
    fail(sqlstate::kNumericValueOutOfRange, "integer out of range");
  }
  const std::string& bytes = call[0].text();
  return Value::of(part(bytes, 0, start - 1) + call[1].text() +
                   part(bytes, next - 1, size_of(call[0])));
}

Value position(Call& call) {
  const std::size_t found = call[0].text().find(call[1].text());
  return Value::of(found == std::string::npos ? 0 : static_cast<std::int64_t>(found) + 1);
}

Value trimmed(Call& call, bool at_left, bool at_right) {
  std::string_view bytes = call[0].text();
  const std::string_view set = call[1].text();
  const auto is_trimmed = [&](char byte) { return set.find(byte) != std::string_view::npos; };
  while (at_left && !bytes.empty() && is_trimmed(bytes.front())) bytes.remove_prefix(1);
  while (at_right && !bytes.empty() && is_trimmed(bytes.back())) bytes.remove_suffix(1);
  return Value::of(bytes);
}

Value btrim(Call& call) {
  return trimmed(call, true, true);
}

Value ltrim(Call& call) {
  return trimmed(call, true, false);
}

Value rtrim(Call& call) {
  return trimmed(call, false, true);
}

/// The index in the argument 1, which must be below `count`.
std::size_t index_of(const Call& call, std::int64_t count) {
  const std::int64_t index = call[1].integer();
  if (index < 0 || index >= count) {
    fail("2202E",
         "index " + std::to_string(index) + " out of valid range, 0.." + std::to_string(count - 1));
  }
  return static_cast<std::size_t>(index);
}

Value get_byte(Call& call) {
  const std::size_t index = index_of(call, size_of(call[0]));
  return Value::of(static_cast<std::int32_t>(static_cast<unsigned char>(call[0].text()[index])));
}

Value set_byte(Call& call) {
  std::string bytes = call[0].text();
  bytes[index_of(call, size_of(call[0]))] = static_cast<char>(call[2].integer() & 0xFF);
  return Value::of(std::move(bytes));
}

Value get_bit(Call& call) {
  const std::size_t index = index_of(call, size_of(call[0]) * 8);
  const auto byte = static_cast<unsigned char>(call[0].text()[index / 8]);
  return Value::of((byte >> (index % 8)) & 1);
}

Value set_bit(Call& call) {
  const std::size_t index = index_of(call, size_of(call[0]) * 8);
  const std::int64_t bit = call[2].integer();
  if (bit != 0 && bit != 1) fail(sqlstate::kInvalidParameterValue, "new bit must be 0 or 1");
  std::string bytes = call[0].text();
  const auto mask = 1U << (index % 8);
  const auto byte = static_cast<unsigned char>(bytes[index / 8]);
  bytes[index / 8] = static_cast<char>(bit == 1 ? byte | mask : byte & ~mask);
  return Value::of(std::move(bytes));
}

struct Encoding {
  std::string_view name;
  std::string (*encode)(std::string_view bytes);
  std::string (*decode)(std::string_view text);
};

constexpr Encoding kEncodings[] = {
    {"hex", to_hex, decode_hex},
    {"base64", encode_base64, decode_base64},
    {"escape", encode_escape, decode_escape},
};

const Encoding& encoding_of(const std::string& name) {
  const auto* found = std::ranges::find(kEncodings, ascii_lower(name), &Encoding::name);
  if (found == std::end(kEncodings)) {
    fail(sqlstate::kInvalidParameterValue, "unrecognized encoding: \"" + name + "\"");
  }
  return *found;
}

Value encode(Call& call) {
  return Value::of(encoding_of(call[1].text()).encode(call[0].text()));
}

Value decode(Call& call) {
  return Value::of(encoding_of(call[1].text()).decode(call[0].text()));
}

/// Refuses all but UTF-8, by any of its names ("utf-8", "UNICODE", ...).
void check_is_utf8(std::string_view encoding) {
  std::string name;
  for (char letter : encoding) {
    if (is_ascii_letter(letter) || is_ascii_digit(letter)) name += ascii_lower(letter);
  }
  if (name != "utf8" && name != "unicode") {
    unsupported("the encoding \"" + std::string(encoding) + "\"");
  }
}

Value convert_from(Call& call) {
  check_is_utf8(call[1].text());
  check_utf8(call[0].text());
  return call[0];
}

Value convert_to(Call& call) {
  check_is_utf8(call[1].text());
  return call[0];
}

Value bytea_md5(Call& call) {
  return Value::of(to_hex(md5(call[0].text())));
}

template <std::string (*kDigest)(std::string_view)>
Value digest(Call& call) {
  return Value::of(kDigest(call[0].text()));
}

Value gen_random_uuid(Call& call) {
  return Value::of(call.environment.random_uuid());
}

constexpr FunctionRow kRows[] = {
    {"length", "bytea", "int4", length},
    {"octet_length", "bytea", "int4", length},
    {"bit_length", "bytea", "int4", bit_length},
    {"bit_count", "bytea", "int8", bit_count},
    {"substring", "bytea int4", "bytea", substring},
    {"substring", "bytea int4 int4", "bytea", substring},
    {"substr", "bytea int4", "bytea", substring},
    {"substr", "bytea int4 int4", "bytea", substring},
    {"overlay", "bytea bytea int4", "bytea", overlay},
    {"overlay", "bytea bytea int4 int4", "bytea", overlay},
    {"position", "bytea bytea", "int4", position},
    {"btrim", "bytea bytea", "bytea", btrim},
    {"ltrim", "bytea bytea", "bytea", ltrim},
    {"rtrim", "bytea bytea", "bytea", rtrim},
    {"get_byte", "bytea int4", "int4", get_byte},
    {"set_byte", "bytea int4 int4", "bytea", set_byte},
    {"get_bit", "bytea int8", "int4", get_bit},
    {"set_bit", "bytea int8 int4", "bytea", set_bit},
    {"encode", "bytea text", "text", encode},
    {"decode", "text text", "bytea", decode},
    {"convert_from", "bytea name", "text", convert_from},
    {"convert_to", "text name", "bytea", convert_to},
    {"md5", "bytea", "text", bytea_md5},
    {"sha224", "bytea", "bytea", digest<sha224>},
    {"sha256", "bytea", "bytea", digest<sha256>},
    {"sha384", "bytea", "bytea", digest<sha384>},
    {"sha512", "bytea", "bytea", digest<sha512>},
    {"gen_random_uuid", "", "uuid", gen_random_uuid, true, true},
};

constexpr OperatorRow kOperators[] = {
    {"||", "bytea", "bytea", "bytea", concatenate},
};

}  // namespace

FunctionFamily binary_family() {
  return {.functions = kRows, .operators = kOperators};
}

}  // namespace firedrill::sim::postgres
