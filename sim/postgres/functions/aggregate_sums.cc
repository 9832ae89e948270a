#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "sim/postgres/functions/aggregate_functions.h"
#include "sim/postgres/functions/number_ranges.h"
#include "sim/postgres/values/interval_arithmetic.h"
#include "sim/postgres/values/numeric.h"

namespace firedrill::sim::postgres {

namespace {

Numeric as_numeric(const Value& value) {
  return value.kind() == Kind::integer ? Numeric(value.integer()) : value.as<Numeric>();
}

/// Of int2 and int4: an int8.
class SmallSum final : public Aggregate {
 public:
  void add(Call& call) override {
    is_empty_ = false;
    if (__builtin_add_overflow(sum_, call[0].integer(), &sum_)) {
      fail_integer_range<std::int64_t>();
    }
  }
  Value result(Call&) override { return is_empty_ ? Value() : Value::of(sum_); }

 private:
  bool is_empty_ = true;
  std::int64_t sum_ = 0;
};

/// Of int8 and numeric: a numeric.
class NumericSum final : public Aggregate {
 public:
  void add(Call& call) override {
    is_empty_ = false;
    sum_ = sum_ + as_numeric(call[0]);
  }
  Value result(Call&) override { return is_empty_ ? Value() : Value::boxed(sum_); }

 private:
  bool is_empty_ = true;
  Numeric sum_;
};

class NumericMean final : public Aggregate {
 public:
  void add(Call& call) override {
    ++count_;
    sum_ = sum_ + as_numeric(call[0]);
  }
  Value result(Call&) override {
    return count_ == 0 ? Value() : Value::boxed(sum_ / Numeric(count_));
  }

 private:
  std::int64_t count_ = 0;
  Numeric sum_;
};

/// By the sums of the numbers and of their squares, which are exact.
template <bool kIsSample, bool kIsDeviation>
class NumericVariance final : public Aggregate {
 public:
  void add(Call& call) override {
    const Numeric number = as_numeric(call[0]);
    ++count_;
    sum_ = sum_ + number;
    squares_ = squares_ + number * number;
  }

  Value result(Call&) override {
    if (count_ <= (kIsSample ? 1 : 0)) return {};
    if (!sum_.is_finite() || !squares_.is_finite()) return Value::boxed(Numeric::nan());
    const Numeric count(count_);
    const Numeric numerator = count * squares_ - sum_ * sum_;
    if (numerator.sign() <= 0) return Value::boxed(Numeric());
    const Numeric variance = numerator / (count * Numeric(kIsSample ? count_ - 1 : count_));
    if (!kIsDeviation) return Value::boxed(variance);
    return Value::boxed(square_root(variance, variance.scale()));
  }

 private:
  std::int64_t count_ = 0;
  Numeric sum_;
  Numeric squares_;
};

template <class Real>
class RealSum final : public Aggregate {
 public:
  void add(Call& call) override {
    const Real next = static_cast<Real>(call[0].real());
    // Not 0 + next: that would lose the sign of -0.
    const Real sum = is_empty_ ? next : sum_ + next;
    if (std::isinf(sum) && !std::isinf(next) && !std::isinf(sum_)) fail_real_overflow();
    is_empty_ = false;
    sum_ = sum;
  }
  Value result(Call&) override {
    return is_empty_ ? Value() : Value::of(static_cast<double>(sum_));
  }

 private:
  bool is_empty_ = true;
  Real sum_ = 0;
};

/// How many, their sum, and the sum of the squares of their distances from the mean, by the
/// algorithm of Youngs and Cramer: in PostgreSQL's own order of operations.
struct RealMoments {
  double count = 0;
  double sum = 0;
  double squares = 0;

  void add(double next) {
    const double before = count;
    const double sum_before = sum;
    ++count;
    sum += next;
    if (before == 0) {
      if (!std::isfinite(next)) squares = std::numeric_limits<double>::quiet_NaN();
      return;
    }
    const double distance = next * count - sum;
    squares += distance * distance / (count * before);
    if (!std::isinf(sum) && !std::isinf(squares)) return;
    if (!std::isinf(sum_before) && !std::isinf(next)) fail_real_overflow();
    squares = std::numeric_limits<double>::quiet_NaN();
  }
};

class RealMean final : public Aggregate {
 public:
  void add(Call& call) override { moments_.add(call[0].real()); }
  Value result(Call&) override {
    return moments_.count == 0 ? Value() : Value::of(moments_.sum / moments_.count);
  }

 private:
  RealMoments moments_;
};

template <bool kIsSample, bool kIsDeviation>
class RealVariance final : public Aggregate {
 public:
  void add(Call& call) override { moments_.add(call[0].real()); }
  Value result(Call&) override {
    const double divisor = moments_.count - (kIsSample ? 1 : 0);
    if (divisor <= 0) return {};
    const double variance = moments_.squares / divisor;
    return Value::of(kIsDeviation ? std::sqrt(variance) : variance);
  }

