#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/cluster.h"
#include "sim/redis/engine.h"
#include "sim/redis/sha1.h"
#include "sim/redis/state.h"
#include "tests/support/redis_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/redis_text.h"

// What the condition of a server refuses, to clients and to scripts: a real server is brought into
// that condition, an engine likewise, and both get the same commands.

namespace firedrill::test {
namespace {

using namespace std::chrono_literals;
using sim::redis::ClusterView;
using sim::redis::Engine;
using sim::redis::SessionId;
using Words = std::vector<std::string>;

/// A command (a line, or words where one holds blanks), and how the answer of both begins: that
/// they say the same is not enough where both may be wrong about the condition.
struct Step {
  Step(const std::string& line, std::string answer) : Step(words_of(line), std::move(answer)) {}
  Step(Words command, std::string answer) : words(std::move(command)), begins(std::move(answer)) {}

  Words words;
  std::string begins;
};

/// A real server, and an engine beside it.
class Pair {
 public:
  explicit Pair(Words more = {}, Engine::Options options = {})
      : server_({.appendonly = false, .appendfsync = "everysec", .more = std::move(more)}),
        real_(server_.port()),
        engine_(std::move(options)),
        model_(connect_model()) {}

  void run(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      const std::string real = text_of(real_.command(step.words));
      const std::string shown = text_of(RedisReply::bulk(step.words.at(0))) + " of " +
                                text_of(RedisReply::bulk(step.words.back()));
      EXPECT_EQ(ask_model(model_, step.words), real) << shown;
      EXPECT_EQ(real.substr(0, step.begins.size()), step.begins) << shown;
    }
  }

  std::string ask_model(SessionId session, const Words& words) {
    const auto reply = engine_.execute(session, words, kNow);
    return reply ? text_of(*reply) : "(nothing)";
  }
  SessionId connect_model() { return engine_.connect("127.0.0.1:1", kNow); }
  SessionId model() const { return model_; }
  RedisClient& real() { return real_; }
  std::uint16_t port() const { return server_.port(); }
  Engine& engine() { return engine_; }

