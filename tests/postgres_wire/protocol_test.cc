// The protocol without sockets: WireServer takes bytes and the time, and gives bytes.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "sim/postgres/wire/server.h"
#include "tests/postgres_wire/frames.h"

namespace firedrill::test {
namespace {

using sim::postgres::Connection;
using sim::postgres::ConnectionId;
using sim::postgres::WireServer;

/// Clients of one server, each of which takes all that there is for it.
class Talk {
 public:
  explicit Talk(WireServer::Options options = {}) : server_(options) {}

  ConnectionId connect() { return server_.connect(now_); }
  ConnectionId begin() {
    const ConnectionId id = connect();
    say(id, startup());
    return id;
  }
  /// What it hears at once.
  std::string say(ConnectionId id, std::string_view bytes) {
    server_.receive(id, bytes, ++now_);
    return hear(id);
  }
  std::string hear(ConnectionId id) {
    std::string bytes = std::exchange(bytes_[id], {});
    while (!server_.output(id).empty()) {
      bytes += server_.output(id);
      server_.sent(id, server_.output(id).size(), now_);
    }
    const std::vector<Frame> frames = take_frames(bytes);
    bytes_[id] = bytes;
    for (const Frame& frame : frames) {
      if (frame.type == 'K') keys_[id] = frame.body;
    }
    return lines_of(frames);
  }
  void pass(std::int64_t us) { server_.tick(now_ += us); }
  void leave(ConnectionId id) { server_.disconnect(id, ++now_); }
  WireServer& server() { return server_; }
  std::int64_t now() const { return now_; }
  /// The numbers of BackendKeyData.
  const std::string& key(ConnectionId id) { return keys_.at(id); }

