#include "sim/redis/server.h"

#include <algorithm>
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
  const Duration extra = disk_.levers.extra_per_command;
  if (extra > Duration::zero()) ++disk_.levers.slowed;
  if (extra == Duration::zero() && waiting_.empty()) {
    execute(command, responder);
    return;
  }
  const Instant now = process_.world().now();
  const Instant begins = waiting_.empty() ? now : std::max(now, waiting_.back().done);
  process_.begin_work();
  waiting_.push_back({std::move(command), std::move(responder), begins + extra});
  if (!turn_.scheduled()) process_.world().scheduler().at(turn_, process_.lane(), begins + extra);
}

/// Executes the first that waits. One event for all: two that are due at one instant (after a pause,
/// or when the server is fast again) keep their order, whatever the scheduler picks.
void Server::next() {
  Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  process_.end_work();
  if (!waiting_.empty()) {
    process_.world().scheduler().at(turn_, process_.lane(), waiting_.front().done);
  }
  execute(first.command, first.responder);
}

void Server::execute(const Command& command, const Rpc::Responder& responder) {
  const WallTime now = process_.host().clock().at(process_.world().now());
  RedisReply reply = disk_.engine.execute(command.words, now);
  if (disk_.observer) disk_.observer(command.words, reply, disk_.engine.changed_keys());
  responder.reply(std::move(reply));
}

}  // namespace firedrill::sim::redis
