#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/postgres/values/text_form.h"
#include "tests/postgres/function_caller.h"

/// FunctionCaller, with texts for values: as SQL would write them, and as psql would show them.
namespace firedrill::sim::postgres {

class TextCaller {
 public:
  explicit TextCaller(FunctionFamily family) : caller_(family) {}

  // What it gives, "NULL", or outcome()'s description of an error. "NULL" goes in, too.
  std::string binary(std::string_view left_type, std::string_view name, std::string_view right_type,
                     std::string_view left, std::string_view right, std::string_view result) {
    return shown(result, [&] {
      return caller_.binary(left_type, name, right_type, in(left_type, left),
                            in(right_type, right));
    });
  }
  std::string prefix(std::string_view name, std::string_view type, std::string_view operand) {
    return shown(type, [&] { return caller_.prefix(name, type, in(type, operand)); });
  }
  std::string function(std::string_view name, std::string_view types,
                       const std::vector<std::string_view>& texts, std::string_view result) {
    return shown(result, [&] { return caller_.function(name, types, in_all(types, texts)); });
  }
  std::string cast(std::string_view from, std::string_view to, std::string_view text) {
    return shown(to, [&] { return caller_.cast(from, to, in(from, text)); });
  }
  std::string aggregate(std::string_view name, std::string_view types,
                        const std::vector<std::vector<std::string_view>>& rows,
                        std::string_view result, std::string_view row_types = "") {
    return shown(result, [&] {
      const std::string_view site = row_types.empty() ? types : row_types;
      std::vector<Row> values;
      for (const auto& row : rows) values.push_back(in_all(site, row));
      return caller_.aggregate(name, types, values, row_types, result);
    });
  }

  Value in(std::string_view type, std::string_view text) {
    if (text == "NULL") return {};
    return from_text(caller_.environment, {.id = id_of(type)}, text);
  }
  TypeId id_of(std::string_view type) { return caller_.environment.types().find(type)->id; }
  StubEnvironment& environment() { return caller_.environment; }

 private:
  Row in_all(std::string_view types, const std::vector<std::string_view>& texts) {
    Row values;
    for (const std::string_view text : texts) {
      const std::size_t blank = std::min(types.find(' '), types.size());
      values.push_back(in(types.substr(0, blank), text));
      types.remove_prefix(std::min(blank + 1, types.size()));
    }
    return values;
  }

  template <class Act>
  std::string shown(std::string_view type, Act act) {
    return outcome([&]() -> std::string {
      const Value value = act();
      return value.is_null() ? "NULL" : to_text(caller_.environment, id_of(type), value);
    });
  }

  FunctionCaller caller_;
};

}  // namespace firedrill::sim::postgres
