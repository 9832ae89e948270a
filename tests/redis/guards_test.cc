#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/redis/sessions.h"

// What the server's condition refuses: to clients, and to scripts.

namespace firedrill::sim::redis {
namespace {

using namespace std::chrono_literals;

/// What EVAL of `body` says; errors without the place.
std::string eval(Sessions& redis, SessionId session, const std::string& body) {
  std::string reply = redis.run(session, {"EVAL", body, "0"});
  return reply.substr(0, reply.find(" script: "));
}

constexpr const char* kWrite = "return redis.call('SET', 'a', 1)";

TEST(RedisGuards, ReadOnlyScripts) {
  Sessions redis;
  const SessionId one = redis.connect();
  const std::string refused = redis.run(one, {"EVAL_RO", kWrite, "0"});
  EXPECT_EQ(refused.substr(0, refused.find(" script: ")),
            "-ERR Write commands are not allowed from read-only scripts.");
  const std::string published =
      redis.run(one, {"EVAL_RO", "return redis.call('PUBLISH', 'a', 'b')", "0"});
  EXPECT_EQ(published.substr(0, published.find(" script: ")),
            "-ERR Write commands are not allowed from read-only scripts.");
  EXPECT_EQ(redis.run(one, {"EVAL_RO", "return redis.call('GET', KEYS[1])", "1", "a"}), "nil");
  const std::string sha = redis.run(one, {"SCRIPT", "LOAD", "return redis.call('GET', 'a')"});
  EXPECT_EQ(redis.run(one, {"EVALSHA_RO", sha.substr(1, 40), "0"}), "nil");
}

TEST(RedisGuards, AReplicaLetsScriptsRead) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "REPLICAOF 10.0.0.1 6379");
  EXPECT_EQ(eval(redis, one, "return redis.call('GET', 'a')"), "nil");
  EXPECT_EQ(eval(redis, one, kWrite), "-READONLY You can't write against a read only replica.");
  EXPECT_EQ(eval(redis, one, "return redis.pcall('SET', 'a', 1).err"),
            "\"READONLY You can't write against a read only replica.\"");
  redis.ask(one, "CONFIG SET replica-serve-stale-data no");
  EXPECT_EQ(eval(redis, one, "return 1"),
            "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.");
}

TEST(RedisGuards, ADiskThatFailsAndTooFewReplicas) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "CONFIG SET min-slaves-to-write 1");
  EXPECT_EQ(redis.ask(one, "SET a 1"), "-NOREPLICAS Not enough good replicas to write.");
  EXPECT_EQ(eval(redis, one, kWrite), "-NOREPLICAS Not enough good replicas to write.");
  EXPECT_EQ(eval(redis, one, "return redis.call('GET', 'a')"), "nil");
  redis.state().replication.replicas[1] = {"10.0.0.2", 6379, 0, redis.state().now_ms()};
  EXPECT_EQ(eval(redis, one, kWrite), "+OK");
  redis.state().set_guard(EngineState::kDiskFailed, true);
  constexpr const char* kDiskError =
      "-MISCONF Errors writing to the AOF file: No space left on device";
  EXPECT_EQ(redis.ask(one, "SET a 1"), kDiskError);
  EXPECT_EQ(redis.ask(one, "PING"), kDiskError);
  EXPECT_EQ(eval(redis, one, kWrite), kDiskError);
  EXPECT_EQ(redis.ask(one, "GET a"), "\"1\"");
}

TEST(RedisGuards, ADiskThatFailsRefusesScriptsThatSayTheyMayWrite) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.state().set_guard(EngineState::kDiskFailed, true);
  EXPECT_EQ(eval(redis, one, "#!lua\nreturn 2"),
            "-MISCONF Errors writing to the AOF file: No space left on device");
  EXPECT_EQ(eval(redis, one, "#!lua flags=no-writes\nreturn 1"), "1");
  redis.ask(one, "MULTI");
  redis.run(one, {"SCRIPT", "LOAD", "#!lua\nreturn 1"});  // not executed before the next is queued
  redis.ask(one, "EVALSHA cb70127618f0b0be70c53cf6bfcfa54a29d9b0c0 0");
  const std::string reply = redis.ask(one, "EXEC");
  EXPECT_NE(reply.find("-MISCONF Redis is configured to persist data to AOF, but it's currently "
                       "unable to persist to disk. Writable scripts are blocked. Use 'no-writes' "
                       "flag for read only scripts. AOF error: No space left on device"),
            std::string::npos)
      << reply;
}

