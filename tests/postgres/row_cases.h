#pragma once

#include <cstddef>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/postgres/function_cases.h"

/// FunctionCase in short, for rows whose calls have the types that the row has.
namespace firedrill::sim::postgres {

struct RowCase {
  std::string_view name;
  /// As the row spells them. What is variadic is called with texts, what is polymorphic with int4.
  std::string_view types;
  std::vector<std::optional<std::string_view>> arguments;
  std::string_view result;    ///< its type
  std::string_view expected;  ///< as FunctionCase has it
};

/// "text variadic any" with two arguments: "text text".
inline std::string call_types(const RowCase& each) {
  std::string types;
  std::size_t count = 0;
  const auto add = [&](std::string_view type) {
    if (count++ > 0) types += ' ';
    types += type;
  };
  for (const auto& part : std::views::split(each.types, ' ')) {
    const std::string_view word(part.begin(), part.end());
    if (word == "any") {
      while (count < each.arguments.size()) add("text");
    } else if (word != "variadic") {
      add(word.starts_with("any") ? "int4" : word);
    }
  }
  return types;
}

inline void expect_rows(FunctionCases& cases, RowForm form, std::span<const RowCase> rows) {
  for (const RowCase& each : rows) {
    const std::string types = call_types(each);
    const FunctionCase one{form,        each.name,      each.types,   types,
                           each.result, each.arguments, each.expected};
    cases.expect({&one, 1});
  }
}

inline void expect_rows(FunctionFamily family, RowForm form, std::span<const RowCase> rows) {
  FunctionCases cases(family);
  expect_rows(cases, form, rows);
}

}  // namespace firedrill::sim::postgres
