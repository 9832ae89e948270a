#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace firedrill {

struct ServeOptions {
  std::vector<std::string> roles;  ///< order, consumer, inventory
  std::string design = "hardened";
  std::string redis = "redis://127.0.0.1:6379";
  std::string queue;  ///< the Redis that carries the queue; `redis` where empty
  std::string postgres = "postgresql://postgres@127.0.0.1:5432/postgres";
  std::string listen = "127.0.0.1";  ///< numeric address
  std::uint16_t order_port = 8081;
  std::uint16_t inventory_port = 8082;
  std::string name;  ///< of this process; unique among those that live
  std::vector<std::string> products = {"sku-1"};
  std::int64_t cap = 2;
  std::int64_t rate_limit = 5;
  std::int64_t rate_window_ms = 1000;
  std::int64_t hold_ttl_ms = 5000;
  std::int64_t redelivery_ms = 5000;
};

void add_serve_options(CLI::App& app, ServeOptions& options);

/// Runs the services of the roles until SIGINT or SIGTERM: the same objects that run in a world, on
/// real ports. Prints a line for each port that is open. Returns the exit status. Throws
/// traces::InputError.
int serve_command(const ServeOptions& options);

}  // namespace firedrill
