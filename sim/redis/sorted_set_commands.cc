#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

namespace {

constexpr const char* kNotRange = "ERR min or max is not a float";

struct AddOptions {
  bool nx = false, xx = false, gt = false, lt = false, ch = false, incr = false;
};

/// Reads options from args[2] on; where they end.
std::size_t parse_add(Arguments args, AddOptions& options) {
  std::size_t at = 2;
  for (; at < args.size(); ++at) {
    if (equals_ignoring_case(args[at], "nx")) {
      options.nx = true;
    } else if (equals_ignoring_case(args[at], "xx")) {
      options.xx = true;
    } else if (equals_ignoring_case(args[at], "gt")) {
      options.gt = true;
    } else if (equals_ignoring_case(args[at], "lt")) {
      options.lt = true;
    } else if (equals_ignoring_case(args[at], "ch")) {
      options.ch = true;
    } else if (equals_ignoring_case(args[at], "incr")) {
      options.incr = true;
    } else {
      break;
    }
  }
  return at;
}

const char* problem_of(const AddOptions& options, std::size_t words_left) {
  if (words_left == 0 || words_left % 2 != 0) return errors::kSyntax;
  if (options.nx && options.xx) {
    return "ERR XX and NX options at the same time are not compatible";
  }
  if ((options.gt && options.nx) || (options.lt && options.nx) || (options.gt && options.lt)) {
    return "ERR GT, LT, and/or NX options at the same time are not compatible";
  }
  if (options.incr && words_left > 2) {
    return "ERR INCR option supports a single increment-element pair";
  }
  return nullptr;
}

struct Added {
  bool is_new = false;
  bool updated = false;
  bool skipped = false;
  bool not_a_number = false;
  double score = 0;
};

Added add_one(SortedSet& set, const AddOptions& options, double score, std::string_view member) {
  Added added;
  const auto current = set.score_of(member);
  added.skipped = current ? options.nx : options.xx;
  if (added.skipped) return added;
  if (current && options.incr) score += *current;
  added.not_a_number = std::isnan(score);
  if (added.not_a_number) return added;
  if (current && ((options.lt && score >= *current) || (options.gt && score <= *current))) {
    added.skipped = true;
    return added;
  }
  added.score = score;
  added.is_new = !current;
  added.updated = current && *current != score;
  set.set(member, score);
  return added;
}

/// ZADD and ZINCRBY: scores and members from args[first] on.
RedisReply add_scores(Call& call, const AddOptions& options, std::size_t first) {
  const Arguments pairs = call.args.subspan(first);
  std::vector<double> scores;
  scores.reserve(pairs.size() / 2);
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const auto score = parse_double(pairs[i]);
    if (!score) return error(errors::kNotFloat);
    scores.push_back(*score);
  }
  const auto key = call.args[1];
  SortedSet* set;
  if (!read(call, key, &set)) return error(errors::kWrongType);
  if (set == nullptr) {
    if (options.xx) return options.incr ? RedisReply::nil() : RedisReply::of(0);
    set = write<SortedSet>(call, key);
  }
  std::size_t fresh = 0;
  std::size_t updated = 0;
  Added last;
  for (std::size_t i = 0; i < scores.size() && !last.not_a_number; ++i) {
    last = add_one(*set, options, scores[i], pairs[2 * i + 1]);
    fresh += last.is_new;
    updated += last.updated;
  }
  if (fresh + updated > 0) mark_changed(call, key);
  drop_if_empty(call, key, set->size());
  if (last.not_a_number) return error("ERR resulting score is not a number (NaN)");
  if (options.incr) {
    return last.skipped ? RedisReply::nil() : RedisReply::bulk(score_text(last.score));
  }
  return integer(options.ch ? fresh + updated : fresh);
}

RedisReply zadd(Call& call) {
  AddOptions options;
  const std::size_t first = parse_add(call.args, options);
  if (const char* problem = problem_of(options, call.args.size() - first)) return error(problem);
  return add_scores(call, options, first);
}

RedisReply zincrby(Call& call) {
  AddOptions options;
  options.incr = true;
  return add_scores(call, options, 2);
}

RedisReply zrem(Call& call) {
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr) return RedisReply::of(0);
  std::size_t gone = 0;
  for (const auto member : call.args.subspan(2)) gone += set->erase(member);
  if (gone > 0) {
    mark_changed(call, call.args[1]);
    drop_if_empty(call, call.args[1], set->size());
  }
  return integer(gone);
}

RedisReply zcard(Call& call) {
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  return integer(set == nullptr ? 0 : set->size());
}

