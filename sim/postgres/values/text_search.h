#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/values/value.h"

namespace firedrill::sim::postgres {

/// Where a lexeme stands, from 1 to 16383; its weight: 0 is D, the least, 3 is A.
struct TsPosition {
  std::uint16_t position = 0;
  std::uint8_t weight = 0;
};

struct TsLexeme {
  std::string text;
  std::vector<TsPosition> positions;  ///< ascending, each once; may be empty
};

inline constexpr std::size_t kMaxTsPositions = 256;
inline constexpr std::uint16_t kMaxTsPosition = 16383;

/// Lexemes ascending by their bytes, each once.
struct TsVector {
  std::vector<TsLexeme> lexemes;
};
template <>
inline constexpr Kind kind_of<TsVector> = Kind::ts_vector;

/// A query, or a part of one.
struct TsQuery {
  enum class Op : std::uint8_t { none, lexeme, not_, phrase, and_, or_ };
  Op op = Op::none;  ///< none: the query that has nothing in it
  // Of a lexeme.
  std::string text = {};
  std::uint8_t weights = 0;  ///< a bit for each that may be; 0: any
  bool is_prefix = false;
  std::int32_t distance = 1;  ///< of phrase
  std::int32_t depth = 1;     ///< how many levels there are, this one among them
  std::vector<TsQuery> parts = {};
};
template <>
inline constexpr Kind kind_of<TsQuery> = Kind::ts_query;

/// Throw 42601 and the like.
TsVector parse_tsvector(std::string_view text);
TsQuery parse_tsquery(std::string_view text);
std::string print_tsvector(const TsVector& vector);
std::string print_tsquery(const TsQuery& query);

/// Sorts, and makes one of what is there twice. No lexeme keeps more than `most` positions.
TsVector normalized(std::vector<TsLexeme> lexemes, std::size_t most = kMaxTsPositions);

/// Where one of the two is nothing (Op::none), the other one. Throw 54001 for too many levels.
TsQuery joined(TsQuery::Op op, TsQuery left, TsQuery right, std::int32_t distance = 1);
TsQuery negated(TsQuery query);

/// How to_tsquery() reads its words: what it makes of one.
using TsOperandReader = TsQuery (*)(const std::string& text, std::uint8_t weights, bool is_prefix);
/// Parts without lexemes (Op::none) are left out.
TsQuery parse_tsquery(std::string_view text, TsOperandReader reader);

/// vector @@ query.
bool matches(const TsVector& vector, const TsQuery& query);

}  // namespace firedrill::sim::postgres
