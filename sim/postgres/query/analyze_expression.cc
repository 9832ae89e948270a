#include <algorithm>
#include <array>
#include <charconv>

#include "sim/postgres/query/analyzer.h"
#include "sim/postgres/query/set_results.h"
#include "sim/postgres/values/numeric.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

constexpr Type kBoolean{TypeId::boolean, -1};
constexpr Type kText{TypeId::text, -1};
constexpr Type kUnknown{TypeId::unknown, -1};

/// Depth of recursion, bounded: see query/nesting.h. Here against what nesting cannot see.
class Deeper {
 public:
  explicit Deeper(std::uint32_t& depth) : depth_(depth) {
    constexpr std::uint32_t kMost = 4000;
    if (++depth_ > kMost) {
      --depth_;
      fail(sqlstate::kStatementTooComplex, "stack depth limit exceeded");
    }
  }
  ~Deeper() { --depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  std::uint32_t& depth_;
};

}  // namespace

std::vector<ExpressionPtr> Analyzer::expressions(NodeList nodes, Scope& scope) {
  std::vector<ExpressionPtr> made;
  for (const PgQuery__Node* node : nodes) made.push_back(expression(node, scope));
  return made;
}

ExpressionPtr Analyzer::expression_in(const PgQuery__Node* node, Scope& scope, Clause clause) {
  const Clause before = std::exchange(scope.clause, clause);
  ExpressionPtr made = expression(node, scope);
  scope.clause = before;
  return made;
}

ExpressionPtr Analyzer::as_boolean(ExpressionPtr value, std::string_view construct) {
  const TypeId from = value->type.id;
  const std::int32_t location = location_of(*value);
  ExpressionPtr made = coerced_or_null(value, kBoolean, CastContext::implicit);
  if (made == nullptr) {
    fail(sqlstate::kDatatypeMismatch,
         "argument of " + std::string(construct) + " must be type boolean, not type " +
             types().title(from),
         position(location));
  }
  return made;
}

ExpressionPtr Analyzer::boolean(const PgQuery__Node* node, Scope& scope, Clause clause) {
  static constexpr std::array<std::pair<Clause, std::string_view>, 6> kNames = {{
      {Clause::where, "WHERE"},
      {Clause::having, "HAVING"},
      {Clause::join_on, "JOIN/ON"},
      {Clause::filter, "FILTER"},
      {Clause::check_constraint, "CHECK"},
      {Clause::index_predicate, "WHERE"},
  }};
  const auto* named =
      std::ranges::find(kNames, clause, &std::pair<Clause, std::string_view>::first);
  return as_boolean(expression_in(node, scope, clause),
                    named != kNames.end() ? named->second : "WHERE");
}

