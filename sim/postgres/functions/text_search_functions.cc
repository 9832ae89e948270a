#include "sim/postgres/functions/text_search_functions.h"

#include <algorithm>
#include <map>
#include <vector>

#include "sim/postgres/functions/families.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/text_search.h"
#include "sim/postgres/values/text_search_parser.h"

namespace firedrill::sim::postgres {

namespace {

using Op = TsQuery::Op;

constexpr std::size_t kMaxWordBytes = 2046;

void check_configuration(std::string_view name) {
  if (name.starts_with("pg_catalog.")) name.remove_prefix(11);
  if (name != "simple") {
    unsupported("the text search configuration \"" + std::string(name) + "\"");
  }
}

/// The text that is searched, or the query: the last argument; the configuration is before it, or
/// is the session's.
const std::string& text_of(Call& call) {
  const bool is_named = call.size() > 1;
  check_configuration(is_named ? call[0].text()
                               : call.environment.setting("default_text_search_config"));
  return call[is_named ? 1 : 0].text();
}

bool is_searched(const TextToken& token) {
  switch (token.kind) {
    case TextTokenKind::blank:
    case TextTokenKind::tag:
    case TextTokenKind::protocol:
    case TextTokenKind::entity: return false;
    default: return token.text.size() <= kMaxWordBytes;
  }
}

/// What the configuration "simple" makes of a text: its words, in lower case.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const TextToken& token : parse_search_text(text)) {
    if (is_searched(token)) words.push_back(ascii_lower(token.text));
  }
  return words;
}

Value to_tsvector(Call& call) {
  std::vector<TsLexeme> lexemes;
  std::uint16_t position = 0;
  for (std::string& word : words_of(text_of(call))) {
    position = std::min<std::uint16_t>(static_cast<std::uint16_t>(position + 1), kMaxTsPosition);
    lexemes.push_back({.text = std::move(word), .positions = {{.position = position}}});
  }
  // One less than everywhere else.
  return Value::boxed(normalized(std::move(lexemes), kMaxTsPositions - 1));
}

TsQuery query_of_words(std::string_view text, Op op, std::uint8_t weights, bool is_prefix) {
  TsQuery query;
  for (std::string& word : words_of(text)) {
    query = joined(
        op, std::move(query),
        {.op = Op::lexeme, .text = std::move(word), .weights = weights, .is_prefix = is_prefix});
  }
  return query;
}

TsQuery phrase_operand(const std::string& text, std::uint8_t weights, bool is_prefix) {
  return query_of_words(text, Op::phrase, weights, is_prefix);
}

Value to_tsquery(Call& call) {
  return Value::boxed(parse_tsquery(text_of(call), phrase_operand));
}

Value plainto_tsquery(Call& call) {
  return Value::boxed(query_of_words(text_of(call), Op::and_, 0, false));
}

Value phraseto_tsquery(Call& call) {
  return Value::boxed(query_of_words(text_of(call), Op::phrase, 0, false));
}

Value vector_matches(Call& call) {
  return Value::of(matches(call[0].as<TsVector>(), call[1].as<TsQuery>()));
}

Value query_matches(Call& call) {
  return Value::of(matches(call[1].as<TsVector>(), call[0].as<TsQuery>()));
}

Value setweight(Call& call) {
  TsVector vector = call[0].as<TsVector>();
  const std::string& letter = call[1].text();
  const char weight = letter.empty() ? '\0' : ascii_lower(letter[0]);
  if (weight < 'a' || weight > 'd') {
    const auto code = letter.empty() ? 0 : static_cast<int>(static_cast<signed char>(letter[0]));
    fail("XX000", "unrecognized weight: " + std::to_string(code));
  }
  for (TsLexeme& lexeme : vector.lexemes) {
    for (TsPosition& position : lexeme.positions) {
      position.weight = static_cast<std::uint8_t>('d' - weight);
    }
  }
  return Value::boxed(std::move(vector));
}

Value strip(Call& call) {
  TsVector vector = call[0].as<TsVector>();
  for (TsLexeme& lexeme : vector.lexemes) lexeme.positions.clear();
  return Value::boxed(std::move(vector));
}

Value length(Call& call) {
  return Value::of(static_cast<std::int64_t>(call[0].as<TsVector>().lexemes.size()));
}

