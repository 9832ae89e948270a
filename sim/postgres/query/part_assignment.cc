#include "sim/postgres/query/part_assignment.h"

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/array_access.h"

namespace firedrill::sim::postgres {

Value ElementAssignment::compute(const Frame& frame) const {
  const Value before = children[0]->evaluate(frame);
  std::vector<std::int64_t> subscripts;
  for (std::size_t i = 2; i < children.size(); ++i) {
    const Value subscript = children[i]->evaluate(frame);
    if (subscript.is_null()) {
      fail("22004", "array subscript in assignment must not be null");
    }
    subscripts.push_back(subscript.integer());
  }
  const Array array = before.is_null() ? Array::of(element_, {}) : before.as<Array>();
  return Value::boxed(assign_element(array, subscripts, children[1]->evaluate(frame)));
}

void ElementAssignment::describe(std::string& text) const {
  text += "assign(";
  for (const ExpressionPtr& child : children) {
    child->describe(text);
    text += ',';
  }
  text += ')';
}

}  // namespace firedrill::sim::postgres
