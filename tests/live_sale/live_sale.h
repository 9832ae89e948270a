#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "system/domain/time.h"
#include "tests/support/child_process.h"
#include "tests/support/postgres_server.h"
#include "tests/support/redis_cluster.h"
#include "tests/support/redis_server.h"
#include "traces/history.h"
#include "traces/trace.h"
#include "workload/driver.h"

namespace firedrill::test {

/// One `firedrill serve` as a process of its own, which can be killed and started again on the
/// port that it had.
class ServiceProcess {
 public:
  /// `role` is one role; `arguments` go with it. Returns when it serves. Throws std::runtime_error
  /// with what it printed where it does not.
  ServiceProcess(std::string role, std::vector<std::string> arguments);

  std::uint16_t port() const { return port_; }  ///< 0 where the role has none

  void kill();
  void start();
  /// SIGTERM; answers the exit status.
  int stop();

 private:
  std::string role_;
  std::vector<std::string> arguments_;
  TemporaryDirectory directory_;
  std::uint16_t port_ = 0;
  int lives_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

/// A flash sale on real processes: two order services, two consumers, an inventory service, one
/// Redis that is the queue, too, one PostgreSQL; and, in this process, clients and an audit of the
/// orders' events, which write the history.
class LiveSale final : workload::Recorder {
 public:
  /// `run` gives the terms, the workload and the times; its faults and network are not used.
  explicit LiveSale(const traces::Case& run);
  /// The same on the nodes of a cluster, all of which are new.
  LiveSale(const traces::Case& run, RedisCluster& cluster);

  /// Something that is done to the processes at a time of the run.
  using Action = std::function<void(LiveSale&)>;

  /// Runs the whole case in real time; then reads the store. Answers the history.
  traces::History run(std::vector<std::pair<Duration, Action>> actions = {});

  /// Asks every service to stop; answers their exit statuses.
  std::vector<int> stop_services();

  /// Precondition: not on a cluster.
  RedisServer& redis() { return *redis_; }
  PostgresServer& postgres() { return postgres_; }
  /// Deletes everything about the stock from Redis, and says so in the history.
  void forget_stock();
  ServiceProcess& order_service(std::size_t index) { return *orders_.at(index); }
  ServiceProcess& consumer(std::size_t index) { return *consumers_.at(index); }

 private:
  void start_services();
  void record(traces::What what) override;
  void run_clients(std::vector<std::pair<Duration, Action>> actions);
  void read_store();
  void read_store(std::uint16_t port);
  void read_tables();

  const traces::Case& case_;
  PostgresServer postgres_;
  std::optional<RedisServer> redis_;
  std::vector<std::uint16_t> redis_ports_;  ///< the services know the first one alone
  std::vector<std::unique_ptr<ServiceProcess>> orders_;
  std::vector<std::unique_ptr<ServiceProcess>> consumers_;
  std::unique_ptr<ServiceProcess> inventory_;
  std::chrono::steady_clock::time_point began_;
  traces::History history_;
};

}  // namespace firedrill::test
