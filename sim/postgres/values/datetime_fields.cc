#include "sim/postgres/values/datetime_fields.h"

#include <charconv>

#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

namespace {

bool is_date_separator(char c) {
  return c == '-' || c == '/' || c == '.';
}
bool is_punctuation(char c) {
  return c > ' ' && c < 0x7f && !is_digit(c) && !is_letter(c);
}

/// Cuts one text; a field at a time.
class Splitter {
 public:
  Splitter(std::string_view text, std::size_t room) : text_(text), room_(room) {}

  DatetimeError split(std::vector<DatetimeField>& fields) {
    constexpr std::size_t kMostFields = 25;
    std::size_t used = 0;
    while (at_ < text_.size()) {
      if (is_blank(peek())) {
        ++at_;
        continue;
      }
      if (fields.size() >= kMostFields) return DatetimeError::bad_format;
      field_ = {};
      if (!read_field()) return DatetimeError::bad_format;
      if (field_.text.empty()) continue;
      used += field_.text.size() + 1;
      if (used > room_) return DatetimeError::bad_format;
      fields.push_back(field_);
    }
    return DatetimeError::none;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void take() { field_.text += lower(text_[at_++]); }
  template <class Predicate>
  void take_while(Predicate holds) {
    while (at_ < text_.size() && holds(peek())) take();
  }

  /// False: no field can begin so. Punctuation is no field: the text stays empty.
  bool read_field() {
    const char first = peek();
    if (is_digit(first))
      read_digits();
    else if (first == '.')
      read_fraction();
    else if (is_letter(first))
      read_word();
    else if (first == '+' || first == '-')
      return read_signed();
    else if (is_punctuation(first))
      ++at_;
    else
      return false;
    return true;
  }

  void read_digits() {
    take_while(is_digit);
    if (peek() == ':') {
      field_.type = FieldType::time;
      take_while([](char c) { return is_digit(c) || c == ':' || c == '.'; });
    } else if (is_date_separator(peek())) {
      read_date(peek());
    }
  }

  void read_date(char separator) {
    const auto continues = [separator](char c) { return is_digit(c) || c == separator; };
    take();
    if (!is_digit(peek())) {
      field_.type = FieldType::date;
      take_while([separator](char c) { return is_digit(c) || is_letter(c) || c == separator; });
      return;
    }
    // "1.5" may be a number; "1.5.2" is not.
    if (separator != '.') field_.type = FieldType::date;
    take_while(is_digit);
    if (peek() != separator) return;
    field_.type = FieldType::date;
    take_while(continues);
  }

  void read_fraction() {
    take();
    take_while(is_digit);
  }

  void read_word() {
    field_.type = FieldType::string;
    take_while(is_letter);
    const bool may_go_on = peek() == '+' || is_digit(peek());
    const bool is_date = is_date_separator(peek()) ||
                         (may_go_on && find_datetime_word(field_.text).kind == WordKind::unknown);
    if (!is_date) return;
    field_.type = FieldType::date;
    take_while([](char c) {
      return is_digit(c) || is_letter(c) || is_date_separator(c) || c == '+' || c == '_' ||
             c == ':';
    });
  }

  bool read_signed() {
    take();
    while (is_blank(peek())) ++at_;
    if (is_digit(peek())) {
      field_.type = FieldType::zone;
      take_while([](char c) { return is_digit(c) || c == ':' || c == '.' || c == '-'; });
      return true;
    }
    field_.type = FieldType::special;
    take_while(is_letter);
    return field_.text.size() > 1;
  }

  std::string_view text_;
  std::size_t room_;
  std::size_t at_ = 0;
  DatetimeField field_;
};

}  // namespace

DatetimeError split_datetime(std::string_view text, std::size_t room,
                             std::vector<DatetimeField>& fields) {
  return Splitter(text, room).split(fields);
}

void fail_datetime(DatetimeError error, std::string_view text, std::string_view type) {
  const std::string quoted = "\"" + std::string(text) + "\"";
  switch (error) {
    case DatetimeError::field_overflow:
      fail(sqlstate::kDatetimeFieldOverflow, "date/time field value out of range: " + quoted);
    case DatetimeError::month_or_day_overflow:
      throw SqlError{.sqlstate = std::string(sqlstate::kDatetimeFieldOverflow),
                     .message = "date/time field value out of range: " + quoted,
                     .hint = "Perhaps you need a different \"datestyle\" setting."};
    case DatetimeError::interval_overflow:
      fail("22015", "interval field value out of range: " + quoted);
    case DatetimeError::zone_overflow:
      fail("22009", "time zone displacement out of range: " + quoted);
    case DatetimeError::none:
    case DatetimeError::bad_format: break;
  }
  fail(sqlstate::kInvalidDatetimeFormat,
       "invalid input syntax for type " + std::string(type) + ": " + quoted);
}

ScannedInteger scan_integer(std::string_view text) {
  const bool has_sign = !text.empty() && (text[0] == '+' || text[0] == '-');
  const bool is_negative = has_sign && text[0] == '-';
  ScannedInteger scanned;
  std::size_t at = has_sign ? 1 : 0;
  const std::size_t first = at;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    const std::int64_t digit = is_negative ? '0' - text[at] : text[at] - '0';
    if (__builtin_mul_overflow(scanned.value, std::int64_t{10}, &scanned.value) ||
        __builtin_add_overflow(scanned.value, digit, &scanned.value))
      scanned.overflows = true;
  }
  scanned.end = at == first ? 0 : at;
  return scanned;
}

bool scan_fraction(std::string_view text, double& fraction) {
  fraction = 0;
  if (text.size() <= 1) return true;
  for (const char c : text.substr(1))
    if (!is_digit(c)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), fraction);
  if (error == std::errc::result_out_of_range) fraction = 0;
  return end == text.data() + text.size();
}

}  // namespace firedrill::sim::postgres
