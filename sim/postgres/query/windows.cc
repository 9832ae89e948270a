#include "sim/postgres/query/windows.h"

#include <algorithm>

#include "sim/postgres/query/execution.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

void WindowRows::add(const Frame& frame) {
  Input input;
  for (const ExpressionPtr& captured : query_.captured) {
    input.captured.push_back(captured->evaluate(frame));
  }
  for (const WindowFunction& window : query_.windows) {
    Input::Of of;
    if (window.is_unused) {
      input.windows.push_back(std::move(of));
      continue;
    }
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
  if (query_.windows[window].is_unused) return;
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

bool WindowRows::counts_in(std::size_t window, std::size_t row) const {
  const Input::Of& of = inputs_[row].windows[window];
  const bool has_null =
      std::ranges::any_of(of.arguments, [](const Value& value) { return value.is_null(); });
  return of.counts && !(query_.windows[window].aggregate->row->is_strict && has_null);
}

/// Where frames only grow what came before need not be added again.
void WindowRows::compute_aggregate(std::size_t window, std::size_t begin, std::size_t end) {
  const WindowFunction& function = query_.windows[window];
  if (!function.grows_only()) {
    aggregate_frames(window, begin, end);
    return;
  }
  const AggregateCall& call = *function.aggregate;
  const auto aggregate = call.row->make();
  const bool ends_here = function.end.kind == WindowFunction::Bound::Kind::current_row;
  const bool by_rows = ends_here && function.mode == WindowFunction::Mode::rows;
  std::size_t at = begin;
  while (at < end) {
    std::size_t last = ends_here ? at + 1 : end;
    while (!by_rows && last < end && are_peers(window, at, last)) ++last;
    for (std::size_t i = at; i < last; ++i) {
      if (!counts_in(window, i)) continue;
      Call one{environment_, call.site, inputs_[i].windows[window].arguments};
      aggregate->add(one);
    }
    Call result{environment_, call.site, {}};
    const Value value = aggregate->result(result);
    for (std::size_t i = at; i < last; ++i) inputs_[i].values[window] = value;
    at = last;
  }
}

void WindowRows::aggregate_frames(std::size_t window, std::size_t begin, std::size_t end) {
  const AggregateCall& call = *query_.windows[window].aggregate;
  for (std::size_t at = begin; at < end; ++at) {
    const auto aggregate = call.row->make();
    for (const std::size_t row : frame_of(window, {begin, end}, at)) {
      if (!counts_in(window, row)) continue;
      Call one{environment_, call.site, inputs_[row].windows[window].arguments};
      aggregate->add(one);
    }
    Call result{environment_, call.site, {}};
    inputs_[at].values[window] = aggregate->result(result);
  }
}

// --- Frames --------------------------------------------------------------------------------------

WindowRows::Extent WindowRows::peers_of(std::size_t window, Extent partition,
                                        std::size_t current) const {
  Extent peers{current, current + 1};
  while (peers.begin > partition.begin && are_peers(window, peers.begin - 1, current)) {
    --peers.begin;
  }
  while (peers.end < partition.end && are_peers(window, peers.end, current)) ++peers.end;
  return peers;
}

/// in_range() of PostgreSQL; what is beyond the type's range is beyond all values.
bool WindowRows::is_within(std::size_t window, const WindowFunction::Bound& bound, std::size_t row,
                           std::size_t current) const {
  const bool is_start = &bound == &query_.windows[window].start;
  const Row values = {inputs_[row].windows[window].order[0],
                      inputs_[current].windows[window].order[0],
                      offsets_[window][is_start ? 0 : 1]};
  const Slot slot{values.data(), nullptr};
  const Frame inner{frame_->execution, frame_->outer, &slot, nullptr, nullptr};
  try {
    return is_true(bound.within->evaluate(inner));
  } catch (const SqlError& error) {
    if (error.sqlstate != sqlstate::kNumericValueOutOfRange) throw;
    return (bound.kind == WindowFunction::Bound::Kind::preceding) == is_start;
  }
}

/// The first row of the frame, or the one after its last, exclusions aside.
std::size_t WindowRows::bound_of(std::size_t window, Extent partition, std::size_t current,
                                 bool is_start) const {
  const WindowFunction& function = query_.windows[window];
  const WindowFunction::Bound& bound = is_start ? function.start : function.end;
  using BoundKind = WindowFunction::Bound::Kind;
  using Mode = WindowFunction::Mode;
  if (bound.kind == BoundKind::unbounded) return is_start ? partition.begin : partition.end;
  const Extent peers = peers_of(window, partition, current);
  if (bound.kind == BoundKind::current_row) {
    if (function.mode == Mode::rows) return is_start ? current : current + 1;
    return is_start ? peers.begin : peers.end;
  }
  const bool goes_back = bound.kind == BoundKind::preceding;
  if (function.mode == Mode::range) {
    const bool nulls_first = function.order[0].nulls_first;
    const bool is_null = inputs_[current].windows[window].order[0].is_null();
    std::size_t at = partition.begin;
    for (; at < partition.end; ++at) {
      const bool other_null = inputs_[at].windows[window].order[0].is_null();
      bool goes_on = false;
      if (!is_null && !other_null) {
        goes_on = is_within(window, bound, at, current) != is_start;
      } else if (is_start) {
        goes_on = nulls_first ? other_null && !is_null : !other_null && is_null;
      } else {
        goes_on = nulls_first ? other_null : is_null;
      }
      if (!goes_on) break;
    }
    return at;
  }
  const std::int64_t offset = offsets_[window][is_start ? 0 : 1].integer();
  if (function.mode == Mode::rows) {
    const auto here = static_cast<std::int64_t>(current - partition.begin) + (is_start ? 0 : 1);
    const auto size = static_cast<std::int64_t>(partition.end - partition.begin);
    const std::int64_t wanted = goes_back              ? (offset > here ? 0 : here - offset)
                                : offset > size - here ? size
                                                       : here + offset;
    return partition.begin + static_cast<std::size_t>(wanted);
  }
  Extent group = peers;
  for (std::int64_t i = 0; i < offset; ++i) {
    if (goes_back && group.begin == partition.begin) {
      return partition.begin;
    }
    if (!goes_back && group.end == partition.end) return partition.end;
    group = peers_of(window, partition, goes_back ? group.begin - 1 : group.end);
  }
  return is_start ? group.begin : group.end;
}

WindowRows::Extent WindowRows::extent_of(std::size_t window, Extent partition,
                                         std::size_t current) const {
  const Extent extent{bound_of(window, partition, current, true),
                      bound_of(window, partition, current, false)};
  return extent.begin < extent.end ? extent : Extent{extent.begin, extent.begin};
}

std::vector<std::size_t> WindowRows::frame_of(std::size_t window, Extent partition,
                                              std::size_t current) const {
  using Exclusion = WindowFunction::Exclusion;
  const Extent extent = extent_of(window, partition, current);
  const Exclusion exclusion = query_.windows[window].exclusion;
  const Extent peers = peers_of(window, partition, current);
  std::vector<std::size_t> rows;
  for (std::size_t row = extent.begin; row < extent.end; ++row) {
    const bool is_peer = row >= peers.begin && row < peers.end;
    const bool is_out = (exclusion == Exclusion::current_row && row == current) ||
                        (exclusion == Exclusion::group && is_peer) ||
                        (exclusion == Exclusion::ties && is_peer && row != current);
    if (!is_out) rows.push_back(row);
  }
  return rows;
}

namespace {
bool is_negative(Environment& environment, TypeId type, const Value& value) {
  const Value zero = from_text(environment, Type{type, -1}, "0");
  return compare(environment.types(), type, value, zero) < 0;
}
}  // namespace

void WindowRows::read_offsets(const Frame& frame) {
  offsets_.resize(query_.windows.size());
  for (std::size_t window = 0; window < query_.windows.size(); ++window) {
    const WindowFunction& function = query_.windows[window];
    if (function.is_unused) continue;
    for (const bool is_start : {true, false}) {
      const WindowFunction::Bound& bound = is_start ? function.start : function.end;
      if (bound.offset == nullptr) continue;
      const std::string which = is_start ? "starting" : "ending";
      Value value = bound.offset->evaluate(frame);
      if (value.is_null()) fail("22004", "frame " + which + " offset must not be null");
      if (bound.within == nullptr && value.integer() < 0) {
        fail("22013", "frame " + which + " offset must not be negative");
      }
      if (bound.within != nullptr && is_negative(environment_, bound.offset->type.id, value)) {
        fail("22013", "invalid preceding or following size in window function");
      }
      offsets_[window][is_start ? 0 : 1] = std::move(value);
    }
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
    const bool reads_frame = function.kind == Which::first_value ||
                             function.kind == Which::last_value ||
                             function.kind == Which::nth_value;
    std::vector<std::size_t> rows;
    if (reads_frame) rows = frame_of(window, {begin, end}, at);
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
      case Which::first_value:
        if (!rows.empty()) value = argument_of(rows.front());
        break;
      case Which::last_value:
        if (!rows.empty()) value = argument_of(rows.back());
        break;
      case Which::nth_value: {
        if (arguments[1].is_null()) break;
        const std::int64_t wanted = arguments[1].integer();
        if (wanted <= 0) fail("22016", "argument of nth_value must be greater than zero");
        const auto place = static_cast<std::size_t>(wanted) - 1;
        if (place < rows.size()) value = argument_of(rows[place]);
        break;
      }
      case Which::aggregate: break;
    }
  }
}

bool WindowRows::each(Frame& frame, const std::function<bool(Frame&)>& found) {
  if (!inputs_.empty()) read_offsets(frame);
  frame_ = &frame;
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
