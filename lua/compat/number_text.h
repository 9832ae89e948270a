#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firedrill::lua {

/// A number's text as Lua 5.1 has it (%.14g: 5 for 10/2, 1.7e+15), written to `buffer`.
constexpr std::size_t kNumberText = 40;
std::string_view number_text(double value, char (&buffer)[kNumberText]);

/// A number's text as redis.call has it (%.17g: 0.10000000000000001), written to `buffer`.
std::string_view argument_text(double value, char (&buffer)[kNumberText]);

/// The number that `text` spells, as Lua 5.1 on glibc reads it: hexadecimal, "inf" and "nan" too,
/// with blanks around it. What stands behind a zero byte does not count.
std::optional<double> parse_number(std::string_view text);

}  // namespace firedrill::lua
