#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/command.h"
#include "sim/redis/list_ends.h"
#include "sim/redis/numbers.h"

namespace firedrill::sim::redis {

// --- Both ends -----------------------------------------------------------------------------------

std::optional<End> parse_end(std::string_view word) {
  if (equals_ignoring_case(word, "left")) return End::left;
  if (equals_ignoring_case(word, "right")) return End::right;
  return std::nullopt;
}

void push_item(List& list, End end, std::string item) {
  if (end == End::left) {
    list.items.push_front(std::move(item));
  } else {
    list.items.push_back(std::move(item));
  }
}

std::string pop_item(List& list, End end) {
  std::string item = std::move(end == End::left ? list.items.front() : list.items.back());
  if (end == End::left) {
    list.items.pop_front();
  } else {
    list.items.pop_back();
  }
  return item;
}

std::vector<RedisReply> pop_items(Call& call, std::string_view key, List& list, End end,
                                  std::int64_t count) {
  const auto wanted = std::min(static_cast<std::size_t>(count), list.items.size());
  std::vector<RedisReply> popped;
  popped.reserve(wanted);
  while (popped.size() < wanted) popped.push_back(RedisReply::bulk(pop_item(list, end)));
  mark_changed(call, key);
  drop_if_empty(call, key, list.items.size());
  return popped;
}

RedisReply move_item(Call& call, End from, End to) {
  List* source;
  List* target;
  if (!read(call, call.args[1], &source)) return error(errors::kWrongType);
  if (source == nullptr) return RedisReply::nil();
  if (!read(call, call.args[2], &target)) {
    call.state.wait_is_over = true;
    return error(errors::kWrongType);
  }
  std::string item = pop_item(*source, from);
  mark_changed(call, call.args[1]);
  if (source != target) drop_if_empty(call, call.args[1], source->items.size());
  push_item(*write<List>(call, call.args[2]), to, item);
  return RedisReply::bulk(std::move(item));
}

namespace {

RedisReply push_all(Call& call, End end, bool only_there) {
  List* list;
  if (!read(call, call.args[1], &list)) return error(errors::kWrongType);
  if (list == nullptr && only_there) return RedisReply::of(0);
  list = write<List>(call, call.args[1]);
  for (const auto item : call.args.subspan(2)) push_item(*list, end, std::string(item));
  return integer(list->items.size());
}

RedisReply lpush(Call& call) {
  return push_all(call, End::left, false);
}
RedisReply rpush(Call& call) {
  return push_all(call, End::right, false);
}
RedisReply lpushx(Call& call) {
  return push_all(call, End::left, true);
}
RedisReply rpushx(Call& call) {
  return push_all(call, End::right, true);
}

RedisReply pop(Call& call, End end, const char* name) {
  if (call.args.size() > 3) return wrong_arity(name);
  const bool has_count = call.args.size() == 3;
  const auto count = has_count ? parse_integer(call.args[2]) : std::optional<std::int64_t>(1);
  if (!count || *count < 0) return error("ERR value is out of range, must be positive");
  List* list;
  if (!read(call, call.args[1], &list)) return error(errors::kWrongType);
  if (list == nullptr) return has_count ? RedisReply::nil_array() : RedisReply::nil();
  if (*count == 0) return RedisReply::array();
  std::vector<RedisReply> popped = pop_items(call, call.args[1], *list, end, *count);
  return has_count ? RedisReply::array(std::move(popped)) : std::move(popped.front());
}

RedisReply lpop(Call& call) {
  return pop(call, End::left, "lpop");
}
RedisReply rpop(Call& call) {
  return pop(call, End::right, "rpop");
}

RedisReply llen(Call& call) {
  List* list;
  if (!read(call, call.args[1], &list)) return error(errors::kWrongType);
  return integer(list == nullptr ? 0 : list->items.size());
}

// --- By position ---------------------------------------------------------------------------------

/// The positions [begin, end) that Redis's `first` and `last` mean: both may count from the end,
/// and `last` is included.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Range range_of(std::int64_t first, std::int64_t last, std::size_t size) {
  const auto length = static_cast<std::int64_t>(size);
  if (first < 0) first = std::max<std::int64_t>(first + length, 0);
  if (last < 0) last += length;
  if (first > last || first >= length) return {};
  return {static_cast<std::size_t>(first),
          static_cast<std::size_t>(std::min(last, length - 1)) + 1};
}

/// Null where there is no such position.
std::string* item_at(List& list, std::int64_t index) {
  const auto size = static_cast<std::int64_t>(list.items.size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) return nullptr;
  return &list.items[static_cast<std::size_t>(index)];
}

RedisReply lrange(Call& call) {
  const auto first = parse_integer(call.args[2]);
  const auto last = parse_integer(call.args[3]);
  if (!first || !last) return error(errors::kNotInteger);
  List* list;
  if (!read(call, call.args[1], &list)) return error(errors::kWrongType);
  std::vector<RedisReply> items;
  if (list == nullptr) return RedisReply::array();
  const Range range = range_of(*first, *last, list->items.size());
  items.reserve(range.end - range.begin);
  for (std::size_t i = range.begin; i < range.end; ++i) items.push_back(bulk(list->items[i]));
  return RedisReply::array(std::move(items));
}

RedisReply lindex(Call& call) {
  List* list;
  if (!read(call, call.args[1], &list)) return error(errors::kWrongType);
  if (list == nullptr) return RedisReply::nil();
  const auto index = parse_integer(call.args[2]);
  if (!index) return error(errors::kNotInteger);
  const std::string* item = item_at(*list, *index);
  return item == nullptr ? RedisReply::nil() : bulk(*item);
}

RedisReply lset(Call& call) {
  List* list;
  if (!read(call, call.args[1], &list)) return error(errors::kWrongType);
  if (list == nullptr) return error(errors::kNoSuchKey);
  const auto index = parse_integer(call.args[2]);
  if (!index) return error(errors::kNotInteger);
  std::string* item = item_at(*list, *index);
  if (item == nullptr) return error("ERR index out of range");
  *item = call.args[3];
  mark_changed(call, call.args[1]);
  return ok();
}

RedisReply ltrim(Call& call) {
  const auto first = parse_integer(call.args[2]);
  const auto last = parse_integer(call.args[3]);
  if (!first || !last) return error(errors::kNotInteger);
  List* list;
  if (!read(call, call.args[1], &list)) return error(errors::kWrongType);
  if (list == nullptr) return ok();
  auto& items = list->items;
  const Range range = range_of(*first, *last, items.size());
  if (range.end - range.begin == items.size()) call.propagate_nothing();
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(range.end), items.end());
  items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(range.begin));
  mark_changed(call, call.args[1]);
  drop_if_empty(call, call.args[1], items.size());
  return ok();
}

