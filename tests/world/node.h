#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/world/world.h"

namespace firedrill::sim {

constexpr std::uint16_t kNodePort = 80;

struct Number {
  int value = 0;
};
inline void fold(Digest& digest, const Number& number) {
  digest.fold(static_cast<std::uint64_t>(number.value));
}

inline Instant at_ms(std::int64_t ms) {
  return Instant(from_ms(ms));
}

/// A program with one socket, which writes down what it is told: "connected", "accepted", the
/// numbers that it receives, "refused", "reset", "closed".
class Node final : public ProcessMemory, public Receiver, public Acceptor {
 public:
  using Log = std::vector<std::string>;

  Node(Process& process, Log& log) : process_(process), log_(log) {}

  void listen() { listener.emplace(process_, kNodePort, *this); }
  void connect(Host& to) { socket = process_.world().connect(process_, to, kNodePort, *this); }
  void send(int number) { socket.send(Message::of(Number{number})); }

  void on_connected() override { log_.push_back("connected"); }
  void on_accept(Socket accepted) override {
    log_.push_back("accepted");
    accepted.set_receiver(*this);
    socket = std::move(accepted);
  }
  void on_message(Message message) override {
    const int number = message.take<Number>().value;
    log_.push_back(std::to_string(number));
    if (when_message) std::exchange(when_message, nullptr)(number);
  }
  void on_broken(Broken how) override {
    constexpr const char* names[] = {"refused", "reset", "closed"};
    log_.push_back(names[static_cast<int>(how)]);
    if (when_broken) std::exchange(when_broken, nullptr)();
  }

  std::optional<ListenSocket> listener;
  Socket socket;
  std::function<void(int)> when_message;  ///< once
  std::function<void()> when_broken;      ///< once

 private:
  Process& process_;
  Log& log_;
};

/// A client and a server that listens, on a network whose messages take a millisecond.
struct Pair {
  explicit Pair(std::uint64_t seed = 1, PickPolicy policy = {},
                LinkProfile links = {from_ms(1), {}, 0, {}})
      : world(seed, policy, links) {
    client.start();
    server.start();
  }

  Node& client_node() { return *static_cast<Node*>(client.memory()); }
  Node& server_node() { return *static_cast<Node*>(server.memory()); }
  void connect() { client_node().connect(server_host); }
  /// Connects and runs until both know it.
  void be_connected() {
    connect();
    world.run_until(world.now() + from_ms(10));
    server_log.clear();
    client_log.clear();
  }
  void run_ms(std::int64_t ms) { world.run_until(world.now() + from_ms(ms)); }

  Node::Log client_log;
  Node::Log server_log;
  World world;
  Host& client_host = world.add_host("client");
  Host& server_host = world.add_host("server");
  Process& client = world.add_process(client_host, "client", [this](Process& process) {
    return std::make_unique<Node>(process, client_log);
  });
  Process& server = world.add_process(server_host, "server", [this](Process& process) {
    auto node = std::make_unique<Node>(process, server_log);
    if (server_listens) node->listen();
    return node;
  });
  Link& there = world.link(client_host, server_host);
  Link& back = world.link(server_host, client_host);
  bool server_listens = true;
};

using Log = Node::Log;

}  // namespace firedrill::sim
