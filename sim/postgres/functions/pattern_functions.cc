#include "sim/postgres/functions/pattern_functions.h"

#include <vector>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/like.h"

namespace firedrill::sim::postgres {

namespace {

bool is_like(Call& call) {
  return matches_like(call[0].text(), call[1].text());
}

Value like(Call& call) {
  return Value::of(is_like(call));
}

Value not_like(Call& call) {
  return Value::of(!is_like(call));
}

bool is_ilike(Call& call) {
  return matches_like(ascii_lower(call[0].text()), ascii_lower(call[1].text()));
}

Value ilike(Call& call) {
  return Value::of(is_ilike(call));
}

Value not_ilike(Call& call) {
  return Value::of(!is_ilike(call));
}

Value bytea_like(Call& call) {
  return Value::of(matches_like_bytes(call[0].text(), call[1].text()));
}

Value bytea_not_like(Call& call) {
  return Value::of(!matches_like_bytes(call[0].text(), call[1].text()));
}

bool is_match(Call& call, bool ignores_case) {
  const RegularExpression expression(to_characters(call[1].text()), {.ignores_case = ignores_case});
  return expression.search(to_characters(call[0].text())).has_value();
}

Value matches(Call& call) {
  return Value::of(is_match(call, false));
}

Value matches_not(Call& call) {
  return Value::of(!is_match(call, false));
}

Value matches_any_case(Call& call) {
  return Value::of(is_match(call, true));
}

Value matches_not_any_case(Call& call) {
  return Value::of(!is_match(call, true));
}

Value like_escape(Call& call) {
  return Value::of(like_with_escape(call[0].text(), call[1].text()));
}

Value similar_to_escape(Call& call) {
  const std::string_view escape = call.size() > 1 ? std::string_view(call[1].text()) : "\\";
  return Value::of(similar_to_regex(call[0].text(), escape));
}

/// What the first group has matched; without groups, what the whole has.
Value first_group(std::string_view text, std::string_view pattern) {
  const RegexSearch search = {.expression = RegularExpression(to_characters(pattern), {}),
                              .text = to_characters(text),
                              .options = {}};
  const auto spans = search.expression.search(search.text);
  if (!spans) return {};
  const auto span = (*spans)[search.expression.group_count() > 0 ? 1 : 0];
  return span.is_set() ? Value::of(search.part(span)) : Value();
}

Value substring(Call& call) {
  return first_group(call[0].text(), call[1].text());
}

Value substring_similar(Call& call) {
  return first_group(call[0].text(), similar_to_regex(call[1].text(), call[2].text()));
}

constexpr FunctionRow kRows[] = {
    {"like", "text text", "bool", like},
    {"like", "name text", "bool", like},
    {"like", "bytea bytea", "bool", bytea_like},
    {"notlike", "text text", "bool", not_like},
    {"notlike", "name text", "bool", not_like},
    {"notlike", "bytea bytea", "bool", bytea_not_like},
    {"like_escape", "text text", "text", like_escape},
    {"similar_to_escape", "text", "text", similar_to_escape},
    {"similar_to_escape", "text text", "text", similar_to_escape},
    {"substring", "text text", "text", substring},
    {"substring", "text text text", "text", substring_similar},
};

constexpr OperatorRow kOperators[] = {
    {"~~", "text", "text", "bool", like},
    {"~~", "bpchar", "text", "bool", like},
    {"~~", "name", "text", "bool", like},
    {"~~", "bytea", "bytea", "bool", bytea_like},
    {"!~~", "text", "text", "bool", not_like},
    {"!~~", "bpchar", "text", "bool", not_like},
    {"!~~", "name", "text", "bool", not_like},
    {"!~~", "bytea", "bytea", "bool", bytea_not_like},
    {"~~*", "text", "text", "bool", ilike},
    {"~~*", "bpchar", "text", "bool", ilike},
    {"~~*", "name", "text", "bool", ilike},
    {"!~~*", "text", "text", "bool", not_ilike},
    {"!~~*", "bpchar", "text", "bool", not_ilike},
    {"!~~*", "name", "text", "bool", not_ilike},
    {"~", "text", "text", "bool", matches},
    {"~", "bpchar", "text", "bool", matches},
    {"~", "name", "text", "bool", matches},
    {"!~", "text", "text", "bool", matches_not},
    {"!~", "bpchar", "text", "bool", matches_not},
    {"!~", "name", "text", "bool", matches_not},
    {"~*", "text", "text", "bool", matches_any_case},
    {"~*", "bpchar", "text", "bool", matches_any_case},
    {"~*", "name", "text", "bool", matches_any_case},
    {"!~*", "text", "text", "bool", matches_not_any_case},
    {"!~*", "bpchar", "text", "bool", matches_not_any_case},
    {"!~*", "name", "text", "bool", matches_not_any_case},
};

std::vector<FunctionRow> all_rows() {
  std::vector<FunctionRow> rows(std::begin(kRows), std::end(kRows));
  rows.insert(rows.end(), regexp_rows().begin(), regexp_rows().end());
  return rows;
}

}  // namespace

FunctionFamily pattern_family() {
  static const std::vector<FunctionRow> kFunctions = all_rows();
  return {.functions = kFunctions, .operators = kOperators, .set_functions = regexp_set_rows()};
}

}  // namespace firedrill::sim::postgres
