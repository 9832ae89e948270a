#include <algorithm>
#include <optional>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/text_search_reader.h"

/// tsquery's input, by precedence: ! <-> & |.
namespace firedrill::sim::postgres {

namespace {

using Op = TsQuery::Op;

constexpr std::int64_t kMaxDistance = 16384;
/// Of what stands in parentheses, or behind !: each takes five calls.
constexpr int kMaxDepth = 100;

TsQuery plain_operand(const std::string& text, std::uint8_t weights, bool is_prefix) {
  return {.op = Op::lexeme, .text = text, .weights = weights, .is_prefix = is_prefix};
}

class QueryParser {
 public:
  QueryParser(std::string_view text, TsOperandReader reader) : text_(text), reader_(reader) {}

  TsQuery parse() {
    skip_blanks();
    if (at_end()) return {};
    TsQuery query = parse_or();
    skip_blanks();
    if (!at_end()) fail_syntax();
    return query;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char here() const { return at_end() ? '\0' : text_[at_]; }

  void skip_blanks() {
    while (!at_end() && is_ascii_space(here())) ++at_;
  }

  [[noreturn]] void fail_syntax() const {
    fail(sqlstate::kSyntaxError, "syntax error in tsquery: \"" + std::string(text_) + "\"");
  }

  bool take(char letter) {
    skip_blanks();
    if (here() != letter) return false;
    ++at_;
    return true;
  }

  TsQuery parse_or() {
    TsQuery left = parse_and();
    while (take('|')) left = joined(Op::or_, std::move(left), parse_and());
    return left;
  }

  TsQuery parse_and() {
    TsQuery left = parse_phrase();
    while (take('&')) left = joined(Op::and_, std::move(left), parse_phrase());
    return left;
  }

  TsQuery parse_phrase() {
    TsQuery left = parse_not();
    while (const auto distance = phrase_operator()) {
      left = joined(Op::phrase, std::move(left), parse_not(), *distance);
    }
    return left;
  }

  TsQuery parse_not() {
    if (++depth_ > kMaxDepth) fail_nesting();
    TsQuery query = parse_operand();
    --depth_;
    return query;
  }

  TsQuery parse_operand() {
    if (take('!')) return negated(parse_not());
    if (take('(')) {
      TsQuery query = parse_or();
      if (!take(')')) fail_syntax();
      return query;
    }
    return parse_lexeme();
  }

  TsQuery parse_lexeme() {
    if (here() == ':') fail_syntax();
    TsLexemeReader reader(text_.substr(at_), text_, true);
    const auto lexeme = reader.next();
    if (!lexeme) {
      fail(sqlstate::kSyntaxError, "no operand in tsquery: \"" + std::string(text_) + "\"");
    }
    at_ += reader.at();
    std::uint8_t weights = 0;
    bool is_prefix = false;
    if (here() == ':') {
      for (++at_;; ++at_) {
        const char letter = ascii_lower(here());
        if (letter == '*') {
          is_prefix = true;
        } else if (letter >= 'a' && letter <= 'd') {
          weights =
              static_cast<std::uint8_t>(weights | (1U << static_cast<unsigned>('d' - letter)));
        } else {
          break;
        }
      }
    }
    return reader_(lexeme->text, weights, is_prefix);
  }

  /// "<->", "<2>": the distance.
  std::optional<std::int32_t> phrase_operator() {
    skip_blanks();
    if (here() != '<') return std::nullopt;
    const std::size_t end = text_.find('>', at_);
    const std::string_view inner =
        end == std::string_view::npos ? "" : text_.substr(at_ + 1, end - at_ - 1);
    if (inner.empty() || (inner != "-" && !std::ranges::all_of(inner, is_ascii_digit))) {
      fail_syntax();
    }
    at_ = end + 1;
    if (inner == "-") return 1;
    std::int64_t distance = 0;
    for (char digit : inner) distance = std::min(distance * 10 + (digit - '0'), kMaxDistance + 1);
    if (distance > kMaxDistance) {
      fail(sqlstate::kInvalidParameterValue,
           "distance in phrase operator must be an integer value between zero and 16384 inclusive");
    }
    return static_cast<std::int32_t>(distance);
  }

  std::string_view text_;
  TsOperandReader reader_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

TsQuery parse_tsquery(std::string_view text, TsOperandReader reader) {
  return QueryParser(text, reader).parse();
}

TsQuery parse_tsquery(std::string_view text) {
  return parse_tsquery(text, plain_operand);
}

}  // namespace firedrill::sim::postgres
