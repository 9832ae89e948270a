// The program, and Redis's own tools against it.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "tests/redis_wire/wire.h"
#include "tests/support/child_process.h"
#include "tests/support/redis_server.h"

namespace firedrill::test {
namespace {

struct Ran {
  int status = -1;
  std::string output;
};

Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) {
    ran.output.append(buffer.data(), got);
  }
  const int status = pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

/// `firedrill redis-server` as users start it.
class Program {
 public:
  explicit Program(const std::vector<std::string>& options = {})
      : process_(words(options), directory_.path() / "log") {
    while (port_.empty()) {
      const std::string text = log();
      constexpr std::string_view kReady = "Ready to accept connections on 127.0.0.1:";
      const std::size_t end = text.find('\n');
      if (text.starts_with(kReady) && end != std::string::npos) {
        port_ = text.substr(kReady.size(), end - kReady.size());
      } else if (process_.exit_status()) {
        throw std::runtime_error("the server has ended: " + text);
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    }
  }

  const std::string& port() const { return port_; }
  int end(int signal) { return process_.end(signal); }
  int await_end() {
    while (!process_.exit_status()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return *process_.exit_status();
  }
  std::string log() const {
    std::ifstream in(directory_.path() / "log");
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }
  std::string cli(const std::string& arguments) const {
    return run("redis-cli -p " + port_ + " " + arguments).output;
  }

 private:
  static std::vector<std::string> words(const std::vector<std::string>& options) {
    std::vector<std::string> all = {FIREDRILL_PROGRAM, "redis-server", "--port", "0"};
    all.insert(all.end(), options.begin(), options.end());
    return all;
  }

  TemporaryDirectory directory_;
  ChildProcess process_;
  std::string port_;
};

TEST(Tools, RedisCliShowsWhatItShowsOfTheRealServer) {
  const RedisServer real;
  const Program program;
  for (const char* arguments : {"--raw set k 'a b'",
                                "--raw get k",
                                "get k",
                                "--raw incr n",
                                "incr n",
                                "hset h a 1 b 2",
                                "--raw hgetall h",
                                "hgetall h",
                                "-3 hgetall h",
                                "--raw get none",
                                "get none",
                                "lpush h x",
                                "zadd z 1.5 m",
                                "-3 zscore z m",
                                "zrange z 0 -1 withscores",
                                "eval 'return {1,{2,3}}' 0",
                                "-x set big < /etc/passwd",
                                "strlen big",
                                "config get maxclients",
                                "nonsense"}) {
    EXPECT_EQ(program.cli(arguments),
              run("redis-cli -p " + std::to_string(real.port()) + " " + arguments).output)
        << arguments;
  }
}

TEST(Tools, RedisBenchmarkRunsToItsEnd) {
  const Program program;
  const std::string benchmark = "redis-benchmark -n 1000 -P 4 -q -p " + program.port() + " ";
  const Ran ran = run(benchmark +
                      "-t ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,"
                      "lrange,mset && " +
                      benchmark + "XADD stream '*' field value");
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_EQ(ran.output.find("rror"), std::string::npos) << ran.output;
  for (const char* test :
       {"PING_INLINE", "SET", "GET", "INCR", "LPUSH", "RPOP", "SADD", "HSET", "SPOP", "ZADD",
        "ZPOPMIN", "MSET (10 keys)", "XADD stream * field value"}) {
    EXPECT_NE(ran.output.find(std::string(test) + ": "), std::string::npos) << test;
  }
}

TEST(Tools, TheProgramEndsOnASignalAndOnShutdown) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Program program;
    EXPECT_EQ(program.end(signal), 0);
  }
  Program program;
  EXPECT_EQ(program.cli("shutdown nosave"), "");
  EXPECT_EQ(program.await_end(), 0);
}

TEST(Tools, ItsOptions) {
  const Program program({"--requirepass", "secret", "--maxmemory", "10mb", "--maxmemory-policy",
                         "allkeys-lru", "--appendonly", "no"});
  EXPECT_EQ(program.cli("get k"), "NOAUTH Authentication required.\n\n");
  const std::string get = "--no-auth-warning -a secret --raw config get ";
  EXPECT_EQ(program.cli(get + "maxmemory"), "maxmemory\n10485760\n");
  EXPECT_EQ(program.cli(get + "maxmemory-policy"), "maxmemory-policy\nallkeys-lru\n");
}

TEST(Tools, WhatItRefuses) {
  const std::string program = FIREDRILL_PROGRAM " redis-server ";
  const Program first;
  const Ran taken = run(program + "--port " + first.port());
  EXPECT_EQ(taken.status, 2);
  EXPECT_EQ(taken.output, "firedrill: redis-server: cannot listen on 127.0.0.1:" + first.port() +
                              ": Address already in use\n");
  const Ran file = run(program + "--port 0 --appendonly yes");
  EXPECT_EQ(file.status, 2);
  EXPECT_NE(file.output.find("keeps nothing on disk"), std::string::npos) << file.output;
  const Ran memory = run(program + "--port 0 --maxmemory lots");
  EXPECT_EQ(memory.status, 2);
  EXPECT_NE(memory.output.find("--maxmemory lots: ERR"), std::string::npos) << memory.output;
  EXPECT_EQ(run(program + "--bind nowhere").status, 2);
}

}  // namespace
}  // namespace firedrill::test
