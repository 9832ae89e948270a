#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"
#include "sim/redis/sorted_set_handlers.h"

// Commands on a range of a sorted set: by rank, by score, by the members' bytes.

namespace firedrill::sim::redis {

namespace {

// --- Ends of ranges ------------------------------------------------------------------------------

struct ScoreBound {
  double score = 0;
  bool exclusive = false;
};

/// "1.5", "(1.5", "-inf". Redis reads these less strictly than scores: "" is 0, 1e999 is inf.
std::optional<ScoreBound> parse_score_bound(std::string_view text) {
  ScoreBound bound;
  bound.exclusive = !text.empty() && text.front() == '(';
  if (bound.exclusive) text.remove_prefix(1);
  if (const auto integer = parse_integer(text)) {
    bound.score = static_cast<double>(*integer);
    return bound;
  }
  const std::string copy(text);
  char* end = nullptr;
  bound.score = std::strtod(copy.c_str(), &end);
  if (*end != '\0' || std::isnan(bound.score)) return std::nullopt;
  return bound;
}

/// "-", "+", "[member" or "(member".
struct LexBound {
  enum class Kind : std::uint8_t { least, inclusive, exclusive, greatest };
  Kind kind = Kind::least;
  std::string_view member;

  /// Whether `other` satisfies this as a minimum, and as a maximum.
  bool lets_from(std::string_view other) const {
    if (kind == Kind::least || kind == Kind::greatest) return kind == Kind::least;
    return kind == Kind::inclusive ? other >= member : other > member;
  }
  bool lets_up_to(std::string_view other) const {
    if (kind == Kind::least || kind == Kind::greatest) return kind == Kind::greatest;
    return kind == Kind::inclusive ? other <= member : other < member;
  }
};

std::optional<LexBound> parse_lex_bound(std::string_view text) {
  using Kind = LexBound::Kind;
  if (text == "-") return LexBound{Kind::least, {}};
  if (text == "+") return LexBound{Kind::greatest, {}};
  if (text.starts_with('[')) return LexBound{Kind::inclusive, text.substr(1)};
  if (text.starts_with('(')) return LexBound{Kind::exclusive, text.substr(1)};
  return std::nullopt;
}

bool never(const LexBound& min, const LexBound& max) {
  using Kind = LexBound::Kind;
  if (min.kind == Kind::greatest || max.kind == Kind::least) return true;
  if (min.kind == Kind::least || max.kind == Kind::greatest) return false;
  const bool open = min.kind == Kind::exclusive || max.kind == Kind::exclusive;
  return min.member > max.member || (min.member == max.member && open);
}

// --- Ranges --------------------------------------------------------------------------------------

enum class By : std::uint8_t { rank, score, lex };

/// A range as a command gives it: which two members of it count, `by` says.
struct Range {
  By by = By::rank;
  bool reverse = false;
  std::int64_t start = 0, stop = 0;
  ScoreBound min, max;
  LexBound least, greatest;
};

/// Reads both ends; null where all is well. Reverse ranges by score or member have the greater end
/// first.
const char* parse_ends(std::string_view first, std::string_view second, Range& range) {
  if (range.by == By::rank) {
    const auto start = parse_integer(first);
    const auto stop = parse_integer(second);
    if (!start || !stop) return errors::kNotInteger;
    range.start = *start;
    range.stop = *stop;
    return nullptr;
  }
  if (range.reverse) std::swap(first, second);
  if (range.by == By::score) {
    const auto min = parse_score_bound(first);
    const auto max = parse_score_bound(second);
    if (!min || !max) return "ERR min or max is not a float";
    range.min = *min;
    range.max = *max;
    return nullptr;
  }
  const auto least = parse_lex_bound(first);
  const auto greatest = parse_lex_bound(second);
  if (!least || !greatest) return "ERR min or max not valid string range item";
  range.least = *least;
  range.greatest = *greatest;
  return nullptr;
}

/// Ranks [first, last), never past the set.
struct Ranks {
  std::size_t first = 0;
  std::size_t last = 0;

