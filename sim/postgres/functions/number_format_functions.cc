#include <array>
#include <charconv>
#include <cmath>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/functions/number_format.h"
#include "sim/postgres/values/numeric.h"

/// to_char() of numbers, and to_number().
namespace firedrill::sim::postgres {

namespace {

using number_format::Format;

std::string roman(std::int64_t number) {
  constexpr std::int64_t kMost = 3999;
  if (number < 1 || number > kMost) return std::string(15, '#');
  static constexpr std::array<std::pair<int, const char*>, 13> kSigns = {{
      {1000, "M"},
      {900, "CM"},
      {500, "D"},
      {400, "CD"},
      {100, "C"},
      {90, "XC"},
      {50, "L"},
      {40, "XL"},
      {10, "X"},
      {9, "IX"},
      {5, "V"},
      {4, "IV"},
      {1, "I"},
  }};
  std::string text;
  for (const auto& [value, sign] : kSigns) {
    for (; number >= value; number -= value) text += sign;
  }
  return text;
}

/// As numeric_out_sci() writes it: one digit before the point.
std::string scientific(const Numeric& number, int scale) {
  if (number.is_zero()) {
    return "0" + (scale > 0 ? "." + std::string(static_cast<std::size_t>(scale), '0') : "") +
           "e+00";
  }
  const auto digits = [](const Numeric& of) {
    std::string text;
    for (const char c : print_numeric(absolute(of))) {
      if (c != '.') text += c;
    }
    return text;
  };
  const std::string text = print_numeric(absolute(number));
  const std::size_t point = std::min(text.find('.'), text.size());
  int exponent = static_cast<int>(point) - 1;
  if (text[0] == '0') {
    exponent = -1;
    for (std::size_t at = point + 1; at < text.size() && text[at] == '0'; ++at) --exponent;
  }
  // Rounding may make a digit more, which PostgreSQL leaves: 9.99 by 9.9EEEE is 10.0e+00.
  std::string shown = digits(round_to(number, scale - exponent));
  shown.erase(0, std::min(shown.find_first_not_of('0'), shown.size()));
  const auto wanted = static_cast<std::size_t>(scale);
  const auto whole = static_cast<std::size_t>(std::max(exponent - scale, 0));
  shown.resize(std::max(shown.size() - std::min(whole, shown.size()), wanted + 1), '0');
  std::string result = number.sign() < 0 ? "-" : "";
  result += shown.substr(0, shown.size() - wanted);
  if (scale > 0) result += "." + shown.substr(shown.size() - wanted);
  const int size = std::abs(exponent);
  return result + "e" + (exponent < 0 ? "-" : "+") + (size < 10 ? "0" : "") + std::to_string(size);
}

Value written(const Format& format, std::string number, std::size_t before) {
  char sign = '+';
  if (number[0] == '-') {
    sign = '-';
    number.erase(0, 1);
  }
  const auto wanted = static_cast<std::size_t>(format.before);
  int spaces = 0;
  if (wanted > before) {
    spaces = static_cast<int>(wanted - before);
  } else if (wanted < before) {
    number.assign(wanted + static_cast<std::size_t>(format.after) + 1, '#');
    number[wanted] = '.';
  }
  return Value::of(number_format::write(format, number, sign, spaces));
}

Value numeric_by(const Format& read, const Numeric& number) {
  Format format = read;
  if (format.is_roman) {
    const auto whole = to_integer(round_to(number, 0));
    return Value::of(number_format::write(format, roman(whole.value_or(0)), '+', 0));
  }
  if (!number.is_finite()) unsupported("to_char() of what is no finite number");
  if (format.is_scientific) {
    const std::string text = scientific(number, format.after);
    return Value::of(text[0] == '-' ? text : " " + text);
  }
  Numeric value = number;
  if (format.is_shifted) {
    value = value * power(Numeric(10), Numeric(format.shifted));
    format.before += format.shifted;
  }
  const std::string text = print_numeric(round_to(value, format.after));
  const std::size_t point = std::min(text.find('.'), text.size());
  return written(format, text, point - (text[0] == '-' ? 1 : 0));
}

Value numeric_to_char(Call& call) {
  if (call[1].text().empty()) return {};
  return numeric_by(Format(call[1].text()), call[0].as<Numeric>());
}

Value integer_to_char(Call& call) {
  if (call[1].text().empty()) return {};
  return numeric_by(Format(call[1].text()), Numeric(call[0].integer()));
}

std::string fixed(double number, int digits, std::chars_format form) {
  std::array<char, 512> buffer{};
  const auto made =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, form, digits);
  return {buffer.data(), made.ptr};
}

template <int kDigits>
Value real_to_char(Call& call) {
  if (call[1].text().empty()) return {};
  Format format(call[1].text());
  double number = call[0].real();
  if (format.is_roman) {
    const auto whole = static_cast<std::int64_t>(std::rint(number));
    return Value::of(number_format::write(format, roman(whole), '+', 0));
  }
  if (!std::isfinite(number)) unsupported("to_char() of what is no finite number");
  if (format.is_scientific) {
    const std::string text = fixed(number, format.after, std::chars_format::scientific);
    return Value::of(text[0] == '-' ? text : " " + text);
  }
  if (format.is_shifted) {
    number *= std::pow(10.0, format.shifted);
    format.before += format.shifted;
  }
  const auto before =
      static_cast<int>(fixed(std::fabs(number), 0, std::chars_format::fixed).size());
  if (before >= kDigits) {
    format.after = 0;
  } else if (before + format.after > kDigits) {
    format.after = kDigits - before;
  }
  const std::string text = fixed(number, format.after, std::chars_format::fixed);
  const std::size_t point = std::min(text.find('.'), text.size());
  return written(format, text, point - (text[0] == '-' ? 1 : 0));
}

Value to_number(Call& call) {
  if (call[1].text().empty()) return {};
  Format format(call[1].text());
  if (format.is_scientific) unsupported("\"EEEE\" of to_number()");
  const Numeric number = parse_numeric(number_format::read(format, call[0].text()));
  const int precision = format.before + format.shifted + format.after;
  const Numeric fitting = fit(number, std::max(precision, 1), format.after);
  if (!format.is_shifted) return Value::boxed(fitting);
  return Value::boxed(fitting / power(Numeric(10), Numeric(format.shifted)));
}

/// There so that trunc('...') is not unique.
Value trunc_address(Call&) {
  unsupported("macaddr");
}

constexpr std::array kFunctions = {
    FunctionRow{"trunc", "macaddr", "macaddr", trunc_address},
    FunctionRow{"to_char", "numeric text", "text", numeric_to_char},
    FunctionRow{"to_char", "int4 text", "text", integer_to_char},
    FunctionRow{"to_char", "int8 text", "text", integer_to_char},
    FunctionRow{"to_char", "float8 text", "text", real_to_char<15>},
    FunctionRow{"to_char", "float4 text", "text", real_to_char<6>},
    FunctionRow{"to_number", "text text", "numeric", to_number},
};

}  // namespace

FunctionFamily number_format_family() {
  return {.functions = kFunctions};
}

}  // namespace firedrill::sim::postgres
