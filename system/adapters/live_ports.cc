#include "system/adapters/live_ports.h"

#include <csignal>
#include <cstdlib>
#include <exception>
#include <utility>

#include "system/domain/check.h"

namespace firedrill::adapters {

namespace {

std::string describe(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace

LivePorts::LivePorts(boost::asio::io_context& loop, LivePortsOptions options)
    : loop_(loop),
      timers_(loop.get_executor()),
      clock_(timers_),
      telemetry_(clock_, std::move(options.process), std::move(options.write_line)),
      redis_(loop.get_executor(), timers_, std::move(options.redis)),
      queue_(loop.get_executor(), timers_, clock_, std::move(options.queue)),
      network_(loop.get_executor(), timers_, std::move(options.network),
               [this](std::exception_ptr exception) { bug(exception); }),
      tasks_(loop.get_executor(), [this](std::exception_ptr exception) { bug(exception); }) {
  if (options.database) {
    database_.emplace(loop.get_executor(), timers_, std::move(*options.database));
  }
  // hiredis writes to connections that the peer may have closed: an error, not the process's end.
  std::signal(SIGPIPE, SIG_IGN);
}

Ports LivePorts::ports() {
  Database* const database = database_ ? static_cast<Database*>(&*database_) : &no_database_;
  return Ports{.clock = clock_,
               .network = network_,
               .redis = redis_,
               .database = *database,
               .queue = queue_,
               .random = random_,
               .telemetry = telemetry_,
               .tasks = tasks_};
}

void LivePorts::stop() {
  tasks_.stop();
  network_.stop();
  while (tasks_.running() + network_.running() > 0) {
    loop_.restart();
    // What unwinds is posted already; what is cancelled comes with the next turns.
    check(loop_.run_one_for(std::chrono::seconds(10)) > 0, "stopped coroutines end");
  }
  if (database_) database_->stop();
}

void LivePorts::bug(std::exception_ptr exception) {
  telemetry_.note("ends: an exception left a task or a handler: " + describe(exception));
  std::abort();
}

}  // namespace firedrill::adapters