ExpressionPtr Analyzer::expression(const PgQuery__Node* node, Scope& scope) {
  const Deeper deeper(depth_);
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_A_CONST: return constant(node->a_const);
    case PG_QUERY__NODE__NODE_COLUMN_REF: return column_reference(node->column_ref, scope);
    case PG_QUERY__NODE__NODE_PARAM_REF: return parameter(node->param_ref);
    case PG_QUERY__NODE__NODE_A_EXPR: return operation(node->a_expr, scope);
    case PG_QUERY__NODE__NODE_TYPE_CAST: return cast(node->type_cast, scope);
    case PG_QUERY__NODE__NODE_FUNC_CALL: return function_call(node->func_call, scope);
    case PG_QUERY__NODE__NODE_SUB_LINK: return subquery(node->sub_link, scope);
    case PG_QUERY__NODE__NODE_CASE_EXPR: return case_expression(node->case_expr, scope);
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
      return array_constructor(node->a_array_expr, scope, TypeId::none);
    case PG_QUERY__NODE__NODE_A_INDIRECTION: return indirection(node->a_indirection, scope);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION: return value_function(node->sqlvalue_function);
    case PG_QUERY__NODE__NODE_ROW_EXPR: return row_constructor(node->row_expr, scope);
    case PG_QUERY__NODE__NODE_BOOL_EXPR: {
      const auto& tree = *node->bool_expr;
      using Operation = Boolean::Operation;
      const Operation operation =
          tree.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR  ? Operation::conjunction
          : tree.boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR ? Operation::disjunction
                                                             : Operation::negation;
      static constexpr std::array kNames = {"AND", "OR", "NOT"};
      std::vector<ExpressionPtr> parts;
      for (const PgQuery__Node* part : NodeList{tree.args, tree.n_args}) {
        parts.push_back(
            as_boolean(expression(part, scope), kNames[static_cast<std::size_t>(operation)]));
      }
      auto made = std::make_unique<Boolean>(operation, std::move(parts));
      made->location = tree.location;
      return made;
    }
    case PG_QUERY__NODE__NODE_NULL_TEST: {
      const auto& tree = *node->null_test;
      ExpressionPtr argument = expression(tree.arg, scope);
      const bool is_parameter = dynamic_cast<Parameter*>(argument.get()) != nullptr;
      if (argument->type.id == TypeId::unknown && !is_parameter) {
        argument = coerced(std::move(argument), kText, CastContext::implicit, tree.location);
      }
      const bool is_null = tree.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL;
      return std::make_unique<Test>(is_null ? Test::Kind::null : Test::Kind::not_null,
                                    std::move(argument));
    }
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST: {
      const auto& tree = *node->boolean_test;
      using Which = Test::Kind;
      static constexpr std::array<std::pair<Which, const char*>, 6> kKinds = {{
          {Which::truth, "IS TRUE"},
          {Which::not_truth, "IS NOT TRUE"},
          {Which::falsity, "IS FALSE"},
          {Which::not_falsity, "IS NOT FALSE"},
          {Which::unknown, "IS UNKNOWN"},
          {Which::not_unknown, "IS NOT UNKNOWN"},
      }};
      const auto& [kind, name] = kKinds.at(static_cast<std::size_t>(tree.booltesttype) - 1);
      return std::make_unique<Test>(kind, as_boolean(expression(tree.arg, scope), name));
    }
    case PG_QUERY__NODE__NODE_COALESCE_EXPR: {
      const auto& tree = *node->coalesce_expr;
      auto parts = expressions({tree.args, tree.n_args}, scope);
      std::vector<ExpressionPtr*> pointers;
      for (ExpressionPtr& part : parts) pointers.push_back(&part);
      refuse_sets(parts, "set-returning functions are not allowed in COALESCE");
      unify(pointers, "COALESCE");
      const Type type = parts[0]->type;
      auto made = std::make_unique<Coalesce>(Type{type.id, -1}, std::move(parts));
      made->location = tree.location;
      return made;
    }
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR: {
      const auto& tree = *node->min_max_expr;
      const bool greatest = tree.op == PG_QUERY__MIN_MAX_OP__IS_GREATEST;
      auto parts = expressions({tree.args, tree.n_args}, scope);
      std::vector<ExpressionPtr*> pointers;
      for (ExpressionPtr& part : parts) pointers.push_back(&part);
      unify(pointers, greatest ? "GREATEST" : "LEAST");
      const Type type = parts[0]->type;
      auto made = std::make_unique<Extreme>(greatest, Type{type.id, -1}, std::move(parts));
      made->location = tree.location;
      return made;
    }
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE: {
      const auto& tree = *node->collate_clause;
      const std::string_view name = last_name({tree.collname, tree.n_collname});
      if (name != "C" && name != "POSIX" && name != "default") {
        unsupported("collation \"" + std::string(name) + "\"", position(tree.location));
      }
      return expression(tree.arg, scope);
    }
    case PG_QUERY__NODE__NODE_SET_TO_DEFAULT:
      fail(sqlstate::kSyntaxError, "DEFAULT is not allowed in this context",
           position(node->set_to_default->location));
    case PG_QUERY__NODE__NODE_GROUPING_FUNC: return grouping_call(node->grouping_func, scope);
    case PG_QUERY__NODE__NODE_CURRENT_OF_EXPR: unsupported("WHERE CURRENT OF");
    case PG_QUERY__NODE__NODE_XML_EXPR:
    case PG_QUERY__NODE__NODE_XML_SERIALIZE: unsupported("xml");
    case PG_QUERY__NODE__NODE_NAMED_ARG_EXPR:
      unsupported("an argument by name", position(node->named_arg_expr->location));
    default: unsupported("an expression of kind " + std::to_string(node->node_case));
  }
}

