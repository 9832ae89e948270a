#include "sim/redis/config.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/redis/sessions.h"

namespace firedrill::sim::redis {
namespace {

TEST(RedisConfig, EverySettingIsReadBackAsItWasSet) {
  Config config;
  for (const Setting& setting : all_settings()) {
    const std::string value = value_of(setting, config);
    EXPECT_EQ(set_value(setting, config, value), "") << setting.name;
    EXPECT_EQ(value_of(setting, config), value) << setting.name;
    EXPECT_EQ(find_setting(setting.name), &setting);
    const std::string_view old_name = setting.alias.empty() ? setting.name : setting.alias;
    EXPECT_EQ(find_setting(old_name), &setting);
  }
  EXPECT_EQ(config, Config{});
}

TEST(RedisConfig, GetTakesNamesAliasesAndPatterns) {
  Sessions redis;
  const SessionId one = redis.connect();
  EXPECT_EQ(redis.ask(one, "CONFIG GET maxmemory"), "[\"maxmemory\", \"0\"]");
  EXPECT_EQ(redis.ask(one, "CONFIG GET LUA-time-limit nosuch"), "[\"LUA-time-limit\", \"5000\"]");
  EXPECT_EQ(redis.ask(one, "CONFIG GET min-*-to-WRITE maxmemory min-slaves-to-write"),
            "[\"min-replicas-to-write\", \"0\", \"min-slaves-to-write\", \"0\", \"maxmemory\", "
            "\"0\"]");
}

TEST(RedisConfig, SetIsAllOrNothing) {
  Sessions redis;
  const SessionId one = redis.connect();
  EXPECT_EQ(
      redis.ask(one, "CONFIG SET maxmemory 1mb timeout x"),
      "-ERR CONFIG SET failed (possibly related to argument 'timeout') - argument couldn't be "
      "parsed into an integer");
  EXPECT_EQ(redis.state().config, Config{});
  EXPECT_EQ(redis.ask(one, "CONFIG SET maxmemory 1kb nosuch 1"),
            "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'");
  EXPECT_EQ(redis.state().config, Config{});
  EXPECT_EQ(redis.ask(one, "CONFIG SET maxmemory 2GB slave-read-only no appendfsync ALWAYS"),
            "+OK");
  EXPECT_EQ(redis.state().config.maxmemory, 2LL << 30);
  EXPECT_FALSE(redis.state().config.replica_read_only);
  EXPECT_EQ(redis.state().config.appendfsync, Config::Fsync::always);
}

TEST(RedisConfig, WhatCannotBeSet) {
  Sessions redis;
  const SessionId one = redis.connect();
  const auto why = [&](const std::string& line) { return redis.ask(one, "CONFIG SET " + line); };
  const auto failed = [](const std::string& name, const std::string& text) {
    return "-ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + text;
  };
  EXPECT_EQ(why("databases 3"), failed("databases", "can't set immutable config"));
  EXPECT_EQ(why("dir /tmp"), failed("dir", "can't set protected config"));
  EXPECT_EQ(why("maxmemory 1 MAXMEMORY 2"), failed("MAXMEMORY", "duplicate parameter"));
  EXPECT_EQ(why("maxmemory 1xb"), failed("maxmemory", "argument must be a memory value"));
  EXPECT_EQ(why("maxmemory -1"), failed("maxmemory", "argument must be a memory value"));
  EXPECT_EQ(why("timeout -1"),
            failed("timeout", "argument must be between 0 and 2147483647 inclusive"));
  EXPECT_EQ(why("appendonly maybe"), failed("appendonly", "argument must be 'yes' or 'no'"));
  EXPECT_EQ(why("lua-time-limit x"),
            failed("lua-time-limit", "argument couldn't be parsed into an integer"));
  EXPECT_EQ(why("save 900"), failed("save", "Invalid save parameters"));
  EXPECT_EQ(why("maxmemory-policy foo"),
            failed("maxmemory-policy",
                   "argument(s) must be one of the following: volatile-lru, volatile-lfu, "
                   "volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, "
                   "noeviction"));
  EXPECT_EQ(why("maxmemory 1 timeout"), "-ERR syntax error");
  EXPECT_EQ(redis.ask(one, "CONFIG REWRITE"), "-ERR The server is running without a config file");
  EXPECT_EQ(redis.state().config, Config{});
}

TEST(RedisConfig, StatisticsBeginAnew) {
  Sessions redis;
  const SessionId one = redis.connect();
  redis.ask(one, "PING");
  EXPECT_EQ(redis.ask(one, "CONFIG RESETSTAT"), "+OK");
  EXPECT_NE(redis.ask(one, "INFO stats").find("total_commands_processed:1\\x0d"),
            std::string::npos);
}

}  // namespace
}  // namespace firedrill::sim::redis
