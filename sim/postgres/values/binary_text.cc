#include "sim/postgres/values/binary_text.h"

#include <cstdint>
#include <optional>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/digest.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kBase64Line = 76;

std::optional<unsigned> hex_digit(char letter) {
  const char lowered = ascii_lower(letter);
  if (is_ascii_digit(lowered)) return static_cast<unsigned>(lowered - '0');
  if (lowered >= 'a' && lowered <= 'f') return static_cast<unsigned>(lowered - 'a') + 10;
  return std::nullopt;
}

unsigned need_hex_digit(std::string_view text) {
  const std::optional<unsigned> digit = hex_digit(text[0]);
  if (!digit) {
    fail(sqlstate::kInvalidParameterValue,
         "invalid hexadecimal digit: \"" + std::string(text.substr(0, character_size(text[0]))) +
             "\"");
  }
  return *digit;
}

bool is_blank(char letter) {
  return letter == ' ' || letter == '\n' || letter == '\t' || letter == '\r';
}

bool is_octal(char digit, char last) {
  return digit >= '0' && digit <= last;
}

/// "\ooo": the byte.
std::optional<char> octal_byte(std::string_view text) {
  if (text.size() < 4 || !is_octal(text[1], '3') || !is_octal(text[2], '7') ||
      !is_octal(text[3], '7')) {
    return std::nullopt;
  }
  return static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
}

[[noreturn]] void fail_uuid(std::string_view text) {
  fail(sqlstate::kInvalidTextRepresentation,
       "invalid input syntax for type uuid: \"" + std::string(text) + "\"");
}

std::uint32_t base64_digit(std::string_view text) {
  const std::size_t digit = kBase64.find(text[0]);
  if (digit == std::string_view::npos) {
    fail(sqlstate::kInvalidParameterValue,
         "invalid symbol \"" + std::string(text.substr(0, character_size(text[0]))) +
             "\" found while decoding base64 sequence");
  }
  return static_cast<std::uint32_t>(digit);
}

}  // namespace

std::string decode_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    if (is_blank(text[at])) {
      ++at;
      continue;
    }
    const unsigned high = need_hex_digit(text.substr(at));
    if (at + 1 >= text.size()) {
      fail(sqlstate::kInvalidParameterValue, "invalid hexadecimal data: odd number of digits");
    }
    bytes += static_cast<char>(high * 16 + need_hex_digit(text.substr(at + 1)));
    at += 2;
  }
  return bytes;
}

std::string decode_escape(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest[0] != '\\') {
      bytes += rest[0];
      ++at;
    } else if (const auto byte = octal_byte(rest)) {
      bytes += *byte;
      at += 4;
    } else if (rest.size() > 1 && rest[1] == '\\') {
      bytes += '\\';
      at += 2;
    } else {
      fail(sqlstate::kInvalidTextRepresentation, "invalid input syntax for type bytea");
    }
  }
  return bytes;
}

std::string parse_bytea(std::string_view text) {
  return text.starts_with("\\x") ? decode_hex(text.substr(2)) : decode_escape(text);
}

std::string print_bytea(std::string_view bytes) {
  return "\\x" + to_hex(bytes);
}

std::string parse_uuid(std::string_view text) {
  const std::string_view whole = text;
  const bool has_braces = text.starts_with('{');
  if (has_braces) text.remove_prefix(1);
  std::string bytes;
  while (bytes.size() < 16) {
    const auto high = text.size() > 1 ? hex_digit(text[0]) : std::nullopt;
    const auto low = text.size() > 1 ? hex_digit(text[1]) : std::nullopt;
    if (!high || !low) fail_uuid(whole);
    bytes += static_cast<char>(*high * 16 + *low);
    text.remove_prefix(2);
    const bool may_divide = bytes.size() % 2 == 0 && bytes.size() < 16;
    if (may_divide && text.starts_with('-')) text.remove_prefix(1);
  }
  if (has_braces && !text.starts_with('}')) fail_uuid(whole);
  if (has_braces) text.remove_prefix(1);
  if (!text.empty()) fail_uuid(whole);
  return bytes;
}

std::string print_uuid(std::string_view bytes) {
  std::string text = to_hex(bytes);
  for (std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return text;
}

std::string encode_base64(std::string_view bytes) {
  std::string text;
  std::size_t in_line = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view three = bytes.substr(at, 3);
    std::uint32_t word = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      const char byte = index < three.size() ? three[index] : '\0';
      word = (word << 8U) | static_cast<unsigned char>(byte);
    }
    for (std::size_t index = 0; index < 4; ++index) {
      text += index <= three.size() ? kBase64[(word >> (18 - 6 * index)) & 63U] : '=';
    }
    in_line += 4;
    // Not after what was padded, even where the line is full.
    if (in_line >= kBase64Line && three.size() == 3) {
      text += '\n';
      in_line = 0;
    }
  }
  return text;
}

std::string decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t word = 0;
  int position = 0;
  int kept = 3;  // of the bytes of the last group
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_blank(text[at])) continue;
    std::uint32_t digit = 0;
    if (text[at] != '=') {
      digit = base64_digit(text.substr(at));
    } else if (kept == 3) {
      if (position < 2) {
        fail(sqlstate::kInvalidParameterValue, "unexpected \"=\" while decoding base64 sequence");
      }
      kept = position - 1;
    }
    word = (word << 6U) | digit;
    if (++position < 4) continue;
    for (int index = 0; index < kept; ++index) {
      bytes += static_cast<char>((word >> (16U - 8U * static_cast<unsigned>(index))) & 0xFFU);
    }
    word = 0;
    position = 0;
  }
  if (position != 0) {
    throw SqlError{
        .sqlstate = std::string(sqlstate::kInvalidParameterValue),
        .message = "invalid base64 end sequence",
        .hint = "Input data is missing padding, is truncated, or is otherwise corrupted."};
  }
  return bytes;
}

std::string encode_escape(std::string_view bytes) {
  std::string text;
  for (char letter : bytes) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte != 0 && byte < 0x80) {
      if (letter == '\\') text += '\\';
      text += letter;
      continue;
    }
    text += '\\';
    for (unsigned shift : {6U, 3U, 0U}) text += static_cast<char>('0' + ((byte >> shift) & 7U));
  }
  return text;
}

}  // namespace firedrill::sim::postgres
