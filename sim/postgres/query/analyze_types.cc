#include <algorithm>

#include "sim/postgres/query/analyzer.h"

namespace firedrill::sim::postgres {

namespace {

std::int32_t whole_number(const PgQuery__Node* node) {
  if (node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
      node->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL) {
    fail(sqlstate::kSyntaxError, "type modifiers must be simple constants or identifiers");
  }
  return node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL ? node->a_const->ival->ival : 0;
}

std::int32_t numeric_modifier(const std::vector<std::int32_t>& numbers) {
  constexpr std::int32_t kMostDigits = 1000;
  if (numbers.size() > 2) fail(sqlstate::kInvalidParameterValue, "invalid NUMERIC type modifier");
  const std::int32_t precision = numbers[0];
  const std::int32_t scale = numbers.size() == 2 ? numbers[1] : 0;
  if (precision < 1 || precision > kMostDigits) {
    fail(sqlstate::kInvalidParameterValue,
         "NUMERIC precision " + std::to_string(precision) + " must be between 1 and 1000");
  }
  if (scale < -kMostDigits || scale > kMostDigits) {
    fail(sqlstate::kInvalidParameterValue,
         "NUMERIC scale " + std::to_string(scale) + " must be between -1000 and 1000");
  }
  return ((precision << 16) | (scale & 0x7ff)) + 4;
}

std::int32_t modifier_of(TypeId id, const std::vector<std::int32_t>& numbers) {
  constexpr std::int32_t kMostCharacters = 10'485'760;
  constexpr std::int32_t kMostPrecision = 6;
  switch (id) {
    case TypeId::varchar:
    case TypeId::bpchar: {
      const std::string name = id == TypeId::varchar ? "varchar" : "char";
      if (numbers.size() != 1) fail(sqlstate::kInvalidParameterValue, "invalid type modifier");
      if (numbers[0] < 1) {
        fail(sqlstate::kInvalidParameterValue, "length for type " + name + " must be at least 1");
      }
      if (numbers[0] > kMostCharacters) {
        fail(sqlstate::kInvalidParameterValue,
             "length for type " + name + " cannot exceed " + std::to_string(kMostCharacters));
      }
      return numbers[0] + 4;
    }
    case TypeId::numeric: return numeric_modifier(numbers);
    case TypeId::timestamp:
    case TypeId::timestamptz:
    case TypeId::time: return std::min(numbers[0], kMostPrecision);
    case TypeId::interval: unsupported("an interval with fields or a precision");
    default: return -1;
  }
}

}  // namespace

Type Analyzer::array_of(TypeId element, std::int32_t location) {
  const TypeId array = types().get(element).array;
  if (array == TypeId::none) {
    fail(sqlstate::kUndefinedObject,
         "could not find array type for data type " + types().title(element), position(location));
  }
  return Type{array, -1};
}

Type Analyzer::type_of(const PgQuery__TypeName* node) {
  if (node->setof) unsupported("SETOF");
  if (node->pct_type) unsupported("%TYPE", position(node->location));
  std::string name(last_name({node->names, node->n_names}));
  if (node->n_names == 1 && name == "serial") name = "int4";
  const std::string schema = node->n_names > 1 ? std::string(string_of(node->names[0])) : "";
  if (!schema.empty() && schema != "pg_catalog" && !catalog_.has_schema(schema)) {
    fail("3F000", "schema \"" + schema + "\" does not exist", position(node->location));
  }
  const TypeInfo* info =
      schema.empty() ? catalog_.types().find(name) : catalog_.find_type(schema, name);
  if (info != nullptr && !schema.empty()) name = schema + "." + name;
  if (info == nullptr || info->category == 'X') {
    fail(sqlstate::kUndefinedObject, "type \"" + name + "\" does not exist",
         position(node->location));
  }
  if (info->id != TypeId::interval && node->n_typmods > 0) {
    const bool takes = info->id == TypeId::varchar || info->id == TypeId::bpchar ||
                       info->id == TypeId::numeric || info->id == TypeId::timestamp ||
                       info->id == TypeId::timestamptz || info->id == TypeId::time;
    if (!takes) {
      fail(sqlstate::kSyntaxError, "type modifier is not allowed for type \"" + name + "\"",
           position(node->location));
    }
  }
  std::vector<std::int32_t> numbers;
  for (std::size_t i = 0; i < node->n_typmods; ++i)
    numbers.push_back(whole_number(node->typmods[i]));
  Type type{info->id, -1};
  if (info->id == TypeId::interval && node->n_typmods > 0) {
    constexpr std::int32_t kFullRange = 0x7fff;
    if (numbers[0] != kFullRange) unsupported("an interval with fields", position(node->location));
  } else if (!numbers.empty()) {
    type.modifier = modifier_of(info->id, numbers);
  }
  if (node->n_array_bounds > 0) {
    if (info->array == TypeId::none) {
      fail(sqlstate::kUndefinedObject, "type \"" + name + "[]\" does not exist",
           position(node->location));
    }
    type.id = info->array;
  }
  return type;
}

}  // namespace firedrill::sim::postgres
