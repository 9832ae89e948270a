#include <array>

#include "sim/postgres/functions/aggregate_functions.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

/// The least (-1) or the largest (1). Of equal ones, such as 1.0 and 1.00, the last one; but of
/// bpchar the first one.
template <int kDirection>
class Extreme final : public Aggregate {
 public:
  void add(Call& call) override {
    if (best_.is_null() || !stays(call)) best_ = call[0];
  }
  Value result(Call&) override { return best_; }

 private:
  bool stays(Call& call) const {
    const TypeId type = call.site.arguments[0].id;
    const int order = compare(call.environment.types(), type, best_, call[0]) * kDirection;
    return order > 0 || (order == 0 && type == TypeId::bpchar);
  }

  Value best_;
};

constexpr auto kMin = make_aggregate<Extreme<-1>>;
constexpr auto kMax = make_aggregate<Extreme<1>>;

constexpr auto kRows = std::to_array<AggregateRow>({
    {"min", "int2", "int2", kMin},
    {"min", "int4", "int4", kMin},
    {"min", "int8", "int8", kMin},
    {"min", "oid", "oid", kMin},
    {"min", "float4", "float4", kMin},
    {"min", "float8", "float8", kMin},
    {"min", "numeric", "numeric", kMin},
    {"min", "text", "text", kMin},
    {"min", "bpchar", "bpchar", kMin},
    {"min", "date", "date", kMin},
    {"min", "time", "time", kMin},
    {"min", "timestamp", "timestamp", kMin},
    {"min", "timestamptz", "timestamptz", kMin},
    {"min", "interval", "interval", kMin},
    {"min", "anyenum", "anyenum", kMin},
    {"min", "anyarray", "anyarray", kMin},
    {"max", "int2", "int2", kMax},
    {"max", "int4", "int4", kMax},
    {"max", "int8", "int8", kMax},
    {"max", "oid", "oid", kMax},
    {"max", "float4", "float4", kMax},
    {"max", "float8", "float8", kMax},
    {"max", "numeric", "numeric", kMax},
    {"max", "text", "text", kMax},
    {"max", "bpchar", "bpchar", kMax},
    {"max", "date", "date", kMax},
    {"max", "time", "time", kMax},
    {"max", "timestamp", "timestamp", kMax},
    {"max", "timestamptz", "timestamptz", kMax},
    {"max", "interval", "interval", kMax},
    {"max", "anyenum", "anyenum", kMax},
    {"max", "anyarray", "anyarray", kMax},
});

}  // namespace

std::span<const AggregateRow> extreme_aggregate_rows() {
  return kRows;
}

}  // namespace firedrill::sim::postgres
