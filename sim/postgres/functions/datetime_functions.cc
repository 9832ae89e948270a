#include "sim/postgres/functions/datetime_functions.h"

#include <array>
#include <memory>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/interval_arithmetic.h"

namespace firedrill::sim::postgres {

namespace {

using namespace datetime_operators;
namespace making = datetime_making;
namespace parts = datetime_parts;
namespace format = datetime_format;

constexpr auto kOperators = std::to_array<OperatorRow>({
    {"+", "date", "int4", "date", date_plus_days},
    {"+", "int4", "date", "date", days_plus_date},
    {"-", "date", "int4", "date", date_minus_days},
    {"-", "date", "date", "int4", date_minus_date},
    {"+", "date", "interval", "timestamp", date_plus_interval},
    {"+", "interval", "date", "timestamp", interval_plus_date},
    {"-", "date", "interval", "timestamp", date_minus_interval},
    {"+", "date", "time", "timestamp", date_plus_time},
    {"+", "time", "date", "timestamp", time_plus_date},
    {"+", "timestamp", "interval", "timestamp", timestamp_plus_interval},
    {"+", "interval", "timestamp", "timestamp", interval_plus_timestamp},
    {"-", "timestamp", "interval", "timestamp", timestamp_minus_interval},
    {"+", "timestamptz", "interval", "timestamptz", timestamptz_plus_interval},
    {"+", "interval", "timestamptz", "timestamptz", interval_plus_timestamptz},
    {"-", "timestamptz", "interval", "timestamptz", timestamptz_minus_interval},
    {"-", "timestamp", "timestamp", "interval", moment_minus_moment},
    {"-", "timestamptz", "timestamptz", "interval", moment_minus_moment},
    {"+", "time", "interval", "time", time_plus_interval},
    {"+", "interval", "time", "time", interval_plus_time},
    {"-", "time", "interval", "time", time_minus_interval},
    {"-", "time", "time", "interval", time_minus_time},
    {"+", "interval", "interval", "interval", interval_plus_interval},
    {"-", "interval", "interval", "interval", interval_minus_interval},
    {"*", "interval", "float8", "interval", interval_times_real},
    {"*", "float8", "interval", "interval", real_times_interval},
    {"/", "interval", "float8", "interval", interval_by_real},
    {"-", "", "interval", "interval", minus_interval},
});

constexpr auto kCasts = std::to_array<CastRow>({
    {"date", "timestamp", CastContext::implicit, date_to_timestamp},
    {"date", "timestamptz", CastContext::implicit, date_to_timestamptz},
    {"timestamp", "date", CastContext::assignment, timestamp_to_date},
    {"timestamp", "time", CastContext::assignment, timestamp_to_time},
    {"timestamp", "timestamptz", CastContext::implicit, timestamp_to_timestamptz},
    {"timestamptz", "date", CastContext::assignment, timestamptz_to_date},
    {"timestamptz", "time", CastContext::assignment, timestamptz_to_time},
    {"timestamptz", "timestamp", CastContext::assignment, timestamptz_to_timestamp},
    {"interval", "time", CastContext::assignment, interval_to_time},
    {"time", "interval", CastContext::implicit, time_to_interval},
});

constexpr bool kStrict = true;
constexpr bool kVolatile = true;

constexpr auto kFunctions = std::to_array<FunctionRow>({
    {"now", "", "timestamptz", making::transaction_time},
    {"transaction_timestamp", "", "timestamptz", making::transaction_time},
    {"statement_timestamp", "", "timestamptz", making::statement_time},
    {"clock_timestamp", "", "timestamptz", making::clock_time, kStrict, kVolatile},
    {"current_timestamp", "", "timestamptz", making::current_timestamp},
    {"current_timestamp", "int4", "timestamptz", making::current_timestamp},
    {"current_date", "", "date", making::current_date},
    {"localtimestamp", "", "timestamp", making::local_timestamp},
    {"localtimestamp", "int4", "timestamp", making::local_timestamp},
    {"localtime", "", "time", making::local_time},
    {"localtime", "int4", "time", making::local_time},

    {"date", "timestamp", "date", timestamp_to_date},
    {"date", "timestamptz", "date", timestamptz_to_date},
    {"time", "timestamp", "time", timestamp_to_time},
    {"time", "timestamptz", "time", timestamptz_to_time},
    {"time", "interval", "time", interval_to_time},
    {"timestamp", "date", "timestamp", date_to_timestamp},
    {"timestamp", "date time", "timestamp", date_plus_time},
    {"timestamp", "timestamptz", "timestamp", timestamptz_to_timestamp},
    {"timestamptz", "date", "timestamptz", date_to_timestamptz},
    {"timestamptz", "date time", "timestamptz", date_and_time_to_timestamptz},
    {"timestamptz", "timestamp", "timestamptz", timestamp_to_timestamptz},
    {"interval", "time", "interval", time_to_interval},

    {"make_date", "int4 int4 int4", "date", making::make_date},
    {"make_time", "int4 int4 float8", "time", making::make_time},
    {"make_timestamp", "int4 int4 int4 int4 int4 float8", "timestamp", making::make_timestamp},
    {"make_timestamptz", "int4 int4 int4 int4 int4 float8", "timestamptz",
     making::make_timestamptz},
    {"make_timestamptz", "int4 int4 int4 int4 int4 float8 text", "timestamptz",
     making::make_timestamptz},
    {"make_interval", "", "interval", making::make_interval},
    {"make_interval", "int4", "interval", making::make_interval},
    {"make_interval", "int4 int4", "interval", making::make_interval},
    {"make_interval", "int4 int4 int4", "interval", making::make_interval},
    {"make_interval", "int4 int4 int4 int4", "interval", making::make_interval},
    {"make_interval", "int4 int4 int4 int4 int4", "interval", making::make_interval},
    {"make_interval", "int4 int4 int4 int4 int4 int4", "interval", making::make_interval},
    {"make_interval", "int4 int4 int4 int4 int4 int4 float8", "interval", making::make_interval},
    {"to_timestamp", "float8", "timestamptz", making::to_timestamp},

    {"isfinite", "date", "bool", making::is_finite_date},
    {"isfinite", "timestamp", "bool", making::is_finite_moment},
    {"isfinite", "timestamptz", "bool", making::is_finite_moment},
    {"isfinite", "interval", "bool", making::is_finite_interval},
    {"age", "timestamp", "interval", making::timestamp_age},
    {"age", "timestamp timestamp", "interval", making::timestamp_age},
    {"age", "timestamptz", "interval", making::timestamptz_age},
    {"age", "timestamptz timestamptz", "interval", making::timestamptz_age},
    {"justify_days", "interval", "interval", making::justify_days},
    {"justify_hours", "interval", "interval", making::justify_hours},
    {"justify_interval", "interval", "interval", making::justify_interval},
    {"date_bin", "interval timestamp timestamp", "timestamp", making::date_bin},
    {"date_bin", "interval timestamptz timestamptz", "timestamptz", making::date_bin},
    {"timezone", "text timestamp", "timestamptz", making::timestamp_at_zone},
    {"timezone", "text timestamptz", "timestamp", making::timestamptz_at_zone},
    {"timezone", "interval timestamp", "timestamptz", making::timestamp_at_interval},
    {"timezone", "interval timestamptz", "timestamp", making::timestamptz_at_interval},

    {"extract", "text date", "numeric", parts::extract_from_date},
    {"extract", "text time", "numeric", parts::extract_from_time},
    {"extract", "text timestamp", "numeric", parts::extract_from_timestamp},
    {"extract", "text timestamptz", "numeric", parts::extract_from_timestamptz},
    {"extract", "text interval", "numeric", parts::extract_from_interval},
    {"date_part", "text date", "float8", parts::date_part_of_date},
    {"date_part", "text time", "float8", parts::date_part_of_time},
    {"date_part", "text timestamp", "float8", parts::date_part_of_timestamp},
    {"date_part", "text timestamptz", "float8", parts::date_part_of_timestamptz},
    {"date_part", "text interval", "float8", parts::date_part_of_interval},
    {"date_trunc", "text timestamp", "timestamp", parts::truncate_timestamp},
    {"date_trunc", "text timestamptz", "timestamptz", parts::truncate_timestamptz},
    {"date_trunc", "text timestamptz text", "timestamptz", parts::truncate_timestamptz},
    {"date_trunc", "text interval", "interval", parts::truncate_interval},

    {"to_char", "timestamp text", "text", format::timestamp_to_char},
    {"to_char", "timestamptz text", "text", format::timestamptz_to_char},
    {"to_char", "interval text", "text", format::interval_to_char},
});

constexpr auto kSetFunctions = std::to_array<SetFunctionRow>({
    {"generate_series", "timestamp timestamp interval", "timestamp", making::timestamp_series},
    {"generate_series", "timestamptz timestamptz interval", "timestamptz",
     making::timestamptz_series},
});

class IntervalTotal : public Aggregate {
 public:
  void add(Call& call) override {
    sum_ = add_intervals(sum_, call[0].as<Interval>());
    ++count_;
  }
  Value result(Call&) override { return count_ == 0 ? Value{} : Value::boxed(sum_); }

 protected:
  Interval sum_;
  std::int64_t count_ = 0;
};

class IntervalAverage final : public IntervalTotal {
 public:
  Value result(Call&) override {
    if (count_ == 0) return {};
    return Value::boxed(divide_interval(sum_, static_cast<double>(count_)));
  }
};

template <class T>
std::unique_ptr<Aggregate> make() {
  return std::make_unique<T>();
}

constexpr auto kAggregates = std::to_array<AggregateRow>({
    {"sum", "interval", "interval", make<IntervalTotal>},
    {"avg", "interval", "interval", make<IntervalAverage>},
});

}  // namespace

FunctionFamily datetime_family() {
  return {.functions = kFunctions,
          .operators = kOperators,
          .casts = kCasts,
          .aggregates = kAggregates,
          .set_functions = kSetFunctions};
}

}  // namespace firedrill::sim::postgres