ExpressionPtr Analyzer::constant(const PgQuery__AConst* node) {
  ExpressionPtr made;
  if (node->isnull) {
    made = std::make_unique<Constant>(kUnknown, Value());
  } else {
    switch (node->val_case) {
      case PG_QUERY__A__CONST__VAL_IVAL:
        made = std::make_unique<Constant>(Type{TypeId::int4, -1},
                                          Value::of(static_cast<std::int64_t>(node->ival->ival)));
        break;
      case PG_QUERY__A__CONST__VAL_FVAL: {
        const std::string_view text = node->fval->fval;
        std::int64_t whole = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), whole);
        if (read.ec == std::errc() && read.ptr == text.data() + text.size()) {
          const bool is_small = whole >= INT32_MIN && whole <= INT32_MAX;
          made = std::make_unique<Constant>(Type{is_small ? TypeId::int4 : TypeId::int8, -1},
                                            Value::of(whole));
        } else {
          made = std::make_unique<Constant>(
              Type{TypeId::numeric, -1}, from_text(environment_, Type{TypeId::numeric, -1}, text));
        }
        break;
      }
      case PG_QUERY__A__CONST__VAL_BOOLVAL:
        made = std::make_unique<Constant>(kBoolean, Value::of(node->boolval->boolval != 0));
        break;
      case PG_QUERY__A__CONST__VAL_SVAL:
        made = std::make_unique<Constant>(kUnknown, Value::of(std::string(node->sval->sval)));
        break;
      case PG_QUERY__A__CONST__VAL_BSVAL: unsupported("a bit string", position(node->location));
      default:  // protobuf leaves out a zero
        made = std::make_unique<Constant>(Type{TypeId::int4, -1}, Value::of(std::int64_t{0}));
    }
  }
  made->location = node->location;
  return made;
}

ExpressionPtr Analyzer::parameter(const PgQuery__ParamRef* node) {
  constexpr std::int32_t kMost = 65'535;
  if (node->number < 1 || node->number > kMost || parameters_ == nullptr) {
    fail("42P02", "there is no parameter $" + std::to_string(node->number),
         position(node->location));
  }
  const auto index = static_cast<std::size_t>(node->number - 1);
  if (index >= parameters_->size()) parameters_->resize(index + 1, TypeId::unknown);
  TypeId known = (*parameters_)[index];
  if (frozen_parameters_ != nullptr) {
    known = index < frozen_parameters_->size() ? (*frozen_parameters_)[index] : TypeId::unknown;
  }
  auto made = std::make_unique<Parameter>(Type{known, -1}, index);
  made->location = node->location;
  return made;
}

ExpressionPtr Analyzer::case_expression(const PgQuery__CaseExpr* node, Scope& scope) {
  auto made = std::make_unique<Case>();
  std::vector<ExpressionPtr*> results;
  for (std::size_t i = 0; i < node->n_args; ++i) {
    const PgQuery__CaseWhen* when = node->args[i]->case_when;
    ExpressionPtr condition;
    if (node->arg != nullptr) {
      ExpressionPtr subject = expression(node->arg, scope);
      if (subject->type.id == TypeId::unknown) {
        subject = coerced(std::move(subject), kText, CastContext::implicit, node->location);
      }
      ExpressionPtr value = expression(when->expr, scope);
      condition = call_operator("=", list_of(std::move(subject), std::move(value)), when->location);
    } else {
      condition = as_boolean(expression(when->expr, scope), "CASE/WHEN");
    }
    made->children.push_back(std::move(condition));
    made->children.push_back(expression(when->result, scope));
  }
  made->children.push_back(node->defresult != nullptr
                               ? expression(node->defresult, scope)
                               : std::make_unique<Constant>(kUnknown, Value()));
  refuse_sets(made->children, "set-returning functions are not allowed in CASE");
  results.push_back(&made->children.back());  // PostgreSQL looks at the ELSE first
  for (std::size_t i = 1; i < made->children.size(); i += 2) results.push_back(&made->children[i]);
  unify(results, "CASE");
  made->type = Type{made->children.back()->type.id, -1};
  made->location = node->location;
  return made;
}

