#pragma once

#include <string>
#include <vector>

#include "sim/postgres/query/expression.h"

namespace firedrill::sim::postgres {

class SystemEnvironment;

/// Writes an expression over one table's row as PostgreSQL's ruleutils.c does.
class Deparser {
 public:
  Deparser(Environment& environment, std::vector<std::string> columns, bool pretty)
      : environment_(environment), columns_(std::move(columns)), pretty_(pretty) {}

  std::string whole(const Expression& expression) const;

 private:
  std::string part(const Expression& expression) const;
  std::string operand(const Expression& expression) const;
  std::string constant(const Expression& expression) const;
  std::string call(const Expression& expression) const;
  std::string cast(const Expression& inner, Type type) const;
  std::string joined(const Expression& expression, std::size_t from,
                     std::string_view between) const;
  std::string title(Type type) const;

  Environment& environment_;
  std::vector<std::string> columns_;
  bool pretty_;
};

}  // namespace firedrill::sim::postgres
