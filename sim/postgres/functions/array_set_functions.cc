#include <limits>
#include <utility>

#include "sim/postgres/functions/array_functions.h"
#include "sim/postgres/values/numeric.h"

namespace firedrill::sim::postgres {

namespace {

using Values = std::vector<Value>;

// A model has no use for a series that does not fit into memory.
constexpr std::size_t kLongestSeries = 20'000'000;

void check_length(const Values& values) {
  if (values.size() >= kLongestSeries) unsupported("a set of more than 20 million rows");
}

/// There so that unnest('{...}') is not unique.
Values unnest_words(Call&) {
  unsupported("unnest() of a tsvector");
}

Values unnest(Call& call) {
  return call[0].as<Array>().elements;
}

/// From `first` by `step` while it is not past `last`, nor out of 64 bits.
Values series(std::int64_t first, std::int64_t last, std::int64_t step) {
  if (step == 0) fail(sqlstate::kInvalidParameterValue, "step size cannot equal zero");
  Values values;
  for (std::int64_t number = first; step > 0 ? number <= last : number >= last;) {
    check_length(values);
    values.push_back(Value::of(number));
    if (__builtin_add_overflow(number, step, &number)) break;
  }
  return values;
}

Values generate_integers(Call& call) {
  return series(call[0].integer(), call[1].integer(), call.size() > 2 ? call[2].integer() : 1);
}

Values generate_subscripts(Call& call) {
  const Array& array = call[0].as<Array>();
  const std::int64_t number = call[1].integer();
  if (number < 1 || number > static_cast<std::int64_t>(array.dimensions.size())) return {};
  const Array::Dimension& dimension = array.dimensions[static_cast<std::size_t>(number - 1)];
  const std::int64_t last = std::int64_t{dimension.lower} + dimension.length - 1;
  const bool is_reversed = call.size() > 2 && call[2].boolean();
  return is_reversed ? series(last, dimension.lower, -1) : series(dimension.lower, last, 1);
}

void check_finite(const Numeric& number, std::string_view what) {
  if (number.is_finite()) return;
  fail(sqlstate::kInvalidParameterValue,
       std::string(what) + " cannot be " + (number.is_nan() ? "NaN" : "infinity"));
}

Values generate_numerics(Call& call) {
  const Numeric step = call.size() > 2 ? call[2].as<Numeric>() : Numeric(1);
  const Numeric& last = call[1].as<Numeric>();
  check_finite(call[0].as<Numeric>(), "start value");
  check_finite(last, "stop value");
  check_finite(step, "step size");
  if (step.is_zero()) fail(sqlstate::kInvalidParameterValue, "step size cannot equal zero");
  Values values;
  for (Numeric number = call[0].as<Numeric>(); compare_numerics(number, last) * step.sign() <= 0;
       number = number + step) {
    check_length(values);
    values.push_back(Value::boxed(number));
  }
  return values;
}

constexpr SetFunctionRow kRows[] = {
    {"unnest", "anyarray", "anyelement", unnest},
    {"unnest", "tsvector", "record", unnest_words},
    {"generate_subscripts", "anyarray int4", "int4", generate_subscripts},
    {"generate_subscripts", "anyarray int4 bool", "int4", generate_subscripts},
    {"generate_series", "int4 int4", "int4", generate_integers},
    {"generate_series", "int4 int4 int4", "int4", generate_integers},
    {"generate_series", "int8 int8", "int8", generate_integers},
    {"generate_series", "int8 int8 int8", "int8", generate_integers},
    {"generate_series", "numeric numeric", "numeric", generate_numerics},
    {"generate_series", "numeric numeric numeric", "numeric", generate_numerics},
};

}  // namespace

std::span<const SetFunctionRow> array_set_rows() {
  return kRows;
}

}  // namespace firedrill::sim::postgres
