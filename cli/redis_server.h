#pragma once

#include <cstdint>
#include <string>

namespace CLI {
class App;
}

namespace firedrill {

struct RedisServerOptions {
  std::uint16_t port = 6379;
  std::string bind = "127.0.0.1";  ///< numeric address
  std::string requirepass;
  std::string maxmemory;         ///< as CONFIG SET takes it: "100mb"
  std::string maxmemory_policy;  ///< the same
  std::string appendonly;
};

void add_redis_server_options(CLI::App& app, RedisServerOptions& options);

/// Serves the simulated Redis on a real port, in real time, until SIGINT, SIGTERM or SHUTDOWN.
/// Prints a line when it is ready. Returns the exit status. Throws traces::InputError.
int redis_server_command(const RedisServerOptions& options);

}  // namespace firedrill
