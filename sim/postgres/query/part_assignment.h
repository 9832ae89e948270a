#pragma once

#include <vector>

#include "sim/postgres/query/expression.h"

namespace firedrill::sim::postgres {

/// The array after SET column[i][j] = value. Children: the array as it was, the value, and the
/// subscripts.
class ElementAssignment final : public Expression {
 public:
  ElementAssignment(Type array, TypeId element, std::vector<ExpressionPtr> parts)
      : Expression(array, std::move(parts)), element_(element) {}
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;

 private:
  TypeId element_;
};

}  // namespace firedrill::sim::postgres
