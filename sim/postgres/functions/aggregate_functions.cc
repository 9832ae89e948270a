#include "sim/postgres/functions/aggregate_functions.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/postgres/functions/families.h"

namespace firedrill::sim::postgres {

namespace {

/// Of rows, or of those in which the argument is not NULL.
class Count final : public Aggregate {
 public:
  void add(Call&) override { ++count_; }
  Value result(Call&) override { return Value::of(count_); }

 private:
  std::int64_t count_ = 0;
};

struct And {
  static bool join(bool left, bool right) { return left && right; }
  static std::int64_t join(std::int64_t left, std::int64_t right) { return left & right; }
};

struct Or {
  static bool join(bool left, bool right) { return left || right; }
  static std::int64_t join(std::int64_t left, std::int64_t right) { return left | right; }
};

struct Xor {
  static std::int64_t join(std::int64_t left, std::int64_t right) { return left ^ right; }
};

template <class Operation>
class OfBooleans final : public Aggregate {
 public:
  void add(Call& call) override {
    const bool next = call[0].boolean();
    joined_ = joined_ ? Operation::join(*joined_, next) : next;
  }
  Value result(Call&) override { return joined_ ? Value::of(*joined_) : Value(); }

 private:
  std::optional<bool> joined_;
};

template <class Operation>
class OfBits final : public Aggregate {
 public:
  void add(Call& call) override {
    const std::int64_t next = call[0].integer();
    joined_ = joined_ ? Operation::join(*joined_, next) : next;
  }
  Value result(Call&) override { return joined_ ? Value::of(*joined_) : Value(); }

 private:
  std::optional<std::int64_t> joined_;
};

constexpr auto kRows = std::to_array<AggregateRow>({
    {"count", "", "int8", make_aggregate<Count>},
    {"count", "any", "int8", make_aggregate<Count>},
    {"bool_and", "bool", "bool", make_aggregate<OfBooleans<And>>},
    {"bool_or", "bool", "bool", make_aggregate<OfBooleans<Or>>},
    {"every", "bool", "bool", make_aggregate<OfBooleans<And>>},
    {"bit_and", "int2", "int2", make_aggregate<OfBits<And>>},
    {"bit_and", "int4", "int4", make_aggregate<OfBits<And>>},
    {"bit_and", "int8", "int8", make_aggregate<OfBits<And>>},
    {"bit_or", "int2", "int2", make_aggregate<OfBits<Or>>},
    {"bit_or", "int4", "int4", make_aggregate<OfBits<Or>>},
    {"bit_or", "int8", "int8", make_aggregate<OfBits<Or>>},
    {"bit_xor", "int2", "int2", make_aggregate<OfBits<Xor>>},
    {"bit_xor", "int4", "int4", make_aggregate<OfBits<Xor>>},
    {"bit_xor", "int8", "int8", make_aggregate<OfBits<Xor>>},
});

std::vector<AggregateRow> all_rows() {
  std::vector<AggregateRow> rows(kRows.begin(), kRows.end());
  for (const std::span<const AggregateRow> more :
       {sum_aggregate_rows(), extreme_aggregate_rows(), collecting_aggregate_rows()}) {
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

}  // namespace

FunctionFamily aggregate_family() {
  static const std::vector<AggregateRow> kAll = all_rows();
  return {.aggregates = kAll};
}

}  // namespace firedrill::sim::postgres
