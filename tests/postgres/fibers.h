#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/postgres/fiber.h"
#include "sim/postgres/sql_error.h"
#include "sim/postgres/storage/locks.h"

namespace firedrill::sim::postgres {

/// Backends on fibers. What is done and what waits is written into `log`, as "1 waits", "1 woken".
class Fibers : public Sleeper {
 public:
  /// Runs it until it ends or waits, then all who were woken, in that order.
  void run(BackendId backend, std::function<void()> work) {
    fibers_.erase(backend);
    auto fiber = std::make_unique<Fiber>(stacks_, [this, backend, work = std::move(work)] {
      try {
        work();
      } catch (const SqlError& error) {
        log.push_back(std::to_string(backend) + " " + error.sqlstate);
      }
    });
    Fiber& started = *fiber;
    fibers_[backend] = std::move(fiber);
    started.resume();
    run_woken();
  }

  /// From outside: it wakes with an error.
  void cancel(BackendId backend, const std::string& state = "57014") {
    failures_[backend] = state;
    sleeping_.erase(backend);
    fibers_.at(backend)->resume();
    run_woken();
  }

  void run_woken() {
    while (!woken_.empty()) {
      const BackendId backend = woken_.front();
      woken_.pop_front();
      fibers_.at(backend)->resume();
    }
  }

  /// Unwinds all of them, while what they wait in is still there.
  void stop() { fibers_.clear(); }

  bool is_waiting(BackendId backend) const { return sleeping_.contains(backend); }
  std::string take_log() {
    std::string all;
    for (const std::string& line : std::exchange(log, {})) all += (all.empty() ? "" : ", ") + line;
    return all;
  }

  void wait(BackendId backend) override {
    log.push_back(std::to_string(backend) + " waits");
    sleeping_.insert(backend);
    fibers_.at(backend)->suspend();
    const auto failure = failures_.extract(backend);
    if (!failure.empty()) fail(failure.mapped(), "ended");
  }
  void wake(BackendId backend) override {
    if (sleeping_.erase(backend) > 0) woken_.push_back(backend);
  }
  [[noreturn]] void deadlock(BackendId, const std::vector<LockWait>& circle) override {
    early = circle;
    fail(sqlstate::kDeadlockDetected, "deadlock detected");
  }

  std::vector<std::string> log;
  std::vector<LockWait> early;

 private:
  Stacks stacks_;
  std::set<BackendId> sleeping_;
  std::deque<BackendId> woken_;
  std::map<BackendId, std::string> failures_;
  std::map<BackendId, std::unique_ptr<Fiber>> fibers_;
};

}  // namespace firedrill::sim::postgres
