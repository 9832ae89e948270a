#include "tests/live_sale/live_sale.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "system/adapters/live_ports.h"
#include "tests/support/postgres_client.h"
#include "tests/support/redis_client.h"
#include "workload/audit.h"
#include "workload/store_view.h"
#include "workload/table_view.h"
#include "workload/table_watch.h"

namespace firedrill::test {

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

std::string url(std::uint16_t redis_port) {
  return "redis://127.0.0.1:" + std::to_string(redis_port);
}

std::string url(const PostgresServer& postgres) {
  return "postgresql://postgres@127.0.0.1:" + std::to_string(postgres.port()) + "/postgres";
}

std::vector<std::string> serve_arguments(const traces::Case& run, const std::string& redis,
                                         const std::string& postgres) {
  std::string products;
  for (const auto& product : run.terms.products) {
    products += (products.empty() ? "" : ",") + product.id;
  }
  return {"--design",
          run.design,
          "--redis",
          redis,
          "--postgres",
          postgres,
          "--product",
          products,
          "--cap",
          std::to_string(run.terms.products.front().per_user_cap),
          "--rate-limit",
          std::to_string(run.terms.rate_limit),
          "--rate-window-ms",
          std::to_string(to_ms(run.terms.rate_window)),
          "--hold-ttl-ms",
          std::to_string(to_ms(run.hold_ttl)),
          "--redelivery-ms",
          "1000"};
}

}  // namespace

ServiceProcess::ServiceProcess(std::string role, std::vector<std::string> arguments)
    : role_(std::move(role)), arguments_(std::move(arguments)) {
  start();
}

