#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/functions/function.h"
#include "sim/postgres/values/json.h"

/// What the files of functions on json and jsonb share.
namespace firedrill::sim::postgres {

FunctionFamily json_access_part();     ///< of jsonb: ->, #>, @>, ?, ...
FunctionFamily json_text_part();       ///< the same of json, which is a text
FunctionFamily json_change_part();     ///< jsonb_set, jsonb_insert, ||, -, ...
FunctionFamily json_build_part();      ///< to_jsonb, json_build_object, row_to_json, ...
FunctionFamily json_cast_part();       ///< jsonb to numbers, json to jsonb
FunctionFamily json_set_part();        ///< jsonb_each, jsonb_array_elements, ...
FunctionFamily json_aggregate_part();  ///< jsonb_agg, json_object_agg, ...

/// A path's elements: those of an array, or all of the arguments from `first` on. NULLs among them.
std::vector<Value> path_of(const Call& call, std::size_t first);

/// The number that a path's element is, as strtol() reads it; none: it is no number of 32 bits.
std::optional<std::int64_t> path_index(std::string_view text);

/// As ->> gives it: the string itself, NULL for null, else the JSON text.
Value json_as_text(const Json& json);

/// As json and jsonb have it: numbers, booleans and json as they are, arrays and rows nested,
/// times by ISO 8601, all else as strings.
Json to_json(const Environment& environment, TypeId type, const Value& value);

/// The same as the text of a json. `is_pretty`: a line for each element of the outermost level.
std::string to_json_text(const Environment& environment, TypeId type, const Value& value,
                         bool is_pretty = false);

/// As an object's key. Throws 22023 for what is no scalar.
std::string to_json_key(const Environment& environment, TypeId type, const Value& value);

/// Whether json_agg() breaks lines between such values.
bool is_compound(const Types& types, TypeId type);

/// The type that analysis found for an argument; the last one goes for all that follow it.
TypeId argument_type(const Call& call, std::size_t index);

}  // namespace firedrill::sim::postgres
