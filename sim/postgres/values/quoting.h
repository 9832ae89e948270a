#pragma once

#include <string>
#include <string_view>

namespace firedrill::sim::postgres {

/// As quote_ident(): in double quotes unless it is a plain lower-case word that is no keyword.
std::string quote_identifier(std::string_view identifier);

/// As quote_literal(): in single quotes; E'...' if there is a backslash within.
std::string quote_literal(std::string_view text);

}  // namespace firedrill::sim::postgres
