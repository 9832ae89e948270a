#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/calendar.h"
#include "sim/postgres/values/datetime_fields.h"

/// to_date() and to_timestamp() by a format: as PostgreSQL's formatting.c goes through it.
namespace firedrill::sim::postgres {

namespace {

struct Pattern {
  std::string_view name;
  std::size_t length = 0;  ///< characters of the value
  bool is_number = true;
};

constexpr auto kPatterns = std::to_array<Pattern>({
    {"A.M.", 4, false}, {"P.M.", 4, false}, {"AM", 2, false}, {"PM", 2, false}, {"DAY", 0, false},
    {"DDD", 3},         {"DD", 2},          {"DY", 0, false}, {"HH24", 2},      {"HH12", 2},
    {"HH", 2},          {"J", 7},           {"MI", 2},        {"MM", 2},        {"MONTH", 0, false},
    {"MON", 0, false},  {"MS", 3},          {"SS", 2},        {"US", 6},        {"YYYY", 4},
    {"YYY", 3},         {"YY", 2},          {"Y", 1},
});
/// What PostgreSQL has, and the model has not; those of kPatterns that begin with one go first.
constexpr auto kRefused =
    std::to_array<std::string_view>({"A.D.", "AD", "B.C.", "BC", "CC", "D", "FF", "FX", "I", "OF",
                                     "Q", "RM", "SSSS", "TH", "TZ", "TM", "W", "Y,YYY"});

constexpr std::array<std::string_view, 12> kMonths = {
    "JANUARY", "FEBRUARY", "MARCH",     "APRIL",   "MAY",      "JUNE",
    "JULY",    "AUGUST",   "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"};
constexpr std::array<std::string_view, 7> kDays = {"SUNDAY",   "MONDAY", "TUESDAY", "WEDNESDAY",
                                                   "THURSDAY", "FRIDAY", "SATURDAY"};

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return is_decimal(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_separator(char c) {
  return c > ' ' && c < '\x7f' && !is_letter_or_digit(c);
}

std::string in_capitals(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

struct Node {
  const Pattern* pattern = nullptr;  ///< null: a character
  std::string name = {};             ///< as it was written
  bool is_filled = false;
  char character = '\0';
  bool is_quoted = false;
};

std::vector<Node> nodes_of(std::string_view text) {
  std::vector<Node> nodes;
  while (!text.empty()) {
    bool is_filled = false;
    if (in_capitals(text.substr(0, 2)) == "FM") {
      is_filled = true;
      text.remove_prefix(2);
      if (text.empty()) break;
    }
    const std::string capitals = in_capitals(text.substr(0, 5));
    const auto* pattern = std::ranges::find_if(
        kPatterns, [&](const Pattern& each) { return capitals.starts_with(each.name); });
    const auto* refused = std::ranges::find_if(
        kRefused, [&](std::string_view each) { return capitals.starts_with(each); });
    const bool is_refused = refused != kRefused.end() &&
                            (pattern == kPatterns.end() || refused->size() > pattern->name.size());
    if (is_refused) unsupported("the pattern \"" + std::string(*refused) + "\" of to_timestamp()");
    if (pattern != kPatterns.end()) {
      const std::size_t length = pattern->name.size();
      nodes.push_back({pattern, std::string(text.substr(0, length)), is_filled});
      text.remove_prefix(length);
      if (in_capitals(text.substr(0, 2)) == "TH")
        unsupported("the suffix \"TH\" of to_timestamp()");
      continue;
    }
    if (text[0] == '"') {
      text.remove_prefix(1);
      while (!text.empty() && text[0] != '"') {
        if (text[0] == '\\' && text.size() > 1) text.remove_prefix(1);
        nodes.push_back({nullptr, "", false, text[0], true});
        text.remove_prefix(1);
      }
      if (!text.empty()) text.remove_prefix(1);
      continue;
    }
    if (text.starts_with("\\\"")) text.remove_prefix(1);
    nodes.push_back({nullptr, "", false, text[0]});
    text.remove_prefix(1);
  }
  return nodes;
}

struct Fields {
  std::optional<std::int64_t> year, month, day, day_of_year, julian, hour, minute, second,
      millisecond, microsecond;
  bool is_twelve = false;  ///< the clock
  std::optional<bool> is_afternoon;
};

class Reader {
 public:
  Reader(std::string_view text, const std::vector<Node>& nodes) : text_(text), nodes_(nodes) {}

  Fields read() {
    for (std::size_t i = 0; i < nodes_.size() && at_ < text_.size(); ++i) {
      const Node& node = nodes_[i];
      if (node.pattern == nullptr) {
        skip(node, i == 0);
        continue;
      }
      skip_blanks();
      if (at_ < text_.size()) read(node, i);
    }
    return fields_;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) {
      ++at_;
      ++extra_;
    }
  }

  void skip(const Node& node, bool is_first) {
    const bool separates =
        !node.is_quoted && (is_blank(node.character) || is_separator(node.character));
    if (is_first || separates) skip_blanks();
    if (separates) {
      --extra_;
      if (at_ < text_.size() && (is_blank(text_[at_]) || is_separator(text_[at_]))) {
        ++at_;
        ++extra_;
      }
    } else if (extra_ > 0) {
      --extra_;
    } else {
      ++at_;
    }
  }

  bool is_followed_by_no_digit(std::size_t index) const {
    if (index + 1 >= nodes_.size()) return true;
    const Node& next = nodes_[index + 1];
    if (next.pattern != nullptr) return !next.pattern->is_number;
    return !is_decimal(next.character);
  }

  [[noreturn]] static void invalid(std::string_view value, const Node& node, std::string detail,
                                   bool says_fill) {
    throw SqlError{
        .sqlstate = std::string(sqlstate::kInvalidDatetimeFormat),
        .message = "invalid value \"" + std::string(value) + "\" for \"" + node.name + "\"",
        .detail = std::move(detail),
        .hint = says_fill
                    ? "If your source string is not fixed-width, try using the \"FM\" modifier."
                    : ""};
  }

  /// How many characters it has.
  std::size_t number(const Node& node, std::size_t index, std::optional<std::int64_t>& into) {
    const std::size_t wanted = node.pattern->length;
    const std::string_view rest = text_.substr(at_);
    const std::string_view field = rest.substr(0, wanted);
    const bool is_open = node.is_filled || is_followed_by_no_digit(index);
    if (!is_open && rest.size() < wanted) {
      throw SqlError{
          .sqlstate = std::string(sqlstate::kInvalidDatetimeFormat),
          .message = "source string too short for \"" + node.name + "\" formatting field",
          .detail = "Field requires " + std::to_string(wanted) + " characters, but only " +
                    std::to_string(rest.size()) + " remain.",
          .hint = "If your source string is not fixed-width, try using the \"FM\" modifier."};
    }
    const ScannedInteger scanned = scan_integer(is_open ? rest : field);
    if (!is_open && scanned.end > 0 && scanned.end < wanted) {
      invalid(field, node,
              "Field requires " + std::to_string(wanted) + " characters, but only " +
                  std::to_string(scanned.end) + " could be parsed.",
              true);
    }
    if (scanned.end == 0) invalid(field, node, "Value must be an integer.", false);
    if (scanned.overflows || scanned.value < INT32_MIN || scanned.value > INT32_MAX) {
      throw SqlError{.sqlstate = std::string(sqlstate::kDatetimeFieldOverflow),
                     .message = "value for \"" + node.name + "\" in source string is out of range",
                     .detail = "Value must be in the range -2147483648 to 2147483647."};
    }
    set(node, into, scanned.value);
    at_ += scanned.end;
    extra_ = 0;
    return scanned.end;
  }

  static void set(const Node& node, std::optional<std::int64_t>& into, std::int64_t value) {
    if (into.value_or(0) != 0 && *into != value) {
      throw SqlError{
          .sqlstate = std::string(sqlstate::kInvalidDatetimeFormat),
          .message = "conflicting values for \"" + node.name + "\" field in formatting string",
          .detail = "This value contradicts a previous setting for the same field type."};
    }
    into = value;
  }

  /// Which of the names stands here; `length`: how much of each counts, 0: all.
  template <std::size_t kCount>
  std::size_t word(const Node& node, const std::array<std::string_view, kCount>& names,
                   std::size_t length) {
    const std::string rest = in_capitals(text_.substr(at_));
    for (std::size_t i = 0; i < kCount; ++i) {
      const std::string_view name = length == 0 ? names[i] : names[i].substr(0, length);
      if (!rest.starts_with(name)) continue;
      at_ += name.size();
      extra_ = 0;
      return i;
    }
    const std::size_t end = text_.find_first_of(" \t\n", at_);
    invalid(text_.substr(at_, end == std::string_view::npos ? end : end - at_), node,
            "The given value did not match any of the allowed values for this field.", false);
  }

  void year(const Node& node, std::size_t index) {
    const std::size_t length = number(node, index, fields_.year);
    if (node.pattern->length == 4 || length >= 4) return;
    std::int64_t& value = *fields_.year;
    if (value < 70) {
      value += 2000;
    } else if (value < 100) {
      value += 1900;
    } else if (value < 520) {
      value += 2000;
    } else if (value < 1000) {
      value += 1000;
    }
  }

  void fraction(const Node& node, std::size_t index, std::optional<std::int64_t>& into) {
    for (std::size_t length = number(node, index, into); length < node.pattern->length; ++length) {
      *into *= 10;
    }
  }

  void read(const Node& node, std::size_t index) {
    const std::string_view name = node.pattern->name;
    if (name[0] == 'Y') return year(node, index);
    if (name == "MONTH" || name == "MON") {
      const std::size_t month = word(node, kMonths, name == "MON" ? 3 : 0);
      return set(node, fields_.month, static_cast<std::int64_t>(month) + 1);
    }
    if (name == "DAY" || name == "DY") {
      word(node, kDays, name == "DY" ? 3 : 0);
      return;
    }
    if (name == "AM" || name == "PM" || name == "A.M." || name == "P.M.") {
      static constexpr std::array<std::string_view, 2> kShort = {"AM", "PM"};
      static constexpr std::array<std::string_view, 2> kLong = {"A.M.", "P.M."};
      fields_.is_afternoon = word(node, name.size() == 2 ? kShort : kLong, 0) == 1;
      fields_.is_twelve = true;
      return;
    }
    if (name == "MS") return fraction(node, index, fields_.millisecond);
    if (name == "US") return fraction(node, index, fields_.microsecond);
    if (name == "HH12" || name == "HH") fields_.is_twelve = true;
    number(node, index,
           name[0] == 'H'  ? fields_.hour
           : name == "MI"  ? fields_.minute
           : name == "SS"  ? fields_.second
           : name == "MM"  ? fields_.month
           : name == "DD"  ? fields_.day
           : name == "DDD" ? fields_.day_of_year
                           : fields_.julian);
  }

  std::string_view text_;
  const std::vector<Node>& nodes_;
  std::size_t at_ = 0;
  int extra_ = 0;  ///< characters skipped beyond those that the format gives
  Fields fields_;
};

CalendarTime moment_of(const Fields& fields, std::string_view text) {
  const auto fits = [&](std::int64_t value, std::int64_t least, std::int64_t most) {
    if (value < least || value > most) {
      fail_datetime(DatetimeError::field_overflow, text, "timestamp");
    }
    return static_cast<std::int32_t>(value);
  };
  CalendarTime time;
  std::int64_t hour = fields.hour.value_or(0);
  if (fields.is_twelve) {
    if (hour < 1 || hour > 12) {
      throw SqlError{
          .sqlstate = std::string(sqlstate::kInvalidDatetimeFormat),
          .message = "hour \"" + std::to_string(hour) + "\" is invalid for the 12-hour clock",
          .hint = "Use the 24-hour clock, or give an hour between 1 and 12."};
    }
    if (fields.is_afternoon.value_or(false) && hour < 12) hour += 12;
    if (!fields.is_afternoon.value_or(true) && hour == 12) hour = 0;
    if (!fields.is_afternoon && hour == 12) hour = 12;
  }
  if (fields.julian) {
    time = date_of_julian_day(*fields.julian);
  } else {
    time.year = static_cast<std::int32_t>(fields.year.value_or(0));
    time.month = fits(fields.month.value_or(1), 1, 12);
    if (fields.day_of_year && !fields.day) {
      if (!fields.year) {
        fail(sqlstate::kInvalidDatetimeFormat,
             "cannot calculate day of year without year information");
      }
      fits(*fields.day_of_year, 1, is_leap_year(time.year) ? 366 : 365);
      time = date_of_julian_day(julian_day(time.year, 1, 1) + *fields.day_of_year - 1);
    } else {
      time.day = fits(fields.day.value_or(1), 1, days_in_month(time.year, time.month));
    }
  }
  time.hour = fits(hour, 0, 23);
  time.minute = fits(fields.minute.value_or(0), 0, 59);
  time.second = fits(fields.second.value_or(0), 0, 59);
  time.microsecond =
      fits(fields.millisecond.value_or(0) * 1000 + fields.microsecond.value_or(0), 0, 999'999);
  return time;
}

CalendarTime read(Call& call) {
  const std::vector<Node> nodes = nodes_of(call[1].text());
  return moment_of(Reader(call[0].text(), nodes).read(), call[0].text());
}

Value to_date(Call& call) {
  const CalendarTime time = read(call);
  return Value::of(julian_day(time.year, time.month, time.day) - kEpochJulianDay);
}

Value to_timestamp(Call& call) {
  return Value::of(timestamp_of(read(call), call.environment.zone_offset()));
}

constexpr std::array kFunctions = {
    FunctionRow{"to_date", "text text", "date", to_date},
    FunctionRow{"to_timestamp", "text text", "timestamptz", to_timestamp},
};

}  // namespace

FunctionFamily datetime_reading_family() {
  return {.functions = kFunctions};
}

}  // namespace firedrill::sim::postgres
