#include <cstdint>
#include <string>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/array.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/datetime.h"
#include "sim/postgres/values/numeric.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

/// Modifiers of types with a length: that much above it.
constexpr std::int32_t kModifierOffset = 4;

/// The first `length` characters. What is cut off may be blanks only, unless the cast is explicit.
std::string cut(const Environment& environment, Type type, const std::string& text,
                std::int64_t length, bool is_explicit) {
  const std::size_t kept = byte_offset(text, length);
  if (!is_explicit && text.find_first_not_of(' ', kept) != std::string::npos) {
    fail(sqlstate::kStringDataRightTruncation,
         "value too long for type " + environment.types().title(type));
  }
  return text.substr(0, kept);
}

Value fit_text(const Environment& environment, Type type, Value value, bool is_explicit) {
  const std::int64_t length = type.modifier - kModifierOffset;
  const std::string& text = value.text();
  const std::int64_t characters = count_characters(text);
  if (characters > length) return Value::of(cut(environment, type, text, length, is_explicit));
  if (characters == length || type.id == TypeId::varchar) return value;
  return Value::of(text + std::string(static_cast<std::size_t>(length - characters), ' '));
}

Value fit_numeric(std::int32_t modifier, const Numeric& number) {
  const std::int32_t packed = modifier - kModifierOffset;
  const std::int32_t scale = ((packed & 0x7ff) ^ 0x400) - 0x400;
  return Value::boxed(fit(number, (packed >> 16) & 0xffff, scale));
}

/// The modifier has the precision, and which fields there are (interval year to month, ...).
Value round_interval(std::int32_t modifier, Interval interval) {
  constexpr std::int32_t kAnyPrecision = 0xffff;
  constexpr std::int32_t kAllFields = 0x7fff;
  if (((modifier >> 16) & kAllFields) != kAllFields) unsupported("an interval with fields");
  const std::int32_t precision = modifier & kAnyPrecision;
  if (precision != kAnyPrecision) {
    interval.microseconds = round_time(interval.microseconds, precision);
  }
  return Value::boxed(interval);
}

Value apply_to_elements(const Environment& environment, Type type, Array array, bool is_explicit) {
  for (Value& element : array.elements) {
    element = apply_modifier(environment, type, std::move(element), is_explicit);
  }
  return Value::boxed(std::move(array));
}

}  // namespace

Value apply_modifier(const Environment& environment, Type type, Value value, bool is_explicit) {
  if (type.modifier < 0 || value.is_null()) return value;
  switch (type.id) {
    case TypeId::varchar:
    case TypeId::bpchar: return fit_text(environment, type, std::move(value), is_explicit);
    case TypeId::numeric: return fit_numeric(type.modifier, value.as<Numeric>());
    case TypeId::interval: return round_interval(type.modifier, value.as<Interval>());
    case TypeId::time:
    case TypeId::timestamp:
    case TypeId::timestamptz: return Value::of(round_time(value.integer(), type.modifier));
    default: break;
  }
  if (value.kind() != Kind::array) return value;
  const Type element{.id = value.as<Array>().element, .modifier = type.modifier};
  return apply_to_elements(environment, element, value.as<Array>(), is_explicit);
}

}  // namespace firedrill::sim::postgres
