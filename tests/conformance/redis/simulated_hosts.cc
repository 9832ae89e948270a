#include "tests/conformance/redis/simulated_hosts.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <string>
#include <variant>

#include "system/domain/check.h"

namespace firedrill::test {

namespace {

namespace asio = boost::asio;
using sim::redis::Command;
using Connection = sim::RpcClient<Command, RedisReply>;

constexpr Duration kPatience = from_ms(5000);

sim::redis::Settings settings_of(const RedisHosts::Settings& wanted) {
  using sim::redis::Config;
  using sim::redis::Store;
  sim::redis::Settings settings;
  settings.keeps_effects = true;
  settings.persistence =
      wanted.appendonly ? Store::Persistence::append_only : Store::Persistence::none;
  settings.config.appendonly = wanted.appendonly;
  settings.config.appendfsync = wanted.appendfsync == "always" ? Config::Fsync::always
                                : wanted.appendfsync == "no"   ? Config::Fsync::no
                                                               : Config::Fsync::everysec;
  settings.config.min_replicas_to_write = static_cast<std::int64_t>(wanted.min_replicas_to_write);
  settings.config.min_replicas_max_lag_s = static_cast<std::int64_t>(wanted.min_replicas_max_lag_s);
  return settings;
}

}  // namespace

/// A process with a connection to each server.
class SimulatedHosts::Client final : public sim::ProcessMemory {
 public:
  explicit Client(sim::Process& process) : process_(process) {}

  std::optional<RedisReply> ask(sim::World& world, sim::Host& server, const Words& command) {
    auto& connection = connections_[server.number()];
    if (connection == nullptr) {
      connection = std::make_unique<Connection>(process_, server, sim::redis::kPort);
    }
    std::optional<std::optional<RedisReply>> ended;
    asio::co_spawn(process_.executor(), call(*connection, command, &ended),
                   [](std::exception_ptr error) { check(error == nullptr, "a call ends"); });
    while (!ended.has_value()) check(world.scheduler().step(Instant::max()), "a call ends");
    return std::move(*ended);
  }

  void forget(const sim::Host& server) { connections_.erase(server.number()); }

 private:
  asio::awaitable<void> call(Connection& connection, const Words& words,
                             std::optional<std::optional<RedisReply>>* ended) {
    Command command{words};
    const Instant deadline = process_.world().now() + kPatience;
    auto result = co_await connection.call(std::move(command), deadline);
    auto* reply = std::get_if<RedisReply>(&result);
    ended->emplace();
    if (reply != nullptr) ended->value() = std::move(*reply);
  }

  sim::Process& process_;
  std::map<std::uint32_t, std::unique_ptr<Connection>> connections_;
};

SimulatedHosts::SimulatedHosts() : world_(1) {}
SimulatedHosts::~SimulatedHosts() = default;

SimulatedHosts::Client& SimulatedHosts::client(int number) {
  sim::Process*& process = clients_[number];
  if (process == nullptr) {
    const std::string name = "client-" + std::to_string(number);
    process = &world_.add_process(world_.add_host(name), name, [](sim::Process& itself) {
      return std::make_unique<Client>(itself);
    });
    process->start();
  }
  return static_cast<Client&>(*process->memory());
}

void SimulatedHosts::start(int number, const Settings& settings) {
  Server& server = servers_[number];
  server.disk = sim::redis::Disk(sim::redis::Engine(), settings_of(settings));
  const std::string name = "redis-" + std::to_string(number);
  server.host = &world_.add_host(name);
  server.process = &world_.add_process(*server.host, name, [&server](sim::Process& process) {
    return std::make_unique<sim::redis::Server>(process, server.disk);
  });
  server.process->start();
}

void SimulatedHosts::kill(int host) {
  servers_.at(host).process->kill();
}

void SimulatedHosts::cut_power(int number) {
  Server& server = servers_.at(number);
  world_.cut_power(*server.host);
  server.disk.store.lose_unsynced(0);
  // Nobody was told: who asks on would wait in vain. Here they know better.
  for (const auto& [who, process] : clients_) client(who).forget(*server.host);
}

void SimulatedHosts::restart(int number) {
  restart_slowly(number);
  await_loaded(number);
}

void SimulatedHosts::restart_slowly(int number) {
  Server& server = servers_.at(number);
  server.disk.follows = nullptr;
  server.disk.levers.extra_loading = from_ms(300);
  if (server.host->has_power()) {
    server.process->start();
  } else {
    world_.restore_power(*server.host);
  }
}

void SimulatedHosts::await_loaded(int host) {
  for (int i = 0; i < 1000; ++i) {
    const auto reply = ask(-1, host, {"PING"});
    if (reply && *reply == RedisReply::status("PONG")) return;
    pass(Milliseconds(10));
  }
  check(false, "a server that starts is there within ten seconds");
}

void SimulatedHosts::truncate_file(int host, std::size_t bytes) {
  servers_.at(host).disk.store.truncate(bytes);
}

void SimulatedHosts::pause(int host) {
  servers_.at(host).process->pause();
}
void SimulatedHosts::resume(int host) {
  servers_.at(host).process->resume();
}

void SimulatedHosts::follow(int replica, int primary) {
  ask(-1, replica, {"REPLICAOF", servers_.at(primary).host->name(), "6379"});
}
void SimulatedHosts::promote(int host) {
  ask(-1, host, {"REPLICAOF", "NO", "ONE"});
}

void SimulatedHosts::cut(int replica, int primary) {
  world_.link(*servers_.at(replica).host, *servers_.at(primary).host).cut();
  world_.link(*servers_.at(primary).host, *servers_.at(replica).host).cut();
}
void SimulatedHosts::heal(int replica, int primary) {
  world_.link(*servers_.at(replica).host, *servers_.at(primary).host).heal();
  world_.link(*servers_.at(primary).host, *servers_.at(replica).host).heal();
}

std::optional<RedisReply> SimulatedHosts::ask(int number, int host, const Words& command) {
  return client(number).ask(world_, *servers_.at(host).host, command);
}

void SimulatedHosts::ask_and_lose_reply(int number, int host, const Words& command) {
  Client& who = client(number);
  who.ask(world_, *servers_.at(host).host, {"PING"});  // the connection is there
  sim::Host& to = *world_.find_host("client-" + std::to_string(number));
  sim::Loss loss(1);
  world_.link(*servers_.at(host).host, to).lose_next(loss);
  check(!who.ask(world_, *servers_.at(host).host, command), "the reply is lost");
}

void SimulatedHosts::pass(Milliseconds time) {
  world_.run_until(world_.now() + time);
}

}  // namespace firedrill::test
