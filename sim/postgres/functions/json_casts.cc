#include <limits>
#include <string>

#include "sim/postgres/functions/json_functions.h"

namespace firedrill::sim::postgres {

namespace {

std::string_view type_name(Json::Type type) {
  switch (type) {
    case Json::Type::null: return "null";
    case Json::Type::string: return "string";
    case Json::Type::number: return "numeric";
    case Json::Type::boolean: return "boolean";
    case Json::Type::array: return "array";
    case Json::Type::object: return "object";
  }
  return "";
}

const Json& expect(const Call& call, Json::Type type, std::string_view target) {
  const Json& json = call[0].as<Json>();
  if (json.type() == type) return json;
  fail(sqlstate::kInvalidParameterValue, "cannot cast jsonb " +
                                             std::string(type_name(json.type())) + " to type " +
                                             std::string(target));
}

const Numeric& number(const Call& call, std::string_view target) {
  return expect(call, Json::Type::number, target).number();
}

template <class Integer>
Value to_whole(const Call& call, std::string_view target) {
  const auto whole = to_integer(number(call, target));
  if (whole && std::in_range<Integer>(*whole)) return Value::of(*whole);
  fail(sqlstate::kNumericValueOutOfRange, std::string(target) + " out of range");
}

Value to_boolean(Call& call) {
  return Value::of(expect(call, Json::Type::boolean, "boolean").boolean());
}

Value to_numeric(Call& call) {
  return Value::boxed(number(call, "numeric"));
}

Value to_int2(Call& call) {
  return to_whole<std::int16_t>(call, "smallint");
}

Value to_int4(Call& call) {
  return to_whole<std::int32_t>(call, "integer");
}

Value to_int8(Call& call) {
  return to_whole<std::int64_t>(call, "bigint");
}

Value to_real4(Call& call) {
  return Value::of(to_float4(number(call, "real")));
}

Value to_real8(Call& call) {
  return Value::of(to_float8(number(call, "double precision")));
}

Value json_to_jsonb(Call& call) {
  const Json json = parse_json(call[0].text());
  return Value::boxed(json);
}

Value jsonb_to_json(Call& call) {
  return Value::of(print_json(call[0].as<Json>()));
}

constexpr CastRow kCasts[] = {
    {"json", "jsonb", CastContext::assignment, json_to_jsonb},
    {"jsonb", "json", CastContext::assignment, jsonb_to_json},
    {"jsonb", "bool", CastContext::explicit_only, to_boolean},
    {"jsonb", "numeric", CastContext::explicit_only, to_numeric},
    {"jsonb", "int2", CastContext::explicit_only, to_int2},
    {"jsonb", "int4", CastContext::explicit_only, to_int4},
    {"jsonb", "int8", CastContext::explicit_only, to_int8},
    {"jsonb", "float4", CastContext::explicit_only, to_real4},
    {"jsonb", "float8", CastContext::explicit_only, to_real8},
};

}  // namespace

FunctionFamily json_cast_part() {
  return {.casts = kCasts};
}

}  // namespace firedrill::sim::postgres
