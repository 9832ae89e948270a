// Conversations of one or more clients with the simulated Redis and with a real one: the same
// replies, in the same order.

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/redis_wire/wire.h"
#include "tests/support/redis_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/redis_text.h"

namespace firedrill::test {
namespace {

using Lines = std::vector<std::string>;

/// What a conversation hears.
using Conversation = std::function<Lines(std::uint16_t port)>;

class Clients : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    real_ = std::make_unique<RedisServer>();
    model_ = std::make_unique<Wire>();
  }
  static void TearDownTestSuite() {
    model_.reset();
    real_.reset();
  }

  static void expect_the_same(const Conversation& conversation) {
    const Lines real = conversation(real_->port());
    EXPECT_FALSE(real.empty());
    EXPECT_EQ(conversation(model_->port()), real);
  }
  static std::uint16_t model() { return model_->port(); }

 private:
  inline static std::unique_ptr<RedisServer> real_;
  inline static std::unique_ptr<Wire> model_;
};

std::string ask(RedisClient& client, const std::vector<std::string>& words) {
  return text_of(client.command(words));
}

/// Waits until the client's command has begun to wait.
void await_blocked(RedisClient& observer) {
  while (ask(observer, {"INFO", "clients"}).find("blocked_clients:1") == std::string::npos) {
    std::this_thread::yield();
  }
}

TEST_F(Clients, Hiredis) {
  const std::unique_ptr<redisContext, void (*)(redisContext*)> context(
      redisConnect("127.0.0.1", model()), redisFree);
  ASSERT_EQ(context->err, 0);
  const auto call = [&](const char* format, const char* argument) {
    auto* reply = static_cast<redisReply*>(redisCommand(context.get(), format, argument));
    return std::unique_ptr<redisReply, void (*)(void*)>(reply, freeReplyObject);
  };
  EXPECT_STREQ(call("SET h %s", "value")->str, "OK");
  EXPECT_STREQ(call("GET h%s", "")->str, "value");
  EXPECT_EQ(call("INCR counter%s", "")->integer, 1);
  EXPECT_EQ(call("HGETALL none%s", "")->elements, 0U);
  EXPECT_EQ(call("GET none%s", "")->type, REDIS_REPLY_NIL);
  EXPECT_EQ(call("LPUSH h %s", "x")->type, REDIS_REPLY_ERROR);
  for (int i = 0; i < 1000; ++i) redisAppendCommand(context.get(), "INCR pipelined");
  for (int i = 1; i <= 1000; ++i) {
    void* raw = nullptr;
    ASSERT_EQ(redisGetReply(context.get(), &raw), REDIS_OK);
    const std::unique_ptr<redisReply, void (*)(void*)> reply(static_cast<redisReply*>(raw),
                                                             freeReplyObject);
    ASSERT_EQ(reply->integer, i);
  }
}

TEST_F(Clients, ALongPipelineIsAnsweredInOrder) {
  expect_the_same([](std::uint16_t port) {
    RedisClient client(port);
    std::vector<std::vector<std::string>> commands = {{"DEL", "p", "l"}};
    for (int i = 0; i < 20'000; ++i) {
      commands.push_back({"INCR", "p"});
      if (i % 100 == 0) commands.push_back({"SET", "v", std::string(50'000, 'v')});
      if (i % 100 == 1) commands.push_back({"GET", "v"});
    }
    Lines lines;
    for (const RedisReply& reply : client.pipeline(commands)) lines.push_back(text_of(reply));
    return lines;
  });
}

TEST_F(Clients, ProtocolThree) {
  expect_the_same([](std::uint16_t port) {
    RedisClient client(port);
    client.command({"DEL", "h", "s", "z"});
    client.command({"HELLO", "3"});
    Lines lines;
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"HSET", "h", "f", "v"},
                                               {"HGETALL", "h"},
                                               {"SADD", "s", "m"},
                                               {"SMEMBERS", "s"},
                                               {"ZADD", "z", "1.5", "m"},
                                               {"ZSCORE", "z", "m"},
                                               {"ZRANGE", "z", "0", "-1", "WITHSCORES"},
                                               {"GET", "none"},
                                               {"LRANGE", "none", "0", "-1"},
                                               {"EVAL", "return {1.5, true, false, 'x'}", "0"},
                                               {"HELLO", "4"}}) {
      lines.push_back(ask(client, words));
    }
    client.command({"HELLO", "2"});
    lines.push_back(ask(client, {"HGETALL", "h"}));
    return lines;
  });
}

