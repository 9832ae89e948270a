#include "sim/postgres/query/windows.h"

#include <algorithm>

namespace firedrill::sim::postgres {

void WindowRows::add(const Frame& frame) {
  Input input;
  for (const ExpressionPtr& captured : query_.captured) {
    input.captured.push_back(captured->evaluate(frame));
  }
  for (const WindowFunction& window : query_.windows) {
    Input::Of of;
    for (const ExpressionPtr& each : window.partition)
      of.partition.push_back(each->evaluate(frame));
    for (const auto& each : window.order) of.order.push_back(each.expression->evaluate(frame));
    const auto& arguments =
        window.aggregate != nullptr ? window.aggregate->children : window.arguments;
    for (const ExpressionPtr& each : arguments) of.arguments.push_back(each->evaluate(frame));
    of.counts = window.filter == nullptr || is_true(window.filter->evaluate(frame));
    input.windows.push_back(std::move(of));
  }
  input.values.resize(query_.windows.size());
  inputs_.push_back(std::move(input));
}

int WindowRows::compare_partitions(std::size_t window, const Input& a, const Input& b) const {
  const WindowFunction& function = query_.windows[window];
  for (std::size_t i = 0; i < function.partition.size(); ++i) {
    const int order = compare_sorted(environment_.types(), function.partition[i]->type.id,
                                     a.windows[window].partition[i], b.windows[window].partition[i],
                                     false, false);
    if (order != 0) return order;
  }
  return 0;
}

int WindowRows::compare_inputs(std::size_t window, const Input& a, const Input& b) const {
  const WindowFunction& function = query_.windows[window];
  for (std::size_t i = 0; i < function.order.size(); ++i) {
    const auto& by = function.order[i];
    const int order =
        compare_sorted(environment_.types(), by.expression->type.id, a.windows[window].order[i],
                       b.windows[window].order[i], by.descending, by.nulls_first);
    if (order != 0) return order;
  }
  return 0;
}

bool WindowRows::are_peers(std::size_t window, std::size_t a, std::size_t b) const {
  return compare_inputs(window, inputs_[a], inputs_[b]) == 0;
}

void WindowRows::compute(std::size_t window) {
  std::ranges::stable_sort(inputs_, [&](const Input& a, const Input& b) {
    const int partition = compare_partitions(window, a, b);
    return partition != 0 ? partition < 0 : compare_inputs(window, a, b) < 0;
  });
  std::size_t begin = 0;
  while (begin < inputs_.size()) {
    std::size_t end = begin + 1;
    while (end < inputs_.size() && compare_partitions(window, inputs_[begin], inputs_[end]) == 0) {
      ++end;
    }
    compute_partition(window, begin, end);
    begin = end;
  }
}

void WindowRows::compute_aggregate(std::size_t window, std::size_t begin, std::size_t end) {
  const WindowFunction& function = query_.windows[window];
  const AggregateCall& call = *function.aggregate;
  const auto aggregate = call.row->make();
  const bool whole = function.whole_partition || function.order.empty();
  const bool by_rows = function.rows_mode && !function.whole_partition;
  std::size_t at = begin;
  while (at < end) {
    std::size_t last = at + 1;
    if (whole && !by_rows) last = end;
    while (!by_rows && last < end && are_peers(window, at, last)) ++last;
    for (std::size_t i = at; i < last; ++i) {
      const Input::Of& of = inputs_[i].windows[window];
      const bool has_null =
          std::ranges::any_of(of.arguments, [](const Value& value) { return value.is_null(); });
      if (!of.counts || (call.row->is_strict && has_null)) continue;
      Call one{environment_, call.site, of.arguments};
      aggregate->add(one);
    }
    Call result{environment_, call.site, {}};
    const Value value = aggregate->result(result);
    for (std::size_t i = at; i < last; ++i) inputs_[i].values[window] = value;
    at = last;
  }
}

void WindowRows::compute_partition(std::size_t window, std::size_t begin, std::size_t end) {
  const WindowFunction& function = query_.windows[window];
  using Which = WindowFunction::Kind;
  if (function.kind == Which::aggregate) {
    compute_aggregate(window, begin, end);
    return;
  }
  const auto count = static_cast<std::int64_t>(end - begin);
  std::int64_t rank = 1;
  std::int64_t dense = 1;
  for (std::size_t at = begin; at < end; ++at) {
    const auto number = static_cast<std::int64_t>(at - begin) + 1;
    if (at > begin && !are_peers(window, at - 1, at)) {
      rank = number;
      ++dense;
    }
    Input& input = inputs_[at];
    const Row& arguments = input.windows[window].arguments;
    Value& value = input.values[window];
    std::size_t last_peer = at;
    const bool whole = function.whole_partition;
    while (last_peer + 1 < end &&
           (whole || (!function.rows_mode && are_peers(window, at, last_peer + 1)))) {
      ++last_peer;
    }
    const auto argument_of = [&](std::size_t row) {
      return inputs_[row].windows[window].arguments[0];
    };
    switch (function.kind) {
      case Which::row_number: value = Value::of(number); break;
      case Which::rank: value = Value::of(rank); break;
      case Which::dense_rank: value = Value::of(dense); break;
      case Which::percent_rank:
        value = Value::of(count > 1 ? static_cast<double>(rank - 1) / static_cast<double>(count - 1)
                                    : 0.0);
        break;
      case Which::cume_dist:
        while (last_peer + 1 < end && are_peers(window, at, last_peer + 1)) ++last_peer;
        value = Value::of(static_cast<double>(last_peer - begin + 1) / static_cast<double>(count));
        break;
      case Which::ntile: {
        if (arguments[0].is_null()) break;
        const std::int64_t buckets = arguments[0].integer();
        if (buckets <= 0) fail("22014", "argument of ntile must be greater than zero");
        const std::int64_t size = count / buckets;
        const std::int64_t larger = count % buckets;
        const std::int64_t in_larger = larger * (size + 1);
        value = Value::of(number <= in_larger ? (number - 1) / (size + 1) + 1
                                              : larger + (number - 1 - in_larger) / size + 1);
        break;
      }
      case Which::lag:
      case Which::lead: {
        std::int64_t offset = 1;
        if (arguments.size() > 1) {
          if (arguments[1].is_null()) break;
          offset = arguments[1].integer();
        }
        const std::int64_t wanted = number - 1 + (function.kind == Which::lead ? offset : -offset);
        if (wanted >= 0 && wanted < count) {
          value = argument_of(begin + static_cast<std::size_t>(wanted));
        } else if (arguments.size() > 2) {
          value = arguments[2];
        }
        break;
      }
      case Which::first_value: value = argument_of(begin); break;
      case Which::last_value: value = argument_of(last_peer); break;
      case Which::nth_value: {
        if (arguments[1].is_null()) break;
        const std::int64_t wanted = arguments[1].integer();
        if (wanted <= 0) fail("22016", "argument of nth_value must be greater than zero");
        const std::size_t row = begin + static_cast<std::size_t>(wanted) - 1;
        if (row <= last_peer) value = argument_of(row);
        break;
      }
      case Which::aggregate: break;
    }
  }
}

bool WindowRows::each(Frame& frame, const std::function<bool(Frame&)>& found) {
  for (std::size_t window = 0; window < query_.windows.size(); ++window) compute(window);
  for (Input& input : inputs_) {
    Row row = std::move(input.captured);
    std::ranges::move(input.values, std::back_inserter(row));
    frame.row = row.data();
    if (!found(frame)) return false;
  }
  return true;
}

}  // namespace firedrill::sim::postgres
