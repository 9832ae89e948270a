#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/array_text.h"
#include "sim/postgres/values/datetime.h"
#include "sim/postgres/values/json.h"
#include "sim/postgres/values/numeric.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

int order_of(std::int64_t left, std::int64_t right) {
  return (left > right) - (left < right);
}

/// NaN is above all else, and equals itself.
int order_of_reals(double left, double right) {
  if (std::isnan(left) || std::isnan(right)) return std::isnan(left) - std::isnan(right);
  return (left > right) - (left < right);
}

int order_of_texts(std::string_view left, std::string_view right) {
  const int order = left.compare(right);
  return (order > 0) - (order < 0);
}

std::string_view without_padding(std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// As the labels were declared; whatever their oids.
int order_of_labels(const TypeInfo& info, std::int64_t left, std::int64_t right) {
  if (left == right) return 0;
  const auto first = std::ranges::find_if(
      info.labels, [&](const EnumLabel& label) { return label.oid == left || label.oid == right; });
  check(first != info.labels.end(), "an enum's value is one of its labels");
  return first->oid == left ? -1 : 1;
}

int order_of_integers(const Types& types, TypeId type, std::int64_t left, std::int64_t right) {
  // Only what a user made can be an enum.
  constexpr auto kFirstUserType = static_cast<TypeId>(16384);
  if (type >= kFirstUserType) {
    const TypeInfo& info = types.get(type);
    if (info.is_enum()) return order_of_labels(info, left, right);
  }
  return order_of(left, right);
}

[[noreturn]] void fail_without_order(const Types& types, TypeId type) {
  fail(sqlstate::kUndefinedFunction,
       "could not identify a comparison function for type " + types.title(type));
}

}  // namespace

int compare(const Types& types, TypeId type, const Value& left, const Value& right) {
  switch (left.kind()) {
    case Kind::boolean: return order_of(left.boolean(), right.boolean());
    case Kind::integer: return order_of_integers(types, type, left.integer(), right.integer());
    case Kind::real: return order_of_reals(left.real(), right.real());
    case Kind::text:
      if (type == TypeId::json) fail_without_order(types, type);
      if (type == TypeId::bpchar) {
        return order_of_texts(without_padding(left.text()), without_padding(right.text()));
      }
      return order_of_texts(left.text(), right.text());
    case Kind::numeric: return compare_numerics(left.as<Numeric>(), right.as<Numeric>());
    case Kind::interval: return compare_intervals(left.as<Interval>(), right.as<Interval>());
    case Kind::array: return compare_arrays(types, left.as<Array>(), right.as<Array>());
    case Kind::json: return compare_json(left.as<Json>(), right.as<Json>());
    case Kind::record: return compare_records(types, left.as<Record>(), right.as<Record>());
    case Kind::ts_vector:
    case Kind::ts_query: unsupported("comparison of type " + types.title(type));
    case Kind::null: break;
  }
  fail_without_order(types, type);
}

}  // namespace firedrill::sim::postgres
