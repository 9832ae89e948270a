// Inputs without end for the simulated Redis: bytes into two connections' parsers, their requests
// into one engine, its replies out again, while time moves. Under sanitizers, what goes wrong ends
// the process; without them, a check that fails does.
//
// usage: redis_fuzz [FILE...]   runs these inputs; without any, new ones for a while.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "sim/redis/engine.h"
#include "sim/redis/request_parser.h"
#include "sim/redis/resp.h"
#include "sim/redis/state.h"
#include "system/domain/check.h"
#include "tests/fuzz/driver.h"
#include "tests/fuzz/redis_inputs.h"
#include "tests/redis/contents.h"
#include "tests/support/redis_reader.h"

namespace firedrill::fuzz {
namespace {

using namespace sim::redis;

constexpr std::array kTimeSteps = {from_ms(0),      from_ms(1),         from_ms(20),
                                   from_ms(1000),   from_ms(10'000),    from_ms(3'600'000),
                                   from_ms(-5'000), from_ms(86'400'000)};
constexpr std::int64_t kLongestBulk = 64 << 10;

/// One input's run.
class Run {
 public:
  Run() : primary_(options()), replica_(options()) {
    primary_.keep_effects(true);
    for (Engine* engine : {&primary_, &replica_}) {
      engine->state().config.proto_max_bulk_len = kLongestBulk;
    }
    for (Client& client : clients_) connect(client);
  }

  void run(std::string_view input) {
    for (const Step& step : steps_of(input)) {
      now_ += kTimeSteps[step.time()];
      latest_ = std::max(latest_, now_);
      primary_.tick(now_);
      distribute();
      Client& client = clients_[step.session()];
      if (step.reconnects()) reconnect(client);
      client.requests.append(step.bytes);
      serve(client);
      replicate();
      if (primary_.state().shutdown) return;
    }
    const Contents expected = contents_of(primary_);
    Engine restored(options());
    const std::string snapshot = primary_.snapshot();
    // Where the clock went back, XCLAIM would take times of the future for the present.
    check(restored.apply(snapshot, latest_) == snapshot.size(), "a snapshot can be loaded");
    compare(expected, contents_of(restored), "what a snapshot gives");
    if (!may_differ(input)) {
      compare(without_readings(expected), without_readings(contents_of(replica_)),
              "what effects give");
    }
  }

 private:
  struct Client {
    SessionId id = 0;
    RequestParser requests;
    test::RedisReader replies;
    bool gone = false;
  };

  static Engine::Options options() {
    Engine::Options options;
    options.script_instructions = 5'000;
    options.script_memory = 4 << 20;
    return options;
  }

  /// A script may keep its effects to itself; and what a replica itself changes is nobody's effect.
  bool may_differ(std::string_view input) const {
    return input.find("set_repl") != input.npos || primary_.state().replication.primary;
  }

  /// Without what XREADGROUP changes and 7.0 does not tell its replicas: how much a group has read,
  /// a consumer that has got nothing yet, that an entry was delivered once more.
  static Contents without_readings(Contents contents) {
    for (auto& [key, commands] : contents) {
      const auto makes_consumer = [](const std::string& command) {
        return command.starts_with("XGROUP") && command.find("ENTRIESREAD") == command.npos;
      };
      std::erase_if(commands, makes_consumer);
      for (std::string& command : commands) {
        if (command.starts_with("XGROUP")) command.resize(command.find("\"ENTRIESREAD"));
        if (command.starts_with("XCLAIM")) command.resize(command.find("\"TIME"));
      }
    }
    return contents;
  }

  static void compare(const Contents& expected, const Contents& found, const char* what) {
    if (found == expected) return;
    std::fprintf(stderr, "%s:\n%sthe primary has:\n%s", what, text_of(found).c_str(),
                 text_of(expected).c_str());
    std::abort();
  }

  void connect(Client& client) {
    client = {};
    client.id = primary_.connect("127.0.0.1:1", now_);
  }
  void reconnect(Client& client) {
    primary_.disconnect(client.id);
    connect(client);
  }

  void serve(Client& client) {
    const RequestLimits limits{.bulk = kLongestBulk};
    while (!client.gone && !primary_.blocked(client.id)) {
      const Request request = client.requests.next(limits);
      if (request == Request::incomplete) break;
      if (request == Request::malformed) {
        client.gone = true;
        break;
      }
      const auto reply = primary_.execute(client.id, client.requests.words(), now_);
      if (reply) hear(client, *reply);
      distribute();
    }
    if (client.gone) reconnect(client);
  }

  void distribute() {
    for (const Engine::Delivery& delivery : primary_.take_deliveries()) {
      for (Client& client : clients_) {
        if (client.id != delivery.to) continue;
        if (delivery.reply) hear(client, *delivery.reply);
        client.gone = client.gone || delivery.then_close;
      }
    }
  }

  /// Whatever a reply holds, a client can read it.
  void hear(Client& client, const RedisReply& reply) {
    std::string bytes;
    append_reply(bytes, reply, primary_.protocol(client.id));
    client.replies.feed(bytes);
    check(client.replies.next().has_value() && client.replies.empty(), "a reply is one reply");
  }

  void replicate() {
    const std::string effects = primary_.take_effects();
    check(replica_.apply(effects, now_) == effects.size(), "effects are whole commands");
  }

  WallTime now_{std::chrono::seconds(1'700'000'000)};
  WallTime latest_ = now_;
  Engine primary_;
  Engine replica_;
  std::array<Client, 2> clients_;
};

}  // namespace
}  // namespace firedrill::fuzz

int main(int argc, char** argv) {
  using namespace firedrill::fuzz;
  const Target target{"redis_fuzz", make_input, [](std::string_view input) { Run().run(input); }};
  return drive(target, argc, argv);
}