RedisReply score_reply(const SortedSet* set, std::string_view member) {
  const auto score = set == nullptr ? std::nullopt : set->score_of(member);
  return score ? RedisReply::bulk(score_text(*score)) : RedisReply::nil();
}

RedisReply zscore(Call& call) {
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  return score_reply(set, call.args[2]);
}

RedisReply zmscore(Call& call) {
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  std::vector<RedisReply> scores;
  for (const auto member : call.args.subspan(2)) scores.push_back(score_reply(set, member));
  return RedisReply::array(std::move(scores));
}

RedisReply rank(Call& call, bool from_the_top) {
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr || !set->score_of(call.args[2])) return RedisReply::nil();
  const std::size_t rank = set->rank_of(call.args[2]);
  return integer(from_the_top ? set->size() - 1 - rank : rank);
}

RedisReply zrank(Call& call) {
  return rank(call, false);
}
RedisReply zrevrank(Call& call) {
  return rank(call, true);
}

struct Bound {
  double score = 0;
  bool exclusive = false;
};

std::optional<Bound> parse_bound(std::string_view text) {
  Bound bound;
  bound.exclusive = !text.empty() && text.front() == '(';
  if (bound.exclusive) text.remove_prefix(1);
  const auto score = parse_double(text);
  if (!score) return std::nullopt;
  bound.score = *score;
  return bound;
}

/// Ranks [first, last), never past the set.
struct Ranks {
  std::size_t first = 0;
  std::size_t last = 0;

  bool empty() const { return first >= last; }
};

Ranks ranks_between(const SortedSet& set, const Bound& min, const Bound& max) {
  Ranks ranks;
  ranks.first = set.count_below(min.score, min.exclusive);
  ranks.last = set.count_below(max.score, !max.exclusive);
  return ranks;
}

Ranks ranks_between(const SortedSet& set, std::int64_t start, std::int64_t stop) {
  const auto size = static_cast<std::int64_t>(set.size());
  if (start < 0) start = std::max<std::int64_t>(start + size, 0);
  if (stop < 0) stop += size;
  stop = std::min(stop, size - 1);
  if (start > stop) return {};
  return {static_cast<std::size_t>(start), static_cast<std::size_t>(stop) + 1};
}

RedisReply zcount(Call& call) {
  const auto min = parse_bound(call.args[2]);
  const auto max = parse_bound(call.args[3]);
  if (!min || !max) return error(kNotRange);
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr) return RedisReply::of(0);
  const Ranks ranks = ranks_between(*set, *min, *max);
  return integer(ranks.empty() ? 0 : ranks.last - ranks.first);
}

struct RangeOptions {
  bool by_score = false;
  bool reverse = false;
  bool with_scores = false;
  bool limited = false;
  std::int64_t offset = 0;
  std::int64_t count = -1;
};

/// Options of ZRANGE and its elder brothers, from args[4] on; null where all is well.
const char* parse_range(Arguments words, RangeOptions& options, bool is_zrange) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (equals_ignoring_case(words[i], "withscores")) {
      options.with_scores = true;
    } else if (equals_ignoring_case(words[i], "limit") && i + 2 < words.size()) {
      const auto offset = parse_integer(words[i + 1]);
      const auto count = parse_integer(words[i + 2]);
      if (!offset || !count) return errors::kNotInteger;
      options.limited = true;
      options.offset = *offset;
      options.count = *count;
      i += 2;
    } else if (is_zrange && equals_ignoring_case(words[i], "byscore")) {
      options.by_score = true;
    } else if (is_zrange && equals_ignoring_case(words[i], "rev")) {
      options.reverse = true;
    } else {
      return errors::kSyntax;
    }
  }
  if (!options.by_score) options.limited = false;  // a count of -1 is let pass
  if (options.count != -1 && !options.by_score) {
    return "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX";
  }
  return nullptr;
}

/// Cuts `ranks` to what LIMIT leaves, counted from the end where the order is reversed.
Ranks limited(Ranks ranks, const RangeOptions& options) {
  if (!options.limited || ranks.empty()) return ranks;
  if (options.offset < 0) return {};
  const std::size_t length = ranks.last - ranks.first;
  const auto skip = std::min(static_cast<std::size_t>(options.offset), length);
  std::size_t take = length - skip;
  if (options.count >= 0) take = std::min(take, static_cast<std::size_t>(options.count));
  if (options.reverse) {
    ranks.last -= skip;
    ranks.first = ranks.last - take;
  } else {
    ranks.first += skip;
    ranks.last = ranks.first + take;
  }
  return ranks;
}

