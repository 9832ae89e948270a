#include "sim/postgres/functions/number_format.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "sim/postgres/sql_error.h"

/// As PostgreSQL's formatting.c goes through a format, step by step: what it writes of formats that
/// make little sense follows from these steps alone.
namespace firedrill::sim::postgres::number_format {

namespace {

constexpr auto kNames = std::to_array<std::pair<std::string_view, Pattern>>({
    {",", Pattern::comma},
    {".", Pattern::point},
    {"0", Pattern::zero},
    {"9", Pattern::nine},
    {"EEEE", Pattern::exponent},
    {"FM", Pattern::fill},
    {"MI", Pattern::minus},
    {"PL", Pattern::plus},
    {"PR", Pattern::angle},
    {"RN", Pattern::roman},
    {"SG", Pattern::either},
    {"TH", Pattern::ordinal},
    {"B", Pattern::blank},
    {"D", Pattern::decimal},
    {"G", Pattern::group},
    {"L", Pattern::currency},
    {"S", Pattern::sign},
    {"V", Pattern::shift},
});

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

std::optional<Part> pattern_at(std::string_view text, std::size_t& length) {
  for (const auto& [name, pattern] : kNames) {
    const bool is_upper = text.starts_with(name);
    if (!is_upper && !text.starts_with(lower(name))) continue;
    length = name.size();
    return Part{pattern, "", !is_upper};
  }
  return std::nullopt;
}

[[noreturn]] void refuse(const std::string& message) {
  fail(sqlstate::kSyntaxError, message);
}

}  // namespace

Format::Format(std::string_view text) {
  while (!text.empty()) {
    std::size_t length = 0;
    if (const auto part = pattern_at(text, length)) {
      add(*part);
      text.remove_prefix(length);
      continue;
    }
    const bool is_quote = text[0] == '"';
    if (is_quote) {
      text.remove_prefix(1);
      while (!text.empty() && text[0] != '"') {
        if (text[0] == '\\' && text.size() > 1) text.remove_prefix(1);
        parts.push_back({Pattern::literal, std::string(1, text[0])});
        text.remove_prefix(1);
      }
      if (!text.empty()) text.remove_prefix(1);
      continue;
    }
    if (text.starts_with("\\\"")) text.remove_prefix(1);
    parts.push_back({Pattern::literal, std::string(1, text[0])});
    text.remove_prefix(1);
  }
}

void Format::add_digit(bool is_zero_digit) {
  if (has_angle) {
    refuse(std::string("\"") + (is_zero_digit ? "0" : "9") + "\" must be ahead of \"PR\"");
  }
  if (!is_zero_digit && is_shifted) {
    ++shifted;
    return;
  }
  if (is_zero_digit && !is_zero && !is_decimal) {
    is_zero = true;
    zero_begin = before + 1;
  }
  ++(is_decimal ? after : before);
  if (is_zero_digit) zero_end = before + after;
}

void Format::add_sign() {
  if (has_sign) refuse("cannot use \"S\" twice");
  if (has_plus || has_minus || has_angle) {
    refuse("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
  }
  if (!is_decimal) {
    sign = Sign::before;
    before_sign = before;
    has_sign = true;
  } else if (sign == Sign::none) {
    sign = Sign::behind;
    has_sign = true;
  }
}

void Format::add(Part part) {
  if (is_scientific && part.pattern != Pattern::exponent) {
    refuse("\"EEEE\" must be the last pattern used");
  }
  const auto beside_sign = [&](std::string_view name) {
    if (has_sign) refuse("cannot use \"S\" and \"" + std::string(name) + "\" together");
  };
  switch (part.pattern) {
    case Pattern::nine: add_digit(false); break;
    case Pattern::zero: add_digit(true); break;
    case Pattern::decimal:
    case Pattern::point:
      if (is_decimal) refuse("multiple decimal points");
      if (is_shifted) refuse("cannot use \"V\" and decimal point together");
      is_decimal = true;
      break;
    case Pattern::fill: is_filled = true; break;
    case Pattern::sign: add_sign(); break;
    case Pattern::minus:
      beside_sign("MI");
      has_minus = true;
      break;
    case Pattern::plus:
      beside_sign("PL");
      has_plus = true;
      break;
    case Pattern::either:
      beside_sign("SG");
      has_minus = has_plus = true;
      break;
    case Pattern::angle:
      if (has_sign || has_plus || has_minus) {
        refuse("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
      }
      has_angle = true;
      break;
    case Pattern::roman: is_roman = true; break;
    case Pattern::shift:
      if (is_decimal) refuse("cannot use \"V\" and decimal point together");
      is_shifted = true;
      break;
    case Pattern::exponent:
      if (is_scientific) refuse("cannot use \"EEEE\" twice");
      if (is_filled || has_sign || has_angle || has_minus || has_plus || is_roman || is_shifted) {
        throw SqlError{.sqlstate = std::string(sqlstate::kSyntaxError),
                       .message = "\"EEEE\" is incompatible with other formats",
                       .detail =
                           "\"EEEE\" may only be used together with digit and decimal point "
                           "patterns."};
      }
      is_scientific = true;
      break;
    default: break;
  }
  parts.push_back(std::move(part));
}

// --- Writing -------------------------------------------------------------------------------------

namespace {

class Writer {
 public:
  Writer(Format& format, const std::string& number, char sign, int spaces)
      : format_(format), number_(number), sign_(sign), spaces_(spaces) {
    if (format_.zero_begin > 0) --format_.zero_begin;
    settle_sign();
    count_ = format_.after + format_.before - 1;
    if (format_.is_filled && format_.is_decimal) find_last();
    if (!is_sign_written_ && spaces_ == 0) ++count_;
  }

  std::string write() {
    for (const Part& part : format_.parts) step(part);
    return text_;
  }

 private:
  static constexpr std::size_t kNone = std::string::npos;

  void settle_sign() {
    if (format_.has_plus || format_.has_minus) {
      is_sign_written_ = !format_.has_plus || format_.has_minus;
      return;
    }
    if (sign_ != '-' && format_.is_filled) format_.has_angle = false;
    is_sign_written_ = sign_ == '+' && format_.is_filled && !format_.has_sign;
    if (format_.sign == Format::Sign::before && format_.before == format_.before_sign) {
      format_.sign = Format::Sign::behind;
    }
  }

  /// The last digit that FM leaves.
  void find_last() {
    last_ = number_.find('.');
    if (last_ == kNone) return;
    for (std::size_t at = last_ + 1; at < number_.size(); ++at) {
      if (number_[at] != '0') last_ = at;
    }
    if (format_.zero_end > spaces_) {
      const auto zero = std::min(static_cast<int>(number_.size()) - 1, format_.zero_end - spaces_);
      last_ = std::max(last_, static_cast<std::size_t>(zero));
    }
  }

  bool ends_at_point() const { return last_ != kNone && number_[last_] == '.'; }
  char at(std::size_t index) const { return index < number_.size() ? number_[index] : '\0'; }
  /// 0.1 by 9.9 is " .1".
  bool is_space_before_point() const {
    return !format_.is_zero && next_ == 0 && at(0) == '0' && format_.after != 0;
  }

  void write_sign() {
    const bool is_number =
        current_ >= spaces_ || (format_.is_zero && format_.zero_begin == current_);
    if (is_sign_written_ || !is_number) return;
    if (is_space_before_point() && !ends_at_point()) return;
    if (format_.has_sign) {
      if (format_.sign != Format::Sign::before) return;
      text_ += sign_;
    } else if (format_.has_angle) {
      text_ += sign_ == '+' ? ' ' : '<';
    } else if (sign_ == '+') {
      if (!format_.is_filled) text_ += ' ';
    } else {
      text_ += '-';
    }
    is_sign_written_ = true;
  }

  void write_digit(bool is_zero_pattern) {
    if (at(next_) == '.') {
      text_ += '.';
    } else if (last_ != kNone && next_ > last_ && !is_zero_pattern) {
      // FM: nothing
    } else if (is_space_before_point()) {
      if (!format_.is_filled) {
        text_ += ' ';
      } else if (ends_at_point()) {
        text_ += '0';
      }
    } else if (at(next_) != '\0') {
      text_ += at(next_);
      is_in_number_ = true;
    } else {
      is_in_number_ = true;
    }
    if (next_ < number_.size()) ++next_;
  }

  void write_number(bool is_zero_pattern) {
    if (format_.is_roman) return;
    is_in_number_ = false;
    write_sign();
    if (current_ < spaces_ && (format_.zero_begin > current_ || !format_.is_zero)) {
      if (!format_.is_filled) text_ += ' ';
    } else if (format_.is_zero && current_ < spaces_ && format_.zero_begin <= current_) {
      text_ += '0';
      is_in_number_ = true;
    } else {
      write_digit(is_zero_pattern);
    }
    int end = count_ + (spaces_ != 0 ? 1 : 0) + (format_.is_decimal ? 1 : 0);
    if (last_ != kNone && last_ == next_) end = current_;
    if (current_ + 1 == end) {
      if (is_sign_written_ && format_.has_angle) {
        text_ += sign_ == '+' ? ' ' : '>';
      } else if (format_.has_sign && format_.sign == Format::Sign::behind) {
        text_ += sign_;
      }
    }
    ++current_;
  }

  void write_ordinal(const Part& part) {
    if (format_.is_roman || at(0) == '#' || sign_ == '-' || format_.is_decimal) return;
    const char last = number_.back();
    const bool is_teen = number_.size() > 1 && number_[number_.size() - 2] == '1';
    const std::string_view suffix = is_teen       ? "TH"
                                    : last == '1' ? "ST"
                                    : last == '2' ? "ND"
                                    : last == '3' ? "RD"
                                                  : "TH";
    text_ += part.is_lower ? lower(suffix) : std::string(suffix);
  }

  void write_either(bool is_there, char c) {
    if (is_there) {
      text_ += c;
    } else if (!format_.is_filled) {
      text_ += ' ';
    }
  }

  void step(const Part& part) {
    switch (part.pattern) {
      case Pattern::nine:
      case Pattern::zero:
      case Pattern::point:
      case Pattern::decimal: write_number(part.pattern == Pattern::zero); return;
      case Pattern::comma:
      case Pattern::group: write_either(is_in_number_, ','); return;
      case Pattern::currency: text_ += ' '; return;
      case Pattern::minus: write_either(sign_ == '-', '-'); return;
      case Pattern::plus: write_either(sign_ == '+', '+'); return;
      case Pattern::either: text_ += sign_; return;
      case Pattern::ordinal: write_ordinal(part); return;
      case Pattern::literal: text_ += part.text; return;
      case Pattern::roman: {
        std::string roman = part.is_lower ? lower(number_) : number_;
        constexpr std::size_t kWidth = 15;
        if (!format_.is_filled && roman.size() < kWidth) {
          roman.insert(0, kWidth - roman.size(), ' ');
        }
        text_ += roman;
        return;
      }
      default: return;
    }
  }

  Format& format_;
  const std::string& number_;
  char sign_;
  int spaces_;
  bool is_sign_written_ = false;
  bool is_in_number_ = false;
  int count_ = 0;
  int current_ = 0;
  std::size_t next_ = 0;  ///< digit of the number
  std::size_t last_ = kNone;
  std::string text_;
};

}  // namespace

std::string write(Format format, const std::string& number, char sign, int spaces) {
  return Writer(format, number, sign, spaces).write();
}

// --- Reading -------------------------------------------------------------------------------------

namespace {

class Reader {
 public:
  Reader(Format& format, std::string_view text) : format_(format), text_(text) {}

  std::string read() {
    for (const Part& part : format_.parts) {
      if (is_over()) break;
      step(part);
    }
    if (digits_.ends_with('.')) digits_.pop_back();
    format_.after = behind_;
    return sign_ + digits_;
  }

 private:
  bool is_over() const { return at_ >= text_.size(); }

  void skip_if_no_data() {
    if (!is_over() && std::string_view("0123456789.,+-").find(text_[at_]) == std::string::npos) {
      ++at_;
    }
  }

  void step(const Part& part) {
    switch (part.pattern) {
      case Pattern::nine:
      case Pattern::zero:
      case Pattern::point:
      case Pattern::decimal:
        read_digit(part.pattern);
        ++at_;
        return;
      case Pattern::comma:
      case Pattern::group:
        if (text_[at_] == ',') ++at_;
        return;
      case Pattern::currency:
      case Pattern::minus:
      case Pattern::plus:
      case Pattern::either: skip_if_no_data(); return;
      case Pattern::literal: ++at_; return;
      case Pattern::ordinal: at_ += 2; return;
      case Pattern::roman: unsupported("RN of to_number()");
      default: return;
    }
  }

  void read_sign_before() {
    const char c = text_[at_];
    const bool is_minus = c == '-' || (format_.has_angle && !format_.has_sign && c == '<');
    if (format_.has_sign && format_.sign != Format::Sign::before && c != '-' && c != '+') return;
    if (!is_minus && c != '+') return;
    sign_ = is_minus ? '-' : '+';
    ++at_;
  }

  void read_digit(Pattern pattern) {
    if (text_[at_] == ' ') ++at_;
    if (is_over()) return;
    const bool is_digit_pattern = pattern == Pattern::nine || pattern == Pattern::zero;
    if (sign_ == ' ' && is_digit_pattern && before_ + behind_ == 0) read_sign_before();
    if (is_over()) return;
    bool is_read = false;
    if (is_digit(text_[at_])) {
      if (has_point_ && behind_ == format_.after) return;
      digits_ += text_[at_];
      ++(has_point_ ? behind_ : before_);
      is_read = true;
    } else if (format_.is_decimal && !has_point_ && text_[at_] == '.') {
      digits_ += '.';
      has_point_ = is_read = true;
    }
    if (sign_ != ' ' || before_ + behind_ == 0) return;
    if (format_.has_sign && is_read && at_ + 1 < text_.size() && !is_digit(text_[at_ + 1])) {
      const char c = text_[at_ + 1];
      if (c != '-' && c != '+') return;
      sign_ = c;
      ++at_;
    } else if (!is_read && !format_.has_sign && (format_.has_plus || format_.has_minus)) {
      if (text_[at_] == '-' || text_[at_] == '+') sign_ = text_[at_];
    }
  }

  Format& format_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::string digits_;
  char sign_ = ' ';
  int before_ = 0;
  int behind_ = 0;
  bool has_point_ = false;
};

}  // namespace

std::string read(Format& format, std::string_view text) {
  return Reader(format, text).read();
}

}  // namespace firedrill::sim::postgres::number_format
