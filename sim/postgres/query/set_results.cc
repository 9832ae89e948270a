#include "sim/postgres/query/set_results.h"

#include <algorithm>

#include "sim/postgres/query/execution.h"

namespace firedrill::sim::postgres {

SetResult::SetResult(const SetFunctionRow& function, Type result,
                     std::vector<ExpressionPtr> arguments)
    : Expression(result, std::move(arguments)), row(&function), site{result, {}} {
  for (const ExpressionPtr& child : children) site.arguments.push_back(child->type);
}

void SetResult::describe(std::string& text) const {
  text += "set " + std::string(row->name) + "(";
  for (const ExpressionPtr& child : children) {
    child->describe(text);
    text += ',';
  }
  text += ')';
}

namespace {

std::uint32_t number(ExpressionPtr& expression, std::vector<SetResult*>& found) {
  if (expression == nullptr) return 0;
  std::uint32_t nest = 0;
  for (ExpressionPtr& child : expression->children) nest = std::max(nest, number(child, found));
  auto* set = dynamic_cast<SetResult*>(expression.get());
  if (set == nullptr) return nest;
  set->nest = nest;
  found.push_back(set);
  return nest + 1;
}

}  // namespace

std::vector<SetResult*> set_results_of(std::span<ExpressionPtr* const> expressions) {
  std::vector<SetResult*> found;
  for (ExpressionPtr* expression : expressions) number(*expression, found);
  std::ranges::stable_sort(found, {}, &SetResult::nest);
  for (std::size_t i = 0; i < found.size(); ++i) found[i]->index = i;
  return found;
}

const SetResult* find_set_result(ExpressionPtr& expression) {
  const SetResult* found = nullptr;
  walk(expression, [&](ExpressionPtr& part) {
    if (found == nullptr) found = dynamic_cast<const SetResult*>(part.get());
    return found == nullptr;
  });
  return found;
}

namespace {

std::vector<Value> values_of(const SetResult& set, const Frame& frame) {
  Row arguments;
  bool has_null = false;
  for (const ExpressionPtr& child : set.children) {
    arguments.push_back(child->evaluate(frame));
    has_null = has_null || arguments.back().is_null();
  }
  if (has_null && set.row->is_strict) return {};
  Call call{frame.execution.environment(), set.site, arguments};
  return set.row->body(call);
}

bool each_from(std::span<SetResult* const> sets, std::size_t first, Row& current, Frame& frame,
               const std::function<bool(Frame&)>& found) {
  if (first == sets.size()) return found(frame);
  std::size_t end = first;
  std::vector<std::vector<Value>> lists;
  std::size_t longest = 0;
  for (; end < sets.size() && sets[end]->nest == sets[first]->nest; ++end) {
    lists.push_back(values_of(*sets[end], frame));
    longest = std::max(longest, lists.back().size());
  }
  for (std::size_t i = 0; i < longest; ++i) {
    for (std::size_t k = 0; k < lists.size(); ++k) {
      current[first + k] = i < lists[k].size() ? lists[k][i] : Value();
    }
    if (!each_from(sets, end, current, frame, found)) return false;
  }
  return true;
}

}  // namespace

bool each_of_sets(std::span<SetResult* const> sets, Frame& frame,
                  const std::function<bool(Frame&)>& found) {
  if (sets.empty()) return found(frame);
  Row current(sets.size());
  frame.sets = current.data();
  const bool goes_on = each_from(sets, 0, current, frame, found);
  frame.sets = nullptr;
  return goes_on;
}

OperandComparison::OperandComparison(std::vector<ExpressionPtr> operands, ExpressionPtr of_them)
    : Expression(Type{TypeId::boolean, -1}, std::move(operands)), comparison(std::move(of_them)) {}

Value OperandComparison::compute(const Frame& frame) const {
  Row values;
  for (const ExpressionPtr& child : children) values.push_back(child->evaluate(frame));
  const Slot slot{values.data(), nullptr};
  const Frame inner{frame.execution, frame.outer, &slot, nullptr, nullptr};
  return comparison->evaluate(inner);
}

void OperandComparison::describe(std::string& text) const {
  comparison->describe(text);
  for (const ExpressionPtr& child : children) {
    text += ' ';
    child->describe(text);
  }
}

}  // namespace firedrill::sim::postgres
