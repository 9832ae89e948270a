// Clients that would cost a server more than they should.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/redis_wire/wire.h"
#include "tests/support/redis_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/redis_text.h"

namespace firedrill::test {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;

std::string ask(RedisClient& client, const std::vector<std::string>& words) {
  return text_of(client.command(words));
}

/// How much more memory this process, and the server in it, has than it had.
class Growth {
 public:
  std::size_t bytes() const {
    const std::size_t now = resident_bytes();
    return now > before_ ? now - before_ : 0;
  }

 private:
  std::size_t before_ = resident_bytes();
};

void expect_below(const Growth& growth, std::size_t bytes) {
  if (kMeasuresMemory) {
    EXPECT_LT(growth.bytes(), bytes);
  }
}

TEST(Limits, ClientsThatSayNothingCostNothing) {
  Wire model;
  RedisClient client(model.port());
  ask(client, {"PING"});
  const Growth growth;
  std::vector<std::unique_ptr<RawSocket>> silent;
  for (int i = 0; i < 400; ++i) {
    silent.push_back(std::make_unique<RawSocket>(model.port()));
    silent.back()->send(command_bytes("PING"));
    EXPECT_EQ(silent.back()->read(7), "+PONG\r\n");
  }
  expect_below(growth, 2 * kMegabyte);
}

TEST(Limits, AHalfSentRequestWaitsForItsOtherHalf) {
  Wire model;
  RawSocket half(model.port());
  const std::string request = command_bytes("ECHO whole");
  half.send(request.substr(0, 15));
  RedisClient other(model.port());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ask(other, {"INCR", "n"}), std::to_string(i + 1));
  half.send(request.substr(15));
  EXPECT_EQ(half.read(11), "$5\r\nwhole\r\n");
}

TEST(Limits, AnAnnouncedLengthIsNotBelieved) {
  Wire model;
  RedisClient other(model.port());
  ask(other, {"PING"});
  const Growth growth;
  {
    std::vector<std::unique_ptr<RawSocket>> liars;
    for (int i = 0; i < 50; ++i) {
      liars.push_back(std::make_unique<RawSocket>(model.port()));
      liars.back()->send("*2147483647\r\n$536870912\r\nabc");
    }
    for (int i = 0; i < 100; ++i) ask(other, {"PING"});
    expect_below(growth, 4 * kMegabyte);
  }
  EXPECT_EQ(ask(other, {"PING"}), "+PONG");
}

TEST(Limits, WhoDoesNotReadIsNotServedFurther) {
  constexpr int kReplies = 3000;
  constexpr std::size_t kLength = 100'000;
  Wire model;
  RedisClient other(model.port());
  ask(other, {"SET", "big", std::string(kLength, 'x')});
  const Growth growth;
  RawSocket lazy(model.port());
  std::string requests;
  for (int i = 0; i < kReplies; ++i) requests += command_bytes("GET big");
  lazy.send(requests);
  for (int i = 0; i < 1000; ++i) ask(other, {"PING"});  // the lazy one has had its turns by now
  expect_below(growth, 30 * kMegabyte);
  const std::string header = "$100000\r\n";
  for (int i = 0; i < kReplies; ++i) {
    const std::string reply = lazy.read(header.size() + kLength + 2);
    ASSERT_EQ(reply.size(), header.size() + kLength + 2);
    ASSERT_EQ(reply.substr(0, header.size()), header);
    ASSERT_EQ(reply.substr(reply.size() - 2), "\r\n");
  }
  lazy.send(command_bytes("PING"));
  EXPECT_EQ(lazy.read(7), "+PONG\r\n");
}

/// How many messages of 1 MB are published until the subscriber, who does not read, is dropped.
int messages_until_dropped(std::uint16_t port) {
  RawSocket subscriber(port);
  subscriber.send(command_bytes("SUBSCRIBE news"));
  subscriber.read(std::string("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n").size());
  RedisClient publisher(port);
  const std::string message(kMegabyte, 'x');
  int count = 0;
  while (count < 200 && publisher.command({"PUBLISH", "news", message}) == RedisReply::of(1)) {
    ++count;
  }
  return count;
}

TEST(Limits, ASubscriberWhoDoesNotReadIsDropped) {
  const RedisServer real;
  const Wire model;
  const int expected = messages_until_dropped(real.port());
  EXPECT_GT(expected, 30);
  EXPECT_NEAR(messages_until_dropped(model.port()), expected, 3);  // the sockets hold some, too
}

/// What somebody hears who connects beyond maxclients.
std::string one_too_many(std::uint16_t port) {
  RedisClient first(port);
  first.command({"CONFIG", "SET", "maxclients", "2"});
  RedisClient second(port);
  second.command({"PING"});
  return RawSocket(port).read_all();
}

TEST(Limits, MaxClients) {
  const RedisServer real;
  const Wire model;
  const std::string heard = one_too_many(model.port());
  EXPECT_EQ(heard, one_too_many(real.port()));
  EXPECT_EQ(heard, "-ERR max number of clients reached\r\n");
  // The others have gone; the server may hear of it after it hears from the next one.
  constexpr int kAttempts = 1000;
  std::string answer;
  for (int i = 0; i < kAttempts && answer != "+PONG"; ++i) {
    RedisClient later(model.port());
    answer = ask(later, {"PING"});
  }
  EXPECT_EQ(answer, "+PONG");
}

TEST(Limits, WhoIsSilentForTooLongIsClosed) {
  const Wire model;
  RedisClient client(model.port());
  RawSocket idle(model.port());
  RawSocket subscriber(model.port());
  subscriber.send(command_bytes("SUBSCRIBE news"));
  ask(client, {"CONFIG", "SET", "timeout", "1"});
  EXPECT_EQ(idle.read_all(), "");  // returns when it is closed
  RedisClient after(model.port());
  EXPECT_EQ(ask(after, {"PUBLISH", "news", "x"}), "1");
}

}  // namespace
}  // namespace firedrill::test