// --- By value ------------------------------------------------------------------------------------

RedisReply linsert(Call& call) {
  const bool after = equals_ignoring_case(call.args[2], "after");
  if (!after && !equals_ignoring_case(call.args[2], "before")) return error(errors::kSyntax);
  List* list;
  if (!read(call, call.args[1], &list)) return error(errors::kWrongType);
  if (list == nullptr) return RedisReply::of(0);
  auto& items = list->items;
  const auto pivot = std::find(items.begin(), items.end(), call.args[3]);
  if (pivot == items.end()) return RedisReply::of(-1);
  items.insert(after ? pivot + 1 : pivot, std::string(call.args[4]));
  mark_changed(call, call.args[1]);
  return integer(items.size());
}

/// Erases up to `most` items that equal `item`, the first ones; how many went.
template <class Items>
std::size_t erase_first(Items& items, std::string_view item, std::size_t most) {
  std::size_t gone = 0;
  const auto goes = [&](const std::string& each) {
    const bool matches = gone < most && each == item;
    gone += matches;
    return matches;
  };
  items.erase(std::remove_if(items.begin(), items.end(), std::ref(goes)), items.end());
  return gone;
}

RedisReply lrem(Call& call) {
  const auto count = parse_integer(call.args[2]);
  if (!count) return error(errors::kNotInteger);
  List* list;
  if (!read(call, call.args[1], &list)) return error(errors::kWrongType);
  if (list == nullptr) return RedisReply::of(0);
  auto& items = list->items;
  const auto most = static_cast<std::uint64_t>(*count);
  std::size_t gone = 0;
  if (*count < 0) {
    std::reverse(items.begin(), items.end());
    gone = erase_first(items, call.args[3], 0 - most);
    std::reverse(items.begin(), items.end());
  } else {
    gone = erase_first(items, call.args[3], most == 0 ? items.size() : most);
  }
  if (gone > 0) mark_changed(call, call.args[1]);
  drop_if_empty(call, call.args[1], items.size());
  return integer(gone);
}

struct LposOptions {
  std::int64_t rank = 1;
  std::int64_t count = -1;   ///< not given
  std::int64_t longest = 0;  ///< looks at so many at most; 0: at all
};

