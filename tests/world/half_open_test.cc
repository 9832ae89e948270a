#include <gtest/gtest.h>

#include "tests/world/node.h"

namespace firedrill::sim {
namespace {

constexpr std::int64_t kRetransmissionMs =
    201;  ///< after the healing, at most, and a message's way

TEST(Cut, IsSilence) {
  Pair pair;
  pair.be_connected();
  pair.there.cut();
  pair.back.cut();
  pair.client_node().send(1);
  pair.server_node().send(2);
  pair.run_ms(60'000);
  EXPECT_EQ(pair.server_log, Log{});
  EXPECT_EQ(pair.client_log, Log{});
  EXPECT_EQ(pair.there.stopped(), 1U);
  EXPECT_TRUE(pair.client_node().socket.open());
}

TEST(Cut, SendsAgainInOrderAfterTheHealing) {
  Pair pair;
  pair.be_connected();
  pair.client_node().send(1);
  pair.there.cut();
  pair.client_node().send(2);
  pair.run_ms(100);
  pair.client_node().send(3);
  pair.run_ms(100);
  pair.there.heal();
  pair.client_node().send(4);
  EXPECT_EQ(pair.server_log, Log{});
  pair.run_ms(kRetransmissionMs);
  EXPECT_EQ(pair.server_log, (Log{"1", "2", "3", "4"}));
}

TEST(Cut, GoesOneWay) {
  Pair pair;
  pair.be_connected();
  pair.there.cut();
  pair.client_node().send(1);
  pair.server_node().send(2);
  pair.run_ms(50);
  EXPECT_EQ(pair.server_log, Log{});
  EXPECT_EQ(pair.client_log, (Log{"2"}));
}

TEST(Cut, StopsTheMakingOfAConnectionUntilItHeals) {
  Pair pair;
  pair.there.cut();
  pair.connect();
  pair.run_ms(5'000);
  EXPECT_EQ(pair.client_log, Log{});
  pair.there.heal();
  pair.run_ms(kRetransmissionMs + 1);
  EXPECT_EQ(pair.server_log, (Log{"accepted"}));
  EXPECT_EQ(pair.client_log, (Log{"connected"}));
}

TEST(Cut, OnTheWayBackTheServerAcceptsAndTheClientDoesNotKnow) {
  Pair pair;
  pair.back.cut();
  pair.connect();
  pair.run_ms(100);
  EXPECT_EQ(pair.server_log, (Log{"accepted"}));
  EXPECT_EQ(pair.client_log, Log{});
  pair.back.heal();
  pair.run_ms(kRetransmissionMs);
  EXPECT_EQ(pair.client_log, (Log{"connected"}));
}

TEST(Cut, HoldsUpACloseAndWhatWasSentBeforeIt) {
  Pair pair;
  pair.be_connected();
  pair.there.cut();
  pair.client_node().send(1);
  pair.client.kill(Connection::Farewell::close);  // its kernel goes on
  pair.run_ms(100);
  EXPECT_EQ(pair.server_log, Log{});
  pair.there.heal();
  pair.run_ms(kRetransmissionMs);
  EXPECT_EQ(pair.server_log, (Log{"1", "closed"}));
}

TEST(Cut, SwallowsAResetForGood) {
  Pair pair;
  pair.be_connected();
  pair.back.cut();
  pair.server.kill(Connection::Farewell::reset);
  pair.run_ms(100);
  pair.back.heal();
  pair.run_ms(1'000);
  EXPECT_EQ(pair.client_log, Log{}) << "half-open";
  EXPECT_TRUE(pair.client_node().socket.open());
  pair.client_node().send(1);
  pair.run_ms(2);
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
}

TEST(Cut, SwallowsTheResetThatAnswersDataToo) {
  Pair pair;
  pair.be_connected();
  pair.back.cut();
  pair.server.kill(Connection::Farewell::reset);
  pair.client_node().send(1);
  pair.run_ms(100);
  pair.back.heal();
  pair.run_ms(1'000);
  EXPECT_EQ(pair.client_log, Log{});
  pair.client_node().send(2);
  pair.run_ms(2);
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
}

TEST(Cut, IsForgottenByThoseWhoDieMeanwhile) {
  Pair pair;
  pair.be_connected();
  pair.there.cut();
  pair.back.cut();
  pair.client_node().send(1);
  pair.server_node().send(2);
  pair.run_ms(10);
  pair.client.kill(Connection::Farewell::silence);
  pair.server.kill(Connection::Farewell::silence);
  pair.there.heal();
  pair.back.heal();
  pair.client.start();
  pair.server.start();
  pair.connect();
  pair.run_ms(1'000);
  EXPECT_EQ(pair.server_log, (Log{"accepted"}));
  EXPECT_EQ(pair.client_log, (Log{"connected"}));
}

TEST(Killed, ClosesByItsKernel) {
  Pair pair;
  pair.be_connected();
  pair.server_node().send(1);
  pair.server.kill(Connection::Farewell::close);
  pair.run_ms(1);
  EXPECT_EQ(pair.client_log, (Log{"1", "closed"})) << "what was sent arrives";
}

TEST(Killed, ResetsAndLosesWhatWasOnItsWay) {
  Pair pair;
  pair.be_connected();
  pair.server_node().send(1);
  pair.server.kill(Connection::Farewell::reset);
  pair.run_ms(1);
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
}

TEST(Killed, AnswersDataWithAReset) {
  Pair pair;
  pair.be_connected();
  pair.client_node().send(1);
  pair.server.kill(Connection::Farewell::silence);
  pair.run_ms(2);
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
  EXPECT_EQ(pair.server_log, Log{});
}

/// Data on data must not put the reset off for ever.
TEST(Killed, AnswersAStreamOfDataWithAResetInTime) {
  Pair pair;
  pair.be_connected();
  pair.server.kill(Connection::Farewell::silence);
  for (int i = 0; i < 20; ++i) {
    pair.world.at(pair.world.now() + from_us(300 * i), [&pair] { pair.client_node().send(1); });
  }
  pair.run_ms(2);
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
}

TEST(Killed, TheNextLifeKnowsNothingOfTheConnection) {
  Pair pair;
  pair.be_connected();
  pair.server.kill(Connection::Farewell::silence);
  pair.server.start();
  pair.client_node().send(1);
  pair.run_ms(10);
  EXPECT_EQ(pair.server_log, Log{});
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
}

TEST(ResetConnections, BreaksThemAtBothEndsAndTheProcessLives) {
  Pair pair;
  pair.be_connected();
  pair.server_node().send(1);
  pair.client_node().send(2);
  pair.server.reset_connections();
  EXPECT_EQ(pair.server_log, (Log{"reset"})) << "at once";
  EXPECT_TRUE(pair.server.running());
  EXPECT_FALSE(pair.server.has_connections());
  pair.run_ms(1);
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
  pair.connect();
  pair.run_ms(5);
  EXPECT_EQ(pair.client_log, (Log{"reset", "connected"}));
}

TEST(ResetConnections, LetsAReceiverConnectAgainAtOnce) {
  Pair pair;
  pair.be_connected();
  pair.client_node().when_broken = [&] { pair.connect(); };
  pair.client.reset_connections();
  pair.run_ms(5);
  EXPECT_EQ(pair.client_log, (Log{"reset", "connected"}));
}

TEST(ResetConnections, TakesThoseThatWaitToBeAccepted) {
  Pair pair;
  pair.server.pause();
  pair.connect();
  pair.run_ms(5);
  pair.server.reset_connections();
  pair.server.resume();
  pair.run_ms(5);
  EXPECT_EQ(pair.client_log, (Log{"connected", "reset"}));
  EXPECT_EQ(pair.server_log, Log{});
}

TEST(ResetConnections, TakesBothEndsOfAConnectionToItself) {
  Pair pair;
  Log log;
  Node loop(pair.server, log);
  loop.connect(pair.server_host);
  pair.run_ms(5);
  EXPECT_EQ(log, (Log{"connected"}));
  pair.server.reset_connections();
  EXPECT_EQ(log, (Log{"connected", "reset"}));
  EXPECT_EQ(pair.server_log, (Log{"accepted", "reset"}));
}

TEST(ResetConnections, OnACutLinkIsNotHeard) {
  Pair pair;
  pair.be_connected();
  pair.back.cut();
  pair.server.reset_connections();
  pair.run_ms(10);
  pair.back.heal();
  pair.run_ms(1'000);
  EXPECT_EQ(pair.client_log, Log{}) << "half-open";
}

TEST(PowerCut, LeavesThePeerWithAHalfOpenConnection) {
  Pair pair;
  pair.be_connected();
  pair.server_node().send(1);  // still in the kernel that dies
  pair.world.cut_power(pair.server_host);
  EXPECT_FALSE(pair.server.running());
  EXPECT_FALSE(pair.server_host.has_power());
  pair.run_ms(60'000);
  EXPECT_EQ(pair.client_log, Log{});
  pair.world.restore_power(pair.server_host);
  EXPECT_TRUE(pair.server.running());
  pair.run_ms(60'000);
  EXPECT_EQ(pair.client_log, Log{}) << "nobody tells it";
  pair.client_node().send(2);
  pair.run_ms(2);
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
  EXPECT_EQ(pair.server_log, Log{});
}

TEST(PowerCut, WhatIsSentMeanwhileMeetsAResetAfterwards) {
  Pair pair;
  pair.be_connected();
  pair.world.cut_power(pair.server_host);
  pair.client_node().send(1);
  pair.run_ms(1'000);
  EXPECT_EQ(pair.client_log, Log{});
  pair.world.restore_power(pair.server_host);
  pair.run_ms(kRetransmissionMs + 1);
  EXPECT_EQ(pair.client_log, (Log{"reset"}));
}

TEST(PowerCut, AConnectionThatIsBeingMadeWaits) {
  Pair pair;
  pair.world.cut_power(pair.server_host);
  pair.connect();
  pair.run_ms(1'000);
  EXPECT_EQ(pair.client_log, Log{}) << "nobody is there to refuse";
  pair.world.restore_power(pair.server_host);
  pair.run_ms(kRetransmissionMs + 1);
  EXPECT_EQ(pair.client_log, (Log{"connected"}));
}

TEST(PowerCut, BeforeTheAcceptLeavesTheClientHalfOpen) {
  Pair pair;
  pair.server.pause();
  pair.connect();
  pair.run_ms(5);
  pair.world.cut_power(pair.server_host);
  pair.run_ms(1'000);
  pair.world.restore_power(pair.server_host);
  pair.run_ms(1'000);
  EXPECT_EQ(pair.client_log, (Log{"connected"}));
  EXPECT_EQ(pair.server_log, Log{});
  pair.client_node().send(1);
  pair.run_ms(2);
  EXPECT_EQ(pair.client_log, (Log{"connected", "reset"}));
}

TEST(PowerCut, BeforeTheClientKnowsMakesItTryAgain) {
  Pair pair;
  pair.connect();
  pair.client_node().send(1);
  pair.world.run_until(at_ms(1));  // accepted; the answer is on its way
  pair.world.cut_power(pair.server_host);
  pair.run_ms(100);
  EXPECT_EQ(pair.client_log, Log{});
  pair.world.restore_power(pair.server_host);
  pair.run_ms(kRetransmissionMs + 10);
  EXPECT_EQ(pair.client_log, (Log{"connected"}));
  EXPECT_EQ(pair.server_log, (Log{"accepted", "accepted", "1"}));
}

TEST(PowerCut, AndACutLinkHealInEitherOrder) {
  for (const bool power_first : {true, false}) {
    Pair pair;
    pair.be_connected();
    pair.there.cut();
    pair.world.cut_power(pair.server_host);
    pair.client_node().send(1);
    pair.run_ms(1'000);
    power_first ? pair.world.restore_power(pair.server_host) : pair.there.heal();
    pair.run_ms(1'000);
    EXPECT_EQ(pair.client_log, Log{});
    power_first ? pair.there.heal() : pair.world.restore_power(pair.server_host);
    pair.run_ms(kRetransmissionMs + 1);
    EXPECT_EQ(pair.client_log, (Log{"reset"}));
  }
}

}  // namespace
}  // namespace firedrill::sim
