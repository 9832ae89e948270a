#include <array>
#include <optional>
#include <string>
#include <utility>

#include "sim/postgres/functions/aggregate_functions.h"
#include "sim/postgres/values/array.h"

namespace firedrill::sim::postgres {

namespace {

/// Texts, or bytes, with a delimiter (that of the later one) between each two. NULLs are left out.
class StringAggregate final : public Aggregate {
 public:
  void add(Call& call) override {
    if (call[0].is_null()) return;
    if (joined_ && !call[1].is_null()) *joined_ += call[1].text();
    if (!joined_) joined_.emplace();
    *joined_ += call[0].text();
  }
  Value result(Call&) override { return joined_ ? Value::of(*joined_) : Value(); }

 private:
  std::optional<std::string> joined_;
};

class ArrayAggregate final : public Aggregate {
 public:
  void add(Call& call) override { elements_.push_back(call[0]); }
  Value result(Call& call) override {
    if (elements_.empty()) return {};
    return Value::boxed(Array::of(call.site.arguments[0].id, elements_));
  }

 private:
  Row elements_;
};

bool have_same_dimensions(const Array& left, const Array& right) {
  if (left.dimensions.size() != right.dimensions.size()) return false;
  for (std::size_t at = 0; at < left.dimensions.size(); ++at) {
    const Array::Dimension& dimension = left.dimensions[at];
    if (dimension.length != right.dimensions[at].length) return false;
    if (dimension.lower != right.dimensions[at].lower) return false;
  }
  return true;
}

/// Arrays of the same dimensions become one of a dimension more.
class NestedArrayAggregate final : public Aggregate {
 public:
  void add(Call& call) override {
    if (call[0].is_null()) fail("22004", "cannot accumulate null arrays");
    const Array& next = call[0].as<Array>();
    if (next.dimensions.empty()) fail("2202E", "cannot accumulate empty arrays");
    if (count_++ == 0) {
      first_ = next;
      return;
    }
    if (!have_same_dimensions(first_, next)) {
      fail("2202E", "cannot accumulate arrays of different dimensionality");
    }
    first_.elements.insert(first_.elements.end(), next.elements.begin(), next.elements.end());
  }
  Value result(Call&) override {
    if (count_ == 0) return {};
    Array nested = first_;
    nested.dimensions.insert(nested.dimensions.begin(), Array::Dimension{count_, 1});
    return Value::boxed(std::move(nested));
  }

 private:
  std::int32_t count_ = 0;
  Array first_;  ///< with the elements of all that came after it
};

constexpr auto kRows = std::to_array<AggregateRow>({
    {"string_agg", "text text", "text", make_aggregate<StringAggregate>, false},
    {"string_agg", "bytea bytea", "bytea", make_aggregate<StringAggregate>, false},
    {"array_agg", "anynonarray", "anyarray", make_aggregate<ArrayAggregate>, false},
    {"array_agg", "anyarray", "anyarray", make_aggregate<NestedArrayAggregate>, false},
});

}  // namespace

std::span<const AggregateRow> collecting_aggregate_rows() {
  return kRows;
}

}  // namespace firedrill::sim::postgres
