#include "cli/redis_server.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <limits>
#include <memory>
#include <vector>

#include "cli/exit_status.h"
#include "sim/redis/tcp_server.h"
#include "traces/scenario.h"

namespace firedrill {

namespace {

using sim::redis::Engine;
using sim::redis::TcpServer;
using traces::InputError;

WallTime wall_clock() {
  return WallTime(std::chrono::system_clock::now().time_since_epoch());
}

/// As many connections as the system lets us have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::unique_ptr<TcpServer> listen(const RedisServerOptions& options) {
  TcpServer::Options server;
  server.address = options.bind;
  server.port = options.port;
  // A script runs for as long as its caller likes, as in Redis; SCRIPT KILL ends it.
  server.engine.script_instructions = std::numeric_limits<std::int64_t>::max();
  try {
    return std::make_unique<TcpServer>(std::move(server), wall_clock);
  } catch (const boost::system::system_error& problem) {
    throw InputError(fmt::format("redis-server: cannot listen on {}:{}: {}", options.bind,
                                 options.port, problem.code().message()));
  }
}

void set(Engine& engine, const std::string& name, const std::string& value) {
  if (value.empty()) return;
  const std::vector<std::string> command = {"CONFIG", "SET", name, value};
  const RedisReply reply = engine.execute(command, wall_clock());
  if (reply.is_error()) throw InputError(fmt::format("--{} {}: {}", name, value, reply.text));
}

}  // namespace

void add_redis_server_options(CLI::App& app, RedisServerOptions& options) {
  app.add_option("--port", options.port, "0: any free one")->capture_default_str();
  app.add_option("--bind", options.bind, "numeric address to listen on")->capture_default_str();
  app.add_option("--requirepass", options.requirepass, "the password that clients must give");
  app.add_option("--maxmemory", options.maxmemory, "such as 100mb (default: without limit)");
  app.add_option("--maxmemory-policy", options.maxmemory_policy,
                 "what happens then: noeviction, allkeys-lru, ...");
  app.add_option("--appendonly", options.appendonly, "no: this server keeps nothing on disk");
  app.footer(
      "Everything is in memory, and gone when the program ends. Settings can be changed while it\n"
      "runs, by CONFIG SET.\n\n"
      "Example:\n"
      "  firedrill redis-server --port 7000 &\n"
      "  redis-cli -p 7000 set sale:1 open\n"
      "  redis-cli -p 7000 shutdown nosave");
}

int redis_server_command(const RedisServerOptions& options) {
  if (!options.appendonly.empty() && options.appendonly != "no") {
    throw InputError("--appendonly " + options.appendonly +
                     ": this server keeps nothing on disk, and says so rather than lose it; only "
                     "simulated ones have an append-only file");
  }
  raise_descriptor_limit();
  const std::unique_ptr<TcpServer> server = listen(options);
  set(server->engine(), "requirepass", options.requirepass);
  set(server->engine(), "maxmemory", options.maxmemory);
  set(server->engine(), "maxmemory-policy", options.maxmemory_policy);
  boost::asio::signal_set signals(server->loop(), SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code problem, int) {
    if (!problem) server->stop();
  });
  fmt::print("Ready to accept connections on {}:{}\n", options.bind, server->port());
  std::fflush(stdout);
  server->run();
  return kHolds;
}

}  // namespace firedrill
