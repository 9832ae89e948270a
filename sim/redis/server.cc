#include "sim/redis/server.h"

#include <algorithm>
#include <utility>

namespace firedrill::sim::redis {

Server::Server(Process& process, Disk& disk)
    : process_(process),
      disk_(disk),
      rpc_(process, kPort, [this](Command command, Rpc::Responder responder) {
        receive(std::move(command), std::move(responder));
      }) {
  if (process.incarnation() > 1) disk_.engine.restart();
}

void Server::receive(Command command, Rpc::Responder responder) {
  const Instant now = process_.world().now();
  const Duration extra = disk_.levers.extra_per_command;
  if (extra == Duration::zero() && busy_until_ <= now) {
    execute(command, responder);
    return;
  }
  if (extra > Duration::zero()) ++disk_.levers.slowed;
  process_.begin_work();
  busy_until_ = std::max(busy_until_, now) + extra;
  process_.lane().post_at(
      busy_until_, [this, command = std::move(command), responder = std::move(responder)] {
        process_.end_work();
        execute(command, responder);
      });
}

void Server::execute(const Command& command, const Rpc::Responder& responder) {
  const WallTime now = process_.host().clock().at(process_.world().now());
  RedisReply reply = disk_.engine.execute(command.words, now);
  if (disk_.observer) disk_.observer(command.words, reply, disk_.engine.changed_keys());
  responder.reply(std::move(reply));
}

}  // namespace firedrill::sim::redis
