#include "cli/serve.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <utility>

#include "cli/exit_status.h"
#include "system/adapters/live_process.h"
#include "system/as_written/programs.h"
#include "system/domain/flash_sale.h"
#include "system/inventory/program.h"
#include "system/order/programs.h"
#include "traces/scenario.h"

namespace firedrill {

namespace {

using traces::InputError;

FlashSale terms(const ServeOptions& options) {
  FlashSale sale;
  for (const std::string& product : options.products) sale.cap_per_user[product] = options.cap;
  sale.rate_limit = options.rate_limit;
  sale.rate_window = from_ms(options.rate_window_ms);
  sale.hold_ttl = from_ms(options.hold_ttl_ms);
  return sale;
}

adapters::RedisUrl parse_url(const std::string& option, const std::string& text) {
  try {
    return adapters::RedisUrl::parse(text);
  } catch (const std::invalid_argument& problem) {
    throw InputError(option + " " + text + ": " + problem.what());
  }
}

/// Says nothing of the url: a password may be in it.
adapters::LiveDatabase::Options database_at(const std::string& url) {
  adapters::LiveDatabase::Options database;
  database.url = url;
  try {
    database.validate();
  } catch (const std::invalid_argument& problem) {
    throw InputError(std::string("--postgres: ") + problem.what());
  }
  return database;
}

adapters::LiveProcess::Options process_options(const ServeOptions& options,
                                               const std::string& name) {
  adapters::LiveProcess::Options process;
  process.ports.process = name;
  process.ports.redis.url = parse_url("--redis", options.redis);
  process.ports.queue.server.url =
      options.queue.empty() ? process.ports.redis.url : parse_url("--queue", options.queue);
  process.ports.queue.redelivery_after = from_ms(options.redelivery_ms);
  process.ports.database = database_at(options.postgres);
  process.ports.network.address = options.listen;
  return process;
}

/// Starts one role; names the port that it opened.
void start_role(const std::string& role, const ServeOptions& options, const std::string& name,
                adapters::LiveProcess& process) {
  const bool as_written = options.design == "as-written";
  const std::size_t ports_before = process.ports().network().ports().size();
  if (role == "order") {
    process.start(as_written ? as_written::order_service(terms(options), options.order_port)
                             : order::order_service(terms(options), options.order_port));
  } else if (role == "consumer") {
    process.start(as_written ? as_written::order_consumer(terms(options), name)
                             : order::order_consumer(terms(options), name));
  } else {
    process.start(as_written ? as_written::inventory_service(options.inventory_port)
                             : inventory::inventory_service(options.inventory_port));
  }
  const auto ports = process.ports().network().ports();
  if (ports.size() > ports_before) {
    fmt::print("{} listens on {}:{}\n", role, options.listen, ports.back());
  } else {
    fmt::print("{} runs\n", role);
  }
  std::fflush(stdout);
}

}  // namespace

void add_serve_options(CLI::App& app, ServeOptions& options) {
  app.add_option("--role", options.roles, "order, consumer, inventory: one or several")
      ->required()
      ->delimiter(',')
      ->check(CLI::IsMember({"order", "consumer", "inventory"}));
  app.add_option("--design", options.design, "as-written or hardened")
      ->capture_default_str()
      ->check(CLI::IsMember({"as-written", "hardened"}));
  app.add_option("--redis", options.redis,
                 "redis://host:port[/db]; of a Redis Cluster, the address of any node")
      ->capture_default_str();
  app.add_option("--queue", options.queue,
                 "the Redis whose streams are the queue (default: --redis)");
  app.add_option("--postgres", options.postgres,
                 "postgresql://user:password@host:port/database, of the orders and the ledger")
      ->capture_default_str();
  app.add_option("--listen", options.listen, "numeric address to listen on")->capture_default_str();
  app.add_option("--order-port", options.order_port, "0: any free one")->capture_default_str();
  app.add_option("--inventory-port", options.inventory_port, "0: any free one")
      ->capture_default_str();
  app.add_option("--name", options.name,
                 "of this process, unique among those that live (default: host and pid)");
  app.add_option("--product", options.products, "products on sale")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--cap", options.cap, "units that one user may buy of a product; 0: no cap")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--rate-limit", options.rate_limit, "requests of one user in a window")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--rate-window-ms", options.rate_window_ms)
      ->check(CLI::Range(1, 3'600'000))
      ->capture_default_str();
  app.add_option("--hold-ttl-ms", options.hold_ttl_ms, "how long a reservation is held unconfirmed")
      ->check(CLI::Range(1, 86'400'000))
      ->capture_default_str();
  app.add_option("--redelivery-ms", options.redelivery_ms,
                 "how long a message may stay unacknowledged before it is delivered again")
      ->check(CLI::Range(1, 3'600'000))
      ->capture_default_str();
  app.footer(
      "Example, with a redis-server and a PostgreSQL on their usual ports (`firedrill\n"
      "redis-server --port 6379` and `firedrill postgres-server --port 5432` will do):\n"
      "  firedrill serve --role order,consumer,inventory\n"
      "  curl -X PUT localhost:8082/v1/inventory/sku-1 -d '{\"initial\":10,\"epoch\":1}'\n"
      "  curl -X POST localhost:8081/v1/flash-orders -H 'X-User-Id: u-1' -H 'Idempotency-Key: k-1' "
      "\\\n"
      "       -d '{\"saleId\":\"sale-1\",\"productId\":\"sku-1\",\"quantity\":1}'");
}

int serve_command(const ServeOptions& options) {
  std::string name = options.name;
  if (name.empty()) {
    char host[64] = {};
    gethostname(host, sizeof host - 1);
    name = fmt::format("{}-{}", host, getpid());
  }
  adapters::LiveProcess process(process_options(options, name));
  for (const std::string& role : options.roles) start_role(role, options, name, process);
  process.run();
  return kHolds;
}

}  // namespace firedrill