TEST(RedisGuards, TheHostHearsOfSaves) {
  Sessions redis;
  const SessionId one = redis.connect();
  EXPECT_EQ(redis.ask(one, "LASTSAVE"), "1700000000") << "that of the start";
  redis.pass(5000ms);
  EXPECT_EQ(redis.ask(one, "SAVE"), "+OK");
  EXPECT_EQ(redis.ask(one, "BGSAVE"), "+Background saving started");
  EXPECT_EQ(redis.ask(one, "BGREWRITEAOF"), "+Background append only file rewriting started");
  EXPECT_EQ(redis.state().saves_wanted, 2U);
  EXPECT_EQ(redis.state().rewrites_wanted, 1U);
  EXPECT_EQ(redis.ask(one, "LASTSAVE"), "1700000005");
}

constexpr const char* kFull = "-OOM command not allowed when used memory > 'maxmemory'.";

TEST(RedisGuards, WithoutMemoryOnlyTheFirstWriteOfAScriptIsRefused) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "SET a 1");
  redis.state().memory_full = true;
  redis.state().update_guards();
  EXPECT_EQ(redis.ask(one, "SET b 1"), kFull);
  EXPECT_EQ(redis.ask(one, "GET a"), "\"1\"");
  EXPECT_EQ(eval(redis, one, "return redis.call('SET', 'b', 1)"), kFull);
  EXPECT_EQ(eval(redis, one, "redis.call('DEL', 'a') return redis.call('SET', 'b', 1)"), "+OK")
      << "who has begun to write may go on";
  EXPECT_EQ(redis.ask(one, "MULTI"), "+OK");
  EXPECT_EQ(redis.ask(one, "GET a"), kFull) << "what is queued takes memory, too";
  EXPECT_EQ(redis.ask(one, "DISCARD"), "+OK");
  redis.state().memory_full = false;
  redis.state().update_guards();
  redis.ask(one, "MULTI");
  redis.ask(one, "SET c 1");
  redis.state().memory_full = true;
  redis.state().update_guards();
  EXPECT_EQ(redis.ask(one, "EXEC"),
            std::string("-EXECABORT Transaction discarded because of: ") + (kFull + 1));
}

Engine::Options slow(std::function<Engine::SlowScript()> asked) {
  Engine::Options options;
  options.script_instructions = 2'000'000;
  options.slow_script = std::move(asked);
  return options;
}

/// A server whose scripts are slow at once, and what another client says meanwhile.
struct Busy : Sessions {
  Busy() : Sessions(slow([this] { return asked(); })) {}

  Engine::SlowScript asked() {
    if (!meanwhile.empty()) answers.push_back(ask(other, std::exchange(meanwhile, "")));
    return Engine::SlowScript::go_on;
  }

  SessionId other = 0;
  std::string meanwhile;
  std::vector<std::string> answers;
};

TEST(RedisGuards, WhileAScriptRunsOthersHearBusy) {
  Busy redis;
  const SessionId one = redis.connect();
  redis.other = redis.connect();
  redis.meanwhile = "GET a";
  EXPECT_EQ(eval(redis, one, "for i = 1, 100000 do end return 1"), "1");
  redis.meanwhile = "HELLO 2";
  EXPECT_EQ(eval(redis, one, "for i = 1, 100000 do end return 1"), "1");
  ASSERT_EQ(redis.answers.size(), 2U);
  EXPECT_EQ(redis.answers[0],
            "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN "
            "NOSAVE.");
  EXPECT_EQ(redis.answers[1].substr(0, 9), "[\"server\"");
  EXPECT_EQ(redis.ask(redis.other, "GET a"), "nil") << "it is over with the script";
}

TEST(RedisGuards, AScriptThatHasNotWrittenCanBeKilled) {
  Busy redis;
  const SessionId one = redis.connect();
  redis.other = redis.connect();
  EXPECT_EQ(redis.ask(one, "SCRIPT KILL"), "-NOTBUSY No scripts in execution right now.");
  redis.meanwhile = "SCRIPT KILL";
  EXPECT_EQ(eval(redis, one, "while true do pcall(function() while true do end end) end"),
            "-ERR Script killed by user with SCRIPT KILL...");
  redis.meanwhile = "SCRIPT KILL";
  EXPECT_EQ(eval(redis, one, "redis.call('SET', 'a', 1) for i = 1, 100000 do end return 1"), "1");
  EXPECT_EQ(redis.answers,
            (std::vector<std::string>{
                "+OK",
                "-UNKILLABLE Sorry the script already executed write commands against the dataset. "
                "You can either wait the script termination or kill the server in a hard way using "
                "the SHUTDOWN NOSAVE command."}));
}

TEST(RedisGuards, AClientMayLeaveItsOwnScript) {
  Sessions redis(slow([] { return Engine::SlowScript::go_on; }));
  const SessionId one = redis.connect();
  redis.state().options.slow_script = [&] {
    redis.engine.disconnect(one);
    return Engine::SlowScript::stop;
  };
  redis.run(one, {"EVAL", "while true do end", "0"});
  EXPECT_EQ(redis.state().find(one), nullptr);
}

}  // namespace
}  // namespace firedrill::sim::redis
