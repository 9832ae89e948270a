#include "sim/redis/server.h"

#include <utility>

namespace firedrill::sim::redis {

Server::Server(Process& process, Disk& disk)
    : process_(process),
      disk_(disk),
      turn_(*this),
      rpc_(process, kPort, [this](Command command, Rpc::Responder responder) {
        receive(std::move(command), std::move(responder));
      }) {
  if (process.incarnation() > 1) disk_.engine.restart();
}

void Server::receive(Command command, Rpc::Responder responder) {
  if (disk_.levers.extra_per_command == Duration::zero() && waiting_.empty()) {
    execute(command, responder);
    return;
  }
  process_.begin_work();
  waiting_.push_back({std::move(command), std::move(responder)});
  if (!turn_.scheduled()) begin_first();
}

/// A command takes as long as the server is slow when it begins: once it is fast again, what has
/// piled up goes quickly.
void Server::begin_first() {
  const Duration extra = disk_.levers.extra_per_command;
  if (extra > Duration::zero()) ++disk_.levers.slowed;
  process_.world().scheduler().at(turn_, process_.lane(), process_.world().now() + extra);
}

/// Executes the first that waits. One event for all: two that are due at one instant (after a
/// pause, or when the server is fast again) keep their order, whatever the scheduler picks.
void Server::end_first() {
  const Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  process_.end_work();
  if (!waiting_.empty()) begin_first();
  execute(first.command, first.responder);  // last: who watches it may kill this process
}

void Server::execute(const Command& command, const Rpc::Responder& responder) {
  const WallTime now = process_.host().clock().at(process_.world().now());
  RedisReply reply = disk_.engine.execute(command.words, now);
  if (disk_.observer) disk_.observer(command.words, reply, disk_.engine.changed_keys());
  responder.reply(std::move(reply));
}

}  // namespace firedrill::sim::redis
