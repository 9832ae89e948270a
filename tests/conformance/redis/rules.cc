#include "tests/conformance/redis/rules.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

#include "tests/support/redis_text.h"

namespace firedrill::test {

namespace {

using Kind = RedisReply::Kind;

constexpr std::int64_t kPatience_ms = 30'000;

bool near(const RedisReply& a, const RedisReply& b, std::int64_t unit_ms) {
  if (a.integer < 0 || b.integer < 0 || a.kind != b.kind || !a.is_integer()) return a == b;
  return std::abs(a.integer - b.integer) <= kPatience_ms / unit_ms;
}

bool same_sorted(RedisReply a, RedisReply b) {
  sort_items(a);
  sort_items(b);
  return a == b;
}

bool same_pairs(RedisReply a, RedisReply b) {
  sort_pairs(a);
  sort_pairs(b);
  return a == b;
}

bool is_in(const std::vector<std::string>& words, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, upper(words[0])) != names.end();
}

bool in_pairs(const std::vector<std::string>& words) {
  return is_in(words, {"HGETALL", "HSCAN", "ZSCAN", "CONFIG"});
}

bool same_items(const std::vector<std::string>& words, const RedisReply& a, const RedisReply& b) {
  return in_pairs(words) ? same_pairs(a, b) : same_sorted(a, b);
}

/// With a cursor that no scan has given, what is found depends on how the keys are hashed.
bool begins_scan(const std::vector<std::string>& words) {
  const std::size_t at = is_in(words, {"SCAN"}) ? 1 : 2;
  return words.size() <= at || std::strtoull(words[at].c_str(), nullptr, 10) == 0;
}

bool scanned(const std::vector<std::string>& words, const RedisReply& a, const RedisReply& b) {
  if (!begins_scan(words)) return a.items.size() == b.items.size();
  if (a.items.size() != 2 || b.items.size() != 2) return a == b;
  if (a.items[0].text != "0" || b.items[0].text != "0") return true;
  return same_items(words, a.items[1], b.items[1]);
}

/// HRANDFIELD and ZRANDMEMBER with values answer pairs: flat, or (RESP3) nested.
std::vector<std::string> drawn_items(const RedisReply& reply, bool has_values) {
  std::vector<std::string> items;
  if (reply.is_bulk()) return {reply.text};
  for (std::size_t i = 0; i < reply.items.size(); ++i) {
    const RedisReply& item = reply.items[i];
    if (item.items.size() == 2) {
      items.push_back(item.items[0].text + " " + item.items[1].text);
    } else if (has_values && i + 1 < reply.items.size()) {
      items.push_back(item.text + " " + reply.items[i + 1].text);
      ++i;
    } else {
      items.push_back(item.text);
    }
  }
  return items;
}

bool is_draw(const RedisReply& reply, const std::vector<std::string>& words,
             const Surroundings& surroundings) {
  const bool has_values = words.size() > 3;
  const auto items = drawn_items(reply, has_values);
  const auto& from = has_values ? surroundings.pairs : surroundings.members;
  const bool may_repeat = words.size() > 2 && words[2].starts_with('-');
  if (!may_repeat && std::set(items.begin(), items.end()).size() != items.size()) return false;
  return std::ranges::all_of(items, [&](const std::string& item) { return from.contains(item); });
}

bool has_clock(const RedisReply& reply) {
  return reply.text == "<clock>" || std::ranges::any_of(reply.items, has_clock);
}

/// Replaces how long entries and consumers have been idle, and how a stream lies in memory.
void blank_idle(RedisReply& reply, bool blanks_layout) {
  constexpr std::size_t kPendingEntry = 4;
  constexpr std::size_t kIdle = 2;
  std::vector<RedisReply>& items = reply.items;
  if (items.size() == kPendingEntry && items[kIdle].is_integer() && items[0].is_bulk() &&
      items[1].is_bulk() && items[kIdle].integer <= kPatience_ms) {
    items[kIdle].integer = 0;
  }
  for (std::size_t i = 0; i + 1 < items.size(); ++i) {
    const bool idle = items[i].text == "idle" && items[i + 1].integer <= kPatience_ms;
    const bool layout = blanks_layout && items[i].text.starts_with("radix-tree-");
    if (idle || layout) items[i + 1].integer = 0;
  }
  for (RedisReply& item : items) blank_idle(item, blanks_layout);
}

bool same_but_idle(RedisReply a, RedisReply b) {
  const bool blanks_layout = has_clock(a);
  blank_idle(a, blanks_layout);
  blank_idle(b, blanks_layout);
  return a == b;
}

bool same_shape(const RedisReply& a, const RedisReply& b) {
  return a.kind == b.kind && a.items.size() == b.items.size() && (!a.is_error() || a == b);
}

}  // namespace

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string_view name_of(Likeness likeness) {
  switch (likeness) {
    case Likeness::unordered: return "in any order";
    case Likeness::unordered_hashtable: return "in any order where it is a hash table";
    case Likeness::scanned: return "what one scan of all gives, in any order";
    case Likeness::seconds_apart: return "up to 30 s apart";
    case Likeness::milliseconds_apart: return "up to 30 s apart";
    case Likeness::idle: return "idle times up to 30 s apart";
    case Likeness::drawn: return "as many, all of them members";
    case Likeness::drawn_key: return "a key that is there";
    case Likeness::taken: return "the model takes what the real one took";
    case Likeness::shape: return "kind and number of items";
    case Likeness::kind: return "kind";
  }
  return "";
}