  std::size_t size() const { return first < last ? last - first : 0; }
};

Ranks ranks_by_index(const SortedSet& set, const Range& range) {
  const auto size = static_cast<std::int64_t>(set.size());
  std::int64_t start = range.start;
  std::int64_t stop = range.stop;
  if (start < 0) start = std::max<std::int64_t>(start + size, 0);
  if (stop < 0) stop += size;
  stop = std::min(stop, size - 1);
  if (start > stop) return {};
  const Ranks ranks{static_cast<std::size_t>(start), static_cast<std::size_t>(stop) + 1};
  if (!range.reverse) return ranks;
  return {set.size() - ranks.last, set.size() - ranks.first};
}

/// A listpack is searched element by element, from the end where the range begins: it shows where
/// the scores differ, which Redis leaves undefined.
Ranks ranks_by_lex_in_listpack(const SortedSet& set, const Range& range) {
  const auto elements = set.range(0, set.size());
  const auto too_small = [&](const auto& e) { return !range.least.lets_from(e.member); };
  const auto too_great = [&](const auto& e) { return !range.greatest.lets_up_to(e.member); };
  if (range.reverse) {
    const auto last = std::find_if_not(elements.rbegin(), elements.rend(), too_great);
    const auto first = std::find_if(last, elements.rend(), too_small);
    return {static_cast<std::size_t>(elements.rend() - first),
            static_cast<std::size_t>(elements.rend() - last)};
  }
  const auto first = std::find_if_not(elements.begin(), elements.end(), too_small);
  const auto last = std::find_if(first, elements.end(), too_great);
  return {static_cast<std::size_t>(first - elements.begin()),
          static_cast<std::size_t>(last - elements.begin())};
}

Ranks ranks_by_lex(const SortedSet& set, const Range& range) {
  const bool outside = set.empty() || never(range.least, range.greatest) ||
                       !range.least.lets_from(set.at(set.size() - 1).member) ||
                       !range.greatest.lets_up_to(set.at(0).member);
  if (outside) return {};
  if (set.listpack) return ranks_by_lex_in_listpack(set, range);
  return {set.count_before([&](const auto& e) { return !range.least.lets_from(e.member); }),
          set.count_before([&](const auto& e) { return range.greatest.lets_up_to(e.member); })};
}

Ranks ranks_of(const SortedSet& set, const Range& range) {
  switch (range.by) {
    case By::rank: return ranks_by_index(set, range);
    case By::score:
      return {set.count_below(range.min.score, range.min.exclusive),
              set.count_below(range.max.score, !range.max.exclusive)};
    case By::lex: return ranks_by_lex(set, range);
  }
  return {};
}

// --- ZRANGE and its kin --------------------------------------------------------------------------

/// What ZRANGE and its elder brothers are told.
struct Query {
  Range range;
  bool with_scores = false;
  std::int64_t offset = 0;
  std::int64_t count = -1;  ///< -1: all
};

/// What the command's name says, and which options it leaves to the caller.
struct Form {
  By by = By::rank;
  bool reverse = false;
  bool chooses = false;  ///< BYSCORE, BYLEX, REV may be given
  bool stores = false;
};

/// LIMIT's two numbers; null where all is well.
const char* parse_limit(std::string_view offset_text, std::string_view count_text, Query& query) {
  const auto offset = parse_integer(offset_text);
  const auto count = parse_integer(count_text);
  if (!offset || !count) return errors::kNotInteger;
  query.offset = *offset;
  query.count = *count;
  return nullptr;
}

/// What of the range the command's words have chosen so far: each can be chosen once.
struct Chosen {
  bool by = false;
  bool direction = false;
};

/// BYSCORE, BYLEX, REV: false where it is none of them.
bool parse_choice(std::string_view word, Chosen& chosen, Range& range) {
  if (equals_ignoring_case(word, "rev")) {
    range.reverse = true;
    return !std::exchange(chosen.direction, true);
  }
  const bool by_score = equals_ignoring_case(word, "byscore");
  if (!by_score && !equals_ignoring_case(word, "bylex")) return false;
  range.by = by_score ? By::score : By::lex;
  return !std::exchange(chosen.by, true);
}

const char* parse_options(Arguments words, const Form& form, Query& query) {
  Range& range = query.range;
  Chosen chosen;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!form.stores && equals_ignoring_case(words[i], "withscores")) {
      query.with_scores = true;
    } else if (equals_ignoring_case(words[i], "limit") && i + 2 < words.size()) {
      if (const char* problem = parse_limit(words[i + 1], words[i + 2], query)) return problem;
      i += 2;
    } else if (!form.chooses || !parse_choice(words[i], chosen, range)) {
      return errors::kSyntax;
    }
  }
  if (query.count != -1 && range.by == By::rank) {
    return "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX";
  }
  if (query.with_scores && range.by == By::lex) {
    return "ERR syntax error, WITHSCORES not supported in combination with BYLEX";
  }
  return nullptr;
}

/// Cuts `ranks` to what LIMIT leaves, counted from the end where the order is reversed.
Ranks limited(Ranks ranks, const Query& query) {
  if (query.range.by == By::rank || ranks.size() == 0) return ranks;
  if (query.offset < 0) return {};
  const auto skip = std::min(static_cast<std::size_t>(query.offset), ranks.size());
  std::size_t take = ranks.size() - skip;
  if (query.count >= 0) take = std::min(take, static_cast<std::size_t>(query.count));
  if (query.range.reverse) {
    ranks.last -= skip;
    ranks.first = ranks.last - take;
  } else {
    ranks.first += skip;
    ranks.last = ranks.first + take;
  }
  return ranks;
}