/// A number that is not negative; `problem` where it is none.
const char* parse_natural(std::string_view text, const char* problem, std::int64_t& number) {
  const auto value = parse_integer(text);
  if (!value || *value < 0) return problem;
  number = *value;
  return nullptr;
}

const char* parse_lpos_option(std::string_view name, std::string_view text, LposOptions& options) {
  if (equals_ignoring_case(name, "count")) {
    return parse_natural(text, "ERR COUNT can't be negative", options.count);
  }
  if (equals_ignoring_case(name, "maxlen")) {
    return parse_natural(text, "ERR MAXLEN can't be negative", options.longest);
  }
  if (!equals_ignoring_case(name, "rank")) return errors::kSyntax;
  const auto rank = parse_integer(text);
  if (!rank) return errors::kNotInteger;
  if (*rank == 0) {
    return "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or "
           "use negative to start from the end of the list";
  }
  options.rank = *rank;
  return nullptr;
}

/// The positions of the matches that were asked for, in the order in which they are found.
std::vector<std::size_t> positions_of(const List& list, std::string_view item,
                                      const LposOptions& options) {
  const std::size_t size = list.items.size();
  const bool backwards = options.rank < 0;
  auto to_skip = static_cast<std::uint64_t>(backwards ? -(options.rank + 1) : options.rank - 1);
  auto wanted = options.count < 0 ? 1 : static_cast<std::size_t>(options.count);
  if (options.rank == INT64_MIN) {
    // It has no counterpart: the real one, negating it, then skips none and stops at no COUNT.
    to_skip = 0;
    if (options.count >= 0) wanted = 0;
  }
  const std::size_t looked_at =
      options.longest == 0 ? size : std::min(size, static_cast<std::size_t>(options.longest));
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < looked_at; ++i) {
    const std::size_t position = backwards ? size - 1 - i : i;
    if (list.items[position] != item) continue;
    if (to_skip > 0) {
      --to_skip;
      continue;
    }
    found.push_back(position);
    if (wanted != 0 && found.size() == wanted) break;
  }
  return found;
}

RedisReply lpos(Call& call) {
  LposOptions options;
  for (std::size_t i = 3; i < call.args.size(); i += 2) {
    if (i + 1 == call.args.size()) return error(errors::kSyntax);
    const char* problem = parse_lpos_option(call.args[i], call.args[i + 1], options);
    if (problem != nullptr) return error(problem);
  }
  List* list;
  if (!read(call, call.args[1], &list)) return error(errors::kWrongType);
  std::vector<std::size_t> found;
  if (list != nullptr) found = positions_of(*list, call.args[2], options);
  if (options.count < 0) return found.empty() ? RedisReply::nil() : integer(found.front());
  std::vector<RedisReply> items;
  for (const std::size_t position : found) items.push_back(integer(position));
  return RedisReply::array(std::move(items));
}

// --- From list to list ---------------------------------------------------------------------------

RedisReply lmove(Call& call) {
  const auto from = parse_end(call.args[3]);
  const auto to = parse_end(call.args[4]);
  if (!from || !to) return error(errors::kSyntax);
  return move_item(call, *from, *to);
}

RedisReply rpoplpush(Call& call) {
  return move_item(call, End::right, End::left);
}

constexpr std::uint16_t kAdds = kWrite | kDenyOom;

constexpr CommandSpec kCommands[] = {
    {"lpush", -3, kAdds, lpush, kOneKey},    {"rpush", -3, kAdds, rpush, kOneKey},
    {"lpushx", -3, kAdds, lpushx, kOneKey},  {"rpushx", -3, kAdds, rpushx, kOneKey},
    {"lpop", -2, kWrite, lpop, kOneKey},     {"rpop", -2, kWrite, rpop, kOneKey},
    {"llen", 2, kRead, llen, kOneKey},       {"lrange", 4, kRead, lrange, kOneKey},
    {"lindex", 3, kRead, lindex, kOneKey},   {"lset", 4, kAdds, lset, kOneKey},
    {"linsert", 5, kAdds, linsert, kOneKey}, {"lrem", 4, kWrite, lrem, kOneKey},
    {"ltrim", 4, kWrite, ltrim, kOneKey},    {"lpos", -3, kRead, lpos, kOneKey},
    {"lmove", 5, kAdds, lmove, {1, 2, 1}},   {"rpoplpush", 3, kAdds, rpoplpush, {1, 2, 1}},
};

}  // namespace

std::span<const CommandSpec> list_commands() {
  return kCommands;
}

}  // namespace firedrill::sim::redis
