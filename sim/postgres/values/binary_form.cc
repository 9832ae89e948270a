#include "sim/postgres/values/binary_form.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/array.h"
#include "sim/postgres/values/array_shape.h"
#include "sim/postgres/values/byte_order.h"
#include "sim/postgres/values/calendar.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/interval.h"
#include "sim/postgres/values/json.h"
#include "sim/postgres/values/numeric_binary.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kInvalidBinary = "22P03";
constexpr std::string_view kProtocolViolation = "08P01";

[[noreturn]] void no_format(std::string_view what, const TypeInfo& info) {
  unsupported("binary " + std::string(what) + " of type " + info.title);
}

std::int64_t checked_timestamp(std::int64_t timestamp) {
  if (!is_infinite_timestamp(timestamp) && !is_valid_timestamp(timestamp)) {
    fail_timestamp_out_of_range();
  }
  return timestamp;
}

std::int64_t checked_date(std::int64_t days) {
  if (!is_infinite_date(days) && !is_valid_date(days)) fail_date_out_of_range();
  return days;
}

std::int64_t checked_time(std::int64_t us) {
  if (us < 0 || us > kMicrosecondsPerDay) {
    fail(sqlstate::kDatetimeFieldOverflow, "time out of range");
  }
  return us;
}

Interval read_interval(BinaryReader& bytes) {
  Interval interval;
  interval.microseconds = bytes.int64();
  interval.days = bytes.int32();
  interval.months = bytes.int32();
  return interval;
}

std::string_view read_text(BinaryReader& bytes) {
  const std::string_view text = bytes.take_all();
  check_utf8(text);
  return text;
}

Value read_json(const Environment& environment, BinaryReader& bytes, TypeId type) {
  if (type == TypeId::jsonb) {
    const int version = static_cast<unsigned char>(bytes.take(1)[0]);
    if (version != 1) fail("XX000", "unsupported jsonb version number " + std::to_string(version));
  }
  return from_text(environment, Type{type, -1}, read_text(bytes));
}

std::vector<Array::Dimension> read_dimensions(BinaryReader& bytes, std::int32_t count) {
  std::vector<Array::Dimension> dimensions;
  for (std::int32_t i = 0; i < count; ++i) {
    const std::int32_t length = bytes.int32();
    dimensions.push_back({length, bytes.int32()});
  }
  element_count(dimensions);
  check_array_bounds(dimensions);
  return dimensions;
}

Value read_element(const Environment& environment, Type type, BinaryReader& bytes) {
  const std::int32_t size = bytes.int32();
  if (size == -1) return {};
  if (size < -1 || static_cast<std::size_t>(size) > bytes.left()) {
    fail(kInvalidBinary, "insufficient data left in message");
  }
  BinaryReader element(bytes.take(static_cast<std::size_t>(size)));
  Value value = from_binary(environment, type, element);
  if (element.left() > 0) fail(kInvalidBinary, "improper binary format in array element");
  return value;
}

Value read_array(const Environment& environment, Type type, TypeId element, BinaryReader& bytes) {
  const std::int32_t count = bytes.int32();
  if (count < 0) fail(kInvalidBinary, "invalid number of dimensions: " + std::to_string(count));
  check_dimension_count(static_cast<std::size_t>(count));
  const std::int32_t flags = bytes.int32();
  if (flags != 0 && flags != 1) fail(kInvalidBinary, "invalid array flags");
  const auto given = static_cast<TypeId>(bytes.int32());
  if (given != element) {
    const auto name = [&](TypeId id) {
      const TypeInfo* info = environment.types().find(id);
      return std::to_string(static_cast<std::uint32_t>(id)) + " (" +
             (info != nullptr ? info->title : "???") + ")";
    };
    fail(sqlstate::kDatatypeMismatch, "binary data has array element type " + name(given) +
                                          " instead of expected " + name(element));
  }
  Array array{.element = element, .dimensions = read_dimensions(bytes, count), .elements = {}};
  const std::int64_t elements = element_count(array.dimensions);
  if (elements == 0) array.dimensions.clear();
  for (std::int64_t i = 0; i < elements; ++i) {
    array.elements.push_back(read_element(environment, Type{element, type.modifier}, bytes));
  }
  return Value::boxed(std::move(array));
}

Value read_plain(const Environment& environment, const TypeInfo& info, BinaryReader& bytes) {
  switch (info.id) {
    case TypeId::boolean: return Value::of(bytes.take(1)[0] != 0);
    case TypeId::bytea: return Value::of(bytes.take_all());
    case TypeId::single_char: {
      const char letter = bytes.take(1)[0];
      return Value::of(letter == '\0' ? std::string() : std::string(1, letter));
    }
    case TypeId::int2: return Value::of(std::int64_t{bytes.int16()});
    case TypeId::int4: return Value::of(std::int64_t{bytes.int32()});
    case TypeId::int8: return Value::of(bytes.int64());
    case TypeId::oid:
    case TypeId::regclass:
    case TypeId::regtype: return Value::of(std::int64_t{static_cast<std::uint32_t>(bytes.int32())});
    case TypeId::text:
    case TypeId::unknown:
    case TypeId::bpchar:
    case TypeId::varchar: return Value::of(read_text(bytes));
    case TypeId::name: return from_text(environment, Type{info.id, -1}, read_text(bytes));
    case TypeId::json:
    case TypeId::jsonb: return read_json(environment, bytes, info.id);
    case TypeId::float4:
      return Value::of(double{std::bit_cast<float>(static_cast<std::uint32_t>(bytes.int32()))});
    case TypeId::float8:
      return Value::of(std::bit_cast<double>(static_cast<std::uint64_t>(bytes.int64())));
    case TypeId::numeric: return Value::boxed(read_numeric(bytes));
    case TypeId::date: return Value::of(checked_date(bytes.int32()));
    case TypeId::time: return Value::of(checked_time(bytes.int64()));
    case TypeId::timestamp:
    case TypeId::timestamptz: return Value::of(checked_timestamp(bytes.int64()));
    case TypeId::interval: return Value::boxed(read_interval(bytes));
    case TypeId::uuid: return Value::of(bytes.take(16));
    default: break;
  }
  if (info.is_enum()) return from_text(environment, Type{info.id, -1}, read_text(bytes));
  no_format("input", info);
}

