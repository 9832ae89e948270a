#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sim/postgres/functions/function.h"

/// What the files of functions on texts share.
namespace firedrill::sim::postgres {

/// One argument as a cast to text has it ("true", where the output function says "t"). Not NULL.
std::string cast_to_text(const Call& call, std::size_t index);

/// The characters from `start` (from 1), `length` of them; the rest of them. Throws 22011.
std::string text_substring(std::string_view text, std::int64_t start, std::int64_t length);
std::string text_substring(std::string_view text, std::int64_t start);

std::span<const FunctionRow> text_editing_rows();   ///< lpad, replace, translate, overlay, ...
std::span<const FunctionRow> text_printing_rows();  ///< concat, format, quote_literal, ...
std::span<const CastRow> text_cast_rows();

}  // namespace firedrill::sim::postgres
