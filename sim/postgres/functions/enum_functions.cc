#include <algorithm>
#include <array>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/array.h"

/// enum_first(), enum_last(), enum_range(): of a type, whatever the value.
namespace firedrill::sim::postgres {

namespace {

const std::vector<EnumLabel>& labels_of(const Call& call) {
  return call.environment.types().get(call.site.arguments[0].id).labels;
}

Value enum_first(Call& call) {
  return Value::of(labels_of(call).front().oid);
}

Value enum_last(Call& call) {
  return Value::of(labels_of(call).back().oid);
}

/// Of one argument: all; of two: from the one to the other, open where it is NULL.
Value enum_range(Call& call) {
  Row elements;
  const bool is_bounded = call.size() == 2;
  bool is_within = !is_bounded || call[0].is_null();
  for (const EnumLabel& each : labels_of(call)) {
    if (is_bounded && !call[0].is_null() && call[0].integer() == each.oid) is_within = true;
    if (is_within) elements.push_back(Value::of(each.oid));
    if (is_bounded && !call[1].is_null() && call[1].integer() == each.oid) break;
  }
  return Value::boxed(Array::of(call.site.arguments[0].id, std::move(elements)));
}

constexpr std::array kFunctions = {
    FunctionRow{"enum_first", "anyenum", "anyenum", enum_first, false},
    FunctionRow{"enum_last", "anyenum", "anyenum", enum_last, false},
    FunctionRow{"enum_range", "anyenum", "anyarray", enum_range, false},
    FunctionRow{"enum_range", "anyenum anyenum", "anyarray", enum_range, false},
};

}  // namespace

FunctionFamily enum_family() {
  return {.functions = kFunctions};
}

}  // namespace firedrill::sim::postgres