std::int64_t node_count(const TsQuery& query) {
  std::int64_t count = query.op == Op::none ? 0 : 1;
  for (const TsQuery& part : query.parts) count += node_count(part);
  return count;
}

Value numnode(Call& call) {
  return Value::of(node_count(call[0].as<TsQuery>()));
}

/// The right one's positions go on where the left one's end, up to the last that there is.
Value concatenate(Call& call) {
  std::map<std::string, std::vector<TsPosition>> merged;
  int last = 0;
  for (const TsLexeme& lexeme : call[0].as<TsVector>().lexemes) {
    merged[lexeme.text] = lexeme.positions;
    if (!lexeme.positions.empty()) last = std::max<int>(last, lexeme.positions.back().position);
  }
  for (const TsLexeme& lexeme : call[1].as<TsVector>().lexemes) {
    std::vector<TsPosition>& positions = merged[lexeme.text];
    for (TsPosition position : lexeme.positions) {
      if (!positions.empty() && positions.back().position == kMaxTsPosition) break;
      position.position =
          static_cast<std::uint16_t>(std::min<int>(position.position + last, kMaxTsPosition));
      positions.push_back(position);
    }
  }
  std::vector<TsLexeme> lexemes;
  for (auto& [text, positions] : merged) {
    lexemes.push_back({.text = text, .positions = std::move(positions)});
  }
  return Value::boxed(normalized(std::move(lexemes)));
}

Value query_and(Call& call) {
  return Value::boxed(joined(Op::and_, call[0].as<TsQuery>(), call[1].as<TsQuery>()));
}

Value query_or(Call& call) {
  return Value::boxed(joined(Op::or_, call[0].as<TsQuery>(), call[1].as<TsQuery>()));
}

Value query_phrase(Call& call) {
  const std::int64_t distance = call.size() > 2 ? call[2].integer() : 1;
  if (distance < 0 || distance > 16384) {
    fail(sqlstate::kInvalidParameterValue,
         "distance in phrase operator must be an integer value between zero and 16384 inclusive");
  }
  return Value::boxed(joined(Op::phrase, call[0].as<TsQuery>(), call[1].as<TsQuery>(),
                             static_cast<std::int32_t>(distance)));
}

Value query_not(Call& call) {
  return Value::boxed(negated(call[0].as<TsQuery>()));
}

constexpr FunctionRow kRows[] = {
    {"to_tsvector", "text text", "tsvector", to_tsvector},
    {"to_tsvector", "text", "tsvector", to_tsvector},
    {"to_tsquery", "text text", "tsquery", to_tsquery},
    {"to_tsquery", "text", "tsquery", to_tsquery},
    {"plainto_tsquery", "text text", "tsquery", plainto_tsquery},
    {"plainto_tsquery", "text", "tsquery", plainto_tsquery},
    {"phraseto_tsquery", "text text", "tsquery", phraseto_tsquery},
    {"phraseto_tsquery", "text", "tsquery", phraseto_tsquery},
    {"setweight", "tsvector char", "tsvector", setweight},
    {"strip", "tsvector", "tsvector", strip},
    {"length", "tsvector", "int4", length},
    {"numnode", "tsquery", "int4", numnode},
    {"tsquery_phrase", "tsquery tsquery", "tsquery", query_phrase},
    {"tsquery_phrase", "tsquery tsquery int4", "tsquery", query_phrase},
};

constexpr OperatorRow kOperators[] = {
    {"@@", "tsvector", "tsquery", "bool", vector_matches},
    {"@@", "tsquery", "tsvector", "bool", query_matches},
    {"||", "tsvector", "tsvector", "tsvector", concatenate},
    {"&&", "tsquery", "tsquery", "tsquery", query_and},
    {"||", "tsquery", "tsquery", "tsquery", query_or},
    {"<->", "tsquery", "tsquery", "tsquery", query_phrase},
    {"!!", "", "tsquery", "tsquery", query_not},
};

std::vector<FunctionRow> all_rows() {
  std::vector<FunctionRow> rows(std::begin(kRows), std::end(kRows));
  const auto more = text_search_rank_rows();
  rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}

}  // namespace

FunctionFamily text_search_family() {
  static const std::vector<FunctionRow> kFunctions = all_rows();
  return {.functions = kFunctions, .operators = kOperators};
}

}  // namespace firedrill::sim::postgres
