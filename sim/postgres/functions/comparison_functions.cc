#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/array.h"
#include "sim/postgres/values/calendar.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

enum class Relation : std::uint8_t { equal, unequal, less, at_most, more, at_least };

template <Relation kRelation, class Left, class Right>
Value related(const Left& left, const Right& right) {
  if constexpr (kRelation == Relation::equal) return Value::of(left == right);
  if constexpr (kRelation == Relation::unequal) return Value::of(left != right);
  if constexpr (kRelation == Relation::less) return Value::of(left < right);
  if constexpr (kRelation == Relation::at_most) return Value::of(left <= right);
  if constexpr (kRelation == Relation::more) return Value::of(left > right);
  if constexpr (kRelation == Relation::at_least) return Value::of(left >= right);
}

template <Relation kRelation>
struct OfIntegers {
  static Value body(Call& call) { return related<kRelation>(call[0].integer(), call[1].integer()); }
};

template <Relation kRelation>
struct OfTexts {
  static Value body(Call& call) { return related<kRelation>(call[0].text(), call[1].text()); }
};

bool has_json(const Value& value) {
  const auto json = TypeId::json;
  if (value.kind() == Kind::array) return value.as<Array>().element == json;
  if (value.kind() != Kind::record) return false;
  const std::vector<std::uint32_t>& types = value.as<Record>().types;
  return std::ranges::find(types, static_cast<std::uint32_t>(json)) != types.end();
}

/// json has no order, nor even =: where there is one within an array or a record, = says so, and
/// the other operators say what compare() says.
void check_equality(const Value& value) {
  if (!has_json(value)) return;
  fail(sqlstate::kUndefinedFunction, "could not identify an equality operator for type json");
}

/// Of all types.
template <Relation kRelation>
struct OfValues {
  static Value body(Call& call) {
    if constexpr (kRelation == Relation::equal || kRelation == Relation::unequal) {
      check_equality(call[0]);
    }
    const int order =
        compare(call.environment.types(), call.site.arguments[0].id, call[0], call[1]);
    return related<kRelation>(order, 0);
  }
};

__extension__ using Moment = __int128;
constexpr Moment kInfinity = Moment{1} << 100;

/// Microseconds since 2000-01-01 00:00 UTC: of a date, of its midnight. Some dates are beyond what
/// a timestamp can be.
Moment moment_of(Call& call, std::size_t index) {
  const TypeId type = call.site.arguments[index].id;
  const std::int64_t number = call[index].integer();
  const bool is_date = type == TypeId::date;
  if (is_date ? is_infinite_date(number) : is_infinite_timestamp(number)) {
    return number < 0 ? -kInfinity : kInfinity;
  }
  const Moment local = is_date ? Moment{number} * kMicrosecondsPerDay : Moment{number};
  if (type == TypeId::timestamptz) return local;
  return local - Moment{call.environment.zone_offset()} * kMicrosecondsPerSecond;
}

template <Relation kRelation>
struct OfMoments {
  static Value body(Call& call) {
    return related<kRelation>(moment_of(call, 0), moment_of(call, 1));
  }
};

template <template <Relation> class Of>
void add_relations(std::vector<OperatorRow>& rows, std::string_view left, std::string_view right) {
  rows.push_back({"=", left, right, "bool", Of<Relation::equal>::body});
  rows.push_back({"<>", left, right, "bool", Of<Relation::unequal>::body});
  rows.push_back({"<", left, right, "bool", Of<Relation::less>::body});
  rows.push_back({"<=", left, right, "bool", Of<Relation::at_most>::body});
  rows.push_back({">", left, right, "bool", Of<Relation::more>::body});
  rows.push_back({">=", left, right, "bool", Of<Relation::at_least>::body});
}

struct Pair {
  std::string_view left;
  std::string_view right;
};

constexpr Pair kIntegers[] = {
    {"int2", "int2"},           {"int2", "int4"},
    {"int2", "int8"},           {"int4", "int2"},
    {"int4", "int4"},           {"int4", "int8"},
    {"int8", "int2"},           {"int8", "int4"},
    {"int8", "int8"},           {"oid", "oid"},
    {"date", "date"},           {"time", "time"},
    {"timestamp", "timestamp"}, {"timestamptz", "timestamptz"},
};

constexpr Pair kTexts[] = {
    {"text", "text"}, {"name", "name"},   {"name", "text"}, {"text", "name"},
    {"char", "char"}, {"bytea", "bytea"}, {"uuid", "uuid"},
};

constexpr Pair kMoments[] = {
    {"date", "timestamp"},   {"date", "timestamptz"},      {"timestamp", "date"},
    {"timestamptz", "date"}, {"timestamp", "timestamptz"}, {"timestamptz", "timestamp"},
};

constexpr Pair kOthers[] = {
    {"bool", "bool"},         {"float4", "float4"},     {"float4", "float8"},
    {"float8", "float4"},     {"float8", "float8"},     {"numeric", "numeric"},
    {"bpchar", "bpchar"},     {"interval", "interval"}, {"anyenum", "anyenum"},
    {"anyarray", "anyarray"}, {"record", "record"},     {"jsonb", "jsonb"},
};

std::vector<OperatorRow> all_rows() {
  std::vector<OperatorRow> rows;
  for (const auto& [left, right] : kIntegers) add_relations<OfIntegers>(rows, left, right);
  for (const auto& [left, right] : kTexts) add_relations<OfTexts>(rows, left, right);
  for (const auto& [left, right] : kMoments) add_relations<OfMoments>(rows, left, right);
  for (const auto& [left, right] : kOthers) add_relations<OfValues>(rows, left, right);
  return rows;
}

}  // namespace

FunctionFamily comparison_family() {
  static const std::vector<OperatorRow> kOperators = all_rows();
  return {.operators = kOperators};
}

}  // namespace firedrill::sim::postgres