TEST_F(Clients, PublishAndSubscribe) {
  expect_the_same([](std::uint16_t port) {
    RedisClient publisher(port);
    RedisClient two(port);
    RedisClient three(port);
    three.command({"HELLO", "3"});
    Lines lines = {ask(two, {"SUBSCRIBE", "news"}), ask(three, {"SUBSCRIBE", "news"}),
                   ask(three, {"PSUBSCRIBE", "n*"})};
    lines.push_back(ask(publisher, {"PUBLISH", "news", "hello"}));
    lines.push_back(text_of(two.receive()));
    lines.push_back(text_of(three.receive()));
    lines.push_back(text_of(three.receive()));
    lines.push_back(ask(two, {"GET", "k"}));
    lines.push_back(ask(two, {"PING"}));
    lines.push_back(ask(three, {"GET", "none"}));
    lines.push_back(ask(two, {"UNSUBSCRIBE"}));
    lines.push_back(ask(publisher, {"PUBLISH", "news", "again"}));
    lines.push_back(text_of(three.receive()));
    return lines;
  });
}

TEST_F(Clients, OneWaitsForWhatAnotherPushes) {
  expect_the_same([](std::uint16_t port) {
    RedisClient waiting(port);
    RedisClient pushing(port);
    Lines lines = {ask(pushing, {"DEL", "queue"})};
    // What stands behind the command that waits is held back until it has been answered.
    waiting.send({"BLPOP", "queue", "0"});
    waiting.send({"LLEN", "queue"});
    waiting.send({"BLPOP", "queue", "0.05"});
    waiting.flush();
    await_blocked(pushing);
    lines.push_back(ask(pushing, {"RPUSH", "queue", "a", "b"}));
    for (int i = 0; i < 3; ++i) lines.push_back(text_of(waiting.receive()));
    lines.push_back(ask(waiting, {"BLPOP", "queue", "0.05"}));
    return lines;
  });
}

TEST_F(Clients, WhoHasGoneIsNotServed) {
  expect_the_same([](std::uint16_t port) {
    RedisClient pushing(port);
    pushing.command({"DEL", "queue"});
    {
      RedisClient waiting(port);
      waiting.send({"BLPOP", "queue", "0"});
      waiting.flush();
      await_blocked(pushing);
    }
    while (ask(pushing, {"INFO", "clients"}).find("blocked_clients:0") == std::string::npos) {
      std::this_thread::yield();
    }
    return Lines{ask(pushing, {"RPUSH", "queue", "a"}), ask(pushing, {"LLEN", "queue"})};
  });
}

TEST_F(Clients, Transactions) {
  expect_the_same([](std::uint16_t port) {
    RedisClient one(port);
    RedisClient two(port);
    Lines lines = {ask(one, {"SET", "t", "1"}), ask(one, {"WATCH", "t"}), ask(one, {"MULTI"}),
                   ask(one, {"INCR", "t"}),     ask(one, {"EXEC"}),       ask(one, {"WATCH", "t"}),
                   ask(two, {"SET", "t", "5"}), ask(one, {"MULTI"}),      ask(one, {"INCR", "t"}),
                   ask(one, {"EXEC"}),          ask(one, {"GET", "t"})};
    return lines;
  });
}

