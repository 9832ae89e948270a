#pragma once

#include <string>
#include <string_view>

namespace firedrill::sim::postgres {

/// text LIKE pattern: % any text, _ any character, a backslash takes what follows it literally.
/// Throws 22025 for a pattern whose last backslash is reached and has nothing after it.
bool matches_like(std::string_view text, std::string_view pattern);
/// The same for bytea: bytes, not characters.
bool matches_like_bytes(std::string_view bytes, std::string_view pattern);

/// The pattern with a backslash in the place of `escape`, which is one character or empty (then
/// there is none). Throws 22025 for more of them.
std::string like_with_escape(std::string_view pattern, std::string_view escape);

/// A pattern of SIMILAR TO as a regular expression. Throws 22025, 2200C.
std::string similar_to_regex(std::string_view pattern, std::string_view escape);

}  // namespace firedrill::sim::postgres
