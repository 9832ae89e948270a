#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/array_shape.h"
#include "sim/postgres/values/array_text.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

[[noreturn]] void fail_literal(std::string_view literal, std::string detail = {}) {
  throw SqlError{.sqlstate = std::string(sqlstate::kInvalidTextRepresentation),
                 .message = "malformed array literal: \"" + std::string(literal) + "\"",
                 .detail = std::move(detail)};
}

void skip_blanks(std::string_view& rest) {
  while (!rest.empty() && is_ascii_space(rest.front())) rest.remove_prefix(1);
}

/// The shape that braces have, found before any element is read: what PostgreSQL calls ArrayCount.
class BraceScan {
 public:
  /// `text` starts with a brace.
  explicit BraceScan(std::string_view text) : text_(text) { lengths_of_last_.fill(0); }

  /// Without a dimension: an empty array. Throws 22P02.
  std::vector<Array::Dimension> scan() {
    while (!is_done_) step();
    for (; at_ < text_.size(); ++at_) {
      if (!is_ascii_space(text_[at_])) fail_with("Junk after closing right brace.");
    }
    if (is_empty_) return {};
    std::vector<Array::Dimension> dimensions;
    for (std::size_t i = 0; i < depth_; ++i) dimensions.push_back({counts_[i], 1});
    return dimensions;
  }

 private:
  enum class State {
    no_level,
    level_started,
    element_started,
    quoted_element_started,
    quoted_element_completed,
    element_delimited,
    level_completed,
    level_delimited,
  };

  void step() {
    if (state_ == State::element_started || state_ == State::quoted_element_started) {
      is_empty_ = false;
    }
    if (at_ >= text_.size()) fail_with("Unexpected end of input.");
    const char c = text_[at_++];
    if (c == '\\') return escape();
    if (c == '"') return quote();
    if (is_quoted_) return;
    if (c == '{') return open();
    if (c == '}') return close();
    if (c == ',') return delimit();
    if (!is_ascii_space(c)) start_element();
  }

  bool may_start_element() const {
    return state_ == State::level_started || state_ == State::element_started ||
           state_ == State::element_delimited;
  }

  void escape() {
    if (!may_start_element() && state_ != State::quoted_element_started) fail_at('\\');
    if (state_ != State::quoted_element_started) state_ = State::element_started;
    if (at_ >= text_.size()) fail_with("Unexpected end of input.");
    ++at_;
  }

  void quote() {
    if (state_ != State::level_started && state_ != State::quoted_element_started &&
        state_ != State::element_delimited) {
      fail_with("Unexpected array element.");
    }
    is_quoted_ = !is_quoted_;
    state_ = is_quoted_ ? State::quoted_element_started : State::quoted_element_completed;
  }

  void start_element() {
    if (!may_start_element()) fail_with("Unexpected array element.");
    state_ = State::element_started;
  }

  void open() {
    if (state_ != State::no_level && state_ != State::level_started &&
        state_ != State::level_delimited) {
      fail_at('{');
    }
    state_ = State::level_started;
    check_dimension_count(level_ + 1);
    counts_[level_] = 0;
    lengths_[level_] = 1;
    ++level_;
    depth_ = std::max(depth_, level_);
  }

  bool is_after_item() const {
    return state_ == State::element_started || state_ == State::quoted_element_completed ||
           state_ == State::level_completed;
  }

  void close() {
    if (!is_after_item() && !(level_ == 1 && state_ == State::level_started)) fail_at('}');
    state_ = State::level_completed;
    --level_;
    std::int32_t& last = lengths_of_last_[level_];
    if (last != 0 && lengths_[level_] != last) {
      fail_with("Multidimensional arrays must have sub-arrays with matching dimensions.");
    }
    last = lengths_[level_];
    lengths_[level_] = 1;
    if (level_ > 0) {
      ++counts_[level_ - 1];
      return;
    }
    ++counts_[depth_ - 1];
    is_done_ = true;
  }

