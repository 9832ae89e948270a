#include "sim/postgres/functions/json_functions.h"

#include <charconv>
#include <utility>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/array.h"
#include "sim/postgres/values/characters.h"

namespace firedrill::sim::postgres {

namespace {

struct Tables {
  std::vector<FunctionRow> functions;
  std::vector<OperatorRow> operators;
  std::vector<CastRow> casts;
  std::vector<AggregateRow> aggregates;
  std::vector<SetFunctionRow> set_functions;
};

template <class Row>
void append(std::vector<Row>& rows, std::span<const Row> more) {
  rows.insert(rows.end(), more.begin(), more.end());
}

Tables all_parts() {
  Tables tables;
  for (const FunctionFamily& part :
       {json_access_part(), json_text_part(), json_change_part(), json_build_part(),
        json_cast_part(), json_set_part(), json_aggregate_part()}) {
    append(tables.functions, part.functions);
    append(tables.operators, part.operators);
    append(tables.casts, part.casts);
    append(tables.aggregates, part.aggregates);
    append(tables.set_functions, part.set_functions);
  }
  return tables;
}

}  // namespace

std::vector<Value> path_of(const Call& call, std::size_t first) {
  if (call.size() > first && call[first].kind() == Kind::array) {
    return call[first].as<Array>().elements;
  }
  return {call.arguments.begin() + static_cast<std::ptrdiff_t>(first), call.arguments.end()};
}

std::optional<std::int64_t> path_index(std::string_view text) {
  while (!text.empty() && is_ascii_space(text.front())) text.remove_prefix(1);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

Value json_as_text(const Json& json) {
  if (json.is_null()) return {};
  return Value::of(json.is_string() ? json.string() : print_json(json));
}

FunctionFamily json_family() {
  static const Tables kTables = all_parts();
  return {.functions = kTables.functions,
          .operators = kTables.operators,
          .casts = kTables.casts,
          .aggregates = kTables.aggregates,
          .set_functions = kTables.set_functions};
}

}  // namespace firedrill::sim::postgres
