#include "sim/world/world.h"

namespace firedrill::sim {

World::World(std::uint64_t seed, PickPolicy policy, LinkProfile links)
    : seed_(seed), scheduler_(seed, policy), links_profile_(links), outside_(scheduler_, 0) {}

World::~World() {
  for (auto& process : processes_) process->kill(Connection::Farewell::silence);
  check(connections_.empty(), "a connection has an end that lives");
  processes_.clear();
  while (free_items_ != nullptr) delete std::exchange(free_items_, free_items_->next);
}

Host& World::add_host(std::string name) {
  check(find_host(name) == nullptr, "names of hosts are unique");
  const auto number = static_cast<std::uint32_t>(hosts_.size());
  hosts_.push_back(std::make_unique<Host>(*this, std::move(name), number));
  return *hosts_.back();
}

Process& World::add_process(Host& host, std::string name, Process::Boot boot) {
  const auto number = static_cast<std::uint32_t>(processes_.size()) + 1;
  processes_.push_back(
      std::make_unique<Process>(*this, host, std::move(name), number, std::move(boot)));
  return *processes_.back();
}

Host* World::find_host(std::string_view name) {
  for (auto& host : hosts_) {
    if (host->name() == name) return host.get();
  }
  return nullptr;
}

Process* World::find_process(std::string_view name) {
  for (auto& process : processes_) {
    if (process->name() == name) return process.get();
  }
  return nullptr;
}

Link& World::link(Host& from, Host& to) {
  auto& link = links_[{from.number(), to.number()}];
  if (link == nullptr) {
    // By name: a host more does not change the delays between the others.
    const std::uint64_t seed =
        stream_seed(stream_seed(seed_, "link", 0) ^ stream_seed(0, from.name()), to.name());
    link =
        std::make_unique<Link>(from, to, links_profile_, RandomStream(seed, &scheduler_.digest()));
  }
  return *link;
}

Socket World::connect(Process& from, Host& to, std::uint16_t port, Receiver& receiver) {
  return make_connection(from, to, port).connect_socket(receiver);
}

Connection& World::make_connection(Process& client, Host& server, std::uint16_t port) {
  auto connection =
      std::make_unique<Connection>(*this, next_connection_++, client, server, port,
                                   link(client.host(), server), link(server, client.host()));
  connection->pool_index_ = static_cast<std::uint32_t>(connections_.size());
  connections_.push_back(std::move(connection));
  return *connections_.back();
}

void World::free_connection(Connection& connection) {
  const std::size_t index = connection.pool_index_;
  std::swap(connections_[index], connections_.back());
  connections_[index]->pool_index_ = static_cast<std::uint32_t>(index);
  connections_.pop_back();
}

Connection::Item* World::make_item() {
  if (free_items_ == nullptr) return new Connection::Item;
  Connection::Item* item = std::exchange(free_items_, free_items_->next);
  item->next = nullptr;
  return item;
}

void World::free_item(Connection::Item* item) {
  item->message = {};
  item->next = free_items_;
  free_items_ = item;
}

void World::cut_power(Host& host) {
  host.has_power_ = false;
  for (auto& process : processes_) {
    if (&process->host() == &host) process->kill(Connection::Farewell::silence);
  }
}

void World::restore_power(Host& host) {
  host.has_power_ = true;
  for (auto& [ends, link] : links_) {
    if (&link->to() == &host && !link->is_cut()) link->carry_stalled();
  }
  for (auto& process : processes_) {
    if (&process->host() == &host && !process->running()) process->start();
  }
}

}  // namespace firedrill::sim
