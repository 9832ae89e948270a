#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "sim/postgres/functions/text_search_functions.h"
#include "sim/postgres/values/text_search.h"

/// ts_rank(), computed in single precision and in the order of tsrank.c, for the same last digits.
namespace firedrill::sim::postgres {

namespace {

using Op = TsQuery::Op;
using Positions = std::vector<TsPosition>;

constexpr std::array<float, 4> kWeights = {0.1F, 0.2F, 0.4F, 1.0F};  // D, C, B, A
constexpr int kNoDistance = 16384;
constexpr std::uint16_t kNoPosition = 16383;

float weight_of(const TsPosition& position) {
  return kWeights[position.weight];
}

/// Ascending by text, each once.
using Operands = std::vector<const TsQuery*>;

/// The right one first, as tsquery stores them.
void collect(const TsQuery& query, Operands& operands) {
  if (query.op == Op::lexeme) operands.push_back(&query);
  for (auto part = query.parts.rbegin(); part != query.parts.rend(); ++part) {
    collect(*part, operands);
  }
}

/// Of those with the same text PostgreSQL takes the one that its qsort() has put first. That is the
/// first one while there are few.
Operands operands_of(const TsQuery& query) {
  constexpr std::size_t kMostInOrder = 6;
  Operands all;
  collect(query, all);
  std::ranges::stable_sort(all, {}, &TsQuery::text);
  Operands operands;
  for (const TsQuery* each : all) {
    if (operands.empty() || operands.back()->text != each->text) {
      operands.push_back(each);
    } else if (operands.back()->is_prefix != each->is_prefix && all.size() > kMostInOrder) {
      unsupported("ts_rank() of a long query with a word and the same as a prefix");
    }
  }
  return operands;
}

std::vector<const TsLexeme*> lexemes_of(const TsVector& vector, const TsQuery& operand) {
  std::vector<const TsLexeme*> found;
  for (const TsLexeme& lexeme : vector.lexemes) {
    const bool is_meant =
        operand.is_prefix ? lexeme.text.starts_with(operand.text) : lexeme.text == operand.text;
    if (is_meant) found.push_back(&lexeme);
  }
  return found;
}

float lexeme_rank(const Positions& positions) {
  float sum = 0.0F;
  float best = -1.0F;
  int best_at = 0;
  for (int at = 0; const TsPosition& position : positions) {
    const float weight = weight_of(position);
    sum = sum + weight / static_cast<float>((at + 1) * (at + 1));
    if (weight > best) {
      best = weight;
      best_at = at;
    }
    ++at;
  }
  const float without = best + sum - best / static_cast<float>((best_at + 1) * (best_at + 1));
  return without;
}

float rank_any(const TsVector& vector, const Operands& operands) {
  float rank = 0.0F;
  for (const TsQuery* operand : operands) {
    for (const TsLexeme* lexeme : lexemes_of(vector, *operand)) {
      const float own = lexeme_rank(lexeme->positions.empty() ? Positions{{}} : lexeme->positions);
      rank =
          static_cast<float>(static_cast<double>(rank) + static_cast<double>(own) / 1.64493406685);
    }
  }
  return operands.empty() ? rank : rank / static_cast<float>(operands.size());
}

float nearness(int distance) {
  if (distance > 100) return 1e-30F;
  return static_cast<float>(
      1.0 / (1.005 + 0.05 * std::exp(static_cast<double>(static_cast<float>(distance)) / 1.5 - 2)));
}

/// Adds what two operands' positions add to the rank; negative: nothing yet.
float with_pairs(float rank, const Positions& left, const Positions& right) {
  const Positions dummy = {{.position = kNoPosition}};
  const bool is_unknown = left.empty() || right.empty();
  for (const TsPosition& one : left.empty() ? dummy : left) {
    for (const TsPosition& other : right.empty() ? dummy : right) {
      int distance = std::abs(int{one.position} - int{other.position});
      if (distance == 0 && !is_unknown) continue;
      if (distance == 0) distance = kNoDistance;
      const float product = weight_of(one) * weight_of(other) * nearness(distance);
      const auto added = static_cast<float>(std::sqrt(static_cast<double>(product)));
      rank = rank < 0 ? added
                      : static_cast<float>(1.0 - (1.0 - static_cast<double>(rank)) *
                                                     (1.0 - static_cast<double>(added)));
    }
  }
  return rank;
}

float rank_all(const TsVector& vector, const Operands& operands) {
  if (operands.size() < 2) return rank_any(vector, operands);
  float rank = -1.0F;
  std::vector<const Positions*> earlier;
  for (const TsQuery* operand : operands) {
    const Positions* last = nullptr;
    for (const TsLexeme* lexeme : lexemes_of(vector, *operand)) {
      last = &lexeme->positions;
      for (const Positions* other : earlier) rank = with_pairs(rank, *last, *other);
    }
    if (last != nullptr) earlier.push_back(last);
  }
  return rank;
}

float length_of(const TsVector& vector) {
  std::size_t length = 0;
  for (const TsLexeme& lexeme : vector.lexemes) {
    length += std::max<std::size_t>(lexeme.positions.size(), 1);
  }
  return static_cast<float>(length);
}

/// The bits say by what the rank is divided.
float scaled(float rank, const TsVector& vector, std::int64_t method) {
  const auto logarithm = [](float count) {
    return std::log(static_cast<double>(count) + 1) / std::log(2.0);
  };
  const auto size = static_cast<float>(vector.lexemes.size());
  const auto divided = [](float value, double by) {
    return static_cast<float>(static_cast<double>(value) / by);
  };
  if ((method & 1) != 0) rank = divided(rank, logarithm(length_of(vector)));
  if ((method & 2) != 0) rank /= length_of(vector);
  if ((method & 8) != 0) rank /= size;
  if ((method & 16) != 0) rank = divided(rank, logarithm(size));
  if ((method & 32) != 0) rank /= rank + 1;
  return rank;
}

Value ts_rank(Call& call) {
  const auto& vector = call[0].as<TsVector>();
  const auto& query = call[1].as<TsQuery>();
  if (vector.lexemes.empty() || query.op == Op::none) return Value::of(0.0);
  const Operands operands = operands_of(query);
  const bool is_all = query.op == Op::and_ || query.op == Op::phrase;
  float rank = is_all ? rank_all(vector, operands) : rank_any(vector, operands);
  if (rank < 0) rank = 1e-20F;
  rank = scaled(rank, vector, call.size() > 2 ? call[2].integer() : 0);
  return Value::of(static_cast<double>(rank));
}

constexpr FunctionRow kRows[] = {
    {"ts_rank", "tsvector tsquery", "float4", ts_rank},
    {"ts_rank", "tsvector tsquery int4", "float4", ts_rank},
};

}  // namespace

std::span<const FunctionRow> text_search_rank_rows() {
  return kRows;
}

}  // namespace firedrill::sim::postgres
