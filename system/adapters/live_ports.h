#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "system/adapters/clock.h"
#include "system/adapters/live_database.h"
#include "system/adapters/network.h"
#include "system/adapters/no_database.h"
#include "system/adapters/random.h"
#include "system/adapters/redis.h"
#include "system/adapters/redis_queue.h"
#include "system/adapters/tasks.h"
#include "system/adapters/telemetry.h"
#include "system/adapters/timers.h"
#include "system/ports/ports.h"

namespace firedrill::adapters {

struct LivePortsOptions {
  std::string process;  ///< its name in the log
  RedisLink::Options redis;
  RedisStreamsQueue::Options queue;
  std::optional<LiveDatabase::Options> database;  ///< of processes that have one
  LiveNetwork::Options network;
  LiveTelemetry::WriteLine write_line;  ///< standard error where empty
};

/// The real ports of one process, on one single-threaded loop. Several may share a loop. The loop
/// outlives them, and its thread is the only one that touches them.
class LivePorts {
 public:
  LivePorts(boost::asio::io_context& loop, LivePortsOptions options);
  ~LivePorts() { stop(); }
  LivePorts(const LivePorts&) = delete;
  LivePorts& operator=(const LivePorts&) = delete;

  Ports ports();

  LiveNetwork& network() { return network_; }
  const LiveTelemetry& telemetry() const { return telemetry_; }

  /// Destroys every task and every handler where it stands, and runs the loop until their frames
  /// are gone; after it what they used may go. Not from within the loop. Idempotent.
  void stop();

 private:
  [[noreturn]] void bug(std::exception_ptr exception);

  boost::asio::io_context& loop_;
  Timers timers_;
  LiveClock clock_;
  LiveRandom random_;
  LiveTelemetry telemetry_;
  LiveRedis redis_;
  NoDatabase no_database_;
  RedisStreamsQueue queue_;
  std::optional<LiveDatabase> database_;
  LiveNetwork network_;
  LiveTasks tasks_;
};

}  // namespace firedrill::adapters
