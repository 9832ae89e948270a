#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/values/text_form.h"
#include "tests/postgres/function_caller.h"

/// Calls of rows with their arguments and results as text, as PostgreSQL writes them.
namespace firedrill::sim::postgres {

enum class RowForm { function, operation, cast, set, aggregate };

struct FunctionCase {
  RowForm form;
  std::string_view name;            ///< of a cast: empty
  std::string_view row_types;       ///< as the row spells them
  std::string_view argument_types;  ///< that the call has
  std::string_view result_type;
  /// Of an aggregate: of one row after the other. None: NULL.
  std::vector<std::optional<std::string_view>> arguments;
  std::string_view expected;  ///< "<null>"; of a set with ';' after each; or as outcome() says
};

class FunctionCases {
 public:
  explicit FunctionCases(FunctionFamily family) : caller_(family) {}

  void expect(std::span<const FunctionCase> cases) {
    for (const FunctionCase& each : cases) {
      EXPECT_EQ(outcome([&] { return run(each); }), each.expected) << describe(each);
    }
  }

  FunctionCaller& caller() { return caller_; }

 private:
  static std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> found;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      found.push_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return found;
  }

  static std::string describe(const FunctionCase& each) {
    std::string text = std::string(each.name) + "(";
    for (const auto& argument : each.arguments)
      text += std::string(argument.value_or("NULL")) + ";";
    return text + ") of " + std::string(each.argument_types);
  }

  TypeId type_of(std::string_view name) const {
    const TypeInfo* info = caller_.environment.types().find(name);
    check(info != nullptr, "the case's types are in the catalogue");
    return info->id;
  }

  std::vector<Value> values_of(const FunctionCase& each) const {
    const std::vector<std::string_view> types = words(each.argument_types);
    std::vector<Value> values;
    for (std::size_t i = 0; i < each.arguments.size(); ++i) {
      const auto& text = each.arguments[i];
      const Type type{type_of(types[i % types.size()]), -1};
      values.push_back(text ? from_text(caller_.environment, type, *text) : Value());
    }
    return values;
  }

  std::string show(const FunctionCase& each, const Value& value) const {
    if (value.is_null()) return "<null>";
    if (value.kind() == Kind::boolean) return value.boolean() ? "true" : "false";
    return to_text(caller_.environment, type_of(each.result_type), value);
  }

  std::string run(const FunctionCase& each) {
    const std::vector<Value> values = values_of(each);
    switch (each.form) {
      case RowForm::function:
        return show(each, caller_.function(each.name, each.row_types, values, each.argument_types,
                                           each.result_type));
      case RowForm::operation: return show(each, run_operator(each, values));
      case RowForm::cast:
        return show(each, caller_.cast(each.argument_types, each.result_type, values.front()));
      case RowForm::set: return run_set(each, values);
      case RowForm::aggregate: return show(each, run_aggregate(each, values));
    }
    return {};
  }

  Value run_operator(const FunctionCase& each, const std::vector<Value>& values) {
    const std::vector<std::string_view> types = words(each.row_types);
    return caller_.binary(types[0], each.name, types[1], values[0], values[1], each.argument_types,
                          each.result_type);
  }

  std::string run_set(const FunctionCase& each, const std::vector<Value>& values) {
    std::string text;
    for (const Value& value : caller_.set_function(each.name, each.row_types, values,
                                                   each.argument_types, each.result_type)) {
      text += show(each, value) + ";";
    }
    return text;
  }

  Value run_aggregate(const FunctionCase& each, const std::vector<Value>& values) {
    const std::size_t width = words(each.argument_types).size();
    std::vector<Row> rows;
    for (std::size_t i = 0; i < values.size(); i += width) {
      const auto first = values.begin() + static_cast<std::ptrdiff_t>(i);
      rows.emplace_back(first, first + static_cast<std::ptrdiff_t>(width));
    }
    return caller_.aggregate(each.name, each.row_types, rows, each.argument_types,
                             each.result_type);
  }

  FunctionCaller caller_;
};

}  // namespace firedrill::sim::postgres
