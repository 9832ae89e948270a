#include "sim/postgres/values/array_text.h"

#include <algorithm>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

bool needs_quotes_in_array(std::string_view text) {
  return text.empty() || ascii_lower(text) == "null" || std::ranges::any_of(text, [](char c) {
           return is_ascii_space(c) || std::string_view("\"\\{},").contains(c);
         });
}

bool needs_quotes_in_record(std::string_view text) {
  return text.empty() || std::ranges::any_of(text, [](char c) {
           return is_ascii_space(c) || std::string_view("\"\\(),").contains(c);
         });
}

void append_quoted_element(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void append_quoted_column(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += c;
    out += c;
  }
  out += '"';
}

std::string dimension_prefix(const Array& array) {
  const auto starts_at_one = [](const Array::Dimension& each) { return each.lower == 1; };
  if (std::ranges::all_of(array.dimensions, starts_at_one)) return {};
  std::string text;
  for (const Array::Dimension& each : array.dimensions) {
    text +=
        "[" + std::to_string(each.lower) + ":" + std::to_string(each.lower + each.length - 1) + "]";
  }
  return text + "=";
}

class ArrayPrinter {
 public:
  ArrayPrinter(const Environment& environment, const Array& array)
      : environment_(environment), array_(array), text_(dimension_prefix(array)) {}

  std::string print() {
    print_level(0);
    return std::move(text_);
  }

 private:
  void print_level(std::size_t level) {
    if (level == array_.dimensions.size()) return print_element(array_.elements[next_++]);
    text_ += '{';
    for (std::int32_t i = 0; i < array_.dimensions[level].length; ++i) {
      if (i > 0) text_ += ',';
      print_level(level + 1);
    }
    text_ += '}';
  }

  void print_element(const Value& value) {
    if (value.is_null()) {
      text_ += "NULL";
      return;
    }
    const std::string text = to_text(environment_, array_.element, value);
    if (needs_quotes_in_array(text)) {
      append_quoted_element(text_, text);
    } else {
      text_ += text;
    }
  }

  const Environment& environment_;
  const Array& array_;
  std::string text_;
  std::size_t next_ = 0;
};

int sign_of(std::int64_t left, std::int64_t right) {
  return left < right ? -1 : left > right ? 1 : 0;
}

int compare_nullable(const Types& types, TypeId type, const Value& left, const Value& right) {
  if (left.is_null() || right.is_null()) return sign_of(left.is_null(), right.is_null());
  return compare(types, type, left, right);
}

int compare_dimensions(const Array& left, const Array& right,
                       std::int32_t Array::Dimension::* aspect) {
  for (std::size_t i = 0; i < left.dimensions.size(); ++i) {
    const int order = sign_of(left.dimensions[i].*aspect, right.dimensions[i].*aspect);
    if (order != 0) return order;
  }
  return 0;
}

int compare_shapes(const Array& left, const Array& right) {
  const auto count = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
  if (int order = sign_of(count(left.elements), count(right.elements)); order != 0) return order;
  if (int order = sign_of(count(left.dimensions), count(right.dimensions)); order != 0) {
    return order;
  }
  const int order = compare_dimensions(left, right, &Array::Dimension::length);
  return order != 0 ? order : compare_dimensions(left, right, &Array::Dimension::lower);
}

void check_same_type(const Types& types, const Record& left, const Record& right,
                     std::size_t column) {
  const auto ours = static_cast<TypeId>(left.types[column]);
  const auto theirs = static_cast<TypeId>(right.types[column]);
  if (ours == theirs) return;
  fail(sqlstate::kDatatypeMismatch, "cannot compare dissimilar column types " + types.title(ours) +
                                        " and " + types.title(theirs) + " at record column " +
                                        std::to_string(column + 1));
}

}  // namespace

std::string print_array(const Environment& environment, const Array& array) {
  if (array.dimensions.empty()) return "{}";
  return ArrayPrinter(environment, array).print();
}

std::string print_record(const Environment& environment, const Record& record) {
  std::string out = "(";
  for (std::size_t i = 0; i < record.values.size(); ++i) {
    if (i > 0) out += ',';
    if (record.values[i].is_null()) continue;
    const std::string text =
        to_text(environment, static_cast<TypeId>(record.types[i]), record.values[i]);
    if (needs_quotes_in_record(text)) {
      append_quoted_column(out, text);
    } else {
      out += text;
    }
  }
  return out + ")";
}

int compare_arrays(const Types& types, const Array& left, const Array& right) {
  if (left.element != right.element) {
    fail(sqlstate::kDatatypeMismatch, "cannot compare arrays of different element types");
  }
  const std::size_t common = std::min(left.elements.size(), right.elements.size());
  for (std::size_t i = 0; i < common; ++i) {
    const int order = compare_nullable(types, left.element, left.elements[i], right.elements[i]);
    if (order != 0) return order;
  }
  return compare_shapes(left, right);
}

int compare_records(const Types& types, const Record& left, const Record& right) {
  const std::size_t common = std::min(left.values.size(), right.values.size());
  for (std::size_t i = 0; i < common; ++i) {
    check_same_type(types, left, right, i);
    const int order = compare_nullable(types, static_cast<TypeId>(left.types[i]), left.values[i],
                                       right.values[i]);
    if (order != 0) return order;
  }
  if (left.values.size() != right.values.size()) {
    fail(sqlstate::kDatatypeMismatch,
         "cannot compare record types with different numbers of columns");
  }
  return 0;
}

}  // namespace firedrill::sim::postgres
