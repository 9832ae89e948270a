#include "cli/postgres_server.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <random>

#include "cli/exit_status.h"
#include "sim/postgres/tcp_server.h"
#include "traces/scenario.h"

namespace firedrill {

namespace {

using sim::postgres::TcpServer;
using traces::InputError;

/// Since 2000-01-01, as PostgreSQL counts.
std::int64_t wall_clock_us() {
  constexpr std::chrono::sys_days kEpoch = std::chrono::January / 1 / 2000;
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now() -
                                                               kEpoch)
      .count();
}

/// As many connections as the system lets us have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::unique_ptr<TcpServer> listen(const PostgresServerOptions& options) {
  TcpServer::Options server;
  server.address = options.bind;
  server.port = options.port;
  server.wire.max_connections = options.max_connections;
  std::random_device unpredictable;  // nobody is to guess how to cancel another's statement
  server.wire.secrets = (std::uint64_t{unpredictable()} << 32U) | unpredictable();
  try {
    return std::make_unique<TcpServer>(std::move(server), wall_clock_us);
  } catch (const boost::system::system_error& problem) {
    throw InputError(fmt::format("postgres-server: cannot listen on {}:{}: {}", options.bind,
                                 options.port, problem.code().message()));
  }
}

}  // namespace

void add_postgres_server_options(CLI::App& app, PostgresServerOptions& options) {
  app.add_option("--port", options.port, "0: any free one")->capture_default_str();
  app.add_option("--bind", options.bind, "numeric address to listen on")->capture_default_str();
  app.add_option("--max-connections", options.max_connections, "sessions at a time")
      ->check(CLI::Range(1, 262143))
      ->capture_default_str();
  app.footer(
      "The user and the database are postgres; there is no password. Everything is in memory, and\n"
      "gone when the program ends.\n\n"
      "Example:\n"
      "  firedrill postgres-server --port 5433 &\n"
      "  psql -h 127.0.0.1 -p 5433 -U postgres -c 'select version()'");
}

int postgres_server_command(const PostgresServerOptions& options) {
  raise_descriptor_limit();
  const std::unique_ptr<TcpServer> server = listen(options);
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
