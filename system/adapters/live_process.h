#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "system/adapters/live_ports.h"
#include "system/domain/time.h"
#include "system/ports/program.h"

namespace firedrill::adapters {

/// A real process's loop, ports and programs: the live counterpart of a simulated process.
class LiveProcess {
 public:
  struct Options {
    LivePortsOptions ports;
    bool handle_signals = true;              ///< SIGINT and SIGTERM stop it; a second one at once
    Duration longest_drain = from_ms(5000);  ///< for requests in flight when it stops
  };

  explicit LiveProcess(Options options);
  ~LiveProcess();
  LiveProcess(const LiveProcess&) = delete;
  LiveProcess& operator=(const LiveProcess&) = delete;

  LivePorts& ports() { return ports_; }

  /// Makes a program; before run(), or from within the loop. Programs end in reverse order.
  void start(const ProgramFactory& factory);

  /// Serves until a signal or request_stop(). Then stops accepting, lets requests in flight end
  /// within the bound, destroys what is left of tasks and handlers, then the programs. Once.
  void run();

  /// From any thread.
  void request_stop();

 private:
  void stop_gently();
  void stop_when_drained(Instant at_the_latest);
  void finish();

  using WorkGuard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  Options options_;
  boost::asio::io_context loop_{1};
  WorkGuard work_;
  Timers timers_;
  LivePorts ports_;
  std::vector<std::unique_ptr<Program>> programs_;
  Timers::Entry next_look_;
  bool stopping_ = false;
};

}  // namespace firedrill::adapters
