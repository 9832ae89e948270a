#include <algorithm>
#include <limits>

#include "sim/postgres/functions/text_functions.h"
#include "sim/postgres/values/characters.h"

namespace firedrill::sim::postgres {

namespace {

/// What one value may have at most: 1 GB.
constexpr std::int64_t kMaxBytes = 0x3fffffff;

void check_size(std::int64_t bytes) {
  if (bytes > kMaxBytes - 4) fail("54000", "requested length too large");
}

/// `count` characters: `fill`, over and over.
std::string filler(std::string_view fill, std::int64_t count) {
  std::string text;
  const std::int64_t in_fill = count_characters(fill);
  for (; count >= in_fill; count -= in_fill) text += fill;
  return text + std::string(fill.substr(0, byte_offset(fill, count)));
}

struct Padding {
  std::string_view kept;
  std::string filler;
};

Padding padding_of(Call& call) {
  const std::string_view text = call[0].text();
  const std::string_view fill = call.size() > 2 ? std::string_view(call[2].text()) : " ";
  const std::int64_t length = std::max<std::int64_t>(call[1].integer(), 0);
  // The server reserves for the widest of characters.
  check_size(length * 4);
  const std::int64_t missing = length - count_characters(text);
  if (missing <= 0) return {.kept = text.substr(0, byte_offset(text, length)), .filler = {}};
  return {.kept = text, .filler = fill.empty() ? std::string() : filler(fill, missing)};
}

Value lpad(Call& call) {
  const Padding padding = padding_of(call);
  return Value::of(padding.filler + std::string(padding.kept));
}

Value rpad(Call& call) {
  const Padding padding = padding_of(call);
  return Value::of(std::string(padding.kept) + padding.filler);
}

std::u32string trim_set(Call& call) {
  return call.size() > 1 ? to_characters(call[1].text()) : std::u32string(U" ");
}

std::string trimmed(Call& call, bool at_left, bool at_right) {
  const std::u32string set = trim_set(call);
  const std::u32string characters = to_characters(call[0].text());
  const auto is_kept = [&](char32_t character) {
    return set.find(character) == std::u32string::npos;
  };
  auto begin = characters.begin();
  auto end = characters.end();
  if (at_left) begin = std::find_if(begin, end, is_kept);
  if (at_right) {
    while (end != begin && !is_kept(*std::prev(end))) --end;
  }
  return to_utf8(std::u32string(begin, end));
}

Value btrim(Call& call) {
  return Value::of(trimmed(call, true, true));
}

Value ltrim(Call& call) {
  return Value::of(trimmed(call, true, false));
}

Value rtrim(Call& call) {
  return Value::of(trimmed(call, false, true));
}

Value replace(Call& call) {
  const std::string_view text = call[0].text();
  const std::string_view from = call[1].text();
  if (from.empty()) return call[0];
  std::string result;
  std::size_t at = 0;
  for (std::size_t found = text.find(from); found != std::string_view::npos;
       found = text.find(from, at)) {
    result += text.substr(at, found - at);
    result += call[2].text();
    at = found + from.size();
  }
  result += text.substr(at);
  return Value::of(std::move(result));
}

Value translate(Call& call) {
  const std::u32string from = to_characters(call[1].text());
  const std::u32string to = to_characters(call[2].text());
  std::u32string result;
  for (char32_t character : to_characters(call[0].text())) {
    const std::size_t found = from.find(character);
    if (found == std::u32string::npos) {
      result += character;
    } else if (found < to.size()) {
      result += to[found];
    }
  }
  return Value::of(to_utf8(result));
}

Value repeat(Call& call) {
  const std::string& text = call[0].text();
  const std::int64_t count = std::max<std::int64_t>(call[1].integer(), 0);
  check_size(count * static_cast<std::int64_t>(text.size()));
  std::string result;
  result.reserve(text.size() * static_cast<std::size_t>(count));
  for (std::int64_t done = 0; done < count && !text.empty(); ++done) result += text;
  return Value::of(std::move(result));
}

Value reverse(Call& call) {
  std::u32string characters = to_characters(call[0].text());
  std::ranges::reverse(characters);
  return Value::of(to_utf8(characters));
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  if (separator.empty()) return {text};
  std::size_t at = 0;
  for (std::size_t found = text.find(separator); found != std::string_view::npos;
       found = text.find(separator, at)) {
    parts.push_back(text.substr(at, found - at));
    at = found + separator.size();
  }
  parts.push_back(text.substr(at));
  return parts;
}

Value split_part(Call& call) {
  std::int64_t field = call[2].integer();
  if (field == 0) fail(sqlstate::kInvalidParameterValue, "field position must not be zero");
  const std::vector<std::string_view> parts = split(call[0].text(), call[1].text());
  const auto count = static_cast<std::int64_t>(parts.size());
  if (field < 0) field += count + 1;
  if (field < 1 || field > count) return Value::of("");
  return Value::of(parts[static_cast<std::size_t>(field - 1)]);
}

std::string overlaid(Call& call, std::int64_t replaced) {
  const std::string_view text = call[0].text();
  const std::int64_t start = call[2].integer();
  if (start <= 0) fail("22011", "negative substring length not allowed");
  const std::int64_t next = start + replaced;
  if (next > std::numeric_limits<std::int32_t>::max() ||
      next < std::numeric_limits<std::int32_t>::min()) {
    fail(sqlstate::kNumericValueOutOfRange, "integer out of range");
  }
  return text_substring(text, 1, start - 1) + call[1].text() + text_substring(text, next);
}

Value overlay(Call& call) {
  return Value::of(overlaid(call, count_characters(call[1].text())));
}

Value overlay_for(Call& call) {
  return Value::of(overlaid(call, call[3].integer()));
}

constexpr FunctionRow kRows[] = {
    {"lpad", "text int4", "text", lpad},
    {"lpad", "text int4 text", "text", lpad},
    {"rpad", "text int4", "text", rpad},
    {"rpad", "text int4 text", "text", rpad},
    {"btrim", "text", "text", btrim},
    {"btrim", "text text", "text", btrim},
    {"ltrim", "text", "text", ltrim},
    {"ltrim", "text text", "text", ltrim},
    {"rtrim", "text", "text", rtrim},
    {"rtrim", "text text", "text", rtrim},
    {"replace", "text text text", "text", replace},
    {"translate", "text text text", "text", translate},
    {"repeat", "text int4", "text", repeat},
    {"reverse", "text", "text", reverse},
    {"split_part", "text text int4", "text", split_part},
    {"overlay", "text text int4", "text", overlay},
    {"overlay", "text text int4 int4", "text", overlay_for},
};

}  // namespace

std::span<const FunctionRow> text_editing_rows() {
  return kRows;
}

}  // namespace firedrill::sim::postgres
