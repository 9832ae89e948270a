#include "sim/postgres/functions/ordered_set_aggregates.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/postgres/functions/aggregate_functions.h"
#include "sim/postgres/values/array.h"
#include "sim/postgres/values/interval_arithmetic.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

/// Of percentile_cont and percentile_disc: of one fraction, or of an array of them.
class Percentile : public Aggregate {
 public:
  void add(Call& call) override { values_.push_back(call[0]); }

  Value result(Call& call) override {
    if (call[0].is_null()) return {};
    if (call[0].kind() != Kind::array) {
      const double fraction = checked(call, call[0]);
      return values_.empty() ? Value() : at(fraction);
    }
    Array made = call[0].as<Array>();
    for (const Value& each : made.elements) {
      if (!each.is_null()) checked(call, each);
    }
    if (values_.empty()) return {};
    made.element = call.environment.types().get(call.site.result.id).element;
    for (Value& each : made.elements) {
      if (!each.is_null()) each = at(each.real());
    }
    return Value::boxed(std::move(made));
  }

 protected:
  virtual Value at(double fraction) const = 0;
  Row values_;

 private:
  static double checked(Call& call, const Value& value) {
    const double fraction = value.real();
    if (!(fraction >= 0 && fraction <= 1)) {
      fail(sqlstate::kNumericValueOutOfRange, "percentile value " +
                                                  to_text(call.environment, TypeId::float8, value) +
                                                  " is not between 0 and 1");
    }
    return fraction;
  }
};

class PercentileDisc final : public Percentile {
  Value at(double fraction) const override {
    const auto row =
        static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(values_.size())));
    return values_[row == 0 ? 0 : row - 1];
  }
};

class PercentileCont final : public Percentile {
  Value at(double fraction) const override {
    const double place = fraction * static_cast<double>(values_.size() - 1);
    const auto first = static_cast<std::size_t>(std::floor(place));
    const auto second = static_cast<std::size_t>(std::ceil(place));
    if (first == second) return values_[first];
    const double part = place - static_cast<double>(first);
    if (values_[first].kind() == Kind::real) {
      const double low = values_[first].real();
      return Value::of(low + part * (values_[second].real() - low));
    }
    const Interval& low = values_[first].as<Interval>();
    const Interval difference = subtract_intervals(values_[second].as<Interval>(), low);
    return Value::boxed(add_intervals(multiply_interval(difference, part), low));
  }
};

class Mode final : public Aggregate {
 public:
  void add(Call& call) override {
    const TypeId type = call.site.arguments[0].id;
    const bool goes_on =
        times_ > 0 && compare(call.environment.types(), type, current_, call[0]) == 0;
    if (!goes_on) {
      current_ = call[0];
      times_ = 0;
    }
    if (++times_ > most_) {
      most_ = times_;
      mode_ = current_;
    }
  }
  Value result(Call&) override { return mode_; }

 private:
  Value current_;
  Value mode_;
  std::uint64_t times_ = 0;
  std::uint64_t most_ = 0;
};

constexpr auto kRows = std::to_array<AggregateRow>({
    {"percentile_cont", "float8 float8", "float8", make_aggregate<PercentileCont>},
    {"percentile_cont", "float8 interval", "interval", make_aggregate<PercentileCont>},
    {"percentile_cont", "_float8 float8", "_float8", make_aggregate<PercentileCont>},
    {"percentile_cont", "_float8 interval", "_interval", make_aggregate<PercentileCont>},
    {"percentile_disc", "float8 anyelement", "anyelement", make_aggregate<PercentileDisc>},
    {"percentile_disc", "_float8 anyelement", "anyarray", make_aggregate<PercentileDisc>},
    {"mode", "anyelement", "anyelement", make_aggregate<Mode>},
});

}  // namespace

std::span<const AggregateRow> ordered_set_aggregates() {
  return kRows;
}

}  // namespace firedrill::sim::postgres
