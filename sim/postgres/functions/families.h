#pragma once

#include "sim/postgres/functions/function.h"

namespace firedrill::sim::postgres {

// One file (or a few) each: functions/NAME_functions.cc.
FunctionFamily comparison_family();  ///< = <> < <= > >= of all types; least, greatest are syntax
FunctionFamily integer_family();     ///< int2, int4, int8, oid: operators, casts, functions
FunctionFamily real_family();        ///< float4, float8
FunctionFamily numeric_family();
FunctionFamily boolean_family();
FunctionFamily text_family();     ///< text, varchar, char, name: functions and operators
FunctionFamily pattern_family();  ///< LIKE, ILIKE, ~, regexp_*
FunctionFamily binary_family();   ///< bytea, uuid, hashes, encode, decode
FunctionFamily datetime_family();
FunctionFamily json_family();  ///< json and jsonb
FunctionFamily array_family();
FunctionFamily text_search_family();
FunctionFamily aggregate_family();         ///< count, sum, avg, min, max, bool_and, string_agg, ...
FunctionFamily system_family();            ///< version(), current_setting(), pg_typeof(), ...
FunctionFamily number_format_family();     ///< to_char() of numbers, to_number()
FunctionFamily datetime_reading_family();  ///< to_date(), to_timestamp() by a format
FunctionFamily overlaps_family();          ///< OVERLAPS
FunctionFamily enum_family();

}  // namespace firedrill::sim::postgres
