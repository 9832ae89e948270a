#include "sim/world/connection.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "tests/world/node.h"

namespace firedrill::sim {
namespace {

TEST(Connection, TakesOneRoundTripToMake) {
  Pair pair;
  pair.connect();
  pair.world.run_until(at_ms(1) - Duration(1));
  EXPECT_EQ(pair.server_log, Log{});
  pair.world.run_until(at_ms(1));
  EXPECT_EQ(pair.server_log, (Log{"accepted"}));
  EXPECT_EQ(pair.client_log, Log{});
  pair.world.run_until(at_ms(2));
  EXPECT_EQ(pair.client_log, (Log{"connected"}));
}

TEST(Connection, CarriesMessagesBothWaysInOrder) {
  Pair pair;
  pair.be_connected();
  for (int i = 1; i <= 3; ++i) {
    pair.client_node().send(i);
    pair.server_node().send(10 * i);
  }
  const std::uint64_t before = pair.world.messages();
  pair.run_ms(1);
  EXPECT_EQ(pair.server_log, (Log{"1", "2", "3"}));
  EXPECT_EQ(pair.client_log, (Log{"10", "20", "30"}));
  EXPECT_EQ(pair.world.messages() - before, 6U);
}

TEST(Connection, CarriesWhatWasSentBeforeItWasMade) {
  Pair pair;
  pair.connect();
  pair.client_node().send(1);
  pair.run_ms(5);
  EXPECT_EQ(pair.server_log, (Log{"accepted", "1"}));
}

TEST(Connection, CarriesNothingBeforeItIsMade) {
  Pair pair;
  pair.client_node().connect(pair.server_host);
  pair.client_node().send(1);
  pair.back.cut();
  pair.run_ms(50);
  EXPECT_EQ(pair.server_log, (Log{"accepted"})) << "the client does not know yet";
  pair.client_node().send(2);
  pair.back.heal();
  pair.run_ms(250);
  EXPECT_EQ(pair.server_log, (Log{"accepted", "1", "2"}));
}

TEST(Connection, ForgetsWhatWasSentBeforeItWasMadeWhereItNeverIs) {
  Pair pair;
  pair.client_node().connect(pair.server_host);
  pair.client_node().send(1);
  pair.run_ms(1);
  pair.client_node().socket.close();
  pair.run_ms(10);
  EXPECT_EQ(pair.server_log, (Log{"accepted", "closed"}));
}

TEST(Connection, IsRefusedWhereNobodyListens) {
  Pair pair;
  pair.server_node().listener.reset();
  pair.connect();
  EXPECT_TRUE(pair.client_node().socket.open());
  pair.run_ms(1);
  EXPECT_EQ(pair.client_log, Log{});
  pair.run_ms(1);
  EXPECT_EQ(pair.client_log, (Log{"refused"}));
  EXPECT_FALSE(pair.client_node().socket.open());
}

TEST(Connection, IsRefusedEvenWhereDataFollowsAtOnce) {
  Pair pair;
  pair.server_node().listener.reset();
  pair.connect();
  pair.client_node().send(1);
  pair.client_node().send(2);
  pair.run_ms(10);
  EXPECT_EQ(pair.client_log, (Log{"refused"}));
}

TEST(Connection, IsRefusedWhereTheProcessIsDead) {
  Pair pair;
  pair.server.kill();
  pair.connect();
  pair.run_ms(5);
  EXPECT_EQ(pair.client_log, (Log{"refused"}));
}

TEST(Connection, IsResetWhereTheListenerGoesBeforeItIsAccepted) {
  Pair pair;
  pair.server.pause();
  pair.connect();
  pair.run_ms(5);
  EXPECT_EQ(pair.client_log, (Log{"connected"})) << "the kernel accepts";
  pair.server_node().listener.reset();
  pair.server.resume();
  pair.run_ms(5);
  EXPECT_EQ(pair.client_log, (Log{"connected", "reset"}));
  EXPECT_EQ(pair.server_log, Log{});
  EXPECT_FALSE(pair.server.has_connections()) << "nobody will ever accept it";
}

TEST(Connection, IsResetWhereTheServerDiesBeforeItAccepts) {
  Pair pair;
  pair.server.pause();
  pair.connect();
  pair.client_node().send(1);
  pair.run_ms(5);
  pair.server.kill();
  pair.server.start();
  pair.run_ms(5);
  EXPECT_EQ(pair.client_log, (Log{"connected", "reset"}));
  EXPECT_EQ(pair.server_log, Log{}) << "the next life knows nothing of it";
}

TEST(Connection, ClosesAfterWhatWasSent) {
  Pair pair;
  pair.be_connected();
  pair.client_node().send(1);
  pair.client_node().socket.close();
  pair.client_node().send(2);  // nothing happens
  EXPECT_FALSE(pair.client_node().socket.open());
  pair.run_ms(1);
  EXPECT_EQ(pair.server_log, (Log{"1", "closed"}));
  EXPECT_FALSE(pair.server_node().socket.open());
  pair.run_ms(10);
  EXPECT_EQ(pair.client_log, Log{}) << "who closes hears nothing";
}

TEST(Connection, DestroyingTheSocketCloses) {
  Pair pair;
  pair.be_connected();
  pair.server_node().socket = Socket();
  pair.run_ms(1);
  EXPECT_EQ(pair.client_log, (Log{"closed"}));
}

TEST(Connection, ASocketMovesWithItsConnection) {
  Pair pair;
  pair.be_connected();
  Socket moved = std::move(pair.client_node().socket);
  EXPECT_FALSE(pair.client_node().socket.open());
  EXPECT_TRUE(moved.open());
  auto held = std::make_unique<Socket>(std::move(moved));
  held->send(Message::of(Number{5}));
  pair.server_node().send(6);
  pair.run_ms(2);
  EXPECT_EQ(pair.server_log, (Log{"5"}));
  EXPECT_EQ(pair.client_log, (Log{"6"}));
  held.reset();
  pair.run_ms(2);
  EXPECT_EQ(pair.server_log, (Log{"5", "closed"}));
}

TEST(Connection, AssigningASocketClosesTheOneBefore) {
  Pair pair;
  pair.be_connected();
  Socket before = std::move(pair.server_node().socket);
  pair.connect();  // a second one takes the place of the first
  pair.run_ms(5);
  EXPECT_EQ(pair.server_log, (Log{"closed", "accepted"}));
  EXPECT_FALSE(before.open());
  EXPECT_TRUE(pair.client_node().socket.open());
}

TEST(Connection, DataToAClosedEndBringsAReset) {
  Pair pair;
  pair.be_connected();
  pair.client_node().socket.close();
  pair.server_node().send(1);
  pair.world.run_until(pair.world.now() + from_us(1'500));
  EXPECT_EQ(pair.server_log, (Log{"closed"}));
  EXPECT_EQ(pair.client_log, Log{});
}

TEST(Connection, AnAcceptorMayLetTheConnectionGo) {
  struct Unwilling final : Acceptor {
    void on_accept(Socket) override { ++offered; }
    int offered = 0;
  };
  Pair pair;
  pair.server_node().listener.reset();
  Unwilling unwilling;
  ListenSocket listener(pair.server, kNodePort, unwilling);
  pair.connect();
  pair.run_ms(5);
  EXPECT_EQ(unwilling.offered, 1);
  EXPECT_EQ(pair.client_log, (Log{"connected", "closed"}));
  EXPECT_FALSE(pair.client.has_connections());
  EXPECT_FALSE(pair.server.has_connections());
}

TEST(ConnectionDeathTest, AnAcceptedSocketHasAReceiver) {
  struct Forgetful final : Acceptor {
    void on_accept(Socket socket) override { held = std::move(socket); }
    Socket held;
  };
  Pair pair;
  pair.server_node().listener.reset();
  Forgetful forgetful;
  ListenSocket listener(pair.server, kNodePort, forgetful);
  pair.connect();
  pair.client_node().send(1);
  EXPECT_DEATH(pair.run_ms(5), "has a receiver");
}

TEST(ConnectionDeathTest, APortHasOneListener) {
  Pair pair;
  EXPECT_DEATH(ListenSocket(pair.server, kNodePort, pair.server_node()), "one listener");
}

TEST(Connection, APausedServerLearnsLaterWhatAClientThatLeftHadSent) {
  Pair pair;
  pair.server.pause();
  pair.connect();
  pair.run_ms(5);
  pair.client_node().send(1);
  pair.client_node().socket.close();  // gave up
  pair.run_ms(5);
  pair.server.resume();
  pair.run_ms(5);
  EXPECT_EQ(pair.server_log, (Log{"accepted", "1", "closed"}));
  EXPECT_FALSE(pair.server.has_connections());
}

TEST(Connection, APausedServerLearnsLaterThatItsClientWasReset) {
  Pair pair;
  pair.server.pause();
  pair.connect();
  pair.client_node().send(1);
  pair.run_ms(5);
  pair.client.kill(Connection::Farewell::reset);
  pair.run_ms(5);
  pair.server.resume();
  pair.run_ms(5);
  EXPECT_EQ(pair.server_log, (Log{"accepted", "reset"}));
  EXPECT_FALSE(pair.server.has_connections());
}

TEST(Connection, KeepsWhatAPausedProcessReceives) {
  Pair pair;
  pair.be_connected();
  pair.server.pause();
  for (int i = 1; i <= 3; ++i) pair.client_node().send(i);
  pair.run_ms(50);
  EXPECT_EQ(pair.server_log, Log{});
  pair.server.resume();
  pair.run_ms(1);
  EXPECT_EQ(pair.server_log, (Log{"1", "2", "3"}));
}

// What callbacks may do: everything, as the last thing.

TEST(Callbacks, MayDestroyTheSocket) {
  Pair pair;
  pair.be_connected();
  pair.server_node().when_message = [&](int) { pair.server_node().socket = Socket(); };
  pair.client_node().send(1);
  pair.client_node().send(2);
  pair.run_ms(10);
  EXPECT_EQ(pair.server_log, (Log{"1"}));
  EXPECT_EQ(pair.client_log.size(), 1U);
  EXPECT_FALSE(pair.client_node().socket.open());
}

TEST(Callbacks, MayCloseBothEnds) {
  Pair pair;
  pair.be_connected();
  pair.server_node().when_message = [&](int) {
    pair.server_node().socket.close();
    pair.client_node().socket.close();
  };
  pair.client_node().send(1);
  pair.client_node().send(2);
  pair.run_ms(10);
  EXPECT_EQ(pair.server_log, (Log{"1"}));
  EXPECT_EQ(pair.client_log, Log{});
}

TEST(Callbacks, MayKillTheirOwnProcess) {
  for (const auto farewell :
       {Connection::Farewell::close, Connection::Farewell::reset, Connection::Farewell::silence}) {
    Pair pair;
    pair.be_connected();
    pair.server_node().when_message = [&](int) { pair.server.kill(farewell); };
    pair.client_node().send(1);
    pair.client_node().send(2);
    pair.run_ms(10);
    EXPECT_EQ(pair.server_log, (Log{"1"}));
    EXPECT_FALSE(pair.server.running());
    EXPECT_EQ(pair.client_log.size(), 1U);
    EXPECT_FALSE(pair.client_node().socket.open());
  }
}

TEST(Callbacks, MayKillThePeer) {
  Pair pair;
  pair.be_connected();
  pair.server_node().when_message = [&](int) { pair.client.kill(Connection::Farewell::reset); };
  pair.client_node().send(1);
  pair.client_node().send(2);
  pair.run_ms(10);
  EXPECT_EQ(pair.server_log, (Log{"1", "reset"}));
}

TEST(Callbacks, MayKillBothProcesses) {
  Pair pair;
  pair.be_connected();
  pair.server_node().when_message = [&](int) {
    pair.client.kill();
    pair.server.kill();
  };
  pair.client_node().send(1);
  pair.server_node().send(2);
  pair.run_ms(10);
  EXPECT_FALSE(pair.client.running());
  EXPECT_FALSE(pair.server.running());
}

TEST(Callbacks, MayConnectAgainWhenBroken) {
  Pair pair;
  pair.be_connected();
  pair.client_node().when_broken = [&] { pair.connect(); };
  pair.server_node().socket.close();
  pair.run_ms(10);
  EXPECT_EQ(pair.client_log, (Log{"closed", "connected"}));
  EXPECT_EQ(pair.server_log, (Log{"accepted"}));
}

TEST(Callbacks, MayKillTheirOwnProcessWhenBroken) {
  Pair pair;
  pair.be_connected();
  pair.client_node().when_broken = [&] { pair.client.kill(); };
  pair.server.kill(Connection::Farewell::reset);
  pair.run_ms(10);
  EXPECT_FALSE(pair.client.running());
}

TEST(Callbacks, TheReceiverMayMoveTheSocketInOnAccept) {
  // Node::on_accept does; here a receiver other than the acceptor takes over later.
  Pair pair;
  pair.be_connected();
  Log log;
  Node other(pair.server, log);
  pair.server_node().socket.set_receiver(other);
  other.socket = std::move(pair.server_node().socket);
  pair.client_node().send(1);
  pair.run_ms(2);
  EXPECT_EQ(log, (Log{"1"}));
  EXPECT_EQ(pair.server_log, Log{});
}

// Messages that break their connection.

TEST(LostMessage, BreaksTheConnectionAtBothEnds) {
  Pair pair;
  pair.be_connected();
  Loss loss(1);
  pair.there.lose_next(loss);
  pair.client_node().send(1);
  pair.client_node().send(2);
  pair.run_ms(1);
  EXPECT_EQ(pair.server_log, (Log{"reset"}));
  EXPECT_EQ(pair.client_log, Log{}) << "its reset is on its way";
  pair.run_ms(1);
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
  EXPECT_EQ(loss.lost, 1U);
}

TEST(LostMessage, TakesWhatWasOnItsWayBackWithIt) {
  Pair pair;
  pair.be_connected();
  Loss loss(1);
  pair.there.lose_next(loss);
  pair.client_node().send(1);
  pair.world.run_until(pair.world.now() + from_us(500));
  pair.server_node().send(7);
  pair.run_ms(10);
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
}

TEST(LostMessage, LosesTheReplyAfterTheRequestArrived) {
  Pair pair;
  pair.be_connected();
  Loss loss(1);
  pair.back.lose_next(loss);
  pair.server_node().when_message = [&](int) { pair.server_node().send(11); };
  pair.client_node().send(1);
  pair.run_ms(10);
  EXPECT_EQ(pair.server_log, (Log{"1", "reset"}));
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
}

TEST(LostMessage, IsAMessage) {
  Pair pair;
  Loss there(1);
  Loss back(1);
  pair.there.lose_next(there);
  pair.back.lose_next(back);
  pair.be_connected();
  EXPECT_TRUE(pair.client_node().socket.open());
  pair.client_node().socket.close();
  pair.run_ms(5);
  EXPECT_EQ(pair.server_log, (Log{"closed"}));
  EXPECT_EQ(there.lost + back.lost, 0U) << "neither a SYN nor what ends a connection";
}

TEST(LostMessage, IsOneThatSomebodyWouldHaveReceived) {
  Pair pair;
  pair.be_connected();
  pair.client_node().send(1);
  pair.server.kill(Connection::Farewell::silence);
  Loss loss(1);
  pair.there.lose_next(loss);
  pair.run_ms(10);
  EXPECT_EQ(loss.lost, 0U);
}

}  // namespace
}  // namespace firedrill::sim
