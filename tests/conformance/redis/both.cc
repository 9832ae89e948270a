#include "tests/conformance/redis/both.h"

#include <algorithm>
#include <cstdlib>

#include "tests/support/redis_text.h"

namespace firedrill::test {

namespace {

constexpr std::int64_t kPatience_ms = 30'000;

bool is(const std::vector<std::string>& command, std::initializer_list<const char*> names) {
  std::string upper = command.empty() ? "" : command[0];
  std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
  return std::find(names.begin(), names.end(), upper) != names.end();
}

/// The order of keys and of large or textual sets is nobody's promise.
void sort_items(RedisReply& reply) {
  std::sort(reply.items.begin(), reply.items.end(),
            [](const RedisReply& a, const RedisReply& b) { return text_of(a) < text_of(b); });
}

/// Whether two remaining times may be the same one, a little later.
bool same_time(const RedisReply& a, const RedisReply& b, std::int64_t unit_ms) {
  if (!a.is_integer() || !b.is_integer() || a.integer < 0 || b.integer < 0) return a == b;
  return std::abs(a.integer - b.integer) * unit_ms <= kPatience_ms;
}

bool same(const std::vector<std::string>& command, RedisReply model, RedisReply real) {
  if (is(command, {"TTL"})) return same_time(model, real, 1000);
  if (is(command, {"PTTL"})) return same_time(model, real, 1);
  if (is(command, {"KEYS", "SMEMBERS"})) {
    sort_items(model);
    sort_items(real);
  }
  if (is(command, {"SCAN"}) && model.items.size() == 2 && real.items.size() == 2) {
    sort_items(model.items[1]);
    sort_items(real.items[1]);
  }
  return model == real;
}

/// What the server's clock gave: stream ids, deadlines and times as scores.
bool is_clock_text(const std::string& text) {
  return text.size() >= 13 && text.find_first_not_of("0123456789-.e+") == text.npos &&
         std::strtod(text.c_str(), nullptr) > 1.75e12;
}

void blank_clock(RedisReply& reply) {
  if (reply.is_bulk() && is_clock_text(reply.text)) reply.text = "<clock>";
  for (RedisReply& item : reply.items) blank_clock(item);
}

/// Members whose scores the clock gave stand in its order, which a millisecond decides.
void blank_clock_order(RedisReply& scores) {
  std::vector<std::string> pairs;
  bool has_clock = false;
  for (std::size_t i = 0; i + 1 < scores.items.size(); i += 2) {
    has_clock = has_clock || scores.items[i + 1].text == "<clock>";
    pairs.push_back(scores.items[i].text + " " + scores.items[i + 1].text);
  }
  if (!has_clock) return;
  std::sort(pairs.begin(), pairs.end());
  scores.items.clear();
  for (std::string& pair : pairs) scores.items.push_back(RedisReply::bulk(std::move(pair)));
}

std::string printed(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) {
    const bool is_script = word.find('\n') != word.npos;
    text += (text.empty() ? "" : " ") + (is_script ? "<script>" : text_of(RedisReply::bulk(word)));
  }
  return text;
}

std::vector<std::string> read_command(const std::string& type, const std::string& key) {
  if (type == "hash") return {"HGETALL", key};
  if (type == "set") return {"SMEMBERS", key};
  if (type == "zset") return {"ZRANGE", key, "0", "-1", "WITHSCORES"};
  if (type == "stream") return {"XRANGE", key, "-", "+"};
  return {"GET", key};
}

}  // namespace

BothRedises::BothRedises() : client_(std::in_place, server_.port()) {
  clear();
}

void BothRedises::clear() {
  client_->command({"FLUSHALL"});
  const RedisReply time = client_->command({"TIME"});
  now_ = WallTime(std::chrono::seconds(std::stoll(time.items[0].text)) +
                  std::chrono::microseconds(std::stoll(time.items[1].text)));
  ask_model({"FLUSHALL"});
}

void BothRedises::restart() {
  client_.reset();
  server_.restart();
  client_.emplace(server_.port());
  engine_.restart();
  clear();
}

RedisReply BothRedises::ask_model(const std::vector<std::string>& command) {
  now_ += std::chrono::microseconds(1);  // so that times order entries here as they do there
  return engine_.execute(command, now_);
}

BothRedises::Answers BothRedises::ask(const std::vector<std::string>& command) {
  return {text_of(ask_model(command)), text_of(client_->command(command))};
}

std::optional<std::string> BothRedises::difference(
    const std::vector<std::vector<std::string>>& commands) {
  const auto replies = client_->pipeline(commands);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const RedisReply model = ask_model(commands[i]);
    if (same(commands[i], model, replies[i])) continue;
    return printed(commands[i]) + "\n  model: " + text_of(model) +
           "\n  real:  " + text_of(replies[i]);
  }
  return state_difference();
}

std::optional<std::string> BothRedises::state_difference() {
  RedisReply keys = client_->command({"KEYS", "*"});
  sort_items(keys);
  RedisReply model_keys = ask_model({"KEYS", "*"});
  sort_items(model_keys);
  if (keys != model_keys) {
    return "keys\n  model: " + text_of(model_keys) + "\n  real:  " + text_of(keys);
  }
  std::vector<std::vector<std::string>> reads;
  for (const RedisReply& key : keys.items) {
    reads.push_back(read_command(ask_model({"TYPE", key.text}).text, key.text));
    reads.push_back({"PTTL", key.text});
  }
  const auto replies = client_->pipeline(reads);
  for (std::size_t i = 0; i < reads.size(); ++i) {
    RedisReply model = ask_model(reads[i]);
    RedisReply real = replies[i];
    blank_clock(model);
    blank_clock(real);
    if (is(reads[i], {"ZRANGE"})) {
      blank_clock_order(model);
      blank_clock_order(real);
    }
    if (same(reads[i], model, real)) continue;
    return "in the end, " + printed(reads[i]) + "\n  model: " + text_of(model) +
           "\n  real:  " + text_of(real);
  }
  return std::nullopt;
}

}  // namespace firedrill::test
