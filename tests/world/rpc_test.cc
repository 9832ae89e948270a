#include "sim/world/rpc.h"

#include <gtest/gtest.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/world/node.h"

namespace firedrill::sim {
namespace {

namespace asio = boost::asio;

struct Ask {
  int number = 0;
};
struct Answer {
  int number = 0;
};
[[maybe_unused]] void fold(Digest& digest, const Ask& ask) {
  digest.fold(static_cast<std::uint64_t>(ask.number));
}
[[maybe_unused]] void fold(Digest& digest, const Answer& answer) {
  digest.fold(static_cast<std::uint64_t>(answer.number));
}

using Client = RpcClient<Ask, Answer>;
using Server = RpcServer<Ask, Answer>;

struct ClientMemory final : ProcessMemory {
  ClientMemory(Process& process, Host& server) { client.emplace(process, server, kNodePort); }
  std::optional<Client> client;
};

/// Keeps the requests until a test answers them.
struct ServerMemory final : ProcessMemory {
  explicit ServerMemory(Process& process) {
    server.emplace(
        process, kNodePort,
        [this](Ask ask, Server::Responder responder) {
          asked.push_back(ask.number);
          responders.push_back(responder);
          if (at_once) responder.reply({ask.number * 10});
        },
        [this](std::uint64_t client) { gone.push_back(client); });
  }

  bool at_once = true;
  std::vector<int> asked;
  std::vector<Server::Responder> responders;
  std::vector<std::uint64_t> gone;
  std::optional<Server> server;
};

class Rpc : public testing::Test {
 protected:
  Rpc() {
    client_process_.start();
    server_process_.start();
  }

  Client& client() { return *static_cast<ClientMemory*>(client_process_.memory())->client; }
  ServerMemory& server() { return *static_cast<ServerMemory*>(server_process_.memory()); }

  /// Calls, and writes down how it ended: "1: 10", "1: reset, sent", "1: timed out, unsent".
  void call(int number, std::int64_t timeout_ms = 100) {
    asio::co_spawn(asio::any_io_executor(client_process_.executor()),
                   make_call(&client(), number, world_.now() + from_ms(timeout_ms)),
                   [](std::exception_ptr error) { EXPECT_EQ(error, nullptr); });
  }

  asio::awaitable<void> make_call(Client* client, int number, Instant deadline) {
    Ask ask{number};
    const RpcResult<Answer> result = co_await client->call(ask, deadline);
    std::string text = std::to_string(number) + ": ";
    if (const auto* answer = std::get_if<Answer>(&result)) {
      text += std::to_string(answer->number);
    } else {
      constexpr const char* names[] = {"refused", "reset", "timed out"};
      const NoReply none = *std::get_if<NoReply>(&result);
      text += names[static_cast<int>(none.why)];
      text += none.sent ? ", sent" : ", unsent";
    }
    ended_.push_back(std::move(text));
  }

  void run_ms(std::int64_t ms) { world_.run_until(world_.now() + from_ms(ms)); }
  void expect(const std::vector<std::string>& ended) { EXPECT_EQ(ended_, ended); }