void append_sized(std::string& bytes, const Environment& environment, TypeId type,
                  const Value& value) {
  if (value.is_null()) {
    append_number(bytes, std::int32_t{-1});
    return;
  }
  const std::string sent = to_binary(environment, type, value);
  append_number(bytes, static_cast<std::int32_t>(sent.size()));
  bytes += sent;
}

std::string array_bytes(const Environment& environment, const Array& array) {
  std::string bytes;
  const bool has_null =
      std::ranges::any_of(array.elements, [](const Value& each) { return each.is_null(); });
  append_number(bytes, static_cast<std::int32_t>(array.dimensions.size()));
  append_number(bytes, std::int32_t{has_null ? 1 : 0});
  append_number(bytes, static_cast<std::uint32_t>(array.element));
  for (const Array::Dimension& dimension : array.dimensions) {
    append_number(bytes, dimension.length);
    append_number(bytes, dimension.lower);
  }
  for (const Value& element : array.elements) {
    append_sized(bytes, environment, array.element, element);
  }
  return bytes;
}

std::string record_bytes(const Environment& environment, const Record& record) {
  std::string bytes;
  append_number(bytes, static_cast<std::int32_t>(record.values.size()));
  for (std::size_t i = 0; i < record.values.size(); ++i) {
    append_number(bytes, record.types[i]);
    append_sized(bytes, environment, static_cast<TypeId>(record.types[i]), record.values[i]);
  }
  return bytes;
}

std::string interval_bytes(const Interval& interval) {
  std::string bytes;
  append_number(bytes, interval.microseconds);
  append_number(bytes, interval.days);
  append_number(bytes, interval.months);
  return bytes;
}

template <class Number>
std::string number_bytes(Number number) {
  std::string bytes;
  append_number(bytes, number);
  return bytes;
}

}  // namespace

std::string_view BinaryReader::take(std::size_t count) {
  if (count > rest_.size()) fail(kProtocolViolation, "insufficient data left in message");
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::int16_t BinaryReader::int16() {
  return number_at<std::int16_t>(take(sizeof(std::int16_t)));
}
std::int32_t BinaryReader::int32() {
  return number_at<std::int32_t>(take(sizeof(std::int32_t)));
}
std::int64_t BinaryReader::int64() {
  return number_at<std::int64_t>(take(sizeof(std::int64_t)));
}

Value from_binary(const Environment& environment, Type type, BinaryReader& bytes) {
  const TypeInfo& info = environment.types().get(type.id);
  if (info.is_array()) return read_array(environment, type, info.element, bytes);
  Value value = read_plain(environment, info, bytes);
  if (type.modifier < 0) return value;
  return apply_modifier(environment, type, std::move(value), false);
}

bool has_binary_form(const Types& types, TypeId type) {
  const TypeInfo& info = types.get(type);
  const TypeId id = info.is_array() ? info.element : type;
  return id != TypeId::tsvector && id != TypeId::tsquery;
}

std::string to_binary(const Environment& environment, TypeId type, const Value& value) {
  switch (type) {
    case TypeId::boolean: return {value.boolean() ? '\1' : '\0'};
    case TypeId::bytea:
    case TypeId::name:
    case TypeId::text:
    case TypeId::unknown:
    case TypeId::bpchar:
    case TypeId::varchar:
    case TypeId::json:
    case TypeId::uuid: return value.text();
    case TypeId::single_char: return value.text().empty() ? std::string(1, '\0') : value.text();
    case TypeId::void_: return "";
    case TypeId::jsonb: return '\1' + to_text(environment, type, value);
    case TypeId::int2: return number_bytes(static_cast<std::int16_t>(value.integer()));
    case TypeId::int4:
    case TypeId::oid:
    case TypeId::regclass:
    case TypeId::regtype:
    case TypeId::date: return number_bytes(static_cast<std::int32_t>(value.integer()));
    case TypeId::int8:
    case TypeId::time:
    case TypeId::timestamp:
    case TypeId::timestamptz: return number_bytes(value.integer());
    case TypeId::float4:
      return number_bytes(std::bit_cast<std::uint32_t>(static_cast<float>(value.real())));
    case TypeId::float8: return number_bytes(std::bit_cast<std::uint64_t>(value.real()));
    case TypeId::numeric: return numeric_bytes(value.as<Numeric>());
    case TypeId::interval: return interval_bytes(value.as<Interval>());
    case TypeId::record: return record_bytes(environment, value.as<Record>());
    default: break;
  }
  const TypeInfo& info = environment.types().get(type);
  if (info.is_enum()) return to_text(environment, type, value);
  if (value.kind() == Kind::array) return array_bytes(environment, value.as<Array>());
  no_format("output", info);
}

}  // namespace firedrill::sim::postgres
