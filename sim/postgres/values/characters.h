#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Texts are UTF-8; PostgreSQL counts characters (code points) in them. Cases and classes are those
/// of the locale C: of ASCII alone.
namespace firedrill::sim::postgres {

/// How many bytes the character has that begins with this byte.
std::size_t character_size(char lead);

std::int64_t count_characters(std::string_view text);

/// Where the character number `index` (from 0) begins, in bytes; the text's size beyond its end.
std::size_t byte_offset(std::string_view text, std::int64_t index);

std::u32string to_characters(std::string_view text);
std::string to_utf8(std::u32string_view characters);
void append_utf8(std::string& text, char32_t character);

/// Throws 22021 as the server does: at the first bytes that are not UTF-8, or are zero.
void check_utf8(std::string_view bytes);

bool is_ascii_letter(char letter);
bool is_ascii_digit(char letter);
/// As isspace() has it: blank, \t \n \v \f \r.
bool is_ascii_space(char letter);
char ascii_lower(char letter);
char ascii_upper(char letter);
std::string ascii_lower(std::string_view text);
std::string ascii_upper(std::string_view text);

}  // namespace firedrill::sim::postgres
