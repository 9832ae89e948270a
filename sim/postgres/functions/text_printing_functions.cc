#include <algorithm>
#include <limits>
#include <optional>

#include "sim/postgres/functions/text_functions.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/quoting.h"
#include "sim/postgres/values/text_form.h"

/// Functions that write values of any type into texts.
namespace firedrill::sim::postgres {

namespace {

std::string output(const Call& call, std::size_t index) {
  return to_text(call.environment, call.site.arguments[index].id, call[index]);
}

Value joined(Call& call, std::size_t first, std::string_view separator) {
  std::string text;
  bool is_first = true;
  for (std::size_t index = first; index < call.size(); ++index) {
    if (call[index].is_null()) continue;
    if (!is_first) text += separator;
    is_first = false;
    text += output(call, index);
  }
  return Value::of(std::move(text));
}

Value concat(Call& call) {
  return joined(call, 0, "");
}

Value concat_ws(Call& call) {
  return call[0].is_null() ? Value() : joined(call, 1, call[0].text());
}

Value quote_ident(Call& call) {
  return Value::of(quote_identifier(call[0].text()));
}

Value quote_text(Call& call) {
  return Value::of(quote_literal(call[0].text()));
}

Value quote_any(Call& call) {
  return Value::of(quote_literal(cast_to_text(call, 0)));
}

Value quote_nullable_text(Call& call) {
  return call[0].is_null() ? Value::of("NULL") : quote_text(call);
}

Value quote_nullable_any(Call& call) {
  return call[0].is_null() ? Value::of("NULL") : quote_any(call);
}

[[noreturn]] void fail_specifier(std::string message) {
  throw SqlError{.sqlstate = std::string(sqlstate::kInvalidParameterValue),
                 .message = std::move(message),
                 .hint = "For a single \"%\" use \"%%\"."};
}

/// One "%[position$][flags][width]type" of a format, as it is read.
struct Specifier {
  std::int64_t argument = -1;        ///< -1: the next one
  std::int64_t width_argument = -1;  ///< -1: none; 0: the next one
  std::int64_t width = 0;
  bool is_left = false;
};

/// format(): its text is read once, arguments are taken as it says.
class Formatter {
 public:
  explicit Formatter(Call& call) : call_(call), text_(call[0].text()) {}

  std::string format() {
    for (at_ = 0; at_ < text_.size(); ++at_) {
      if (text_[at_] != '%') {
        result_ += text_[at_];
        continue;
      }
      advance();
      if (text_[at_] == '%') {
        result_ += '%';
      } else {
        convert();
      }
    }
    return std::move(result_);
  }

 private:
  void advance() {
    if (++at_ >= text_.size()) fail_specifier("unterminated format() type specifier");
  }

  std::optional<std::int64_t> digits() {
    if (!is_ascii_digit(text_[at_])) return std::nullopt;
    std::int64_t number = 0;
    while (is_ascii_digit(text_[at_])) {
      number = number * 10 + (text_[at_] - '0');
      if (number > std::numeric_limits<std::int32_t>::max()) {
        fail(sqlstate::kNumericValueOutOfRange, "number is out of range");
      }
      advance();
    }
    return number;
  }

  static void check_argument(std::int64_t argument) {
    if (argument != 0) return;
    fail(sqlstate::kInvalidParameterValue,
         "format specifies argument 0, but arguments are numbered from 1");
  }

  Specifier specifier() {
    Specifier read;
    if (const auto number = digits()) {
      if (text_[at_] != '$') {
        // A width, and nothing else.
        read.width = *number;
        return read;
      }
      read.argument = *number;
      check_argument(read.argument);
      advance();
    }
    for (; text_[at_] == '-'; advance()) read.is_left = true;
    if (text_[at_] == '*') {
      advance();
      read.width_argument = width_argument();
    } else if (const auto number = digits()) {
      read.width = *number;
    }
    return read;
  }

  std::int64_t width_argument() {
    const auto number = digits();
    if (!number) return 0;
    if (text_[at_] != '$') {
      fail(sqlstate::kInvalidParameterValue, "width argument position must be ended by \"$\"");
    }
    check_argument(*number);
    advance();
    return *number;
  }

  std::size_t take(std::int64_t wanted) {
    if (wanted <= 0) wanted = last_ + 1;
    last_ = wanted;
    if (wanted >= static_cast<std::int64_t>(call_.size())) {
      fail(sqlstate::kInvalidParameterValue, "too few arguments for format()");
    }
    return static_cast<std::size_t>(wanted);
  }

  void take_width(Specifier& specifier) {
    const std::size_t index = take(specifier.width_argument);
    if (call_[index].is_null()) {
      specifier.width = 0;
      return;
    }
    const TypeId type = call_.site.arguments[index].id;
    if (type == TypeId::int4 || type == TypeId::int2) {
      specifier.width = call_[index].integer();
    } else {
      specifier.width =
          from_text(call_.environment, {TypeId::int4, -1}, output(call_, index)).integer();
    }
  }

  void convert() {
    Specifier read = specifier();
    const char type = text_[at_];
    if (type != 's' && type != 'I' && type != 'L') {
      const std::string_view shown = text_.substr(at_, character_size(type));
      fail_specifier("unrecognized format() type specifier \"" + std::string(shown) + "\"");
    }
    if (read.width_argument >= 0) take_width(read);
    const std::size_t index = take(read.argument);
    append(read, converted(type, index));
  }

  std::string converted(char type, std::size_t index) {
    if (call_[index].is_null()) {
      if (type == 'I') fail("22004", "null values cannot be formatted as an SQL identifier");
      return type == 'L' ? "NULL" : "";
    }
    const std::string text = output(call_, index);
    switch (type) {
      case 'I': return quote_identifier(text);
      case 'L': return quote_literal(text);
      default: return text;
    }
  }

  void append(Specifier specifier, const std::string& text) {
    if (specifier.width < 0) {
      specifier.is_left = true;
      specifier.width = -specifier.width;
      if (specifier.width > std::numeric_limits<std::int32_t>::max()) {
        fail(sqlstate::kNumericValueOutOfRange, "number is out of range");
      }
    }
    const std::int64_t missing = specifier.width - count_characters(text);
    const std::string blanks(static_cast<std::size_t>(std::max<std::int64_t>(missing, 0)), ' ');
    result_ += specifier.is_left ? text + blanks : blanks + text;
  }

  Call& call_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t last_ = 0;  ///< the argument that was taken last
  std::string result_;
};

Value format(Call& call) {
  return call[0].is_null() ? Value() : Value::of(Formatter(call).format());
}

constexpr FunctionRow kRows[] = {
    {"concat", "variadic any", "text", concat, false},
    {"concat_ws", "text variadic any", "text", concat_ws, false},
    {"format", "text", "text", format, false},
    {"format", "text variadic any", "text", format, false},
    {"quote_ident", "text", "text", quote_ident},
    {"quote_literal", "text", "text", quote_text},
    {"quote_literal", "anyelement", "text", quote_any},
    {"quote_nullable", "text", "text", quote_nullable_text, false},
    {"quote_nullable", "anyelement", "text", quote_nullable_any, false},
};

}  // namespace

std::span<const FunctionRow> text_printing_rows() {
  return kRows;
}

}  // namespace firedrill::sim::postgres