TEST_F(Clients, OneIsKilledByAnother) {
  expect_the_same([](std::uint16_t port) {
    RedisClient killer(port);
    RawSocket victim(port);
    victim.send(command_bytes("CLIENT ID") + command_bytes("PING"));
    std::string heard;
    while (!heard.ends_with("+PONG\r\n")) heard += victim.read(1);
    const std::string number = heard.substr(1, heard.find('\r') - 1);
    Lines lines = {ask(killer, {"CLIENT", "KILL", "ID", number})};
    lines.push_back("then: " + victim.read_all());
    lines.push_back(ask(killer, {"CLIENT", "KILL", "ID", number}));
    return lines;
  });
}

TEST_F(Clients, AScriptThatRunsLongIsKilled) {
  expect_the_same([](std::uint16_t port) {
    RedisClient script(port);
    RedisClient other(port);
    other.command({"CONFIG", "SET", "lua-time-limit", "200"});
    script.send({"EVAL", "while true do end", "0"});
    script.send({"ECHO", "behind the script"});
    script.flush();
    std::string pong = ask(other, {"PING"});
    while (pong == "+PONG") pong = ask(other, {"PING"});
    Lines lines = {pong, ask(other, {"MULTI"}), ask(other, {"GET", "k"}), ask(other, {"EXEC"})};
    RedisClient late(port);
    lines.push_back(ask(late, {"GET", "k"}));
    lines.push_back(ask(other, {"SCRIPT", "KILL"}));
    lines.push_back(text_of(script.receive()));
    lines.push_back(text_of(script.receive()));
    lines.push_back(ask(other, {"PING"}));
    lines.push_back(ask(other, {"SCRIPT", "KILL"}));
    return lines;
  });
}

TEST_F(Clients, AScriptThatHasWrittenIsNotKilled) {
  expect_the_same([](std::uint16_t port) {
    RedisClient script(port);
    RedisClient other(port);
    other.command({"CONFIG", "SET", "lua-time-limit", "200"});
    script.send({"EVAL",
                 "redis.call('SET', KEYS[1], 1) local n, most = 0, tonumber(ARGV[1]) "
                 "while n < most do n = n + 1 end return n",
                 "1", "written", "40000000"});
    script.flush();
    std::string pong = ask(other, {"PING"});
    while (pong == "+PONG") pong = ask(other, {"PING"});
    Lines lines = {pong, ask(other, {"SCRIPT", "KILL"}), text_of(script.receive())};
    lines.push_back(ask(other, {"GET", "written"}));
    return lines;
  });
}

TEST_F(Clients, AThousandAtOnce) {
  constexpr int kClients = 1000;
  std::vector<std::unique_ptr<RedisClient>> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(std::make_unique<RedisClient>(model()));
  for (int i = 0; i < kClients; ++i) {
    clients[static_cast<std::size_t>(i)]->send({"SET", "k" + std::to_string(i), std::to_string(i)});
    clients[static_cast<std::size_t>(i)]->send({"GET", "k" + std::to_string(i)});
    clients[static_cast<std::size_t>(i)]->flush();
  }
  for (int i = 0; i < kClients; ++i) {
    EXPECT_EQ(clients[static_cast<std::size_t>(i)]->receive(), RedisReply::status("OK"));
    EXPECT_EQ(clients[static_cast<std::size_t>(i)]->receive(), RedisReply::bulk(std::to_string(i)));
  }
  const std::string info = ask(*clients[0], {"INFO", "clients"});
  EXPECT_NE(info.find("connected_clients:1000"), std::string::npos) << info;
}

TEST(ClientsOfAServer, ShutdownEndsIt) {
  Wire model;
  RawSocket other(model.port());
  RawSocket socket(model.port());
  socket.send(command_bytes("SHUTDOWN NOSAVE"));
  EXPECT_EQ(socket.read_all(), "");
  model.await_end();
}

}  // namespace
}  // namespace firedrill::test