const Rule* rule_for(std::span<const Rule> rules, const std::vector<std::string>& words) {
  if (words.empty()) return nullptr;
  const std::string name = upper(words[0]);
  const std::string with_subcommand = words.size() > 1 ? name + " " + upper(words[1]) : name;
  const auto rule = std::ranges::find_if(rules, [&](const Rule& candidate) {
    return candidate.command == name || candidate.command == with_subcommand;
  });
  return rule == rules.end() ? nullptr : &*rule;
}

bool alike(const RedisReply& model, const RedisReply& real, const Rule* rule,
           const std::vector<std::string>& words, const Surroundings& surroundings) {
  if (model == real) return true;
  if (rule == nullptr || model.kind != real.kind || model.is_error()) return false;
  switch (rule->likeness) {
    case Likeness::unordered:
    case Likeness::taken: return same_items(words, model, real);
    case Likeness::unordered_hashtable:
      return (surroundings.hashtable || !surroundings.known) && same_items(words, model, real);
    case Likeness::scanned: return scanned(words, model, real);
    case Likeness::seconds_apart: return near(model, real, 1000);
    case Likeness::milliseconds_apart: return near(model, real, 1);
    case Likeness::idle: return same_but_idle(model, real);
    case Likeness::drawn:
      return same_shape(model, real) &&
             (!surroundings.known ||
              (is_draw(model, words, surroundings) && is_draw(real, words, surroundings)));
    case Likeness::drawn_key:
      return !surroundings.known || (surroundings.members.contains(model.text) &&
                                     surroundings.members.contains(real.text));
    case Likeness::shape: return same_shape(model, real);
    case Likeness::kind: return true;
  }
  return false;
}

// --- What the clock gave -------------------------------------------------------------------------

namespace {

bool is_now(std::int64_t value, std::int64_t now_ms) {
  constexpr std::int64_t kHour_ms = 3'600'000;
  const auto close = [&](std::int64_t ms) { return std::abs(ms - now_ms) < kHour_ms; };
  return close(value) || close(value / 1000) || (value < INT64_MAX / 1000 && close(value * 1000));
}

/// "1760000000000", "1760000000000-0", "1760000000000.5", "1.76e+15".
bool is_clock_text(const std::string& text, std::int64_t now_ms) {
  if (text.size() < 7 || text.find_first_not_of("0123456789-.e+") != text.npos) return false;
  const double value = std::strtod(text.c_str(), nullptr);
  return value > 0 && value < 1e18 && is_now(static_cast<std::int64_t>(value), now_ms);
}

}  // namespace

void blank_clock(RedisReply& reply, std::int64_t now_ms) {
  constexpr const char* kClock = "<clock>";
  if (is_clock_text(reply.text, now_ms)) reply.text = kClock;
  if (reply.is_integer() && reply.integer > 0 && is_now(reply.integer, now_ms)) reply.integer = 1;
  for (RedisReply& item : reply.items) blank_clock(item, now_ms);
}

// --- Order ---------------------------------------------------------------------------------------

void sort_items(RedisReply& reply) {
  if (reply.kind == Kind::map) return sort_pairs(reply);
  std::ranges::sort(reply.items, {}, text_of);
}

void sort_pairs(RedisReply& reply) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) order.push_back(i);
  const auto text = [&](std::size_t i) {
    return text_of(reply.items[i]) + " " + text_of(reply.items[i + 1]);
  };
  std::ranges::sort(order, {}, text);
  std::vector<RedisReply> items;
  for (const std::size_t i : order) {
    items.push_back(reply.items[i]);
    items.push_back(reply.items[i + 1]);
  }
  reply.items = std::move(items);
}

}  // namespace firedrill::test
