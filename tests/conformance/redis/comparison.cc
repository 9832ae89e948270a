#include "tests/conformance/redis/comparison.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <span>
#include <utility>

#include "sim/redis/command.h"
#include "sim/redis/session.h"
#include "sim/redis/state.h"
#include "tests/support/redis_text.h"

namespace firedrill::test {

namespace {

using sim::redis::Session;

constexpr int kPatience_ms = 3000;
constexpr std::size_t kStateEvery = 20;  ///< commands
constexpr useconds_t kPause_us = 6'000;

std::vector<std::string_view> views(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

/// As redis-cli takes it.
std::string pasteable(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    const bool is_plain = !word.empty() && std::ranges::all_of(word, [](unsigned char c) {
      return c > ' ' && c < 127 && c != '"' && c != '\'' && c != '\\' && c != '#';
    });
    text += (text.empty() ? "" : " ") + (is_plain ? word : text_of(RedisReply::bulk(word)));
  }
  return text;
}

/// With its kind, where two replies look alike and are not.
std::string shown(const RedisReply& reply, bool with_kind) {
  return text_of(reply) +
         (with_kind ? " (kind " + std::to_string(static_cast<int>(reply.kind)) + ")" : "");
}

std::string versus(const RedisReply& model, const RedisReply& real) {
  const bool with_kind = text_of(model) == text_of(real);
  return "\n  model: " + shown(model, with_kind) + "\n  real:  " + shown(real, with_kind);
}

bool is_unknown_command(const RedisReply& reply) {
  return reply.is_error() && (reply.text.starts_with("ERR unknown command") ||
                              reply.text.starts_with("ERR unknown subcommand"));
}

/// RESP3 has one nil.
RedisReply as_sent(RedisReply reply, int protocol) {
  if (protocol != 3) return reply;
  if (reply.kind == RedisReply::Kind::nil_array) return RedisReply::nil();
  for (RedisReply& item : reply.items) item = as_sent(std::move(item), protocol);
  return reply;
}

/// The number of the connection in HELLO's greeting, which may stand in EXEC's reply, or behind it
/// where SUBSCRIBE has displaced it.
void blank_connection(RedisReply& reply) {
  constexpr std::size_t kId = 7;
  const bool is_greeting = reply.items.size() > kId && reply.items[0].text == "server" &&
                           reply.items[kId - 1].text == "id";
  if (is_greeting) reply.items[kId].integer = 0;
  for (RedisReply& item : reply.items) blank_connection(item);
}

/// A reply of the engine does not say which protocol it was made for: where a transaction changes
/// that (HELLO), what comes before is sent in the new one, too, and the two nils are not told
/// apart.
bool changes_protocol(std::span<const std::vector<std::string>> commands) {
  return std::ranges::any_of(commands, [](const auto& words) {
    return upper(words[0]) == "HELLO" || upper(words[0]) == "RESET";
  });
}

}  // namespace

Comparison::Comparison(const Grammar& grammar, Coverage& coverage)
    : grammar_(grammar), coverage_(coverage) {
  for (std::uint32_t i = 0; i < clients_.size(); ++i) clients_[i].number = i;
}

std::optional<std::string> Comparison::difference(const Sequence& sequence) {
  try {
    reset();
    if (effects_ != nullptr) effects_->begin();
    for (Client& client : clients_) {
      const bool says_hello = ((sequence.resp3 >> client.number) & 1U) != 0;
      if (says_hello && !is_left_out({"HELLO", "3"})) execute(client, {"HELLO", "3"});
    }
    for (std::size_t i = 0; i < sequence.steps.size() && !difference_; ++i) {
      give(sequence.steps[i]);
      if (i % kStateEvery == kStateEvery - 1) compare_states();
    }
    compare_states();
    if (effects_ != nullptr && !difference_) {
      if (auto difference = effects_->difference()) differ(std::move(*difference));
    }
  } catch (const std::exception& failure) {  // the real server has died, or the model
    differ(std::string("broken off: ") + failure.what());
    for (Client& client : clients_) disconnect(client);
    both_.replace();
    if (effects_ != nullptr) compare_effects();
  }
  return difference_;
}

void Comparison::differ(std::string what) {
  if (!difference_) difference_ = transcript() + std::move(what);
}

void Comparison::compare_effects() {
  effects_ = std::make_unique<Effects>(both_);
}

void Comparison::mute_last() {
  if (!given_.empty()) muted_.insert(upper(given_.back().second[0]));
}

std::string Comparison::transcript() const {
  const bool alone = std::ranges::all_of(given_, [](const auto& each) { return each.first == 0; });
  std::string text = "\n";
  for (const auto& [session, words] : given_) {
    if (!alone) text += "[session " + std::to_string(session) + "] ";
    text += pasteable(words) + "\n";
  }
  return text;
}

// --- Sessions ------------------------------------------------------------------------------------

void Comparison::reset() {
  for (Client& client : clients_) disconnect(client);
  both_.engine().take_deliveries();
  given_.clear();
  time_is_due_ = false;
  difference_.reset();
  batch_ = nullptr;
  both_.clear(grammar_.resets());
}

void Comparison::connect(Client& client) {
  if (client.real != nullptr) return;
  client.real = std::make_unique<RedisClient>(both_.port());
  client.model = both_.engine().connect("127.0.0.1:1", both_.next_moment());
}

void Comparison::disconnect(Client& client) {
  if (client.real == nullptr) return;
  both_.engine().disconnect(client.model);
  const std::uint32_t number = client.number;
  client = Client{};
  client.number = number;
}

Comparison::Client* Comparison::free_client(std::uint32_t wanted) {
  for (std::uint32_t i = 0; i < clients_.size(); ++i) {
    Client& client = clients_[(wanted + i) % clients_.size()];
    if (client.real == nullptr || !both_.engine().blocked(client.model)) return &client;
  }
  return nullptr;
}

bool Comparison::is_in_multi(const Client& client) {
  const Session* session = both_.engine().state().find(client.model);
  return session != nullptr && session->is(Session::kInMulti);
}

std::uint32_t Comparison::database_of(const Client& client) {
  return both_.engine().state().find(client.model)->database;
}

/// Somebody must be left who can go on.
bool Comparison::may_block(const Client& client, const Words& words) {
  const auto* spec = sim::redis::find_command(views(words));
  if (spec == nullptr || !spec->has(sim::redis::kBlocking)) return true;
  const auto waits = [&](const Client& other) {
    return &other == &client || (other.real != nullptr && both_.engine().blocked(other.model));
  };
  return !std::ranges::all_of(clients_, waits);
}

// --- Commands ------------------------------------------------------------------------------------

namespace {

/// 7.0.15 ends itself when COMMAND GETKEYS is to count to a number that no memory holds, and fills
/// the memory with as many members as a huge negative count asks for, one more often than once.
bool ends_the_real_one(const BothRedises::Words& words) {
  constexpr std::size_t kSafeDigits = 5;
  const auto is_huge = [](std::string_view word) {
    return word.size() > kSafeDigits &&
           std::ranges::all_of(word, [](unsigned char c) { return std::isdigit(c) != 0; });
  };
  const std::string name = upper(words[0]);
  if (name == "COMMAND" && words.size() > 2 && upper(words[1]).starts_with("GETKEYS")) {
    return std::ranges::any_of(words, is_huge);
  }
  const bool draws = name.ends_with("RANDMEMBER") || name == "HRANDFIELD";
  return draws && words.size() == 3 && words[2].starts_with('-') &&
         is_huge(std::string_view(words[2]).substr(1));
}

}  // namespace

/// Muted, or not in the model, which a test of its own complains about.
bool Comparison::is_left_out(const Words& words) {
  const std::string name = upper(words[0]);
  if (muted_.contains(name) || ends_the_real_one(words)) return true;
  if (effects_ != nullptr && name == "CLIENT") return true;  // CLIENT KILL TYPE replica ends it
  if (sim::redis::find_command(name) != nullptr || name == "NOSUCH") return false;
  coverage_.count_absent(name);
  return true;
}

void Comparison::give(const Sequence::Step& step) {
  const Grammar::Command command = grammar_.command(step.template_number, step.choices);
  Client* client = free_client(step.session);
  if (client == nullptr || !may_block(*client, command.words)) return;
  if (is_left_out(command.words)) return;
  time_is_passing_ = command.time_passes;
  execute(*client, command.words);
  if (counts_) coverage_.count(step.template_number, command);
  const bool is_queued = is_in_multi(*client);
  time_is_due_ = time_is_due_ || command.time_passes;
  if (!time_is_due_ || is_queued) return;
  time_is_due_ = false;
  let_time_pass();
}

void Comparison::execute(Client& client, const Words& words) {
  if (batch_ != &client) flush();
  if (difference_) return;
  connect(client);
  const Rule* rule = rule_for(grammar_.rules(), words);
  if (rule != nullptr && rule->likeness == Likeness::taken) {
    take_at_random(client, words, *rule);
    return;
  }
  batch_ = &client;
  client.real->send(words);
  given_.emplace_back(client.number, words);
  execute_model(client, words);
  if (client.closing || both_.engine().blocked(client.model)) flush();
}

namespace {

/// What somebody published, to a subscriber who is in a transaction himself.
bool is_message(const RedisReply& reply) {
  return !reply.items.empty() && reply.items[0].text.ends_with("message");
}

}  // namespace

/// Which command each reply belongs to: who subscribes to several channels gets as many, unless it
/// is refused, and who publishes to himself gets the message first; so that the last replies of the
/// transaction stand behind EXEC's.
std::vector<Comparison::Words> Comparison::answered_by(
    std::vector<Words> queued, const std::vector<const RedisReply*>& replies) {
  std::vector<Words> answered;
  for (Words& words : queued) {
    const std::string name = upper(words[0]);
    const auto next = [&] {
      return answered.size() < replies.size() ? replies[answered.size()] : nullptr;
    };
    if (name.ends_with("SUBSCRIBE")) {
      const bool is_refused = next() != nullptr && next()->kind == RedisReply::Kind::error;
      const std::size_t count = is_refused ? 1 : std::max<std::size_t>(words.size(), 2) - 1;
      answered.insert(answered.end(), count, words);
      continue;
    }
    while (next() != nullptr && is_message(*next()) &&
           (name.ends_with("PUBLISH") || name.starts_with("EVAL"))) {
      answered.push_back({"(message)"});
    }
    answered.push_back(std::move(words));
  }
  return answered;
}

void Comparison::execute_model(Client& client, const Words& words) {
  const Rule* rule = rule_for(grammar_.rules(), words);
  Surroundings surroundings;
  if (rule != nullptr) surroundings = surroundings_of(client, words, *rule);
  const auto reply = both_.engine().execute(client.model, views(words), both_.next_moment());
  auto deliveries = both_.engine().take_deliveries();
  if (reply) {
    client.expected.push_back({words,
                               as_sent(*reply, both_.engine().protocol(client.model)),
                               std::move(surroundings),
                               {}});
    if (*reply == RedisReply::status("QUEUED")) {
      client.queued.push_back(words);
    } else if (!is_in_multi(client)) {
      std::vector<const RedisReply*> replies;
      for (const RedisReply& item : reply->items) replies.push_back(&item);
      for (const auto& delivery : deliveries) {
        if (delivery.to == client.model && delivery.reply) replies.push_back(&*delivery.reply);
      }
      std::vector<Words> answered = answered_by(std::exchange(client.queued, {}), replies);
      const std::size_t inside = std::min(answered.size(), reply->items.size());
      const auto outside = answered.begin() + static_cast<std::ptrdiff_t>(inside);
      client.behind_exec.assign(outside, answered.end());
      answered.erase(outside, answered.end());
      client.expected.back().queued = std::move(answered);
    }
  }
  deliver(words, std::move(deliveries));
  client.behind_exec.clear();
}

/// What the command has sent to sessions out of turn.
void Comparison::deliver(const Words& cause, std::vector<sim::redis::Engine::Delivery> deliveries) {
  for (auto& delivery : deliveries) {
    const auto client = std::ranges::find_if(clients_, [&](const Client& candidate) {
      return candidate.real != nullptr && candidate.model == delivery.to;
    });
    if (client == clients_.end()) continue;
    if (delivery.reply) {
      Words words = cause;
      if (!client->behind_exec.empty()) {
        words = std::move(client->behind_exec.front());
        client->behind_exec.pop_front();
      }
      client->expected.push_back(
          {std::move(words),
           as_sent(std::move(*delivery.reply), both_.engine().protocol(client->model)),
           {},
           {}});
    }
    client->closing = client->closing || delivery.then_close;
  }
}

/// The real one goes first, and the model takes out what that one took.
void Comparison::take_at_random(Client& client, const Words& words, const Rule& rule) {
  flush();
  if (difference_) return;
  // In a transaction it would be too late; and who wants no replies cannot be asked.
  if (both_.engine().state().find(client.model)->special != 0) return;
  const Surroundings before = surroundings_of(client, words, rule);
  client.real->send(words);
  given_.emplace_back(client.number, words);
  const RedisReply real = client.real->receive();
  const bool takes_some = (real.is_bulk() || !real.items.empty()) &&
                          real.items.size() < before.members.size() && before.members.size() > 1;
  if (!takes_some) {
    execute_model(client, words);
    compare(client, client.expected.front(), real);
    client.expected.pop_front();
    return;
  }
  std::vector<std::string> taken;
  if (real.is_bulk()) taken.push_back(real.text);
  for (const RedisReply& item : real.items) taken.push_back(item.text);
  if (!take_from_model(client, words[1], taken)) {
    differ("the real one took what is not in the model: " + text_of(real));
  }
  deliver(words, both_.engine().take_deliveries());
}

/// One by one, and as one step: what the real one tells its replicas of it. On the built-in
/// session, as the client's own may be watching keys.
bool Comparison::take_from_model(Client& client, const std::string& key,
                                 const std::vector<std::string>& members) {
  const RedisReply removed = RedisReply::of(1);
  both_.ask_model({"SELECT", std::to_string(both_.engine().state().find(client.model)->database)});
  both_.ask_model({"MULTI"});
  for (const std::string& member : members) both_.ask_model({"SREM", key, member});
  const RedisReply answer = both_.ask_model({"EXEC"});
  both_.ask_model({"SELECT", "0"});
  return answer == RedisReply::array(std::vector(members.size(), removed));
}

/// Keys expire and waits end, on both sides.
void Comparison::let_time_pass() {
  flush();
  if (difference_) return;
  ::usleep(kPause_us);
  both_.read_clock();
  for (const std::uint32_t database : databases()) {
    both_.control().pipeline(
        {{"SELECT", std::to_string(database)}, {"SCAN", "0", "COUNT", "10000"}, {"SELECT", "0"}});
  }
  both_.engine().tick(both_.next_moment());
  deliver({"(time)"}, both_.engine().take_deliveries());
  time_is_passing_ = false;
  flush();
}

// --- Replies -------------------------------------------------------------------------------------

void Comparison::flush() {
  batch_ = nullptr;
  for (Client& client : clients_) {  // what one waits for, another may have yet to send
    if (client.real != nullptr) client.real->flush();
  }
  bool quiet = true;
  for (Client& client : clients_) {
    if (client.real == nullptr || difference_) continue;
    receive(client);
    if (client.closing) {
      close(client);
      continue;
    }
    const Session& session = *both_.engine().state().find(client.model);
    quiet = quiet && !session.blocked && (session.special & ~Session::kInMulti) == 0;
  }
  if (!quiet && !difference_ && !time_is_passing_) expect_silence();
}

void Comparison::receive(Client& client) {
  client.real->flush();
  while (!client.expected.empty() && !difference_) {
    const Expected expected = std::move(client.expected.front());
    client.expected.pop_front();
    const auto real = client.real->receive_within(kPatience_ms);
    if (!real) {
      differ("session " + std::to_string(client.number) + " gets no reply to " +
             pasteable(expected.words) + "\n  model: " + text_of(expected.reply));
      return;
    }
    compare(client, expected, *real);
  }
}

void Comparison::close(Client& client) {
  if (!difference_ && !client.real->closes_within(kPatience_ms)) {
    differ("the real one does not close session " + std::to_string(client.number));
  }
  disconnect(client);
}

/// The second PING is answered when everything that the first found undone has been sent.
void Comparison::expect_silence() {
  both_.control().command({"PING"});
  both_.control().command({"PING"});
  for (Client& client : clients_) {
    if (client.real == nullptr) continue;
    if (const auto real = client.real->receive_within(0)) {
      differ("session " + std::to_string(client.number) + " gets " + text_of(*real) +
             " from the real one, nothing from the model");
    }
  }
}

void Comparison::compare(const Client& client, const Expected& expected, const RedisReply& real) {
  const RedisReply& model = expected.reply;
  bool same = is_alike(expected.words, model, real, expected.surroundings);
  if (!expected.queued.empty() && model.is_array() && model.items.size() == real.items.size() &&
      model.items.size() == expected.queued.size()) {
    same = true;
    const Surroundings unknown{.known = false, .hashtable = false, .members = {}, .pairs = {}};
    const int protocol = changes_protocol(expected.queued) ? 3 : 2;
    for (std::size_t i = 0; i < model.items.size(); ++i) {
      same = same && is_alike(expected.queued[i], as_sent(model.items[i], protocol),
                              as_sent(real.items[i], protocol), unknown);
    }
  }
  if (same || effects_ != nullptr) return;
  differ("session " + std::to_string(client.number) + " differs at " + pasteable(expected.words) +
         versus(model, real));
}

bool Comparison::is_alike(const Words& words, RedisReply model, RedisReply real,
                          const Surroundings& surroundings) const {
  if (model == real) return true;
  blank_clock(model, both_.now_ms());
  blank_clock(real, both_.now_ms());
  blank_connection(model);
  blank_connection(real);
  return alike(model, real, rule_for(grammar_.rules(), words), words, surroundings);
}

RedisReply Comparison::ask_model_in(std::uint32_t database, const Words& words) {
  // Keys do not expire for being looked at here: the real one is not asked.
  both_.engine().state().set_expiry(sim::redis::Keyspace::Expiry::hide);
  both_.ask_model({"SELECT", std::to_string(database)});
  RedisReply reply = both_.ask_model(words);
  both_.ask_model({"SELECT", "0"});
  both_.engine().state().set_expiry(sim::redis::Keyspace::Expiry::erase);
  return reply;
}

Surroundings Comparison::surroundings_of(const Client& client, const Words& words,
                                         const Rule& rule) {
  Surroundings result;
  const std::uint32_t database = database_of(client);
  const auto add = [&](const Words& read, std::size_t step) {
    const RedisReply reply = ask_model_in(database, read);
    for (std::size_t i = 0; i + step <= reply.items.size(); i += step) {
      result.members.insert(reply.items[i].text);
      if (step == 2) result.pairs.insert(reply.items[i].text + " " + reply.items[i + 1].text);
    }
  };
  if (rule.likeness == Likeness::drawn_key) add({"KEYS", "*"}, 1);
  if (words.size() < 2) return result;
  if (rule.likeness == Likeness::unordered_hashtable) {
    // An error: OBJECT is not there to ask.
    const RedisReply encoding = ask_model_in(database, {"OBJECT", "ENCODING", words[1]});
    result.hashtable = encoding.is_error() || encoding.text == "hashtable";
  }
  if (rule.likeness == Likeness::drawn || rule.likeness == Likeness::taken) {
    const std::string type = ask_model_in(database, {"TYPE", words[1]}).text;
    if (type == "set") add({"SMEMBERS", words[1]}, 1);
    if (rule.likeness == Likeness::taken) return result;
    if (type == "hash") add({"HGETALL", words[1]}, 2);
    if (type == "zset") add({"ZRANGE", words[1], "0", "-1", "WITHSCORES"}, 2);
  }
  return result;
}

// --- State ---------------------------------------------------------------------------------------

namespace {

using Words = BothRedises::Words;

/// What reads all that is at a key, by its type.
std::vector<Words> reads_of(const std::string& type, const std::string& key) {
  std::vector<Words> reads = {{"PTTL", key}, {"OBJECT", "ENCODING", key}};
  if (type == "string") reads.push_back({"GET", key});
  if (type == "hash") reads.push_back({"HGETALL", key});
  if (type == "list") reads.push_back({"LRANGE", key, "0", "-1"});
  if (type == "set") reads.push_back({"SMEMBERS", key});
  if (type == "zset") reads.push_back({"ZRANGE", key, "0", "-1", "WITHSCORES"});
  if (type == "stream") {
    reads.push_back({"XRANGE", key, "-", "+"});
    reads.push_back({"XINFO", "STREAM", key, "FULL", "COUNT", "0"});
  }
  return reads;
}

/// Members whose scores the clock gave stand in its order, which a millisecond decides.
void sort_by_clock(RedisReply& scores) {
  const bool has_clock = std::ranges::any_of(
      scores.items, [](const RedisReply& item) { return item.text == "<clock>"; });
  if (has_clock) sort_pairs(scores);
}

/// How the real one lays a stream out in memory.
void blank_radix_tree(RedisReply& info) {
  for (std::size_t i = 0; i + 1 < info.items.size(); i += 2) {
    if (info.items[i].text.starts_with("radix-tree-")) info.items[i + 1] = RedisReply::of(0);
  }
}

}  // namespace

void Comparison::compare_states() {
  flush();
  if (difference_ || effects_ != nullptr) return;
  for (const std::uint32_t database : databases()) {
    if (!difference_) compare_state(database);
  }
  if (counts_) coverage_.count_state();
}

/// Those that have keys, on either side; and 0.
std::vector<std::uint32_t> Comparison::databases() {
  std::set<std::uint32_t> numbers = {0};
  const auto& model = both_.engine().state().databases;
  for (std::uint32_t i = 0; i < model.size(); ++i) {
    if (model[i] != nullptr && model[i]->size() != 0) numbers.insert(i);
  }
  const std::string real = both_.control().command({"INFO", "keyspace"}).text;
  for (std::size_t at = real.find("\ndb"); at != real.npos; at = real.find("\ndb", at + 1)) {
    numbers.insert(static_cast<std::uint32_t>(std::stoul(real.substr(at + 3))));
  }
  return {numbers.begin(), numbers.end()};
}

void Comparison::compare_state(std::uint32_t database) {
  const Words select = {"SELECT", std::to_string(database)};
  RedisReply real = both_.control().pipeline({select, {"KEYS", "*"}})[1];
  both_.ask_model(select);
  RedisReply model = both_.ask_model({"KEYS", "*"});
  sort_items(real);
  sort_items(model);
  if (real != model) {
    differ("the keys of database " + std::to_string(database) + " differ" + versus(model, real));
  } else {
    std::vector<Words> reads;
    for (const RedisReply& key : model.items) {
      for (Words& read : reads_of(both_.ask_model({"TYPE", key.text}).text, key.text)) {
        reads.push_back(std::move(read));
      }
    }
    compare_reads(reads);
  }
  both_.ask_model({"SELECT", "0"});
  both_.control().command({"SELECT", "0"});
}

void Comparison::compare_reads(const std::vector<Words>& reads) {
  const auto replies = both_.control().pipeline(reads);
  bool hashtable = false;
  for (std::size_t i = 0; i < reads.size() && !difference_; ++i) {
    RedisReply model = both_.ask_model(reads[i]);
    RedisReply real = replies[i];
    if (is_unknown_command(model)) {
      coverage_.count_absent(reads[i][0]);
      hashtable = hashtable || reads[i][0] == "OBJECT";
      continue;
    }
    if (reads[i][0] == "OBJECT") hashtable = real.text == "hashtable";
    const Surroundings surroundings{
        .known = true, .hashtable = hashtable, .members = {}, .pairs = {}};
    if (is_alike(reads[i], model, real, surroundings)) continue;
    for (RedisReply* reply : {&model, &real}) {
      blank_clock(*reply, both_.now_ms());
      if (reads[i][0] == "ZRANGE") sort_by_clock(*reply);
      if (reads[i][0] == "XINFO") blank_radix_tree(*reply);
    }
    if (model != real) {
      differ("the states differ: " + pasteable(reads[i]) + versus(model, real));
    }
  }
}

}  // namespace firedrill::test
