#include "sim/postgres/functions/text_functions.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

/// A name has 63 bytes at most; what is cut is cut between characters.
constexpr std::size_t kMaxNameBytes = 63;

std::string without_padding(const std::string& text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::string as_name(const std::string& text) {
  if (text.size() <= kMaxNameBytes) return text;
  std::size_t size = 0;
  while (size + character_size(text[size]) <= kMaxNameBytes) size += character_size(text[size]);
  return text.substr(0, size);
}

Value text_of_bpchar(Call& call) {
  return Value::of(without_padding(call[0].text()));
}

Value name_of_text(Call& call) {
  return Value::of(as_name(call[0].text()));
}

Value name_of_bpchar(Call& call) {
  return Value::of(without_padding(as_name(call[0].text())));
}

bool is_octal(char digit, char last) {
  return digit >= '0' && digit <= last;
}

/// A "char" is kept as its byte, and the byte 0 as no byte.
Value single_char(char byte) {
  return byte == '\0' ? Value::of("") : Value::of(std::string(1, byte));
}

/// The first byte; "\303" is how bytes beyond ASCII are written.
Value char_of_text(Call& call) {
  const std::string& text = call[0].text();
  if (text.size() == 4 && text[0] == '\\' && is_octal(text[1], '3') && is_octal(text[2], '7') &&
      is_octal(text[3], '7')) {
    return single_char(
        static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0')));
  }
  return single_char(text.empty() ? '\0' : text[0]);
}

Value text_of_char(Call& call) {
  const std::string& text = call[0].text();
  if (text.empty() || static_cast<unsigned char>(text[0]) < 0x80) return call[0];
  const auto byte = static_cast<unsigned char>(text[0]);
  std::string shown = "\\";
  for (unsigned shift : {6U, 3U, 0U}) shown += static_cast<char>('0' + ((byte >> shift) & 7U));
  return Value::of(std::move(shown));
}

Value int4_of_char(Call& call) {
  const std::string& text = call[0].text();
  return Value::of(text.empty() ? 0 : static_cast<std::int32_t>(static_cast<signed char>(text[0])));
}

Value char_of_int4(Call& call) {
  const std::int64_t number = call[0].integer();
  if (number < -128 || number > 127) {
    fail(sqlstate::kNumericValueOutOfRange, "\"char\" out of range");
  }
  return single_char(static_cast<char>(number));
}

using enum CastContext;
constexpr CastRow kCasts[] = {
    {"text", "varchar", implicit, nullptr},        {"varchar", "text", implicit, nullptr},
    {"text", "bpchar", implicit, nullptr},         {"varchar", "bpchar", implicit, nullptr},
    {"bpchar", "text", implicit, text_of_bpchar},  {"bpchar", "varchar", implicit, text_of_bpchar},
    {"name", "text", implicit, nullptr},           {"name", "bpchar", assignment, nullptr},
    {"name", "varchar", assignment, nullptr},      {"text", "name", implicit, name_of_text},
    {"varchar", "name", implicit, name_of_text},   {"bpchar", "name", implicit, name_of_bpchar},
    {"char", "text", implicit, text_of_char},      {"char", "bpchar", assignment, text_of_char},
    {"char", "varchar", assignment, text_of_char}, {"text", "char", assignment, char_of_text},
    {"varchar", "char", assignment, char_of_text}, {"bpchar", "char", assignment, char_of_text},
    {"char", "int4", explicit_only, int4_of_char}, {"int4", "char", explicit_only, char_of_int4},
};

}  // namespace

std::string cast_to_text(const Call& call, std::size_t index) {
  const TypeId type = call.site.arguments[index].id;
  const Value& value = call[index];
  if (type == TypeId::boolean) return value.boolean() ? "true" : "false";
  if (type == TypeId::bpchar) return without_padding(value.text());
  return to_text(call.environment, type, value);
}

std::span<const CastRow> text_cast_rows() {
  return kCasts;
}

}  // namespace firedrill::sim::postgres