RedisReply store(Call& call, const std::vector<SortedSet::Element>& elements) {
  SortedSet set;
  for (const auto& element : elements) {
    set.add(element.member, element.score, call.state.config);
  }
  return store_sorted_set(call, call.args[1], std::move(set));
}

RedisReply range_command(Call& call, const Form& form) {
  Query query;
  query.range.by = form.by;
  query.range.reverse = form.reverse;
  const std::size_t key_at = form.stores ? 2 : 1;
  if (const char* problem = parse_options(call.args.subspan(key_at + 3), form, query)) {
    return error(problem);
  }
  if (const char* problem = parse_ends(call.args[key_at + 1], call.args[key_at + 2], query.range)) {
    return error(problem);
  }
  SortedSet* set;
  if (!read(call, call.args[key_at], &set)) return error(errors::kWrongType);
  std::vector<SortedSet::Element> elements;
  if (set != nullptr) {
    const Ranks ranks = limited(ranks_of(*set, query.range), query);
    elements = set->range(ranks.first, ranks.last);
    if (query.range.reverse) std::reverse(elements.begin(), elements.end());
  }
  return form.stores ? store(call, elements) : elements_reply(call, elements, query.with_scores);
}

RedisReply zrange(Call& call) {
  return range_command(call, {.chooses = true});
}
RedisReply zrangestore(Call& call) {
  return range_command(call, {.chooses = true, .stores = true});
}
RedisReply zrevrange(Call& call) {
  return range_command(call, {.reverse = true});
}
RedisReply zrangebyscore(Call& call) {
  return range_command(call, {.by = By::score});
}
RedisReply zrevrangebyscore(Call& call) {
  return range_command(call, {.by = By::score, .reverse = true});
}
RedisReply zrangebylex(Call& call) {
  return range_command(call, {.by = By::lex});
}
RedisReply zrevrangebylex(Call& call) {
  return range_command(call, {.by = By::lex, .reverse = true});
}

// --- Counting and removing -----------------------------------------------------------------------

/// The range of args[2] and args[3] in the set of args[1], which may be null.
const char* find_range(Call& call, By by, SortedSet** set, Ranks& ranks) {
  Range range;
  range.by = by;
  if (const char* problem = parse_ends(call.args[2], call.args[3], range)) return problem;
  if (!read(call, call.args[1], set)) return errors::kWrongType;
  if (*set != nullptr) ranks = ranks_of(**set, range);
  return nullptr;
}

RedisReply count_range(Call& call, By by) {
  SortedSet* set;
  Ranks ranks;
  if (const char* problem = find_range(call, by, &set, ranks)) return error(problem);
  return integer(ranks.size());
}

RedisReply zcount(Call& call) {
  return count_range(call, By::score);
}
RedisReply zlexcount(Call& call) {
  return count_range(call, By::lex);
}

RedisReply remove_range(Call& call, By by) {
  SortedSet* set;
  Ranks ranks;
  if (const char* problem = find_range(call, by, &set, ranks)) return error(problem);
  if (ranks.size() == 0) return RedisReply::of(0);
  set->erase_range(ranks.first, ranks.last);
  mark_changed(call, call.args[1]);
  drop_if_empty(call, call.args[1], set->size());
  return integer(ranks.size());
}

RedisReply zremrangebyscore(Call& call) {
  return remove_range(call, By::score);
}
RedisReply zremrangebyrank(Call& call) {
  return remove_range(call, By::rank);
}
RedisReply zremrangebylex(Call& call) {
  return remove_range(call, By::lex);
}

constexpr CommandSpec kCommands[] = {
    {"zcount", 4, kRead, zcount, kOneKey},
    {"zlexcount", 4, kRead, zlexcount, kOneKey},
    {"zrange", -4, kRead, zrange, kOneKey},
    {"zrangestore", -5, kWrite | kDenyOom, zrangestore, {1, 2, 1}},
    {"zrevrange", -4, kRead, zrevrange, kOneKey},
    {"zrangebyscore", -4, kRead, zrangebyscore, kOneKey},
    {"zrevrangebyscore", -4, kRead, zrevrangebyscore, kOneKey},
    {"zrangebylex", -4, kRead, zrangebylex, kOneKey},
    {"zrevrangebylex", -4, kRead, zrevrangebylex, kOneKey},
    {"zremrangebyscore", 4, kWrite, zremrangebyscore, kOneKey},
    {"zremrangebyrank", 4, kWrite, zremrangebyrank, kOneKey},
    {"zremrangebylex", 4, kWrite, zremrangebylex, kOneKey},
};

}  // namespace

std::span<const CommandSpec> sorted_set_range_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
