#include "tests/conformance/redis/real_hosts.h"

#include <filesystem>
#include <stdexcept>
#include <thread>

namespace firedrill::test {

void RealHosts::start(int host, const Settings& settings) {
  RedisServer::Options options;
  options.appendonly = settings.appendonly;
  options.appendfsync = settings.appendfsync;
  options.more = {"--repl-diskless-sync-delay", "0",
                  "--min-replicas-to-write",    std::to_string(settings.min_replicas_to_write),
                  "--min-replicas-max-lag",     std::to_string(settings.min_replicas_max_lag_s)};
  servers_[host] = std::make_unique<RedisServer>(std::move(options));
}

void RealHosts::kill(int host) {
  servers_.at(host)->kill();
  std::erase_if(connections_, [&](const auto& each) { return each.first.second == host; });
}

void RealHosts::cut_power(int) {
  throw std::logic_error("the power of a process cannot be cut");
}

void RealHosts::restart(int host) {
  servers_.at(host)->restart();
}

void RealHosts::restart_slowly(int host) {
  // A key takes so many us. Clients are heard after each 1024 commands of the file.
  servers_.at(host)->begin_restart({"--key-load-delay", "150"});
}

void RealHosts::truncate_file(int host, std::size_t bytes) {
  const auto folder = servers_.at(host)->directory() / "appendonlydir";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().string().ends_with(".incr.aof")) continue;
    std::filesystem::resize_file(entry.path(), std::filesystem::file_size(entry.path()) - bytes);
    return;
  }
  throw std::runtime_error("there is no append-only file in " + folder.string());
}

void RealHosts::pause(int host) {
  servers_.at(host)->pause();
}
void RealHosts::resume(int host) {
  servers_.at(host)->resume();
}

void RealHosts::follow(int replica, int primary) {
  auto& link = links_[{replica, primary}];
  link = std::make_unique<RedisProxy>(servers_.at(primary)->port());
  RedisClient client(servers_.at(replica)->port());
  client.command({"REPLICAOF", "127.0.0.1", std::to_string(link->port())});
}

void RealHosts::promote(int host) {
  RedisClient client(servers_.at(host)->port());
  client.command({"REPLICAOF", "NO", "ONE"});
}

void RealHosts::cut(int replica, int primary) {
  links_.at({replica, primary})->cut();
}
void RealHosts::heal(int replica, int primary) {
  links_.at({replica, primary})->heal();
}

RedisClient& RealHosts::connection(int client, int host) {
  auto& connection = connections_[{client, host}];
  if (!connection) connection = std::make_unique<RedisClient>(servers_.at(host)->port());
  return *connection;
}

std::optional<RedisReply> RealHosts::ask(int client, int host, const Words& command) {
  try {
    return connection(client, host).command(command);
  } catch (const std::runtime_error&) {
    connections_.erase({client, host});
    return std::nullopt;
  }
}

void RealHosts::ask_and_lose_reply(int client, int host, const Words& command) {
  RedisClient& connection = this->connection(client, host);
  connection.send(command);
  connection.flush();
  connections_.erase({client, host});
  // Who is answered later was heard later.
  RedisClient(servers_.at(host)->port()).command({"PING"});
}

void RealHosts::pass(Milliseconds time) {
  std::this_thread::sleep_for(time);
}

}  // namespace firedrill::test
