#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/kernel/executor.h"
#include "sim/kernel/scheduler.h"
#include "sim/world/connection_state.h"
#include "sim/world/wall_clock.h"

namespace firedrill::sim {

class World;

/// A machine: it has a wall clock and a power supply. (Disks come with the stores that need them.)
class Host {
 public:
  Host(World& world, std::string name, std::uint32_t number)
      : world_(world), name_(std::move(name)), number_(number) {}

  World& world() { return world_; }
  const std::string& name() const { return name_; }
  std::uint32_t number() const { return number_; }
  WallClock& clock() { return clock_; }
  /// What its clock shows now.
  WallTime wall() const;
  bool has_power() const { return has_power_; }

  /// Who listens on `port`, or nullptr.
  ListenSocket* listener(std::uint16_t port);
  void add_listener(ListenSocket& listener) { listeners_.push_back(listener); }

 private:
  friend class World;

  World& world_;
  std::string name_;
  std::uint32_t number_;
  WallClock clock_;
  bool has_power_ = true;
  IntrusiveList<ListenSocket> listeners_;
};

/// All that a process holds in memory: gone when it is killed.
class ProcessMemory {
 public:
  virtual ~ProcessMemory() = default;
};

/// A program that runs on a host. It survives being killed as a place to start it again.
class Process {
 public:
  /// Makes the memory of a process that starts: opens ports, spawns coroutines.
  using Boot = std::function<std::unique_ptr<ProcessMemory>(Process&)>;

  Process(World& world, Host& host, std::string name, std::uint32_t number, Boot boot);
  ~Process();

  World& world() { return world_; }
  Host& host() { return host_; }
  const std::string& name() const { return name_; }
  Lane& lane() { return lane_; }
  Executor executor() { return Executor(lane_); }
  std::uint64_t incarnation() const { return incarnation_; }
  bool running() const { return memory_ != nullptr; }
  ProcessMemory* memory() { return memory_.get(); }

  /// Precondition: not running.
  void start();

  /// Ends the process at once: its coroutines, its memory, its sockets. Nothing of it runs any
  /// more. The peers' view of its connections is `farewell`. Nothing happens where it is not
  /// running. A receiver may kill its own process, as the last thing that it does; a coroutine may
  /// not.
  void kill(Connection::Farewell farewell = Connection::Farewell::close);

  /// A paused process does nothing, while its clocks and its connections go on. Pauses nest, and
  /// end when it is killed. One that does not run cannot be paused.
  void pause() {
    if (running()) lane_.pause();
  }
  void resume() { lane_.resume(); }

  /// Work in hand: calls that it answers or waits for. A kill that finds none changed nothing but
  /// memory.
  void begin_work() { ++work_; }
  void end_work(std::size_t pieces = 1) { work_ -= static_cast<std::int64_t>(pieces); }
  std::int64_t work() const { return work_; }
  /// Whether anybody is connected.
  bool has_connections() { return !ends_.empty(); }

  /// Every connection that it has breaks, while it runs on. Its receivers may not kill it.
  void reset_connections();

  void add_end(Connection::End& end) { ends_.push_back(end); }

 private:
  World& world_;
  Host& host_;
  std::string name_;
  Boot boot_;
  Lane lane_;
  std::uint64_t incarnation_ = 0;
  std::int64_t work_ = 0;
  IntrusiveList<Connection::End> ends_;
  std::unique_ptr<ProcessMemory> memory_;
};

/// One piece of work in hand, for as long as it lives.
class Work {
 public:
  explicit Work(Process& process) : process_(process) { process_.begin_work(); }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  ~Work() { process_.end_work(); }

 private:
  Process& process_;
};

}  // namespace firedrill::sim
