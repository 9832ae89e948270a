#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <memory>
#include <string>

#include "tests/support/redis_client.h"
#include "tests/support/redis_proxy.h"
#include "tests/support/redis_server.h"

namespace firedrill::test {
namespace {

using Context = std::unique_ptr<redisContext, void (*)(redisContext*)>;

/// What INCR answers; -1: there is no answer.
long long incremented(redisContext* context) {
  auto* reply = static_cast<redisReply*>(redisCommand(context, "INCR n"));
  if (reply == nullptr) return -1;
  const long long number = reply->integer;
  freeReplyObject(reply);
  return number;
}

TEST(RealHiredis, Line18_ReplaysNothingByItself) {
  RedisServer server;
  RedisProxy network(server.port());
  RedisClient observer(server.port());
  const auto count = [&] { return observer.command({"GET", "n"}).text; };
  Context context(redisConnect("127.0.0.1", network.port()), redisFree);
  ASSERT_EQ(incremented(context.get()), 1);

  network.lose_replies();
  EXPECT_EQ(incremented(context.get()), -1);
  EXPECT_EQ(count(), "2") << "it was executed";
  network.keep_replies();
  EXPECT_EQ(incremented(context.get()), -1) << "nor does it connect again";
  EXPECT_EQ(count(), "2");

  // Somebody who connects again and asks again does what had been done.
  ASSERT_EQ(redisReconnect(context.get()), REDIS_OK);
  EXPECT_EQ(incremented(context.get()), 3);
}

}  // namespace
}  // namespace firedrill::test
