#include <algorithm>

#include "sim/postgres/functions/pattern_functions.h"
#include "sim/postgres/values/array.h"
#include "sim/postgres/values/characters.h"

namespace firedrill::sim::postgres {

namespace {

using Span = RegularExpression::Span;
using Spans = RegexSearch::Spans;

void set_option(RegexOptions& options, std::string_view letter) {
  RegexFlags& flags = options.flags;
  switch (letter[0]) {
    case 'g': options.is_global = true; return;
    // PostgreSQL means extended ones by e, but what it clears for that makes them basic.
    case 'b':
    case 'e': flags.is_advanced = flags.is_extended = flags.is_literal = false; return;
    case 'c': flags.ignores_case = false; return;
    case 'i': flags.ignores_case = true; return;
    case 'm':
    case 'n': flags.stops_at_newline = flags.anchors_at_newline = true; return;
    case 'p':
      flags.stops_at_newline = true;
      flags.anchors_at_newline = false;
      return;
    case 'q':
      flags.is_literal = true;
      flags.is_advanced = flags.is_extended = false;
      return;
    case 's': flags.stops_at_newline = flags.anchors_at_newline = false; return;
    case 't': flags.is_expanded = false; return;
    case 'w':
      flags.stops_at_newline = false;
      flags.anchors_at_newline = true;
      return;
    case 'x': flags.is_expanded = true; return;
    default:
      fail(sqlstate::kInvalidParameterValue,
           "invalid regular expression option: \"" + std::string(letter) + "\"");
  }
}

void refuse_global(const RegexOptions& options, std::string_view function, std::string hint = {}) {
  if (!options.is_global) return;
  throw SqlError{.sqlstate = std::string(sqlstate::kInvalidParameterValue),
                 .message = std::string(function) + "() does not support the \"global\" option",
                 .hint = std::move(hint)};
}

/// An argument that counts from `least`; `fallback` where it is not given.
std::int64_t counted(const Call& call, std::size_t index, std::string_view name, std::int64_t least,
                     std::int64_t fallback) {
  if (index >= call.size()) return fallback;
  const std::int64_t value = call[index].integer();
  if (value < least) {
    fail(sqlstate::kInvalidParameterValue,
         "invalid value for parameter \"" + std::string(name) + "\": " + std::to_string(value));
  }
  return value;
}

std::size_t start_of(const Call& call, std::size_t index) {
  return static_cast<std::size_t>(counted(call, index, "start", 1, 1) - 1);
}

Value text_or_null(const RegexSearch& search, Span span) {
  return span.is_set() ? Value::of(search.part(span)) : Value();
}

Value groups_of(const RegexSearch& search, const Spans& spans) {
  Row parts;
  for (std::size_t group = spans.size() > 1 ? 1 : 0; group < spans.size(); ++group) {
    parts.push_back(text_or_null(search, spans[group]));
  }
  return Value::boxed(Array::of(TypeId::text, std::move(parts)));
}

Value regexp_match(Call& call) {
  const RegexOptions options = parse_regex_options(call.size() > 2 ? call[2].text() : "");
  refuse_global(options, "regexp_match", "Use the regexp_matches function instead.");
  const RegexSearch search = regex_search(call, 2);
  const auto spans = search.expression.search(search.text);
  return spans ? groups_of(search, *spans) : Value();
}

std::vector<Value> regexp_matches(Call& call) {
  const RegexSearch search = regex_search(call, 2);
  std::vector<Value> rows;
  for (const Spans& spans : search.matches(0, search.options.is_global)) {
    rows.push_back(groups_of(search, spans));
  }
  return rows;
}

std::vector<Value> split(Call& call, std::string_view function) {
  refuse_global(parse_regex_options(call.size() > 2 ? call[2].text() : ""), function);
  const RegexSearch search = regex_search(call, 2);
  const auto size = static_cast<std::ptrdiff_t>(search.text.size());
  std::vector<Value> parts;
  std::ptrdiff_t last_end = 0;
  std::ptrdiff_t begin = 0;
  for (const Spans& spans : search.matches(0, true)) {
    // Empty ones at the ends, and just after another, divide nothing.
    const bool is_divider = spans[0].begin < size && spans[0].end > last_end;
    last_end = spans[0].end;
    if (!is_divider) continue;
    parts.push_back(Value::of(search.part({begin, spans[0].begin})));
    begin = spans[0].end;
  }
  parts.push_back(Value::of(search.part({begin, size})));
  return parts;
}

Value regexp_split_to_array(Call& call) {
  return Value::boxed(Array::of(TypeId::text, split(call, "regexp_split_to_array")));
}

std::vector<Value> regexp_split_to_table(Call& call) {
  return split(call, "regexp_split_to_table");
}

/// The new text for one match: \1 to \9 and \& stand for what has matched.
void append_replacement(std::string& result, const RegexSearch& search, const Spans& spans,
                        std::string_view replacement) {
  for (std::size_t at = 0; at < replacement.size(); ++at) {
    const char next = at + 1 < replacement.size() ? replacement[at + 1] : '\0';
    const bool is_group = next >= '1' && next <= '9';
    if (replacement[at] != '\\' || (!is_group && next != '&' && next != '\\')) {
      result += replacement[at];
      continue;
    }
    ++at;
    const auto group = is_group ? static_cast<std::size_t>(next - '0') : 0;
    if (next == '\\') {
      result += next;
    } else if (group < spans.size() && spans[group].is_set()) {
      result += search.part(spans[group]);
    }
  }
}

/// `number`: which match to replace, from 1; 0: all.
Value replaced(Call& call, const RegexSearch& search, std::size_t start, std::int64_t number) {
  std::string result;
  std::size_t copied = 0;
  std::int64_t count = 0;
  while (start <= search.text.size()) {
    const auto spans = search.expression.search(search.text, start);
    if (!spans) break;
    const auto begin = static_cast<std::size_t>((*spans)[0].begin);
    const auto end = static_cast<std::size_t>((*spans)[0].end);
    start = begin == end ? end + 1 : end;
    if (number > 0 && ++count != number) continue;
    result += search.part(copied, begin);
    append_replacement(result, search, *spans, call[2].text());
    copied = end;
    if (number > 0) break;
  }
  return Value::of(result + search.part(copied, search.text.size()));
}

Value regexp_replace(Call& call) {
  if (call.size() > 3 && !call[3].text().empty() && is_ascii_digit(call[3].text()[0])) {
    throw SqlError{
        .sqlstate = std::string(sqlstate::kInvalidParameterValue),
        .message = "invalid regular expression option: \"" + call[3].text().substr(0, 1) + "\"",
        .hint =
            "If you meant to use regexp_replace() with a start parameter, cast the fourth "
            "argument to integer explicitly."};
  }
  const RegexSearch search = regex_search(call, 3);
  return replaced(call, search, 0, search.options.is_global ? 0 : 1);
}

Value regexp_replace_from(Call& call) {
  const std::size_t start = start_of(call, 3);
  const std::int64_t number = counted(call, 4, "n", 0, 1);
  return replaced(call, regex_search(call, 5), start, number);
}

Value regexp_count(Call& call) {
  const std::size_t start = start_of(call, 2);
  refuse_global(parse_regex_options(call.size() > 3 ? call[3].text() : ""), "regexp_count");
  return Value::of(static_cast<std::int64_t>(regex_search(call, 3).matches(start, true).size()));
}

Value regexp_like(Call& call) {
  refuse_global(parse_regex_options(call.size() > 2 ? call[2].text() : ""), "regexp_like");
  const RegexSearch search = regex_search(call, 2);
  return Value::of(search.expression.search(search.text).has_value());
}

/// The span of a group in the match number `number`; none: not set.
Span nth_span(const RegexSearch& search, std::size_t start, std::int64_t number,
              std::int64_t group) {
  const auto matches = search.matches(start, true);
  if (number > static_cast<std::int64_t>(matches.size())) return {};
  const auto groups = static_cast<std::int64_t>(search.expression.group_count());
  // Without groups, the first one is the whole.
  if (groups == 0 && group == 1) group = 0;
  if (group > groups) return {};
  return matches[static_cast<std::size_t>(number - 1)][static_cast<std::size_t>(group)];
}

Value regexp_instr(Call& call) {
  const std::size_t start = start_of(call, 2);
  const std::int64_t number = counted(call, 3, "n", 1, 1);
  const std::int64_t end_option = counted(call, 4, "endoption", 0, 0);
  if (end_option > 1) {
    fail(sqlstate::kInvalidParameterValue,
         "invalid value for parameter \"endoption\": " + std::to_string(end_option));
  }
  const std::int64_t group = counted(call, 6, "subexpr", 0, 0);
  refuse_global(parse_regex_options(call.size() > 5 ? call[5].text() : ""), "regexp_instr");
  const Span span = nth_span(regex_search(call, 5), start, number, group);
  if (!span.is_set()) return Value::of(0);
  return Value::of(static_cast<std::int64_t>(end_option == 1 ? span.end : span.begin) + 1);
}

Value regexp_substr(Call& call) {
  const std::size_t start = start_of(call, 2);
  const std::int64_t number = counted(call, 3, "n", 1, 1);
  const std::int64_t group = counted(call, 5, "subexpr", 0, 0);
  refuse_global(parse_regex_options(call.size() > 4 ? call[4].text() : ""), "regexp_substr");
  const RegexSearch search = regex_search(call, 4);
  return text_or_null(search, nth_span(search, start, number, group));
}

constexpr FunctionRow kRows[] = {
    {"regexp_match", "text text", "_text", regexp_match},
    {"regexp_match", "text text text", "_text", regexp_match},
    {"regexp_replace", "text text text", "text", regexp_replace},
    {"regexp_replace", "text text text text", "text", regexp_replace},
    {"regexp_replace", "text text text int4", "text", regexp_replace_from},
    {"regexp_replace", "text text text int4 int4", "text", regexp_replace_from},
    {"regexp_replace", "text text text int4 int4 text", "text", regexp_replace_from},
    {"regexp_split_to_array", "text text", "_text", regexp_split_to_array},
    {"regexp_split_to_array", "text text text", "_text", regexp_split_to_array},
    {"regexp_count", "text text", "int4", regexp_count},
    {"regexp_count", "text text int4", "int4", regexp_count},
    {"regexp_count", "text text int4 text", "int4", regexp_count},
    {"regexp_like", "text text", "bool", regexp_like},
    {"regexp_like", "text text text", "bool", regexp_like},
    {"regexp_instr", "text text", "int4", regexp_instr},
    {"regexp_instr", "text text int4", "int4", regexp_instr},
    {"regexp_instr", "text text int4 int4", "int4", regexp_instr},
    {"regexp_instr", "text text int4 int4 int4", "int4", regexp_instr},
    {"regexp_instr", "text text int4 int4 int4 text", "int4", regexp_instr},
    {"regexp_instr", "text text int4 int4 int4 text int4", "int4", regexp_instr},
    {"regexp_substr", "text text", "text", regexp_substr},
    {"regexp_substr", "text text int4", "text", regexp_substr},
    {"regexp_substr", "text text int4 int4", "text", regexp_substr},
    {"regexp_substr", "text text int4 int4 text", "text", regexp_substr},
    {"regexp_substr", "text text int4 int4 text int4", "text", regexp_substr},
};

constexpr SetFunctionRow kSetRows[] = {
    {"regexp_matches", "text text", "_text", regexp_matches},
    {"regexp_matches", "text text text", "_text", regexp_matches},
    {"regexp_split_to_table", "text text", "text", regexp_split_to_table},
    {"regexp_split_to_table", "text text text", "text", regexp_split_to_table},
};

}  // namespace

RegexOptions parse_regex_options(std::string_view letters) {
  RegexOptions options;
  while (!letters.empty()) {
    const std::size_t size = character_size(letters[0]);
    set_option(options, letters.substr(0, size));
    letters.remove_prefix(size);
  }
  return options;
}

std::vector<Spans> RegexSearch::matches(std::size_t start, bool is_global) const {
  std::vector<Spans> found;
  while (start <= text.size()) {
    auto spans = expression.search(text, start);
    if (!spans) break;
    const Span whole = (*spans)[0];
    found.push_back(std::move(*spans));
    if (!is_global) break;
    start = static_cast<std::size_t>(whole.begin == whole.end ? whole.end + 1 : whole.end);
  }
  return found;
}

std::string RegexSearch::part(std::size_t begin, std::size_t end) const {
  return to_utf8(std::u32string_view(text).substr(begin, end - begin));
}

std::string RegexSearch::part(Span span) const {
  return part(static_cast<std::size_t>(span.begin), static_cast<std::size_t>(span.end));
}

RegexSearch regex_search(const Call& call, std::size_t options) {
  const RegexOptions parsed =
      parse_regex_options(options < call.size() ? std::string_view(call[options].text()) : "");
  return {.expression = RegularExpression(to_characters(call[1].text()), parsed.flags),
          .text = to_characters(call[0].text()),
          .options = parsed};
}

std::span<const FunctionRow> regexp_rows() {
  return kRows;
}

std::span<const SetFunctionRow> regexp_set_rows() {
  return kSetRows;
}

}  // namespace firedrill::sim::postgres
