#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Integers, real numbers and truth as text, in and out. What is in throws 22P02 for a text that is
/// none, and 22003 for one out of range; blanks around it are passed over.
namespace firedrill::sim::postgres {

std::int64_t parse_int2(std::string_view text);
std::int64_t parse_int4(std::string_view text);
std::int64_t parse_int8(std::string_view text);
std::int64_t parse_oid(std::string_view text);
double parse_float8(std::string_view text);
/// Rounded to a float4.
double parse_float4(std::string_view text);
bool parse_boolean(std::string_view text);

/// The shortest text that is read back as the same number: "0.1", "1e+20", "Infinity", "NaN".
std::string print_float8(double number);
std::string print_float4(double number);

std::string_view without_blanks(std::string_view text);

}  // namespace firedrill::sim::postgres
