#include "tests/support/redis_cluster.h"

#include <unistd.h>

#include <stdexcept>

#include "tests/support/redis_text.h"

namespace firedrill::test {

namespace {

constexpr std::uint16_t kSlots = 16384;

std::unique_ptr<RedisServer> start_node(std::uint16_t bus_port) {
  RedisServer::Options options;
  options.more = {"--cluster-enabled",
                  "yes",
                  "--cluster-port",
                  std::to_string(bus_port),
                  "--cluster-node-timeout",
                  "1000",
                  "--cluster-require-full-coverage",
                  "no"};
  return std::make_unique<RedisServer>(std::move(options));
}

/// The first slot of a node; that of the next one is where it ends.
std::uint16_t first_slot(std::size_t node) {
  return static_cast<std::uint16_t>((node * kSlots + RedisCluster::kNodes - 1) /
                                    RedisCluster::kNodes);
}

}  // namespace

RedisCluster::RedisCluster() {
  std::vector<std::string> bus_ports;
  for (std::size_t node = 0; node < kNodes; ++node) {
    const std::uint16_t bus_port = free_port();
    bus_ports.push_back(std::to_string(bus_port));
    servers_.push_back(start_node(bus_port));
    ids_.push_back(must(node, {"CLUSTER", "MYID"}).text);
    must(node, {"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(node + 1)});
    must(node, {"CLUSTER", "ADDSLOTSRANGE", std::to_string(first_slot(node)),
                std::to_string(first_slot(node + 1) - 1)});
  }
  for (std::size_t node = 1; node < kNodes; ++node) {
    must(0,
         {"CLUSTER", "MEET", "127.0.0.1", std::to_string(servers_[node]->port()), bus_ports[node]});
  }
  wait_until_ok();
}

RedisReply RedisCluster::command(std::size_t node, const std::vector<std::string>& words) const {
  RedisClient client(servers_.at(node)->port());
  return client.command(words);
}

RedisReply RedisCluster::must(std::size_t node, const std::vector<std::string>& words) const {
  RedisReply reply = command(node, words);
  if (reply.is_error()) throw std::runtime_error(words[0] + " " + words[1] + ": " + reply.text);
  return reply;
}

void RedisCluster::begin_move(std::uint16_t slot, std::size_t from, std::size_t to) {
  must(to, {"CLUSTER", "SETSLOT", std::to_string(slot), "IMPORTING", ids_.at(from)});
  must(from, {"CLUSTER", "SETSLOT", std::to_string(slot), "MIGRATING", ids_.at(to)});
}

void RedisCluster::move_key(const std::string& key, std::size_t from, std::size_t to) {
  const std::string port = std::to_string(servers_.at(to)->port());
  must(from, {"MIGRATE", "127.0.0.1", port, key, "0", "5000"});
}

void RedisCluster::end_move(std::uint16_t slot, std::size_t from, std::size_t to) {
  // The new owner first: between the two the old one still asks it, and never the other way round.
  for (const std::size_t node : {to, from}) {
    must(node, {"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", ids_.at(to)});
  }
}

void RedisCluster::take_over(std::uint16_t slot, const std::vector<std::size_t>& others) {
  for (const std::size_t node : others) {
    must(node, {"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", ids_.at(others.front())});
  }
}

bool RedisCluster::is_ok(std::size_t node) const {
  const std::string info = must(node, {"CLUSTER", "INFO"}).text;
  const auto says = [&info](const std::string& line) {
    return info.find(line + "\r\n") != std::string::npos;
  };
  return says("cluster_state:ok") && says("cluster_known_nodes:" + std::to_string(kNodes)) &&
         says("cluster_slots_ok:" + std::to_string(kSlots));
}

void RedisCluster::wait_until_ok() {
  for (int waited_ms = 0; waited_ms < 20'000; waited_ms += 20) {
    bool all = true;
    for (std::size_t node = 0; node < kNodes; ++node) all = all && is_ok(node);
    if (all) return;
    ::usleep(20'000);
  }
  throw std::runtime_error("the cluster does not come up: " +
                           text_of(command(0, {"CLUSTER", "NODES"})));
}

std::uint64_t RedisCluster::errors(const std::string& code) const {
  const std::string name = "errorstat_" + code + ":count=";
  std::uint64_t count = 0;
  for (std::size_t node = 0; node < kNodes; ++node) {
    const std::string info = must(node, {"INFO", "errorstats"}).text;
    const std::size_t at = info.find(name);
    if (at != std::string::npos) count += std::stoull(info.substr(at + name.size()));
  }
  return count;
}

}  // namespace firedrill::test
