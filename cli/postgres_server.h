#pragma once

#include <cstdint>
#include <string>

namespace CLI {
class App;
}

namespace firedrill {

struct PostgresServerOptions {
  std::uint16_t port = 5432;
  std::string bind = "127.0.0.1";  ///< numeric address
  std::uint32_t max_connections = 100;
};

void add_postgres_server_options(CLI::App& app, PostgresServerOptions& options);

/// Serves the simulated PostgreSQL on a real port, in real time, until SIGINT or SIGTERM. Prints a
/// line when it is ready. Returns the exit status. Throws traces::InputError.
int postgres_server_command(const PostgresServerOptions& options);

}  // namespace firedrill
