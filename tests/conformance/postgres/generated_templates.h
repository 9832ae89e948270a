#pragma once

#include <span>
#include <string_view>

#include "tests/conformance/postgres/generated_schema.h"

namespace firedrill::test {

/// An expression of one sort. "{i4}" stands for any expression of that sort, "{=text}" for a
/// constant, "{T}" and "{=T}" for the same of the sort that "{T}" was given at first.
struct ExpressionTemplate {
  std::string_view sort;
  std::string_view pattern;
  bool may_fail = false;  ///< with operands of the right sorts
};

std::span<const ExpressionTemplate> expression_templates();
/// Those of one sort.
const std::vector<const ExpressionTemplate*>& templates_for(Sort sort);

}  // namespace firedrill::test
