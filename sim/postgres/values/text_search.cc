#include "sim/postgres/values/text_search.h"

#include <algorithm>
#include <map>
#include <optional>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/text_search_reader.h"

namespace firedrill::sim::postgres {

namespace {

/// Printing, matching and destroying queries recurse, on the stack of a fiber.
constexpr std::int32_t kMaxDepth = 500;
constexpr std::string_view kWeights = "DCBA";

std::string quoted(std::string_view text) {
  std::string result = "'";
  for (char letter : text) {
    if (letter == '\'' || letter == '\\') result += letter;
    result += letter;
  }
  return result + "'";
}

void normalize(std::vector<TsPosition>& positions, std::size_t most) {
  std::ranges::stable_sort(positions, [](const TsPosition& left, const TsPosition& right) {
    return left.position != right.position ? left.position < right.position
                                           : left.weight > right.weight;
  });
  const auto tail = std::ranges::unique(positions, {}, &TsPosition::position);
  positions.erase(tail.begin(), tail.end());
  if (positions.size() > most) positions.resize(most);
}

int priority(TsQuery::Op op) {
  switch (op) {
    case TsQuery::Op::or_: return 1;
    case TsQuery::Op::and_: return 2;
    case TsQuery::Op::phrase: return 3;
    default: return 4;
  }
}

std::string print_lexeme(const TsQuery& query) {
  std::string text = quoted(query.text);
  if (query.is_prefix || query.weights != 0) text += ':';
  if (query.is_prefix) text += '*';
  for (int weight = 3; weight >= 0; --weight) {
    if ((query.weights >> weight) & 1) text += kWeights[static_cast<std::size_t>(weight)];
  }
  return text;
}

std::string operator_text(const TsQuery& query) {
  if (query.op == TsQuery::Op::or_) return " | ";
  if (query.op == TsQuery::Op::and_) return " & ";
  return query.distance == 1 ? " <-> " : " <" + std::to_string(query.distance) + "> ";
}

/// Appends to `text`: what it calls for, recursing, should need little of the stack.
void print_part(const TsQuery& query, int outer, bool is_right_of_phrase, std::string& text) {
  if (query.op == TsQuery::Op::none) return;
  if (query.op == TsQuery::Op::lexeme) {
    text += print_lexeme(query);
    return;
  }
  const int own = priority(query.op);
  const bool is_phrase = query.op == TsQuery::Op::phrase;
  const bool is_enclosed = own < outer || (is_phrase && is_right_of_phrase);
  if (is_enclosed) text += "( ";
  if (query.op == TsQuery::Op::not_) {
    text += '!';
    print_part(query.parts[0], own, false, text);
  } else {
    print_part(query.parts[0], own, false, text);
    text += operator_text(query);
    print_part(query.parts[1], own, is_phrase, text);
  }
  if (is_enclosed) text += " )";
}

}  // namespace

TsVector normalized(std::vector<TsLexeme> lexemes, std::size_t most) {
  std::map<std::string, std::vector<TsPosition>> merged;
  for (TsLexeme& lexeme : lexemes) {
    auto& positions = merged[lexeme.text];
    positions.insert(positions.end(), lexeme.positions.begin(), lexeme.positions.end());
  }
  TsVector vector;
  for (auto& [text, positions] : merged) {
    normalize(positions, most);
    vector.lexemes.push_back({.text = text, .positions = positions});
  }
  return vector;
}

TsVector parse_tsvector(std::string_view text) {
  TsLexemeReader reader(text, text, false);
  std::vector<TsLexeme> lexemes;
  while (auto lexeme = reader.next()) lexemes.push_back(std::move(*lexeme));
  return normalized(std::move(lexemes));
}

std::string print_tsvector(const TsVector& vector) {
  std::string text;
  for (const TsLexeme& lexeme : vector.lexemes) {
    if (!text.empty()) text += ' ';
    text += quoted(lexeme.text);
    char before = ':';
    for (const TsPosition& position : lexeme.positions) {
      text += before + std::to_string(position.position);
      if (position.weight > 0) text += kWeights[position.weight];
      before = ',';
    }
  }
  return text;
}

TsQuery joined(TsQuery::Op op, TsQuery left, TsQuery right, std::int32_t distance) {
  if (left.op == TsQuery::Op::none) return right;
  if (right.op == TsQuery::Op::none) return left;
  TsQuery query{.op = op, .distance = distance, .depth = std::max(left.depth, right.depth) + 1};
  if (query.depth > kMaxDepth) fail_nesting();
  query.parts.push_back(std::move(left));
  query.parts.push_back(std::move(right));
  return query;
}

TsQuery negated(TsQuery query) {
  if (query.op == TsQuery::Op::none) return query;
  TsQuery result{.op = TsQuery::Op::not_, .depth = query.depth + 1};
  if (result.depth > kMaxDepth) fail_nesting();
  result.parts.push_back(std::move(query));
  return result;
}

std::string print_tsquery(const TsQuery& query) {
  std::string text;
  print_part(query, -1, false, text);
  return text;
}

}  // namespace firedrill::sim::postgres