 private:
  WireServer server_;
  std::int64_t now_ = 0;
  std::map<ConnectionId, std::string> bytes_;
  std::map<ConnectionId, std::string> keys_;
};

TEST(Protocol, BytesMayComeOneByOne) {
  const std::string said = startup() + query("select 1; select 'x'") +
                           parse("s", "select $1::int") + bind_portal("", "s", {"7"}) +
                           execute("") + sync() + query("create table t (a int)") +
                           query("copy t from stdin") + message('d', "1\n2") + message('d', "\n") +
                           message('c') + query("select * from t");
  Talk at_once;
  const ConnectionId whole = at_once.connect();
  const std::string expected = at_once.say(whole, said);
  Talk in_pieces;
  const ConnectionId pieces = in_pieces.connect();
  std::string heard;
  for (const char byte : said) heard += in_pieces.say(pieces, std::string(1, byte));
  EXPECT_EQ(heard, expected);
  EXPECT_NE(expected.find("D '2'\n"), std::string::npos) << expected;
}

TEST(Protocol, AnswersWaitForFlushOrSync) {
  Talk talk;
  const ConnectionId id = talk.begin();
  EXPECT_EQ(talk.say(id, parse("", "select 1") + bind_portal("", "") + execute("")), "");
  EXPECT_EQ(talk.say(id, message('H')), "1\n2\nD '1'\nC SELECT 1\\00\n");
  EXPECT_EQ(talk.say(id, bind_portal("", "")), "");
  EXPECT_EQ(talk.say(id, sync()), "2\nZ I\n");
  // An error is told at once; a full buffer, too.
  EXPECT_EQ(talk.say(id, bind_portal("", "none")),
            "E S=ERROR V=ERROR C=26000 M=prepared statement \"none\" does not exist\n");
  EXPECT_EQ(talk.say(id, sync()), "Z I\n");
  const std::string long_text = "select repeat('x', 10000)";
  EXPECT_NE(talk.say(id, parse("", long_text) + bind_portal("", "") + execute("")), "");
}

TEST(Protocol, AWaitingStatementIsAnsweredWhenItIsLetGo) {
  Talk talk;
  const ConnectionId first = talk.begin();
  const ConnectionId second = talk.begin();
  talk.say(first, query("create table t (a int); insert into t values (1)"));
  talk.say(first, query("begin; update t set a = 2"));
  EXPECT_EQ(talk.say(second, query("update t set a = a + 10 returning a")), "");
  EXPECT_FALSE(talk.server().wants_input(second));
  EXPECT_EQ(talk.say(first, query("commit")), "C COMMIT\\00\nZ I\n");
  EXPECT_EQ(talk.hear(second), "T a(1):23,4,-1,0\nD '12'\nC UPDATE 1\\00\nZ I\n");
  EXPECT_TRUE(talk.server().wants_input(second));
}

TEST(Protocol, WhoLeavesLetsOthersGo) {
  Talk talk;
  const ConnectionId first = talk.begin();
  const ConnectionId second = talk.begin();
  const ConnectionId third = talk.begin();
  talk.say(first, query("select pg_advisory_lock(1)"));
  EXPECT_EQ(talk.say(second, query("select pg_advisory_lock(1)")), "");
  EXPECT_EQ(talk.say(third, query("select pg_advisory_lock(1)")), "");
  talk.leave(second);  // in the middle of its waiting
  talk.leave(first);
  EXPECT_NE(talk.hear(third).find("C SELECT 1"), std::string::npos);
}

TEST(Protocol, WhoSaysGoodbyeLetsOthersGoThoughItHasNotHeardAll) {
  Talk talk;
  const ConnectionId first = talk.begin();
  const ConnectionId second = talk.begin();
  talk.say(first, query("select pg_advisory_lock(1)"));
  EXPECT_EQ(talk.say(second, query("select pg_advisory_lock(1)")), "");
  talk.server().receive(first, query("select 1") + message('X'), talk.now());
  EXPECT_TRUE(talk.server().is_over(first));
  EXPECT_NE(talk.hear(second).find("C SELECT 1"), std::string::npos);
  EXPECT_NE(talk.hear(first).find("D '1'"), std::string::npos);
}

TEST(Protocol, ADeadlockIsFoundAfterASecond) {
  Talk talk;
  const ConnectionId first = talk.begin();
  const ConnectionId second = talk.begin();
  talk.say(first, query("begin; select pg_advisory_xact_lock(1)"));
  talk.say(second, query("begin; select pg_advisory_xact_lock(2)"));
  EXPECT_EQ(talk.say(first, query("select pg_advisory_xact_lock(2)")), "");
  EXPECT_EQ(talk.say(second, query("select pg_advisory_xact_lock(1)")), "");
  ASSERT_TRUE(talk.server().next_timeout());
  talk.pass(*talk.server().next_timeout() - talk.now());
  EXPECT_NE(talk.hear(first).find("C=40P01"), std::string::npos);
  EXPECT_NE(talk.say(first, query("rollback")).find("Z I"), std::string::npos);
  EXPECT_NE(talk.hear(second).find("C SELECT 1"), std::string::npos);
}

TEST(Protocol, ACancelRequestNeedsTheSecret) {
  Talk talk;
  const ConnectionId first = talk.begin();
  const ConnectionId second = talk.begin();
  talk.say(first, query("select pg_advisory_lock(1)"));
  EXPECT_EQ(talk.say(second, query("select pg_advisory_lock(1)")), "");
  const auto cancel = [&](std::string key) {
    const ConnectionId id = talk.connect();
    EXPECT_EQ(talk.say(id, packet(int32(80877102) + key)), "");
    EXPECT_TRUE(talk.server().is_over(id));
    talk.leave(id);
  };
  std::string wrong = talk.key(second);
  wrong.back() = static_cast<char>(wrong.back() + 1);
  cancel(wrong);
  cancel(int32(77) + int32(77));
  EXPECT_EQ(talk.hear(second), "");
  cancel(talk.key(second));
  EXPECT_EQ(talk.hear(second),
            "E S=ERROR V=ERROR C=57014 M=canceling statement due to user request\nZ I\n");
  cancel(talk.key(second));  // of nothing
  EXPECT_EQ(talk.say(second, query("show lock_timeout")),
            "T lock_timeout:25,-1,-1,0\nD '0'\nC SHOW\\00\nZ I\n");
}

TEST(Protocol, TooManyClients) {
  Talk talk({.max_connections = 2});
  const ConnectionId first = talk.begin();
  talk.begin();
  const ConnectionId third = talk.connect();
  EXPECT_EQ(talk.say(third, startup()),
            "E S=FATAL V=FATAL C=53300 M=sorry, too many clients already\n");
  EXPECT_TRUE(talk.server().is_over(third));
  talk.leave(third);
  talk.leave(first);
  const ConnectionId fourth = talk.connect();
  EXPECT_TRUE(talk.say(fourth, startup()).starts_with("R "));
}

TEST(Protocol, WhoDoesNotBeginIsLetGo) {
  Talk talk;
  const ConnectionId silent = talk.connect();
  const ConnectionId slow = talk.connect();
  talk.say(slow, startup().substr(0, 10));
  const ConnectionId good = talk.begin();
  talk.pass(WireServer::kMostBeginning_us - 10);
  EXPECT_FALSE(talk.server().is_over(silent));
  talk.pass(20);
  EXPECT_TRUE(talk.server().is_over(silent));
  EXPECT_TRUE(talk.server().is_over(slow));
  EXPECT_FALSE(talk.server().is_over(good));
  EXPECT_FALSE(talk.server().next_timeout());
}

TEST(Protocol, WhoTakesNoAnswersIsServedNoFurther) {
  Talk talk;
  const ConnectionId id = talk.begin();
  std::string said;
  constexpr int kQueries = 100;
  for (int i = 0; i < kQueries; ++i) said += query("select repeat('x', 100000)");
  talk.server().receive(id, said, talk.now());
  EXPECT_FALSE(talk.server().wants_input(id));
  EXPECT_LT(talk.server().output(id).size(), Connection::kMostUnsent + 200'000);
  std::size_t answers = 0;
  const std::string heard = talk.hear(id);
  for (std::size_t at = 0; (at = heard.find("\nZ I", at)) != heard.npos; ++at) ++answers;
  EXPECT_EQ(answers, kQueries);
  EXPECT_TRUE(talk.server().wants_input(id));
}

TEST(Protocol, CopyWaitsForALockInItsMiddle) {
  Talk talk;
  const ConnectionId first = talk.begin();
  const ConnectionId second = talk.begin();
  talk.say(first, query("create table t (a int primary key)"));
  talk.say(first, query("begin; insert into t values (2)"));
  EXPECT_EQ(talk.say(second, query("copy t from stdin")), "G \\00\\00\\01\\00\\00\n");
  EXPECT_EQ(talk.say(second, message('d', "1\n2\n3\n") + message('d', "4\n")), "");
  EXPECT_FALSE(talk.server().wants_input(second));
  EXPECT_EQ(talk.say(second, message('d', "5\n") + message('c')), "");
  talk.say(first, query("rollback"));
  EXPECT_EQ(talk.hear(second), "C COPY 5\\00\nZ I\n");
}

TEST(Protocol, ACanceledCopyEndsWhenMoreComes) {
  Talk talk;
  const ConnectionId id = talk.begin();
  talk.say(id, query("create table t (a int)"));
  talk.say(id, query("copy t from stdin"));
  const ConnectionId other = talk.connect();
  talk.say(other, packet(int32(80877102) + talk.key(id)));
  EXPECT_EQ(talk.hear(id), "");
  EXPECT_EQ(talk.say(id, message('d', "1\n") + message('c')),
            "E S=ERROR V=ERROR C=57014 M=canceling statement due to user request "
            "W=COPY t, line 1\nZ I\n");
}

TEST(Protocol, FunctionCallsAreRefused) {
  Talk talk;
  const ConnectionId id = talk.begin();
  talk.say(id, query("begin"));
  EXPECT_EQ(talk.say(id, message('F', int32(1) + int16(0) + int16(0) + int16(0))),
            "E S=ERROR V=ERROR C=0A000 M=a call of a function by the wire is not supported by the "
            "simulated PostgreSQL\nZ E\n");
}

}  // namespace
}  // namespace firedrill::test
