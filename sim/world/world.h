#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/kernel/random_stream.h"
#include "sim/kernel/scheduler.h"
#include "sim/world/connection.h"
#include "sim/world/link.h"
#include "sim/world/process.h"

namespace firedrill::sim {

/// One simulated universe: one seed, one virtual time, hosts, processes, links. Single-threaded;
/// many worlds live in one program without knowing of each other.
class World {
 public:
  World(std::uint64_t seed, PickPolicy policy = {}, LinkProfile links = {});
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  std::uint64_t seed() const { return seed_; }
  Scheduler& scheduler() { return scheduler_; }
  Instant now() const { return scheduler_.now(); }
  std::uint64_t messages() const { return messages_; }

  Host& add_host(std::string name);
  /// The process is not started yet. Names of processes are unique.
  Process& add_process(Host& host, std::string name, Process::Boot boot);

  /// nullptr where there is none of that name.
  Host* find_host(std::string_view name);
  Process* find_process(std::string_view name);
  const std::vector<std::unique_ptr<Host>>& hosts() const { return hosts_; }
  const std::vector<std::unique_ptr<Process>>& processes() const { return processes_; }

  /// The way from one host to another; made when first asked for.
  Link& link(Host& from, Host& to);

  /// A connection that is being made. The receiver is told when it is made, or broken.
  Socket connect(Process& from, Host& to, std::uint16_t port, Receiver& receiver);

  /// The host loses its power: its processes die without a word. Its links carry nothing.
  void cut_power(Host& host);
  /// The host is back, its processes start again.
  void restore_power(Host& host);

  /// Runs `action` at `when`, outside every process: for faults and for those who watch.
  void at(Instant when, std::function<void()> action) { outside_.post_at(when, std::move(action)); }

  /// A named random stream of this world.
  RandomStream stream(std::string_view name, std::uint64_t index = 0) {
    return RandomStream(stream_seed(seed_, name, index), &scheduler_.digest());
  }

  void run_until(Instant until) { scheduler_.run_until(until); }

 private:
  friend class Connection;

  Connection& make_connection(Process& client, Host& server, std::uint16_t port);
  void free_connection(Connection& connection);
  Connection::Item* make_item();
  void free_item(Connection::Item* item);

  std::uint64_t seed_;
  Scheduler scheduler_;
  LinkProfile links_profile_;
  Lane outside_;  ///< what belongs to no process
  std::vector<std::unique_ptr<Host>> hosts_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::uint32_t next_connection_ = 1;
  std::uint64_t messages_ = 0;
  Connection::Item* free_items_ = nullptr;
  std::vector<std::unique_ptr<Process>> processes_;
};

}  // namespace firedrill::sim