ExpressionPtr Analyzer::cast(const PgQuery__TypeCast* node, Scope& scope) {
  const Type type = type_of(node->type_name);
  ExpressionPtr value;
  if (node->arg->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR &&
      types().get(type.id).is_array()) {
    value = array_constructor(node->arg->a_array_expr, scope, types().get(type.id).element);
  } else {
    value = expression(node->arg, scope);
  }
  // A literal stands where it is; a cast where its first word is.
  const std::int32_t inner = location_of(*value);
  const bool is_literal =
      (value->type.id == TypeId::unknown || value->type.id == type.id) && type.modifier < 0;
  const bool is_new_parameter =
      value->type.id == TypeId::unknown && dynamic_cast<const Parameter*>(value.get()) != nullptr;
  const bool is_inner = (is_literal && !is_new_parameter) || inner < node->location;
  const std::int32_t location = inner >= 0 && is_inner ? inner : node->location;
  const TypeId from = value->type.id;
  ExpressionPtr made = coerced_or_null(value, type, CastContext::explicit_only);
  if (made == nullptr) {
    fail(sqlstate::kCannotCoerce,
         "cannot cast type " + types().title(from) + " to " + types().title(type.id),
         position(node->location));
  }
  made->location = location;
  if (made->type.modifier < 0 && type.modifier >= 0) made->type = type;
  return made;
}

ExpressionPtr Analyzer::array_constructor(const PgQuery__AArrayExpr* node, Scope& scope,
                                          TypeId wanted) {
  std::vector<ExpressionPtr> parts;
  bool nests = false;
  for (std::size_t i = 0; i < node->n_elements; ++i) {
    const PgQuery__Node* element = node->elements[i];
    if (element->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR) {
      parts.push_back(array_constructor(element->a_array_expr, scope, wanted));
      nests = true;
    } else {
      parts.push_back(expression(element, scope));
      nests = nests || types().get(parts.back()->type.id).is_array();
    }
  }
  if (parts.empty() && wanted == TypeId::none) {
    throw SqlError{.sqlstate = std::string(sqlstate::kIndeterminateDatatype),
                   .message = "cannot determine type of empty array",
                   .hint = "Explicitly cast to the desired type, for example ARRAY[]::integer[].",
                   .position = position(node->location)};
  }
  TypeId element = wanted;
  if (element == TypeId::none) {
    std::vector<ExpressionPtr*> pointers;
    for (ExpressionPtr& part : parts) pointers.push_back(&part);
    unify(pointers, "ARRAY");
    element = nests ? types().get(parts[0]->type.id).element : parts[0]->type.id;
  } else {
    const Type each{nests ? types().get(element).array : element, -1};
    for (ExpressionPtr& part : parts) {
      part = coerced(std::move(part), each, CastContext::explicit_only, part->location);
    }
  }
  auto made = std::make_unique<ArrayConstructor>(array_of(element, node->location), element,
                                                 std::move(parts));
  made->location = node->location;
  return made;
}