  void delimit() {
    if (!is_after_item()) fail_at(',');
    state_ = state_ == State::level_completed ? State::level_delimited : State::element_delimited;
    ++lengths_[level_ - 1];
    ++counts_[depth_ - 1];
  }

  [[noreturn]] void fail_with(std::string detail) const { fail_literal(text_, std::move(detail)); }
  [[noreturn]] void fail_at(char c) const {
    fail_with(std::string("Unexpected \"") + c + "\" character.");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  State state_ = State::no_level;
  bool is_quoted_ = false;
  bool is_empty_ = true;
  bool is_done_ = false;
  std::size_t level_ = 0;
  std::size_t depth_ = 1;
  /// At each level: of the whole, of the list that is open, and of the one before it (0: none).
  std::array<std::int32_t, kMaxDimensions> counts_{};
  std::array<std::int32_t, kMaxDimensions> lengths_ = {1, 1, 1, 1, 1, 1};
  std::array<std::int32_t, kMaxDimensions> lengths_of_last_{};
};

/// The elements of braces that BraceScan has found to be in order. Where sub-arrays are of
/// different depths, PostgreSQL 15 counts its way through them all the same.
class ElementReader {
 public:
  struct Item {
    std::size_t offset = 0;  ///< in row-major order; may be beyond the end
    bool is_null = false;
    std::string text;
  };

  ElementReader(std::string_view literal, std::string_view braces,
                std::span<const Array::Dimension> dimensions)
      : literal_(literal), rest_(braces), dimensions_(dimensions) {}

  bool is_done() const { return is_done_; }

  Item next() {
    text_.clear();
    kept_ = 0;
    has_quotes_ = false;
    offset_.reset();
    while (!take_structure()) {
    }
    text_.resize(kept_);
    return {*offset_, !has_quotes_ && ascii_lower(text_) == "null", std::move(text_)};
  }

 private:
  /// One character (or one that is quoted); whether the item ends with it.
  bool take_structure() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case '{': open(); return false;
      case '}': return close();
      case ',': return delimit();
      case '"': take_quoted(); return false;
      case '\\': take_escaped(); return false;
      default: take_plain(c); return false;
    }
  }

  void open() {
    if (level_ >= dimensions_.size()) fail_literal(literal_);
    place_[level_++] = 0;
  }

  bool close() {
    note_offset();
    place_[--level_] = 0;
    is_done_ = level_ == 0;
    if (!is_done_) ++place_[level_ - 1];
    return is_done_;
  }

  bool delimit() {
    note_offset();
    ++place_[dimensions_.size() - 1];
    return true;
  }

  void note_offset() {
    if (offset_) return;
    std::size_t offset = 0;
    for (std::size_t i = 0; i < dimensions_.size(); ++i) {
      offset = offset * static_cast<std::size_t>(dimensions_[i].length) + place_[i];
    }
    offset_ = offset;
  }

  void take_quoted() {
    has_quotes_ = true;
    while (rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      text_ += rest_.front();
      rest_.remove_prefix(1);
    }
    rest_.remove_prefix(1);
    kept_ = text_.size();
  }

  void take_escaped() {
    has_quotes_ = true;
    text_ += rest_.front();
    rest_.remove_prefix(1);
    kept_ = text_.size();
  }

  /// Blanks at the ends are dropped.
  void take_plain(char c) {
    if (is_ascii_space(c) && kept_ == 0 && !has_quotes_) return;
    text_ += c;
    if (!is_ascii_space(c)) kept_ = text_.size();
  }

  std::string_view literal_;
  std::string_view rest_;
  std::span<const Array::Dimension> dimensions_;
  std::size_t level_ = 0;
  std::array<std::size_t, kMaxDimensions> place_{};
  bool is_done_ = false;
  // Of the item that is being read. `kept_`: of its text, without blanks at its end.
  std::string text_;
  std::size_t kept_ = 0;
  bool has_quotes_ = false;
  std::optional<std::size_t> offset_;
};

