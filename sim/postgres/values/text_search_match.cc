#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include "sim/postgres/values/text_search.h"

namespace firedrill::sim::postgres {

namespace {

using Op = TsQuery::Op;

/// Where a part of a phrase ends: at these positions, or at all but these. `width`: how many
/// positions it began before that. Unknown: something has no positions, and may be anywhere.
struct Places {
  std::set<std::int32_t> positions = {};
  bool is_negated = false;
  bool is_unknown = false;
  std::int32_t width = 0;
  bool is_possible() const { return is_unknown || is_negated || !positions.empty(); }
};

bool may_be(const TsPosition& position, std::uint8_t weights) {
  return weights == 0 || ((weights >> position.weight) & 1) != 0;
}

/// Calls for each lexeme that a query's lexeme means, until one is enough.
template <class Use>
bool any_lexeme(const TsVector& vector, const TsQuery& query, Use use) {
  auto found = std::ranges::lower_bound(vector.lexemes, query.text, {}, &TsLexeme::text);
  for (; found != vector.lexemes.end(); ++found) {
    if (query.is_prefix ? !found->text.starts_with(query.text) : found->text != query.text) break;
    if (use(*found)) return true;
  }
  return false;
}

bool has_lexeme(const TsVector& vector, const TsQuery& query) {
  return any_lexeme(vector, query, [&](const TsLexeme& lexeme) {
    // Without positions there are no weights to go by.
    return lexeme.positions.empty() ||
           std::ranges::any_of(lexeme.positions, [&](const TsPosition& position) {
             return may_be(position, query.weights);
           });
  });
}

Places lexeme_places(const TsVector& vector, const TsQuery& query) {
  Places places;
  places.is_unknown = any_lexeme(vector, query, [&](const TsLexeme& lexeme) {
    for (const TsPosition& position : lexeme.positions) {
      if (may_be(position, query.weights)) places.positions.insert(position.position);
    }
    return lexeme.positions.empty();
  });
  return places;
}

/// Combines two sets, shifted, as TS_phrase_output() does: which of both, the left one's alone and
/// the right one's alone are wanted.
Places merged(const Places& left, std::int32_t left_shift, const Places& right,
              std::int32_t right_shift, bool both, bool left_only, bool right_only) {
  Places result;
  std::set<std::int32_t> lefts;
  std::set<std::int32_t> rights;
  for (std::int32_t position : left.positions) lefts.insert(position + left_shift);
  for (std::int32_t position : right.positions) rights.insert(position + right_shift);
  for (std::int32_t position : lefts) {
    if (position > 0 && (rights.contains(position) ? both : left_only)) {
      result.positions.insert(position);
    }
  }
  for (std::int32_t position : rights) {
    if (position > 0 && !lefts.contains(position) && right_only) result.positions.insert(position);
  }
  return result;
}

Places places_of(const TsVector& vector, const TsQuery& query);

/// Both must be there, at the same place or one after the other.
Places both_places(const Places& left, std::int32_t left_shift, const Places& right,
                   std::int32_t right_shift) {
  if (left.is_negated && right.is_negated) {
    Places result = merged(left, left_shift, right, right_shift, true, true, true);
    result.is_negated = true;
    return result;
  }
  if (left.is_negated) return merged(left, left_shift, right, right_shift, false, false, true);
  if (right.is_negated) return merged(left, left_shift, right, right_shift, false, true, false);
  return merged(left, left_shift, right, right_shift, true, false, false);
}

Places either_places(const Places& left, std::int32_t left_shift, const Places& right,
                     std::int32_t right_shift) {
  Places result;
  if (left.is_negated && right.is_negated) {
    result = merged(left, left_shift, right, right_shift, true, false, false);
  } else if (left.is_negated) {
    result = merged(left, left_shift, right, right_shift, false, true, false);
  } else if (right.is_negated) {
    result = merged(left, left_shift, right, right_shift, false, false, true);
  } else {
    return merged(left, left_shift, right, right_shift, true, true, true);
  }
  result.is_negated = true;
  return result;
}

/// Of what both must be there, as in a phrase.
Places joint_places(const Places& left, const Places& right, const TsQuery& query) {
  if (!left.is_possible() || !right.is_possible()) return {};
  if (left.is_unknown || right.is_unknown) return {.is_unknown = true};
  if (query.op == Op::phrase) {
    Places result = both_places(left, query.distance + right.width, right, 0);
    result.width = query.distance + left.width + right.width;
    return result;
  }
  const std::int32_t width = std::max(left.width, right.width);
  Places result = both_places(left, width - left.width, right, width - right.width);
  result.width = width;
  return result;
}

Places alternative_places(const Places& left, const Places& right) {
  if (left.is_unknown || right.is_unknown) return {.is_unknown = true};
  const std::int32_t left_width = left.is_possible() ? left.width : 0;
  const std::int32_t right_width = right.is_possible() ? right.width : 0;
  const std::int32_t width = std::max(left_width, right_width);
  Places result = either_places(left, width - left_width, right, width - right_width);
  result.width = width;
  return result;
}

/// Of what is no operator between two.
Places operand_places(const TsVector& vector, const TsQuery& query) {
  if (query.op == Op::lexeme) return lexeme_places(vector, query);
  Places places = places_of(vector, query.parts[0]);
  places.is_negated = !places.is_negated;
  return places;
}

/// Operators in a row nest to the left: that is gone through without recursion.
Places places_of(const TsVector& vector, const TsQuery& query) {
  std::vector<const TsQuery*> operators;
  const TsQuery* first = &query;
  for (; first->parts.size() == 2; first = &first->parts[0]) operators.push_back(first);
  Places places = operand_places(vector, *first);
  for (auto next = operators.rbegin(); next != operators.rend(); ++next) {
    const Places right = places_of(vector, (*next)->parts[1]);
    places = (*next)->op == Op::or_ ? alternative_places(places, right)
                                    : joint_places(places, right, **next);
  }
  return places;
}

}  // namespace

bool matches(const TsVector& vector, const TsQuery& query) {
  switch (query.op) {
    case Op::none: return false;
    case Op::lexeme: return has_lexeme(vector, query);
    case Op::not_: return !matches(vector, query.parts[0]);
    case Op::and_: return matches(vector, query.parts[0]) && matches(vector, query.parts[1]);
    case Op::or_: return matches(vector, query.parts[0]) || matches(vector, query.parts[1]);
    case Op::phrase: {
      const Places places = places_of(vector, query);
      return places.is_possible() && !places.is_unknown;
    }
  }
  return false;
}

}  // namespace firedrill::sim::postgres