 private:
  RealMoments moments_;
};

template <bool kIsMean>
class OfIntervals final : public Aggregate {
 public:
  void add(Call& call) override {
    const Interval& next = call[0].as<Interval>();
    sum_ = count_++ == 0 ? next : add_intervals(sum_, next);
  }
  Value result(Call&) override {
    if (count_ == 0) return {};
    if (!kIsMean) return Value::boxed(sum_);
    return Value::boxed(divide_interval(sum_, static_cast<double>(count_)));
  }

 private:
  std::int64_t count_ = 0;
  Interval sum_;
};

constexpr auto kSampleVariance = make_aggregate<NumericVariance<true, false>>;
constexpr auto kVariance = make_aggregate<NumericVariance<false, false>>;
constexpr auto kSampleDeviation = make_aggregate<NumericVariance<true, true>>;
constexpr auto kDeviation = make_aggregate<NumericVariance<false, true>>;
constexpr auto kRealSampleVariance = make_aggregate<RealVariance<true, false>>;
constexpr auto kRealVariance = make_aggregate<RealVariance<false, false>>;
constexpr auto kRealSampleDeviation = make_aggregate<RealVariance<true, true>>;
constexpr auto kRealDeviation = make_aggregate<RealVariance<false, true>>;

constexpr auto kRows = std::to_array<AggregateRow>({
    {"sum", "int2", "int8", make_aggregate<SmallSum>},
    {"sum", "int4", "int8", make_aggregate<SmallSum>},
    {"sum", "int8", "numeric", make_aggregate<NumericSum>},
    {"sum", "numeric", "numeric", make_aggregate<NumericSum>},
    {"sum", "float4", "float4", make_aggregate<RealSum<float>>},
    {"sum", "float8", "float8", make_aggregate<RealSum<double>>},
    {"sum", "interval", "interval", make_aggregate<OfIntervals<false>>},
    {"avg", "int2", "numeric", make_aggregate<NumericMean>},
    {"avg", "int4", "numeric", make_aggregate<NumericMean>},
    {"avg", "int8", "numeric", make_aggregate<NumericMean>},
    {"avg", "numeric", "numeric", make_aggregate<NumericMean>},
    {"avg", "float4", "float8", make_aggregate<RealMean>},
    {"avg", "float8", "float8", make_aggregate<RealMean>},
    {"avg", "interval", "interval", make_aggregate<OfIntervals<true>>},
    {"variance", "int2", "numeric", kSampleVariance},
    {"variance", "int4", "numeric", kSampleVariance},
    {"variance", "int8", "numeric", kSampleVariance},
    {"variance", "numeric", "numeric", kSampleVariance},
    {"variance", "float4", "float8", kRealSampleVariance},
    {"variance", "float8", "float8", kRealSampleVariance},
    {"var_samp", "int2", "numeric", kSampleVariance},
    {"var_samp", "int4", "numeric", kSampleVariance},
    {"var_samp", "int8", "numeric", kSampleVariance},
    {"var_samp", "numeric", "numeric", kSampleVariance},
    {"var_samp", "float4", "float8", kRealSampleVariance},
    {"var_samp", "float8", "float8", kRealSampleVariance},
    {"var_pop", "int2", "numeric", kVariance},
    {"var_pop", "int4", "numeric", kVariance},
    {"var_pop", "int8", "numeric", kVariance},
    {"var_pop", "numeric", "numeric", kVariance},
    {"var_pop", "float4", "float8", kRealVariance},
    {"var_pop", "float8", "float8", kRealVariance},
    {"stddev", "int2", "numeric", kSampleDeviation},
    {"stddev", "int4", "numeric", kSampleDeviation},
    {"stddev", "int8", "numeric", kSampleDeviation},
    {"stddev", "numeric", "numeric", kSampleDeviation},
    {"stddev", "float4", "float8", kRealSampleDeviation},
    {"stddev", "float8", "float8", kRealSampleDeviation},
    {"stddev_samp", "int2", "numeric", kSampleDeviation},
    {"stddev_samp", "int4", "numeric", kSampleDeviation},
    {"stddev_samp", "int8", "numeric", kSampleDeviation},
    {"stddev_samp", "numeric", "numeric", kSampleDeviation},
    {"stddev_samp", "float4", "float8", kRealSampleDeviation},
    {"stddev_samp", "float8", "float8", kRealSampleDeviation},
    {"stddev_pop", "int2", "numeric", kDeviation},
    {"stddev_pop", "int4", "numeric", kDeviation},
    {"stddev_pop", "int8", "numeric", kDeviation},
    {"stddev_pop", "numeric", "numeric", kDeviation},
    {"stddev_pop", "float4", "float8", kRealDeviation},
    {"stddev_pop", "float8", "float8", kRealDeviation},
});

}  // namespace

std::span<const AggregateRow> sum_aggregate_rows() {
  return kRows;
}

}  // namespace firedrill::sim::postgres