 private:
  static constexpr WallTime kNow{1'700'000'000s};

  RedisServer server_;
  RedisClient real_;
  Engine engine_;
  SessionId model_;
};

Words eval(std::string script, std::string key = "a") {
  return {"EVAL", std::move(script), "1", std::move(key)};
}
Words eval_ro(std::string script) {
  return {"EVAL_RO", std::move(script), "1", "a"};
}

constexpr const char* kGet = "return redis.call('GET', KEYS[1])";
constexpr const char* kSet = "return redis.call('SET', KEYS[1], 1)";
constexpr const char* kTry = "return redis.pcall('SET', KEYS[1], 1)";
constexpr const char* kDeclaresNothing = "#!lua\nreturn redis.call('SET', KEYS[1], 1)";
constexpr const char* kReadsOnly = "#!lua flags=no-writes\nreturn redis.call('GET', KEYS[1])";
constexpr const char* kMeansNoWrites = "#!lua flags=no-writes\nreturn redis.call('DEL', KEYS[1])";
constexpr const char* kWhenFull = "#!lua flags=allow-oom\nreturn redis.call('SET', KEYS[1], 1)";
constexpr const char* kWhenStale = "#!lua flags=allow-stale\nreturn redis.call('PING')";
constexpr const char* kReadsWhenStale =
    "#!lua flags=allow-stale,no-writes\nreturn redis.call('PING')";

/// Everything that a condition may refuse.
std::vector<Step> all_sorts(const std::string& of_write, const std::string& of_read) {
  return {{"SET a 1", of_write},
          {"GET a", of_read},
          {"DEL b", ""},
          {"PING", ""},
          {"TIME x", "-ERR wrong number"},
          {eval(kGet), ""},
          {eval(kSet), ""},
          {eval(kTry), ""},
          {eval("redis.call('DEL', 'b') return redis.call('SET', KEYS[1], 1)"), ""},
          {eval(kDeclaresNothing), ""},
          {eval(kReadsOnly), ""},
          {eval(kMeansNoWrites), ""},
          {eval(kWhenFull), ""},
          {eval(kWhenStale), ""},
          {eval(kReadsWhenStale), ""},
          {eval_ro(kGet), ""},
          {eval_ro(kSet), ""},
          {eval_ro(kDeclaresNothing), ""},
          {eval_ro(kReadsOnly), ""},
          {eval("#!lua flags=nosuch\nreturn 1"), "-ERR Unexpected flag"},
          {"EVALSHA ffffffffffffffffffffffffffffffffffffffff 0", ""},
          {"PUBLISH a b", ""},
          {"SCRIPT EXISTS x", ""},
          {"SCRIPT LOAD return", ""},
          {"MULTI", "+OK"},
          {"GET a", ""},
          {"EXEC", ""},
          {"MULTI", "+OK"},
          {"SET a 1", ""},
          {"EXEC", ""},
          {"MULTI", "+OK"},
          {eval(kSet), ""},
          {"EXEC", ""},
          {"MULTI", "+OK"},
          {eval(kDeclaresNothing), ""},
          {"EXEC", ""},
          {"MULTI", "+OK"},
          {"DISCARD", "+OK"}};
}

/// Scripts that become known in the very transaction that runs them: what they declare cannot be
/// looked at when they are queued, and is when they run.
void run_unknown_scripts(Pair& pair) {
  for (const char* script : {kSet, kDeclaresNothing, kReadsOnly, kMeansNoWrites, kWhenFull,
                             kWhenStale, kReadsWhenStale}) {
    const std::string sha = sim::redis::sha1_hex(script);
    pair.run({{"SCRIPT FLUSH", ""},  // it may be refused: then it is known to both
              {"MULTI", "+OK"},
              {{"SCRIPT", "LOAD", script}, ""},
              {{"EVALSHA", sha, "1", "a"}, ""},
              {{"EVALSHA_RO", sha, "1", "a"}, ""},
              {"EXEC", ""}});
  }
}

TEST(RealGuards, TooFewReplicas) {
  Pair pair;
  pair.run({{"SET a 1", "+OK"}, {"CONFIG SET min-replicas-to-write 1", "+OK"}});
  pair.run(all_sorts("-NOREPLICAS Not enough good replicas to write.", "\"1\""));
  run_unknown_scripts(pair);
  pair.run({{"CONFIG SET min-replicas-max-lag 0", "+OK"}, {"SET a 1", "+OK"}});
}

TEST(RealGuards, AReplicaThatSeesNoPrimary) {
  Pair pair;
  pair.run({{"SET a 1", "+OK"}, {"REPLICAOF 127.0.0.1 1", "+OK"}});
  pair.run(all_sorts("-READONLY You can't write against a read only replica.", "\"1\""));
  run_unknown_scripts(pair);
  pair.run({{"CONFIG SET replica-serve-stale-data no", "+OK"}});
  pair.run(all_sorts("-READONLY", "-MASTERDOWN Link with MASTER is down"));
  run_unknown_scripts(pair);
  pair.run({{"CONFIG SET replica-read-only no", "+OK"}});
  pair.run(all_sorts("-MASTERDOWN", "-MASTERDOWN"));
  pair.run({{"REPLICAOF NO ONE", "+OK"}, {"SET a 1", "+OK"}});
}

TEST(RealGuards, WhatWasQueuedBeforeTheReplicaWasCutOff) {
  Pair pair;
  pair.run({{"REPLICAOF 127.0.0.1 1", "+OK"},
            {"MULTI", "+OK"},
            {"GET a", "+QUEUED"},
            {"CONFIG SET replica-serve-stale-data no", "+QUEUED"},
            {"EXEC", "[nil, +OK]"},
            {"CONFIG SET replica-serve-stale-data yes", "+OK"},
            {"MULTI", "+OK"},
            {"GET a", "+QUEUED"}});
  RedisClient other(pair.port());
  other.command({"CONFIG", "SET", "replica-serve-stale-data", "no"});
  pair.ask_model(pair.connect_model(), {"CONFIG", "SET", "replica-serve-stale-data", "no"});
  pair.run({{"EXEC", "-EXECABORT Transaction discarded because of: MASTERDOWN"}});
}

TEST(RealGuards, FullMemory) {
  Pair pair;
  pair.run({{"SET a 1", "+OK"}, {"CONFIG SET maxmemory 1", "+OK"}});
  pair.run(all_sorts("-OOM command not allowed when used memory > 'maxmemory'.", "\"1\""));
  run_unknown_scripts(pair);
  pair.run({{"CONFIG SET maxmemory 0", "+OK"},
            {"MULTI", "+OK"},
            {"SET b 1", "+QUEUED"},
            {eval(kDeclaresNothing), "+QUEUED"}});
  RedisClient other(pair.port());
  other.command({"CONFIG", "SET", "maxmemory", "1"});
  pair.ask_model(pair.connect_model(), {"CONFIG", "SET", "maxmemory", "1"});
  pair.run({{"EXEC", "-EXECABORT Transaction discarded because of: OOM"}});
}

TEST(RealGuards, SeveralAtOnce) {
  Pair pair;
  pair.run({{"SET a 1", "+OK"},
            {"CONFIG SET min-replicas-to-write 1", "+OK"},
            {"CONFIG SET maxmemory 1", "+OK"}});
  pair.run(all_sorts("-OOM", "\"1\""));
  run_unknown_scripts(pair);
  pair.run({{"REPLICAOF 127.0.0.1 1", "+OK"}, {"CONFIG SET replica-serve-stale-data no", "+OK"}});
  pair.run(all_sorts("-READONLY", "-MASTERDOWN"));
  run_unknown_scripts(pair);
}

TEST(RealGuards, ASubscriberIsRefusedBeforeStaleDataAre) {
  Pair pair;
  pair.run({{"REPLICAOF 127.0.0.1 1", "+OK"}, {"CONFIG SET replica-serve-stale-data no", "+OK"}});
  pair.real().send({"SUBSCRIBE", "channel"});
  pair.real().flush();
  pair.real().receive();
  pair.ask_model(pair.model(), {"SUBSCRIBE", "channel"});
  pair.run({{"GET a", "-ERR Can't execute 'get'"}, {"SET a 1", "-READONLY"}});
}

// --- A script that runs long ---------------------------------------------------------------------

/// What another client says meanwhile.
std::vector<Step> while_busy() {
  constexpr const char* kBusy = "-BUSY Redis is busy running a script.";
  return {{"GET a", kBusy},
          {"PING", kBusy},
          {"GET", "-ERR wrong number"},
          {"NOSUCH a", "-ERR unknown command"},
          {"SCRIPT EXISTS x", kBusy},
          {"EVAL return 0", kBusy},
          {"CONFIG GET maxmemory", kBusy},
          {"WATCH a", "+OK"},
          {"UNWATCH", "+OK"},
          {"MULTI", "+OK"},
          {"SET a 1", kBusy},
          {"EXEC", "-EXECABORT Transaction discarded because of: BUSY"},
          {"MULTI", "+OK"},
          {"DISCARD", "+OK"},
          {"SHUTDOWN SAVE", kBusy}};
}

struct Busy {
  std::vector<std::pair<Step, std::string>> answers;  ///< of the model
  std::string of_script;
};

/// The model's answers to the script, and to `steps` that another says meanwhile.
Busy run_model(const std::string& script, const std::vector<Step>& steps) {
  Busy busy;
  Pair* running = nullptr;
  SessionId other = 0;
  Engine::Options options;
  options.slow_script = [&] {
    if (busy.answers.empty()) {
      for (const Step& step : steps) {
        busy.answers.emplace_back(step, running->ask_model(other, step.words));
      }
    }
    return Engine::SlowScript::go_on;
  };
  Pair pair({}, options);
  running = &pair;
  other = pair.connect_model();
  busy.of_script = pair.ask_model(pair.model(), {"EVAL", script, "0"});
  return busy;
}

/// The real one's answers are compared with those. The script runs for ever.
void run_real(const std::string& script, const Busy& expected, bool is_killed) {
  RedisServer server(
      {.appendonly = false, .appendfsync = "everysec", .more = {"--busy-reply-threshold", "1"}});
  RedisClient one(server.port());
  RedisClient other(server.port());
  one.send({"EVAL", script, "0"});
  one.flush();
  while (!other.command({"PING"}).is_error()) ::usleep(1000);
  for (const auto& [step, model] : expected.answers) {
    const std::string real = text_of(other.command(step.words));
    EXPECT_EQ(model, real) << step.words[0];
    EXPECT_EQ(real.substr(0, step.begins.size()), step.begins) << step.words[0];
  }
  if (is_killed) {
    EXPECT_EQ(expected.of_script, text_of(one.receive()));
  }
}

TEST(RealGuards, AScriptThatRunsLongAndIsKilled) {
  std::vector<Step> steps = while_busy();
  steps.emplace_back("SCRIPT KILL", "+OK");
  const std::string script = "redis.call('GET', 'a') while true do end";
  const Busy busy = run_model(script, steps);
  EXPECT_EQ(busy.answers.size(), steps.size());
  run_real(script, busy, true);
}

TEST(RealGuards, AScriptThatHasWrittenCannotBeKilled) {
  std::vector<Step> steps = while_busy();
  steps.emplace_back("SCRIPT KILL", "-UNKILLABLE Sorry the script already executed write commands");
  const std::string script = "redis.call('SET', 'a', 1) while true do end";
  const Busy busy = run_model(script, steps);
  EXPECT_EQ(busy.answers.size(), steps.size());
  run_real(script, busy, false);
}

TEST(RealGuards, NothingToKill) {
  Pair pair;
  pair.run({{"SCRIPT KILL", "-NOTBUSY No scripts in execution right now."}});
}

// --- Files ---------------------------------------------------------------------------------------

TEST(RealGuards, WhatSavesAnswers) {
  Pair pair;
  pair.run({{"SAVE", "+OK"},
            {"SAVE x", "-ERR wrong number"},
            {"BGSAVE x", "-ERR syntax error"},
            {"BGSAVE schedule x", "-ERR syntax error"},
            {{"EVAL", "return redis.call('SAVE')", "0"}, "-ERR This Redis command is not allowed"},
            {{"EVAL", "return type(redis.call('LASTSAVE'))", "0"}, "\"number\""},
            {"MULTI", "+OK"},
            {"SAVE", "-ERR Command not allowed inside a transaction"},
            {"EXEC", "-EXECABORT"},
            {"MULTI", "+OK"},
            {"BGREWRITEAOF", "+QUEUED"},
            {"EXEC", "[+Background append only file rewriting scheduled]"}});
}

TEST(RealGuards, WhatBeginsToSaveAnswers) {
  Pair pair;
  pair.run({{"BGSAVE", "+Background saving started"}});
  Pair second;
  second.run({{"BGREWRITEAOF", "+Background append only file rewriting started"}});
  Pair third;
  third.run({{"MULTI", "+OK"}, {"BGSAVE", "+QUEUED"}, {"EXEC", "[+Background saving scheduled]"}});
}

// --- Nodes of a cluster --------------------------------------------------------------------------

// Slots: 3300 of b, 7365 of c, 15495 of a, 12182 of foo.
constexpr std::uint16_t kFirstOfSecond = 8192;

Words cluster_settings() {
  return {"--cluster-enabled",          "yes", "--cluster-port", std::to_string(free_port()),
          "--repl-diskless-sync-delay", "0"};
}

/// Two primaries, each with half of the slots, and a replica of the first.
class Nodes {
 public:
  Nodes() {
    ids_ = {id_of(first), id_of(second), id_of(replica)};
    add_slots(first, 0, kFirstOfSecond - 1);
    add_slots(second, kFirstOfSecond, sim::redis::kSlots - 1);
    for (Pair* other : {&second, &replica}) {
      const RedisReply bus = other->real().command({"CONFIG", "GET", "cluster-port"});
      must(first,
           {"CLUSTER", "MEET", "127.0.0.1", std::to_string(other->port()), bus.items.at(1).text});
    }
    for (Pair* each : {&first, &second, &replica}) wait(*each, "cluster_known_nodes:3");
    for (Pair* each : {&first, &second, &replica}) wait(*each, "cluster_state:ok");
    must(replica, {"CLUSTER", "REPLICATE", ids_[0]});
    must(first, {"SET", "b", "1"});
    while (replica.real().command({"DBSIZE"}).integer != 1) ::usleep(10'000);
    join(first, 0, {1, 2});
    join(second, 1, {0, 2});
    join(replica, 2, {0, 1});
  }

  const std::string& id(std::size_t node) const { return ids_.at(node); }

  Pair first{cluster_settings()};
  Pair second{cluster_settings()};
  Pair replica{cluster_settings()};

 private:
  static void must(Pair& pair, const Words& words) {
    const RedisReply reply = pair.real().command(words);
    if (reply.is_error()) throw std::runtime_error(words[1] + ": " + reply.text);
  }
  static std::string id_of(Pair& pair) { return pair.real().command({"CLUSTER", "MYID"}).text; }
  static void add_slots(Pair& pair, int from, int to) {
    must(pair, {"CLUSTER", "ADDSLOTSRANGE", std::to_string(from), std::to_string(to)});
  }
  static void wait(Pair& pair, const std::string& line) {
    for (int waited_ms = 0; waited_ms < 20'000; waited_ms += 20) {
      const std::string info = pair.real().command({"CLUSTER", "INFO"}).text;
      if (info.find(line + "\r\n") != std::string::npos) return;
      ::usleep(20'000);
    }
    throw std::runtime_error("a node does not come to " + line);
  }

  /// The engine sees the same cluster.
  void join(Pair& pair, std::size_t myself, std::array<std::size_t, 2> others) {
    const std::array<std::uint16_t, 3> ports = {first.port(), second.port(), replica.port()};
    const auto node = [&](std::size_t number) {
      return sim::redis::ClusterNode{ids_[number], "127.0.0.1", ports[number],
                                     number == 2 ? ids_[0] : "", number};
    };
    ClusterView view(node(myself));
    for (const std::size_t other : others) view.add(node(other));
    for (std::uint16_t slot = 0; slot < sim::redis::kSlots; ++slot) {
      view.set_owner(slot, view.find(ids_[slot < kFirstOfSecond ? 0 : 1]));
    }
    sim::redis::EngineState& state = pair.engine().state();
    if (myself != 1) pair.ask_model(pair.model(), {"SET", "b", "1"});
    if (myself == 2) state.replication.primary = {"127.0.0.1", ports[0], true};
    join_cluster(state, std::move(view));
  }

  std::vector<std::string> ids_;
};

constexpr const char* kAway = "return redis.call('GET', 'a')";
constexpr const char* kTwoSlots = "redis.call('SET', 'b', 1) return redis.call('GET', 'c')";
constexpr const char* kTwoSlotsDeclared =
    "#!lua\nredis.call('GET', 'b') return redis.call('GET', 'c')";
constexpr const char* kTwoSlotsAllowed =
    "#!lua flags=allow-cross-slot-keys\nredis.call('GET', 'b') return redis.call('GET', 'c')";

TEST(RealGuards, ANodeOfACluster) {
  Nodes nodes;
  nodes.first.run({{"SET a 1", "-MOVED 15495 127.0.0.1:"},
                   {"GET b", "\"1\""},
                   {"MGET b c", "-CROSSSLOT"},
                   {"MGET a b", "-CROSSSLOT"},
                   {"SELECT 1", "-ERR SELECT is not allowed in cluster mode"},
                   {"SWAPDB 0 0", "-ERR SWAPDB is not allowed in cluster mode"},
                   {"MOVE b 1", "-ERR MOVE is not allowed in cluster mode"},
                   {"MOVE a 1", "-MOVED"},
                   {"COPY b {b}x DB 1", "-ERR Copying to another database is not allowed"},
                   {"COPY b {b}x DB 0", "1"},
                   {"REPLICAOF NO ONE", "-ERR REPLICAOF not allowed in cluster mode."},
                   {"EVAL return 2 a", "-ERR Number of keys can't be greater"},
                   {"EVAL return 1 a", "-MOVED"},
                   {"MULTI", "+OK"},
                   {"GET a", "-MOVED"},
                   {"EXEC", "-EXECABORT"},
                   {"MULTI", "+OK"},
                   {"GET b", "+QUEUED"},
                   {"GET c", "+QUEUED"},
                   {"EXEC", "-CROSSSLOT"},
                   {"EXEC", "-ERR EXEC without MULTI"},
                   {eval(kAway, "b"), "-ERR Script attempted to access a non local key"},
                   {eval(kTwoSlots, "b"), "nil"},
                   {eval(kTwoSlotsDeclared, "b"), "-ERR Script attempted to access keys that do"},
                   {eval(kTwoSlotsDeclared, "c"), "-ERR Script attempted to access keys that do"},
                   {eval(kTwoSlotsAllowed, "b"), "nil"},
                   {{"EVAL", kTwoSlotsDeclared, "0"}, "-ERR Script attempted to access keys"},
                   {eval("#!lua flags=no-cluster\nreturn 1", "b"), "-ERR Can not run script on"},
                   {"SPUBLISH a b", "-MOVED"},
                   {"SPUBLISH b b", "0"}});
}

TEST(RealGuards, ASlotThatMoves) {
  Nodes nodes;
  nodes.first.run({{"CLUSTER SETSLOT 3300 MIGRATING " + nodes.id(1), "+OK"},
                   {"GET b", "\"1\""},
                   {"GET {b}x", "-ASK 3300 127.0.0.1:"},
                   {"MGET b {b}x", "-TRYAGAIN"},
                   {"MGET {b}x {b}y", "-ASK"},
                   {eval(kGet, "{b}x"), "-ASK"},
                   {eval("return redis.call('GET', '{b}x')", "b"), "-ERR Script attempted to"},
                   {eval("return redis.call('MGET', 'b', '{b}x')", "b"), "-ERR Script attempted"},
                   {"MULTI", "+OK"},
                   {"GET b", "+QUEUED"},
                   {"GET {b}x", "-ASK"},
                   {"EXEC", "-EXECABORT"}});
  nodes.second.run({{"CLUSTER SETSLOT 3300 IMPORTING " + nodes.id(0), "+OK"},
                    {"GET {b}x", "-MOVED 3300"},
                    {"ASKING", "+OK"},
                    {"GET {b}x", "nil"},
                    {"GET {b}x", "-MOVED 3300"},
                    {"ASKING", "+OK"},
                    {"MGET {b}x {b}y", "-TRYAGAIN"},
                    {"ASKING", "+OK"},
                    {"MGET {b}x {b}x", "[nil, nil]"},
                    {"ASKING", "+OK"},
                    {eval(kGet, "{b}x"), "nil"},
                    {"MULTI", "+OK"},
                    {"ASKING", "+QUEUED"},
                    {"GET {b}x", "-MOVED"},
                    {"EXEC", "-EXECABORT"}});
}

TEST(RealGuards, AClusterThatIsDown) {
  Nodes nodes;
  nodes.first.run({{"CLUSTER DELSLOTS 1", "+OK"},
                   {"GET b", "-CLUSTERDOWN The cluster is down"},
                   {"MGET b c", "-CROSSSLOT"},
                   {"GET a", "-CLUSTERDOWN The cluster is down"},
                   {"PING", "+PONG"},
                   {eval(kGet, "b"), "-CLUSTERDOWN The cluster is down"},
                   {{"EVAL", "return redis.call('GET', 'b')", "0"},
                    "-ERR Script attempted to execute a command while the cluster is down"},
                   {"CONFIG SET cluster-allow-reads-when-down yes", "+OK"},
                   {"GET b", "\"1\""},
                   {"SET b 1", "-CLUSTERDOWN The cluster is down and only accepts read commands"},
                   {eval(kGet, "b"), "\"1\""},
                   {eval(kSet, "b"), "-ERR Script attempted to execute a write command"},
                   {eval(kDeclaresNothing, "b"), "-CLUSTERDOWN The cluster is down and only"},
                   {"CONFIG SET cluster-require-full-coverage no", "+OK"}});
}

TEST(RealGuards, AReplicaInACluster) {
  Nodes nodes;
  nodes.replica.run({{"GET b", "-MOVED 3300"},
                     {"READONLY", "+OK"},
                     {"GET b", "\"1\""},
                     {"GET a", "-MOVED 15495"},
                     {"SET b 2", "-MOVED 3300"},
                     {eval(kGet, "b"), "\"1\""},
                     {eval(kSet, "b"), "-READONLY You can't write against a read only replica."},
                     {eval(kTry, "b"), "-READONLY You can't write against a read only replica."},
                     {eval(kReadsOnly, "b"), "\"1\""},
                     {eval(kDeclaresNothing, "b"), "-MOVED"},
                     {"MULTI", "+OK"},
                     {"GET b", "+QUEUED"},
                     {"EXEC", "[\"1\"]"},
                     {"MULTI", "+OK"},
                     {"SET b 2", "-MOVED"},
                     {"DISCARD", "+OK"},
                     {"READWRITE", "+OK"},
                     {"GET b", "-MOVED 3300"},
                     {"FLUSHALL", "-READONLY"}});
}

}  // namespace
}  // namespace firedrill::test
