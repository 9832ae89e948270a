#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/numbers.h"
#include "sim/redis/sorted_set_handlers.h"

// ZUNION, ZINTER, ZDIFF and their kin, over sorted sets and over sets, whose members count 1 each.

namespace firedrill::sim::redis {

namespace {

enum class Operation : std::uint8_t { unite, intersect, subtract };
enum class Aggregate : std::uint8_t { sum, min, max };

/// One of the inputs.
struct Source {
  const SortedSet* sorted = nullptr;
  const Set* plain = nullptr;  ///< both null: the key is missing
  double weight = 1;

  std::size_t size() const {
    if (sorted != nullptr) return sorted->size();
    return plain == nullptr ? 0 : plain->size();
  }
  std::optional<double> score_of(std::string_view member) const {
    if (sorted != nullptr) return sorted->score_of(member);
    if (plain == nullptr || !plain->contains(member)) return std::nullopt;
    return 1;
  }
  std::vector<SortedSet::Element> elements() const {
    if (sorted != nullptr) return sorted->range(0, sorted->size());
    std::vector<SortedSet::Element> elements;
    if (plain == nullptr) return elements;
    for (const auto& entry : plain->members) elements.push_back({entry.key, 1});
    return elements;
  }
};

struct Query {
  Operation operation = Operation::unite;
  bool stores = false;
  bool counts_only = false;  ///< ZINTERCARD
  std::vector<Source> sources{};
  Aggregate aggregate = Aggregate::sum;
  bool with_scores = false;
  std::uint64_t limit = 0;  ///< of ZINTERCARD; 0: none
};

/// inf - inf, and inf * 0, count as 0.
double aggregated(Aggregate how, double a, double b) {
  switch (how) {
    case Aggregate::sum: return std::isnan(a + b) ? 0 : a + b;
    case Aggregate::min: return b < a ? b : a;
    case Aggregate::max: return b > a ? b : a;
  }
  return a;
}

double weighted(const Source& source, double score) {
  const double product = source.weight * score;
  return std::isnan(product) ? 0 : product;
}

// --- Reading the command -------------------------------------------------------------------------

/// The keys behind the number at args[at], which is moved behind them; nothing where all is well.
std::optional<RedisReply> read_sources(Call& call, std::size_t& at, Query& query) {
  const auto count = parse_integer(call.args[at]);
  if (!count) return error(errors::kNotInteger);
  if (*count < 1) {
    return RedisReply::error("ERR at least 1 input key is needed for '" + lower_case(call.args[0]) +
                             "' command");
  }
  ++at;
  if (static_cast<std::uint64_t>(*count) > call.args.size() - at) return error(errors::kSyntax);
  for (const std::size_t end = at + static_cast<std::size_t>(*count); at < end; ++at) {
    Source source;
    if (const Keyspace::Entry* entry = call.keys().find(call.args[at])) {
      const Value& value = entry->value.value;
      if (const auto* sorted = std::get_if<std::unique_ptr<SortedSet>>(&value)) {
        source.sorted = sorted->get();
      } else if (const auto* plain = std::get_if<std::unique_ptr<Set>>(&value)) {
        source.plain = plain->get();
      } else {
        return error(errors::kWrongType);
      }
    }
    query.sources.push_back(source);
  }
  return std::nullopt;
}

const char* parse_weights(Arguments words, Query& query) {
  for (std::size_t i = 0; i < query.sources.size(); ++i) {
    const auto weight = parse_double(words[i]);
    if (!weight) return "ERR weight value is not a float";
    query.sources[i].weight = *weight;
  }
  return nullptr;
}

const char* parse_aggregate(std::string_view word, Query& query) {
  if (equals_ignoring_case(word, "sum")) {
    query.aggregate = Aggregate::sum;
  } else if (equals_ignoring_case(word, "min")) {
    query.aggregate = Aggregate::min;
  } else if (equals_ignoring_case(word, "max")) {
    query.aggregate = Aggregate::max;
  } else {
    return errors::kSyntax;
  }
  return nullptr;
}

const char* parse_options(Arguments words, Query& query) {
  const bool weighs = query.operation != Operation::subtract && !query.counts_only;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t more = words.size() - i - 1;
    const char* problem = nullptr;
    if (weighs && more >= query.sources.size() && equals_ignoring_case(words[i], "weights")) {
      problem = parse_weights(words.subspan(i + 1), query);
      i += query.sources.size();
    } else if (weighs && more >= 1 && equals_ignoring_case(words[i], "aggregate")) {
      problem = parse_aggregate(words[++i], query);
    } else if (!query.stores && !query.counts_only &&
               equals_ignoring_case(words[i], "withscores")) {
      query.with_scores = true;
    } else if (query.counts_only && more >= 1 && equals_ignoring_case(words[i], "limit")) {
      const auto limit = parse_integer(words[++i]);
      if (!limit || *limit < 0) return "ERR LIMIT can't be negative";
      query.limit = static_cast<std::uint64_t>(*limit);
    } else {
      return errors::kSyntax;
    }
    if (problem != nullptr) return problem;
  }
  return nullptr;
}

// --- The operations ------------------------------------------------------------------------------

SortedSet unite(const Query& query) {
  StringMap<double> scores;
  for (const Source& source : query.sources) {
    for (const auto& element : source.elements()) {
      const double score = weighted(source, element.score);
      const auto [entry, is_new] = scores.insert(element.member);
      entry->value = is_new ? score : aggregated(query.aggregate, entry->value, score);
    }
  }
  SortedSet result;
  for (const auto& entry : scores) result.set(entry.key, entry.value);
  return result;
}

/// The score of an element of the first source; nothing where another has not got it.
std::optional<double> score_in_all(const Query& query, const SortedSet::Element& element) {
  double score = weighted(query.sources[0], element.score);
  for (const Source& source : query.sources) {
    if (&source == &query.sources[0]) continue;
    const auto other = source.score_of(element.member);
    if (!other) return std::nullopt;
    score = aggregated(query.aggregate, score, *other * source.weight);
  }
  return score;
}

SortedSet intersect(const Query& query) {
  SortedSet result;
  for (const auto& element : query.sources[0].elements()) {
    if (const auto score = score_in_all(query, element)) result.set(element.member, *score);
    if (query.limit != 0 && result.size() == query.limit) break;
  }
  return result;
}

SortedSet subtract(const Query& query) {
  SortedSet result;
  for (const auto& element : query.sources[0].elements()) {
    const bool in_another = std::any_of(
        query.sources.begin() + 1, query.sources.end(),
        [&](const Source& source) { return source.score_of(element.member).has_value(); });
    if (!in_another) result.set(element.member, element.score);
  }
  return result;
}

SortedSet result_of(const Query& query) {
  switch (query.operation) {
    case Operation::unite: return unite(query);
    case Operation::intersect: return intersect(query);
    case Operation::subtract: return subtract(query);
  }
  return {};
}

/// What is stored is a listpack where it can be one.
SortedSet stored_form(const std::vector<SortedSet::Element>& elements, const Config& config) {
  SortedSet stored;
  stored.listpack = elements.size() <= static_cast<std::size_t>(config.zset_max_listpack_entries) &&
                    std::ranges::all_of(elements, [&](const SortedSet::Element& element) {
                      const auto longest = static_cast<std::size_t>(config.zset_max_listpack_value);
                      return element.member.size() <= longest;
                    });
  for (const auto& element : elements) stored.add(element.member, element.score, config);
  return stored;
}

RedisReply operate(Call& call, Query query) {
  std::size_t at = query.stores ? 2 : 1;
  if (auto problem = read_sources(call, at, query)) return std::move(*problem);
  if (const char* problem = parse_options(call.args.subspan(at), query)) return error(problem);
  if (query.operation != Operation::subtract) {
    // The smallest first: the order decides how sums are rounded.
    std::stable_sort(query.sources.begin(), query.sources.end(),
                     [](const Source& a, const Source& b) { return a.size() < b.size(); });
  }
  const SortedSet result = result_of(query);
  if (query.counts_only) return integer(result.size());
  const auto elements = result.range(0, result.size());
  if (!query.stores) return elements_reply(call, elements, query.with_scores);
  return store_sorted_set(call, call.args[1], stored_form(elements, call.state.config));
}

RedisReply zunion(Call& call) {
  return operate(call, {.operation = Operation::unite});
}
RedisReply zinter(Call& call) {
  return operate(call, {.operation = Operation::intersect});
}
RedisReply zdiff(Call& call) {
  return operate(call, {.operation = Operation::subtract});
}
RedisReply zintercard(Call& call) {
  return operate(call, {.operation = Operation::intersect, .counts_only = true});
}
RedisReply zunionstore(Call& call) {
  return operate(call, {.operation = Operation::unite, .stores = true});
}
RedisReply zinterstore(Call& call) {
  return operate(call, {.operation = Operation::intersect, .stores = true});
}
RedisReply zdiffstore(Call& call) {
  return operate(call, {.operation = Operation::subtract, .stores = true});
}

void keys_of_query(Arguments args, std::vector<std::size_t>& positions) {
  find_counted_keys(args, 1, positions);
}
/// The destination comes last.
void keys_of_store(Arguments args, std::vector<std::size_t>& positions) {
  find_counted_keys(args, 2, positions);
  if (!positions.empty()) positions.push_back(1);
}

constexpr std::uint16_t kStores = kWrite | kDenyOom;

constexpr CommandSpec kCommands[] = {
    {"zunion", -3, kRead, zunion, kNoKeys, keys_of_query},
    {"zinter", -3, kRead, zinter, kNoKeys, keys_of_query},
    {"zdiff", -3, kRead, zdiff, kNoKeys, keys_of_query},
    {"zintercard", -3, kRead, zintercard, kNoKeys, keys_of_query},
    {"zunionstore", -4, kStores, zunionstore, kNoKeys, keys_of_store},
    {"zinterstore", -4, kStores, zinterstore, kNoKeys, keys_of_store},
    {"zdiffstore", -4, kStores, zdiffstore, kNoKeys, keys_of_store},
};

}  // namespace

std::span<const CommandSpec> sorted_set_operation_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