std::string_view take_digits(std::string_view& rest) {
  const auto is_number = [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+'; };
  std::size_t length = 0;
  while (length < rest.size() && is_number(rest[length])) ++length;
  const std::string_view digits = rest.substr(0, length);
  rest.remove_prefix(length);
  return digits;
}

/// As atoi() reads it: what follows the number is of no matter.
std::int32_t number_of(std::string_view digits) {
  std::int64_t number = 0;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return static_cast<std::int32_t>(number);
}

class ArrayParser {
 public:
  ArrayParser(const Environment& environment, Type element, std::string_view text)
      : environment_(environment), element_(element), text_(text), rest_(text) {}

  Value parse() {
    const std::vector<Array::Dimension> given = read_dimensions();
    if (!given.empty()) read_assignment();
    if (!rest_.starts_with('{')) {
      fail_literal(text_, given.empty()
                              ? "Array value must start with \"{\" or dimension information."
                              : "Array contents must start with \"{\".");
    }
    std::vector<Array::Dimension> found = BraceScan(rest_).scan();
    if (!given.empty()) found = matching(given, found);
    const std::int64_t count = element_count(found);
    check_array_bounds(found);
    Array array{.element = element_.id, .dimensions = {}, .elements = {}};
    if (count == 0) return Value::boxed(std::move(array));
    array.dimensions = std::move(found);
    array.elements.resize(static_cast<std::size_t>(count));
    read_elements(array);
    return Value::boxed(std::move(array));
  }

 private:
  std::vector<Array::Dimension> read_dimensions() {
    std::vector<Array::Dimension> dimensions;
    for (skip_blanks(rest_); rest_.starts_with('['); skip_blanks(rest_)) {
      rest_.remove_prefix(1);
      check_dimension_count(dimensions.size() + 1);
      dimensions.push_back(read_dimension());
    }
    return dimensions;
  }

  Array::Dimension read_dimension() {
    std::string_view upper = take_digits(rest_);
    if (upper.empty()) {
      fail_literal(text_, "\"[\" must introduce explicitly-specified array dimensions.");
    }
    std::int32_t lower = 1;
    if (rest_.starts_with(':')) {
      lower = number_of(upper);
      rest_.remove_prefix(1);
      upper = take_digits(rest_);
      if (upper.empty()) fail_literal(text_, "Missing array dimension value.");
    }
    if (!rest_.starts_with(']')) fail_literal(text_, "Missing \"]\" after array dimensions.");
    rest_.remove_prefix(1);
    const std::int32_t last = number_of(upper);
    if (last < lower) fail("2202E", "upper bound cannot be less than lower bound");
    return {static_cast<std::int32_t>(std::int64_t{last} - lower + 1), lower};
  }

  void read_assignment() {
    if (!rest_.starts_with('=')) fail_literal(text_, "Missing \"=\" after array dimensions.");
    rest_.remove_prefix(1);
    skip_blanks(rest_);
  }

  std::vector<Array::Dimension> matching(const std::vector<Array::Dimension>& given,
                                         const std::vector<Array::Dimension>& found) const {
    if (!std::ranges::equal(given, found, {}, &Array::Dimension::length,
                            &Array::Dimension::length)) {
      fail_literal(text_, "Specified array dimensions do not match array contents.");
    }
    return given;
  }

  void read_elements(Array& array) {
    ElementReader reader(text_, rest_, array.dimensions);
    for (bool is_more = true; is_more;) {
      const ElementReader::Item item = reader.next();
      if (item.offset >= array.elements.size()) fail_literal(text_);
      array.elements[item.offset] =
          item.is_null ? Value() : from_text(environment_, element_, item.text);
      is_more = !reader.is_done();
    }
  }

  const Environment& environment_;
  Type element_;
  std::string_view text_;
  std::string_view rest_;
};

}  // namespace

Value parse_array(const Environment& environment, Type array_type, std::string_view text) {
  const TypeId element = environment.types().get(array_type.id).element;
  return ArrayParser(environment, Type{element, array_type.modifier}, text).parse();
}

}  // namespace firedrill::sim::postgres