void ServiceProcess::start() {
  const auto log = directory_.path() / ("life-" + std::to_string(++lives_) + ".log");
  std::vector<std::string> words = {FIREDRILL_PROGRAM, "serve", "--role", role_};
  words.insert(words.end(), arguments_.begin(), arguments_.end());
  if (role_ != "consumer") {
    words.insert(words.end(), {"--" + role_ + "-port", std::to_string(port_)});
  }
  process_ = std::make_unique<ChildProcess>(words, log);
  const std::string ready = role_ == "consumer" ? "consumer runs\n" : role_ + " listens on ";
  for (int waited_ms = 0; waited_ms < 20'000; waited_ms += 5) {
    const std::string printed = text_of(log);
    const std::size_t at = printed.find(ready);
    if (at != std::string::npos && printed.find('\n', at) != std::string::npos) {
      const std::size_t colon = printed.find(':', at);
      if (role_ != "consumer") {
        port_ = static_cast<std::uint16_t>(std::stoul(printed.substr(colon + 1)));
      }
      return;
    }
    if (process_->exit_status().has_value()) {
      throw std::runtime_error("serve --role " + role_ + " ended: " + printed);
    }
    ::usleep(5'000);
  }
  throw std::runtime_error("serve --role " + role_ + " does not come up: " + text_of(log));
}

void ServiceProcess::kill() {
  process_->end(SIGKILL);
}

int ServiceProcess::stop() {
  return process_->end(SIGTERM);
}

LiveSale::LiveSale(const traces::Case& run) : case_(run) {
  redis_.emplace(RedisServer::Options{.appendonly = true, .appendfsync = "everysec", .more = {}});
  redis_ports_.push_back(redis_->port());
  start_services();
}

LiveSale::LiveSale(const traces::Case& run, RedisCluster& cluster) : case_(run) {
  for (std::size_t node = 0; node < RedisCluster::kNodes; ++node) {
    redis_ports_.push_back(cluster.server(node).port());
  }
  start_services();
}

void LiveSale::start_services() {
  const std::vector<std::string> arguments =
      serve_arguments(case_, url(redis_ports_.front()), url(postgres_));
  inventory_ = std::make_unique<ServiceProcess>("inventory", arguments);
  for (std::uint32_t i = 0; i < case_.topology.order_services; ++i) {
    orders_.push_back(std::make_unique<ServiceProcess>("order", arguments));
  }
  for (std::uint32_t i = 0; i < case_.topology.consumers; ++i) {
    consumers_.push_back(std::make_unique<ServiceProcess>("consumer", arguments));
  }
  history_.terms = case_.terms;
}

void LiveSale::record(traces::What what) {
  const auto now = std::chrono::steady_clock::now();
  history_.add(std::chrono::duration_cast<Duration>(now - began_), std::move(what));
}

traces::History LiveSale::run(std::vector<std::pair<Duration, Action>> actions) {
  run_clients(std::move(actions));
  read_store();
  return std::move(history_);
}

void LiveSale::run_clients(std::vector<std::pair<Duration, Action>> actions) {
  boost::asio::io_context loop;
  adapters::LivePortsOptions options;
  options.process = "clients";
  options.redis.url = adapters::RedisUrl::parse(url(redis_ports_.front()));
  options.queue.server.url = options.redis.url;
  options.database.emplace();
  options.database->url = url(postgres_);
  adapters::LivePorts ports(loop, options);

  workload::Plan plan{
      case_.orders,      {}, {"127.0.0.1", inventory_->port()}, case_.terms, case_.client_timeout,
      case_.faults_until};
  for (const auto& service : orders_) plan.order_services.push_back({"127.0.0.1", service->port()});
  began_ = std::chrono::steady_clock::now();
  const std::unique_ptr<Program> audit = workload::audit(*this)(ports.ports());
  const std::unique_ptr<Program> watch = workload::watch_tables(*this, from_ms(10))(ports.ports());
  const std::unique_ptr<Program> clients = workload::clients(std::move(plan), *this)(ports.ports());

  using traces::PhaseSeen;
  actions.emplace_back(case_.faults_until, [](LiveSale& sale) {
    sale.record(PhaseSeen{PhaseSeen::Phase::healed});
    sale.record(PhaseSeen{PhaseSeen::Phase::quiet});
  });
  std::stable_sort(actions.begin(), actions.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [at, action] : actions) {
    loop.run_until(began_ + at);
    action(*this);
  }
  loop.run_until(began_ + case_.length);
  ports.stop();
}

void LiveSale::forget_stock() {
  RedisClient client(redis_ports_.front());
  for (const RedisReply& key : client.command({"KEYS", "{sku-*"}).items) {
    client.command({"DEL", key.text});
  }
  record(traces::RedisForgot{});
}

/// What the stores hold in the end, as a world would have noted it all along.
void LiveSale::read_store() {
  for (const std::uint16_t port : redis_ports_) read_store(port);
  read_tables();
}

void LiveSale::read_tables() {
  PostgresClient client(postgres_.connection());
  for (const workload::WatchedTable& table : workload::watched_tables()) {
    const auto results = client.query(workload::select_rows(table));
    for (const auto& row : results.at(0).rows) record(workload::read_row(table.name, row));
  }
}

void LiveSale::read_store(std::uint16_t port) {
  RedisClient client(port);
  for (const RedisReply& key : client.command({"KEYS", "*"}).items) {
    const auto watched = workload::watch(key.text);
    if (!watched.has_value()) continue;
    if (watched->kind == workload::Watched::Kind::log) {
      for (const RedisReply& entry : client.command({"XRANGE", key.text, "-", "+"}).items) {
        if (auto effect = workload::read_log_entry(watched->product, entry)) record(*effect);
      }
    } else if (auto what = workload::read(*watched, client.command(watched->command))) {
      record(std::move(*what));
    }
  }
}

std::vector<int> LiveSale::stop_services() {
  std::vector<int> statuses;
  for (const auto& service : orders_) statuses.push_back(service->stop());
  for (const auto& service : consumers_) statuses.push_back(service->stop());
  statuses.push_back(inventory_->stop());
  return statuses;
}

}  // namespace firedrill::test