  std::vector<std::string> ended_;  // outlives the coroutines
  World world_{1, {}, {from_ms(1), {}, 0, {}}};
  Host& client_host_ = world_.add_host("client");
  Host& server_host_ = world_.add_host("server");
  Process& client_process_ = world_.add_process(client_host_, "client", [this](Process& process) {
    return std::make_unique<ClientMemory>(process, server_host_);
  });
  Process& server_process_ = world_.add_process(server_host_, "server", [](Process& process) {
    return std::make_unique<ServerMemory>(process);
  });
  Link& there_ = world_.link(client_host_, server_host_);
  Link& back_ = world_.link(server_host_, client_host_);
};

TEST_F(Rpc, AnswersInTwoRoundTripsThenInOne) {
  call(1);
  run_ms(3);
  expect({});
  run_ms(1);
  expect({"1: 10"});
  call(2);
  run_ms(2);
  expect({"1: 10", "2: 20"});
  EXPECT_EQ(server().responders[0].client(), server().responders[1].client());
}

TEST_F(Rpc, SendsInTheOrderOfTheCalls) {
  for (int i = 1; i <= 5; ++i) call(i);
  run_ms(1);
  for (int i = 6; i <= 9; ++i) call(i);
  run_ms(10);
  EXPECT_EQ(server().asked, (std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(ended_.size(), 9U);
  EXPECT_FALSE(client().busy());
}

TEST_F(Rpc, TakesAnswersInAnyOrder) {
  server().at_once = false;
  for (int i = 1; i <= 3; ++i) call(i);
  run_ms(5);
  server().responders[2].reply({33});
  server().responders[0].reply({11});
  run_ms(1);
  expect({"3: 33", "1: 11"});
  EXPECT_TRUE(client().busy());
  server().responders[1].reply({22});
  run_ms(1);
  expect({"3: 33", "1: 11", "2: 22"});
}

TEST_F(Rpc, IsRefusedUnsent) {
  server_process_.kill();
  call(1);
  run_ms(10);
  expect({"1: refused, unsent"});
}

TEST_F(Rpc, TimesOutUnsentWhileItConnects) {
  there_.cut();
  call(1, 20);
  run_ms(19);
  expect({});
  run_ms(1);
  expect({"1: timed out, unsent"});
  there_.heal();
  run_ms(300);
  EXPECT_TRUE(server().asked.empty()) << "what its caller gave up is never sent";
  call(2);
  run_ms(10);
  EXPECT_EQ(server().asked, (std::vector<int>{2}));
}

TEST_F(Rpc, TimesOutSentWhileItWaits) {
  server().at_once = false;
  call(1, 20);
  run_ms(25);
  expect({"1: timed out, sent"});
  EXPECT_FALSE(client().busy());
}

TEST_F(Rpc, DropsALateAnswer) {
  server().at_once = false;
  call(1, 20);
  run_ms(25);
  call(2);
  run_ms(5);
  server().responders[0].reply({11});
  server().responders[1].reply({22});
  run_ms(5);
  expect({"1: timed out, sent", "2: 22"});
}

TEST_F(Rpc, ADeadlineInThePastStillSendsNothing) {
  run_ms(50);
  call(1, -10);
  run_ms(10);
  expect({"1: timed out, unsent"});
  EXPECT_TRUE(server().asked.empty());
}

TEST_F(Rpc, AResetAfterSendingIsSent) {
  server().at_once = false;
  call(1);
  run_ms(5);
  server_process_.kill(Connection::Farewell::reset);
  run_ms(5);
  expect({"1: reset, sent"});
}

TEST_F(Rpc, AKillBeforeTheAcceptIsUnsentForThoseThatWait) {
  there_.slow_down(from_ms(10));
  back_.slow_down(from_ms(10));
  call(1);
  run_ms(12);  // accepted; the client does not know
  server_process_.kill(Connection::Farewell::reset);
  run_ms(50);
  expect({"1: reset, unsent"});
}

TEST_F(Rpc, ALostReplyIsSent) {
  call(1);
  run_ms(10);
  Loss loss(1);
  back_.lose_next(loss);
  call(2);
  run_ms(10);
  expect({"1: 10", "2: reset, sent"});
  EXPECT_EQ(server().asked, (std::vector<int>{1, 2}));
  EXPECT_EQ(server().gone.size(), 1U);
}

TEST_F(Rpc, ALostRequestIsSentAndDidNotArrive) {
  call(1);
  run_ms(10);
  Loss loss(1);
  there_.lose_next(loss);
  call(2);
  run_ms(10);
  expect({"1: 10", "2: reset, sent"});
  EXPECT_EQ(server().asked, (std::vector<int>{1}));
}

TEST_F(Rpc, ConnectsAgainAfterItBroke) {
  call(1);
  run_ms(10);
  const std::uint64_t first = server().responders[0].client();
  EXPECT_TRUE(server().responders[0].alive());
  server_process_.kill();
  run_ms(5);
  server_process_.start();
  call(2);
  run_ms(10);
  expect({"1: 10", "2: 20"});
  client().close();
  run_ms(5);
  EXPECT_EQ(server().gone, (std::vector<std::uint64_t>{first}));
  EXPECT_FALSE(server().responders[0].alive());
  call(3);
  run_ms(10);
  expect({"1: 10", "2: 20", "3: 30"});
  EXPECT_NE(server().responders[1].client(), first) << "clients are never mistaken for each other";
}

TEST_F(Rpc, AReplyToAConnectionThatIsGoneGoesNowhere) {
  server().at_once = false;
  call(1, 5);
  run_ms(10);
  client().close();
  run_ms(10);
  EXPECT_FALSE(server().responders[0].alive());
  server().responders[0].reply({11});
  run_ms(10);
  expect({"1: timed out, sent"});
}

TEST_F(Rpc, TheServerGoesWithItsSessions) {
  server().at_once = false;
  call(1);
  run_ms(5);
  const Server::Responder responder = server().responders[0];
  server().server.reset();
  EXPECT_FALSE(responder.alive());
  responder.reply({11});
  run_ms(5);
  expect({"1: reset, sent"});
  call(2);
  run_ms(5);
  expect({"1: reset, sent", "2: refused, unsent"});
}

TEST_F(Rpc, TheClientGoesWhileCallsWait) {
  server().at_once = false;
  call(1, 50);
  run_ms(5);
  call(2, 50);
  run_ms(0);
  auto* memory = static_cast<ClientMemory*>(client_process_.memory());
  memory->client.reset();
  run_ms(100);
  expect({"1: timed out, sent", "2: timed out, sent"});
  EXPECT_EQ(server().gone.size(), 1U);
}

TEST_F(Rpc, ACallIsWorkInHand) {
  server().at_once = false;
  call(1);
  run_ms(5);
  EXPECT_EQ(client_process_.work(), 1);
  server().responders[0].reply({11});
  run_ms(5);
  EXPECT_EQ(client_process_.work(), 0);
  call(2, 1'000);
  run_ms(5);
  client_process_.kill();
  EXPECT_EQ(client_process_.work(), 0);
  run_ms(5);
  EXPECT_EQ(server().gone.size(), 1U);
}

TEST_F(Rpc, AFetchIsNotWorkInHand) {
  server().at_once = false;
  struct Fetch {
    static asio::awaitable<void> run(Client* client, Instant deadline) {
      Ask ask{1};
      static_cast<void>(co_await client->call(ask, deadline, false));
    }
  };
  asio::co_spawn(asio::any_io_executor(client_process_.executor()),
                 Fetch::run(&client(), world_.now() + from_ms(50)), [](std::exception_ptr) {});
  run_ms(5);
  EXPECT_TRUE(client().busy());
  EXPECT_EQ(client_process_.work(), 0);
}

TEST_F(Rpc, APausedServerAnswersLater) {
  call(1);
  run_ms(10);
  server_process_.pause();
  call(2);
  call(3, 20);
  run_ms(30);
  expect({"1: 10", "3: timed out, sent"});
  server_process_.resume();
  run_ms(5);
  expect({"1: 10", "3: timed out, sent", "2: 20"});
  EXPECT_EQ(server().asked, (std::vector<int>{1, 2, 3})) << "it does not know that one gave up";
}

}  // namespace
}  // namespace firedrill::sim
