#pragma once

#include <functional>
#include <span>
#include <vector>

#include "sim/postgres/query/expression.h"

namespace firedrill::sim::postgres {

/// A set-returning function in a target list, where its current value is read; children: its
/// arguments. SetRows says what is current.
class SetResult final : public Expression {
 public:
  SetResult(const SetFunctionRow& row, Type result, std::vector<ExpressionPtr> arguments);
  Value compute(const Frame& frame) const override { return frame.sets[index]; }
  void describe(std::string& text) const override;

  const SetFunctionRow* row;
  CallSite site;
  std::size_t index = 0;   ///< of the frame's sets
  std::uint32_t nest = 0;  ///< how many of them stand within each other in its arguments
};

/// Those of one target list, the innermost first; numbers them.
std::vector<SetResult*> set_results_of(std::span<ExpressionPtr* const> expressions);

/// Null: there is none within.
const SetResult* find_set_result(ExpressionPtr& expression);

/// All that stand at the same depth go on together, until the longest has ended: those that have
/// ended give NULLs. Calls `found` with frame.sets set. False: it has had enough.
bool each_of_sets(std::span<SetResult* const> sets, Frame& frame,
                  const std::function<bool(Frame&)>& found);

/// What left and right of a comparison of rows give is computed once: `comparison` reads it as the
/// columns of entry 0.
class OperandComparison final : public Expression {
 public:
  OperandComparison(std::vector<ExpressionPtr> operands, ExpressionPtr of_them);
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  ExpressionPtr comparison;
};

}  // namespace firedrill::sim::postgres
