#include "sim/world/process.h"

#include "sim/world/world.h"

namespace firedrill::sim {

WallTime Host::wall() const {
  return clock_.at(world_.now());
}

ListenSocket* Host::listener(std::uint16_t port) {
  ListenSocket* found = nullptr;
  listeners_.for_each([&](ListenSocket& listener) {
    if (listener.port() == port) found = &listener;
  });
  return found;
}

Process::Process(World& world, Host& host, std::string name, std::uint32_t number, Boot boot)
    : world_(world),
      host_(host),
      name_(std::move(name)),
      boot_(std::move(boot)),
      lane_(world.scheduler(), number) {}

Process::~Process() {
  kill(Connection::Farewell::silence);
}

void Process::start() {
  check(!running(), "a process that starts is not running");
  ++incarnation_;
  memory_ = boot_(*this);
  check(running(), "a process that started has a memory");
}

void Process::kill(Connection::Farewell farewell) {
  if (!running()) return;
  while (!ends_.empty()) {
    Connection::End& end = ends_.front();
    end.connection->kill_end(end.side, farewell);
  }
  lane_.drop();  // coroutines first: they use what the memory holds
  memory_.reset();
  lane_.drop();  // what the destructors posted
  check(ends_.empty(), "a dead process has no connections");
  work_ = 0;
}

void Process::reset_connections() {
  IntrusiveList<Connection::End> now;  // a receiver that is told may connect again
  while (!ends_.empty()) {
    Connection::End& end = ends_.front();
    end.unlink();
    now.push_back(end);
  }
  while (!now.empty()) {
    Connection::End& end = now.front();
    end.connection->reset_end(end.side);
  }
}

}  // namespace firedrill::sim
