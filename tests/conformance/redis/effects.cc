#include "tests/conformance/redis/effects.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <stdexcept>

#include "tests/conformance/redis/rules.h"
#include "tests/support/redis_reader.h"
#include "tests/support/redis_text.h"

namespace firedrill::test {

namespace {

constexpr const char* kMark = "firedrill:mark";

/// The replicas are told of these, and an append-only file is not: they are no part of the state.
bool is_message(const BothRedises::Words& words) {
  const std::string name = upper(words[0]);
  return name == "PUBLISH" || name == "SPUBLISH" || name == "PING" || name == "REPLCONF";
}

/// The real one has its own way to write them; they mean the same in any case.
bool is_side(const std::string& word) {
  return upper(word) == "LEFT" || upper(word) == "RIGHT";
}

bool is_select(const BothRedises::Words& words) {
  return upper(words[0]) == "SELECT" && words.size() == 2;
}

/// What 7.0.15 does not tell its replicas of XREADGROUP, nor does the model: that it made a
/// consumer, which has nothing yet, and how many entries the group has read.
bool makes_consumer(const BothRedises::Words& words) {
  return words.size() > 1 && words[0] == "XGROUP" && words[1] == "CREATECONSUMER";
}

void blank_entries_read(BothRedises::Words& words) {
  const bool makes_group = words.size() > 1 && words[0] == "XGROUP" && words[1] == "CREATE";
  if (makes_group && words[words.size() - 2] == "ENTRIESREAD") words.back() = "-1";
}

std::string key_of(const BothRedises::Words& words) {
  return words.size() > 1 ? words[1] : "";
}

}  // namespace

Effects::Effects(BothRedises& both) : both_(both) {
  both_.engine().keep_effects(true);
}

void Effects::begin() {
  both_.engine().begin_effects();
  both_.engine().take_effects();
  try {
    if (replica_ == nullptr) throw std::runtime_error("not attached yet");
    told_by_real();
  } catch (const std::runtime_error&) {  // or the server has been started anew
    replica_ = std::make_unique<RedisReplica>(both_.port());
    database_ = 0;
    told_by_real();
  }
}

/// Up to a message that is sent now.
std::vector<Effects::Effect> Effects::told_by_real() {
  const std::string mark = std::to_string(++marks_);
  both_.control().command({"PUBLISH", kMark, mark});
  std::vector<Effect> effects;
  for (;;) {
    Words words = replica_->next();
    if (words.empty()) continue;
    if (words == Words{"PUBLISH", kMark, mark}) return effects;
    if (is_select(words)) {
      database_ = static_cast<std::uint32_t>(std::stoul(words[1]));
    } else if (!is_message(words)) {
      effects.push_back({database_, std::move(words)});
    }
  }
}

std::vector<Effects::Effect> Effects::parsed(const std::string& bytes) {
  RedisReader reader;
  reader.feed(bytes);
  std::vector<Effect> effects;
  std::uint32_t database = 0;
  while (const auto command = reader.next()) {
    Words words;
    for (const RedisReply& item : command->items) words.push_back(item.text);
    if (words.empty()) continue;
    if (is_select(words)) {
      database = static_cast<std::uint32_t>(std::stoul(words[1]));
    } else if (!is_message(words)) {
      effects.push_back({database, std::move(words)});
    }
  }
  return effects;
}

/// What the clock gave is blanked; keys that expire together come in any order.
void Effects::make_comparable(std::vector<Effect>& effects) const {
  for (Effect& effect : effects) {
    for (std::string& word : effect.words) {
      RedisReply reply = RedisReply::bulk(word);
      blank_clock(reply, both_.now_ms());
      word = is_side(reply.text) ? upper(reply.text) : reply.text;
    }
    const std::string name = upper(effect.words[0]);
    effect.words[0] = name;
    if (name == "MULTI" || name == "EXEC") effect.database = 0;
  }
  const auto is_deletion = [](const Effect& effect) {
    return effect.words.size() == 2 && upper(effect.words[0]) == "DEL";
  };
  for (auto at = effects.begin(); at != effects.end();) {
    const auto end = std::find_if_not(at, effects.end(), is_deletion);
    std::sort(at, end, [](const Effect& a, const Effect& b) {
      return std::pair(a.database, a.words) < std::pair(b.database, b.words);
    });
    at = end == effects.end() ? end : end + 1;
  }
}

/// Deadlines that were counted from now may be a little later in the real one.
bool Effects::alike(const Effect& model, const Effect& real) {
  constexpr std::int64_t kPatience_ms = 30'000;
  constexpr std::int64_t kSomeDay_ms = 1'000'000'000'000;
  const auto moment = [](const std::string& word) -> std::int64_t {
    std::int64_t value = 0;
    const char* end = word.data() + word.size();
    const auto result = std::from_chars(word.data(), end, value);
    return result.ec == std::errc() && result.ptr == end ? value : 0;
  };
  const auto same_word = [&](const std::string& a, const std::string& b) {
    if (a == b) return true;
    const std::int64_t at_a = moment(a);
    const std::int64_t at_b = moment(b);
    return std::min(at_a, at_b) > kSomeDay_ms &&
           std::max(at_a, at_b) - std::min(at_a, at_b) <= kPatience_ms;
  };
  return model.database == real.database && std::ranges::equal(model.words, real.words, same_word);
}

std::string Effects::text(const std::vector<Effect>& effects) {
  std::string text;
  for (const Effect& effect : effects) {
    text += "\n    ";
    if (effect.database != 0) text += "[" + std::to_string(effect.database) + "] ";
    for (const std::string& word : effect.words) text += text_of(RedisReply::bulk(word)) + " ";
  }
  return text;
}

/// The real one looks for expired keys by itself, too, ten times a second: it may have told of one
/// before anybody touched it.
void Effects::expire_all(std::vector<Effect>& model, std::vector<Effect>& real) {
  constexpr int kDatabases = 16;
  std::vector<Words> scans;
  for (int database = 0; database < kDatabases; ++database) {
    scans.push_back({"SELECT", std::to_string(database)});
    scans.push_back({"SCAN", "0", "COUNT", "10000"});
  }
  scans.push_back({"SELECT", "0"});
  both_.control().pipeline(scans);
  both_.engine().tick(both_.next_moment());
  const auto settle = [&](std::vector<Effect>& effects, std::vector<Effect> more) {
    std::ranges::move(more, std::back_inserter(effects));
    make_comparable(effects);
    delete_early(effects);
    make_comparable(effects);
  };
  settle(model, parsed(both_.engine().take_effects()));
  settle(real, told_by_real());
}

/// Moves each deletion of one key to where the key was touched last before.
void Effects::delete_early(std::vector<Effect>& effects) {
  for (std::size_t i = 1; i < effects.size(); ++i) {
    if (effects[i].words.size() != 2 || effects[i].words[0] != "DEL") continue;
    const std::string key = effects[i].words[1];
    for (std::size_t at = i; at > 0; --at) {
      const Words& before = effects[at - 1].words;
      if (before[0].starts_with("FLUSH") || std::ranges::find(before, key) != before.end()) break;
      std::swap(effects[at], effects[at - 1]);
    }
  }
  // A transaction of which one effect is left is none.
  for (std::size_t i = 0; i + 1 < effects.size();) {
    const bool is_empty = effects[i].words[0] == "MULTI" && effects[i + 1].words[0] == "EXEC";
    const bool is_single = i + 2 < effects.size() && effects[i].words[0] == "MULTI" &&
                           effects[i + 2].words[0] == "EXEC";
    if (is_single) effects.erase(effects.begin() + static_cast<std::ptrdiff_t>(i + 2));
    if (is_empty) effects.erase(effects.begin() + static_cast<std::ptrdiff_t>(i + 1));
    if (is_single || is_empty) {
      effects.erase(effects.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

std::optional<std::string> Effects::difference() {
  const std::string bytes = both_.engine().take_effects();
  if (auto difference = rebuilt_difference(bytes)) return difference;
  std::vector<Effect> model = parsed(bytes);
  std::vector<Effect> real = told_by_real();
  make_comparable(model);
  make_comparable(real);
  if (std::ranges::equal(model, real, alike)) return std::nullopt;
  expire_all(model, real);
  if (std::ranges::equal(model, real, alike)) return std::nullopt;
  const auto first = std::ranges::mismatch(model, real, alike);
  const auto rest = [](auto begin, auto end) {
    constexpr std::ptrdiff_t kEnough = 6;
    return text({begin, begin + std::min(kEnough, end - begin)});
  };
  return "the replicas are told something else, from here on:\n  model:" +
         rest(first.in1, model.end()) + "\n  real:" + rest(first.in2, real.end());
}

/// An engine that is told the effects, and one that is told the snapshot, are equal to the model.
std::optional<std::string> Effects::rebuilt_difference(const std::string& effects) {
  const auto state_of = [](const sim::redis::Engine& engine, bool whole) {
    std::vector<Effect> commands = parsed(engine.snapshot());
    if (!whole) {
      std::erase_if(commands, [](const Effect& effect) { return makes_consumer(effect.words); });
      for (Effect& effect : commands) blank_entries_read(effect.words);
    }
    std::ranges::stable_sort(commands, [](const Effect& a, const Effect& b) {
      return std::pair(a.database, key_of(a.words)) < std::pair(b.database, key_of(b.words));
    });
    return commands;
  };
  const auto check = [&](const char* what, const std::string& bytes,
                         bool whole) -> std::optional<std::string> {
    const auto state = state_of(both_.engine(), whole);
    sim::redis::Engine other;
    const auto used = other.apply(bytes, both_.next_moment());
    if (used != bytes.size()) return std::string("not all of the model's ") + what + " is read";
    const auto other_state = state_of(other, whole);
    if (std::ranges::equal(other_state, state, alike)) return std::nullopt;
    return std::string("the model's ") + what + " make another state; the model's:" + text(state) +
           "\n  the other's:" + text(other_state);
  };
  if (auto difference = check("effects", effects, false)) return difference;
  return check("snapshot", both_.engine().snapshot(), true);
}

}  // namespace firedrill::test
