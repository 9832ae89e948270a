#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/draw.h"
#include "sim/redis/numbers.h"
#include "sim/redis/scan.h"
#include "sim/redis/sorted_set_handlers.h"

namespace firedrill::sim::redis {

namespace {

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

Added add_one(SortedSet& set, const AddOptions& options, double score, std::string_view member,
              const Config& config) {
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
  set.add(member, score, config);
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
    last = add_one(*set, options, scores[i], pairs[2 * i + 1], call.state.config);
    fresh += last.is_new;
    updated += last.updated;
  }
  if (fresh + updated > 0) mark_changed(call, key);
  drop_if_empty(call, key, set->size());
  if (last.not_a_number) return error("ERR resulting score is not a number (NaN)");
  if (options.incr) {
    return last.skipped ? RedisReply::nil() : score_reply(call, last.score);
  }
  return integer(options.ch ? fresh + updated : fresh);
}

/// ZINCRBY takes ZADD's options, too.
RedisReply add_command(Call& call, AddOptions options) {
  const std::size_t first = parse_add(call.args, options);
  if (const char* problem = problem_of(options, call.args.size() - first)) return error(problem);
  return add_scores(call, options, first);
}

RedisReply zadd(Call& call) {
  return add_command(call, {});
}
RedisReply zincrby(Call& call) {
  return add_command(call, {.incr = true});
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

RedisReply score_of(const Call& call, const SortedSet* set, std::string_view member) {
  const auto score = set == nullptr ? std::nullopt : set->score_of(member);
  return score ? score_reply(call, *score) : RedisReply::nil();
}

RedisReply zscore(Call& call) {
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  return score_of(call, set, call.args[2]);
}

RedisReply zmscore(Call& call) {
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  std::vector<RedisReply> scores;
  for (const auto member : call.args.subspan(2)) scores.push_back(score_of(call, set, member));
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

// --- At random, and step by step -----------------------------------------------------------------

/// ZRANDMEMBER with a count.
RedisReply random_members(Call& call) {
  std::int64_t count = 0;
  if (auto problem = parse_draw_count(call.args[2], count)) return std::move(*problem);
  const bool with_scores =
      call.args.size() == 4 && equals_ignoring_case(call.args[3], "withscores");
  if (call.args.size() > 3 && !with_scores) return error(errors::kSyntax);
  if (with_scores && (count < -INT64_MAX / 2 || count > INT64_MAX / 2)) {
    return error("ERR value is out of range");
  }
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr || count == 0) return RedisReply::array();
  std::vector<SortedSet::Element> elements;
  for (const std::size_t rank :
       draw_positions(call.state, set->size(), std::max(count, -kMostDrawn))) {
    elements.push_back(set->at(rank));
  }
  // All of them come from the last to the first.
  const bool are_all = count > 1 && static_cast<std::size_t>(count) >= set->size();
  if (are_all) std::reverse(elements.begin(), elements.end());
  return elements_reply(call, elements, with_scores);
}

RedisReply zrandmember(Call& call) {
  if (call.args.size() > 2) return random_members(call);
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr) return RedisReply::nil();
  return bulk(set->at(call.state.draw_below(set->size())).member);
}

RedisReply zscan(Call& call) {
  const auto cursor = parse_cursor(call.args[2]);
  if (!cursor) return error("ERR invalid cursor");
  SortedSet* set;
  if (!read(call, call.args[1], &set)) return error(errors::kWrongType);
  if (set == nullptr) return scan_reply(0, {});
  ScanOptions options;
  if (const char* problem = parse_scan_options(call.args.subspan(3), false, options)) {
    return error(problem);
  }
  std::vector<RedisReply> found;
  const auto add = [&](const SortedSet::Element& element) {
    if (!options.matches(element.member)) return;
    found.push_back(bulk(element.member));
    found.push_back(RedisReply::bulk(score_text(element.score)));
  };
  if (set->listpack) {
    for (const auto& element : set->range(0, set->size())) add(element);
    return scan_reply(0, std::move(found));
  }
  const std::uint64_t next = scan_step(*cursor, set->size(), options.count,
                                       [&](std::size_t at) { add(set->in_any_order(at)); });
  return scan_reply(next, std::move(found));
}

constexpr std::uint16_t kAdds = kWrite | kDenyOom;

constexpr CommandSpec kCommands[] = {
    {"zadd", -4, kAdds, zadd, kOneKey},
    {"zincrby", 4, kAdds, zincrby, kOneKey},
    {"zrem", -3, kWrite, zrem, kOneKey},
    {"zcard", 2, kRead, zcard, kOneKey},
    {"zscore", 3, kRead, zscore, kOneKey},
    {"zmscore", -3, kRead, zmscore, kOneKey},
    {"zrank", 3, kRead, zrank, kOneKey},
    {"zrevrank", 3, kRead, zrevrank, kOneKey},
    {"zrandmember", -2, kRead, zrandmember, kOneKey},
    {"zscan", -3, kRead, zscan, kOneKey},
};

}  // namespace

std::span<const CommandSpec> sorted_set_commands() {
  return kCommands;
}

// --- What commands of sorted sets share ----------------------------------------------------------

RedisReply score_reply(const Call& call, double score) {
  return real(call, score_text(score));
}

RedisReply elements_reply(const Call& call, const std::vector<SortedSet::Element>& elements,
                          bool with_scores) {
  std::vector<RedisReply> items;
  const bool pairs = with_scores && call.resp3();
  items.reserve(elements.size() * (with_scores && !pairs ? 2 : 1));
  for (const auto& element : elements) {
    if (pairs) {
      items.push_back(RedisReply::array({bulk(element.member), score_reply(call, element.score)}));
      continue;
    }
    items.push_back(bulk(element.member));
    if (with_scores) items.push_back(score_reply(call, element.score));
  }
  return RedisReply::array(std::move(items));
}

RedisReply store_sorted_set(Call& call, std::string_view key, SortedSet set) {
  const std::size_t size = set.size();
  if (size > 0) {
    call.keys().put(key, std::make_unique<SortedSet>(std::move(set)));
  } else if (call.keys().find(key) != nullptr) {
    call.keys().erase(key);
  }
  return integer(size);
}

}  // namespace firedrill::sim::redis
