// Inputs without end for the simulated PostgreSQL: bytes of two clients into the wire's server,
// while time moves. What it says must be messages that a client can read, and it must be alive at
// the end. Under sanitizers, what goes wrong ends the process; without them, a check that fails
// does.
//
// usage: postgres_fuzz [FILE...]   runs these inputs; without any, new ones for a while.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sim/postgres/wire/server.h"
#include "system/domain/check.h"
#include "tests/fuzz/driver.h"
#include "tests/fuzz/postgres_inputs.h"
#include "tests/postgres_wire/frames.h"

namespace firedrill::fuzz {
namespace {

using sim::postgres::ConnectionId;
using sim::postgres::WireServer;

constexpr std::array<std::int64_t, 8> kTimeSteps_us = {
    0, 1, 1'000, 900'000, 1'100'000, 10'000'000, 61'000'000, 3'600'000'000};

/// One input's run.
class Run {
 public:
  Run() : server_({.max_connections = 3}) {
    for (Client& client : clients_) connect(client);
  }

  void run(std::string_view input) {
    for (const Step& step : steps_of(input)) {
      now_ += kTimeSteps_us[step.time()];
      server_.tick(now_);
      listen();
      Client& client = clients_[step.session()];
      if (step.reconnects()) reconnect(client);
      server_.receive(client.id, step.bytes, now_);
      listen();
    }
    for (Client& client : clients_) server_.disconnect(client.id, now_);
    Client last;
    connect(last);
    server_.receive(last.id, test::query("select 41 + 1"), now_);
    hear(last);
    check(last.heard.ends_with("D '42'\nC SELECT 1\\00\nZ I\n"), "the server is alive");
  }

 private:
  struct Client {
    ConnectionId id = 0;
    std::string bytes;  ///< of a message that has not all come
    std::string heard;
  };

  void connect(Client& client) {
    client = {};
    client.id = server_.connect(now_);
    server_.receive(client.id, test::startup(), now_);
  }
  void reconnect(Client& client) {
    server_.disconnect(client.id, now_);
    connect(client);
  }

  void listen() {
    server_.take_changed();
    for (Client& client : clients_) {
      hear(client);
      if (server_.is_over(client.id)) reconnect(client);
    }
  }

  /// Whatever it is told, a client can read it.
  void hear(Client& client) {
    while (!server_.output(client.id).empty()) {
      const std::string_view out = server_.output(client.id);
      client.bytes += out;
      server_.sent(client.id, out.size(), now_);
    }
    client.heard = test::lines_of(test::take_frames(client.bytes));
    check(client.bytes.empty(), "messages are whole");
  }

  std::int64_t now_ = 0;
  WireServer server_;
  std::array<Client, 2> clients_;
};

}  // namespace
}  // namespace firedrill::fuzz

int main(int argc, char** argv) {
  using namespace firedrill::fuzz;
  const Target target{"postgres_fuzz", make_postgres_input,
                      [](std::string_view input) { Run().run(input); }};
  return drive(target, argc, argv);
}
