#include "sim/postgres/values/characters.h"

#include <algorithm>

#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

namespace {

unsigned char byte_of(char letter) {
  return static_cast<unsigned char>(letter);
}

bool is_continuation(char letter) {
  return (byte_of(letter) & 0xC0) == 0x80;
}

/// As pg_utf8_islegal(): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_legal(std::string_view sequence) {
  if (!std::ranges::all_of(sequence.substr(1), is_continuation)) return false;
  const unsigned char lead = byte_of(sequence[0]);
  if (sequence.size() == 1) return lead < 0x80;
  const unsigned char second = byte_of(sequence[1]);
  switch (lead) {
    case 0xE0: return second >= 0xA0;
    case 0xED: return second <= 0x9F;
    case 0xF0: return second >= 0x90;
    case 0xF4: return second <= 0x8F;
    default: return lead >= 0xC2 && lead <= 0xF4;
  }
}

[[noreturn]] void fail_encoding(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string shown;
  for (char letter : bytes) {
    if (!shown.empty()) shown += ' ';
    shown += "0x";
    shown += kDigits[byte_of(letter) >> 4U];
    shown += kDigits[byte_of(letter) & 15U];
  }
  fail("22021", "invalid byte sequence for encoding \"UTF8\": " + shown);
}

}  // namespace

std::size_t character_size(char lead) {
  const unsigned char byte = byte_of(lead);
  if ((byte & 0x80) == 0) return 1;
  if ((byte & 0xE0) == 0xC0) return 2;
  if ((byte & 0xF0) == 0xE0) return 3;
  if ((byte & 0xF8) == 0xF0) return 4;
  return 1;
}

std::int64_t count_characters(std::string_view text) {
  return static_cast<std::int64_t>(text.size()) - std::ranges::count_if(text, is_continuation);
}

std::size_t byte_offset(std::string_view text, std::int64_t index) {
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index) at += character_size(text[at]);
  return std::min(at, text.size());
}

std::u32string to_characters(std::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::min(character_size(text[at]), text.size() - at);
    char32_t character = byte_of(text[at]);
    if (size > 1) character &= 0xFFU >> (size + 1);
    for (std::size_t next = 1; next < size; ++next) {
      character = (character << 6U) | (byte_of(text[at + next]) & 0x3FU);
    }
    characters += character;
    at += size;
  }
  return characters;
}

void append_utf8(std::string& text, char32_t character) {
  const auto continuation = [&](unsigned shift) {
    text += static_cast<char>(0x80U | ((character >> shift) & 0x3FU));
  };
  if (character < 0x80) {
    text += static_cast<char>(character);
  } else if (character < 0x800) {
    text += static_cast<char>(0xC0U | (character >> 6U));
    continuation(0);
  } else if (character < 0x10000) {
    text += static_cast<char>(0xE0U | (character >> 12U));
    continuation(6);
    continuation(0);
  } else {
    text += static_cast<char>(0xF0U | (character >> 18U));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

std::string to_utf8(std::u32string_view characters) {
  std::string text;
  text.reserve(characters.size());
  for (char32_t character : characters) append_utf8(text, character);
  return text;
}

void check_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::string_view sequence = bytes.substr(at, character_size(bytes[at]));
    const bool is_whole = sequence.size() == character_size(bytes[at]);
    if (!is_whole || bytes[at] == '\0' || !is_legal(sequence)) fail_encoding(sequence);
    at += sequence.size();
  }
}

bool is_ascii_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

bool is_ascii_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

bool is_ascii_space(char letter) {
  return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

char ascii_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

char ascii_upper(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

std::string ascii_lower(std::string_view text) {
  std::string lowered(text);
  for (char& letter : lowered) letter = ascii_lower(letter);
  return lowered;
}

std::string ascii_upper(std::string_view text) {
  std::string raised(text);
  for (char& letter : raised) letter = ascii_upper(letter);
  return raised;
}

}  // namespace firedrill::sim::postgres