RedisReply elements_reply(const SortedSet& set, Ranks ranks, const RangeOptions& options) {
  auto elements = set.range(ranks.first, ranks.last);
  if (options.reverse) std::reverse(elements.begin(), elements.end());
  std::vector<RedisReply> items;
  items.reserve(elements.size() * (options.with_scores ? 2 : 1));
  for (const auto& element : elements) {
    items.push_back(bulk(element.member));
    if (options.with_scores) items.push_back(RedisReply::bulk(score_text(element.score)));
  }
  return RedisReply::array(std::move(items));
}

/// The range's ends as args[2] and args[3] give them, against a set; an error reply in `problem`.
using RanksOf = Ranks (*)(Call& call, const RangeOptions& options, const SortedSet* set,
                          const char*& problem);

Ranks score_ranks(Call& call, const RangeOptions& options, const SortedSet* set,
                  const char*& problem) {
  const auto min = parse_bound(call.args[options.reverse ? 3 : 2]);
  const auto max = parse_bound(call.args[options.reverse ? 2 : 3]);
  if (!min || !max) problem = kNotRange;
  if (problem != nullptr || set == nullptr) return {};
  return ranks_between(*set, *min, *max);
}

Ranks index_ranks(Call& call, const RangeOptions& options, const SortedSet* set,
                  const char*& problem) {
  const auto start = parse_integer(call.args[2]);
  const auto stop = parse_integer(call.args[3]);
  if (!start || !stop) problem = errors::kNotInteger;
  if (problem != nullptr || set == nullptr) return {};
  Ranks ranks = ranks_between(*set, *start, *stop);
  if (options.reverse && !ranks.empty()) {
    ranks = {set->size() - ranks.last, set->size() - ranks.first};
  }
  return ranks;
}

RedisReply range(Call& call, RangeOptions options, bool is_zrange) {
  if (const char* problem = parse_range(call.args.subspan(4), options, is_zrange)) {
    return error(problem);
  }
  const RanksOf ranks_of = options.by_score ? score_ranks : index_ranks;
  const char* problem = nullptr;
  ranks_of(call, options, nullptr, problem);
  if (problem != nullptr) return error(problem);
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr) return RedisReply::array();
  return elements_reply(*set, limited(ranks_of(call, options, set, problem), options), options);
}

RedisReply zrange(Call& call) {
  return range(call, {}, true);
}
RedisReply zrevrange(Call& call) {
  return range(call, {.reverse = true}, false);
}
RedisReply zrangebyscore(Call& call) {
  return range(call, {.by_score = true}, false);
}
RedisReply zrevrangebyscore(Call& call) {
  return range(call, {.by_score = true, .reverse = true}, false);
}

RedisReply remove_range(Call& call, RanksOf ranks_of) {
  const char* problem = nullptr;
  ranks_of(call, {}, nullptr, problem);
  if (problem != nullptr) return error(problem);
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr) return RedisReply::of(0);
  const Ranks ranks = ranks_of(call, {}, set, problem);
  if (ranks.empty()) return RedisReply::of(0);
  set->erase_range(ranks.first, ranks.last);
  mark_changed(call, call.args[1]);
  drop_if_empty(call, call.args[1], set->size());
  return integer(ranks.last - ranks.first);
}

RedisReply zremrangebyscore(Call& call) {
  return remove_range(call, score_ranks);
}
RedisReply zremrangebyrank(Call& call) {
  return remove_range(call, index_ranks);
}

constexpr CommandSpec kCommands[] = {
    {"zadd", -4, kWrite, zadd},
    {"zincrby", 4, kWrite, zincrby},
    {"zrem", -3, kWrite, zrem},
    {"zcard", 2, kRead, zcard},
    {"zscore", 3, kRead, zscore},
    {"zmscore", -3, kRead, zmscore},
    {"zrank", 3, kRead, zrank},
    {"zrevrank", 3, kRead, zrevrank},
    {"zcount", 4, kRead, zcount},
    {"zrange", -4, kRead, zrange},
    {"zrevrange", -4, kRead, zrevrange},
    {"zrangebyscore", -4, kRead, zrangebyscore},
    {"zrevrangebyscore", -4, kRead, zrevrangebyscore},
    {"zremrangebyscore", 4, kWrite, zremrangebyscore},
    {"zremrangebyrank", 4, kWrite, zremrangebyrank},
};

}  // namespace

std::span<const CommandSpec> sorted_set_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