ExpressionPtr Analyzer::subscripted(ExpressionPtr array, NodeList indices, Scope& scope) {
  const TypeInfo& info = types().get(array->type.id);
  if (array->type.id == TypeId::jsonb) {
    for (const PgQuery__Node* node : indices) {
      if (node->a_indices->is_slice) {
        const PgQuery__AIndices* slice = node->a_indices;
        const PgQuery__Node* bound = slice->uidx != nullptr ? slice->uidx : slice->lidx;
        fail(sqlstate::kDatatypeMismatch, "jsonb subscript does not support slices",
             bound == nullptr ? 0 : position(location_of(*expression(bound, scope))));
      }
      ExpressionPtr index = expression(node->a_indices->uidx, scope);
      if (index->type.id == TypeId::unknown) {
        index = coerced(std::move(index), kText, CastContext::implicit, -1);
      }
      array = call_operator("->", list_of(std::move(array), std::move(index)), -1);
    }
    return array;
  }
  if (!info.is_array()) {
    fail(sqlstate::kDatatypeMismatch,
         "cannot subscript type " + info.title + " because it does not support subscripting",
         position(location_of(*array)));
  }
  std::vector<Subscript::Index> made;
  bool is_slice = false;
  const auto number = [&](const PgQuery__Node* node) -> ExpressionPtr {
    if (node == nullptr) return nullptr;
    ExpressionPtr value = expression(node, scope);
    ExpressionPtr whole = coerced_or_null(value, Type{TypeId::int4, -1}, CastContext::assignment);
    if (whole == nullptr) {
      fail(sqlstate::kDatatypeMismatch, "array subscript must have type integer");
    }
    return whole;
  };
  for (const PgQuery__Node* node : indices) {
    const PgQuery__AIndices* index = node->a_indices;
    is_slice = is_slice || index->is_slice;
    made.push_back({index->is_slice != 0, number(index->lidx), number(index->uidx)});
  }
  const Type type{is_slice ? array->type.id : info.element, -1};
  return std::make_unique<Subscript>(type, std::move(array), std::move(made));
}

ExpressionPtr Analyzer::indirection(const PgQuery__AIndirection* node, Scope& scope) {
  ExpressionPtr value = expression(node->arg, scope);
  std::vector<PgQuery__Node*> indices;
  const auto flush = [&] {
    if (!indices.empty()) value = subscripted(std::move(value), indices, scope);
    indices.clear();
  };
  for (std::size_t i = 0; i < node->n_indirection; ++i) {
    PgQuery__Node* step = node->indirection[i];
    if (step->node_case == PG_QUERY__NODE__NODE_A_INDICES) {
      indices.push_back(step);
      continue;
    }
    flush();
    if (step->node_case == PG_QUERY__NODE__NODE_A_STAR) unsupported("(row).*");
    const std::string_view name = string_of(step);
    const auto* row = dynamic_cast<const WholeRow*>(value.get());
    if (row == nullptr) {
      fail(sqlstate::kWrongObjectType, "column notation ." + std::string(name) +
                                           " applied to type " + types().title(value->type.id) +
                                           ", which is not a composite type");
    }
    const auto found = std::ranges::find(row->names(), name);
    if (found == row->names().end()) {
      fail(sqlstate::kUndefinedColumn,
           "column \"" + std::string(name) + "\" not found in data type record");
    }
    const auto at = static_cast<std::size_t>(found - row->names().begin());
    const Type type{row->types()[at], -1};
    value = std::make_unique<FieldSelect>(type, std::move(value), at);
  }
  flush();
  return value;
}

ExpressionPtr Analyzer::row_constructor(const PgQuery__RowExpr* node, Scope& scope) {
  std::vector<ExpressionPtr> parts = expressions({node->args, node->n_args}, scope);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < parts.size(); ++i) names.push_back("f" + std::to_string(i + 1));
  auto made = std::make_unique<RowConstructor>(std::move(parts), std::move(names));
  made->location = node->location;
  return made;
}

ExpressionPtr Analyzer::value_function(const PgQuery__SQLValueFunction* node) {
  using enum PgQuery__SQLValueFunctionOp;
  const auto call = [&](std::string_view name) { return call_function(name, {}, node->location); };
  const auto with_precision = [&](std::string_view name) {
    ExpressionPtr value = call(name);
    const Type type{value->type.id, node->typmod};
    return coerced(std::move(value), type, CastContext::explicit_only, node->location);
  };
  switch (node->op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE: return call("current_date");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP: return call("now");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N: return with_precision("now");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME: return call("localtime");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N: return with_precision("localtime");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP: return call("localtimestamp");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
      return with_precision("localtimestamp");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER: return call("current_user");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER: return call("session_user");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG: return call("current_database");
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA: return call("current_schema");
    default: unsupported("time with time zone", position(node->location));
  }
}

// --- Types ---------------------------------------------------------------------------------------

}  // namespace firedrill::sim::postgres
