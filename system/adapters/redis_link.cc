#include "system/adapters/redis_link.h"

#include <algorithm>
#include <memory>

namespace firedrill::adapters {

namespace asio = boost::asio;

namespace {

/// Nodes that disagree send a command to and fro: then the caller gets the last one's answer.
constexpr int kMostRedirections = 5;

/// A caller that was destroyed while it waited: its command need not be written any more.
class Abandon {
 public:
  explicit Abandon(std::shared_ptr<RedisCommand> command) : command_(std::move(command)) {}
  Abandon(const Abandon&) = delete;
  Abandon& operator=(const Abandon&) = delete;
  ~Abandon() { command_->finish(Refused{Why::closed}); }

 private:
  std::shared_ptr<RedisCommand> command_;
};

}  // namespace

RedisLink::RedisLink(asio::any_io_executor executor, Timers& timers, Options options)
    : executor_(std::move(executor)),
      timers_(timers),
      options_(std::move(options)),
      home_(executor_, timers_, options_) {}

asio::awaitable<Outcome<RedisReply>> RedisLink::call(std::vector<std::string> command,
                                                     Instant deadline) {
  RedisNode* node = &node_of(command);
  bool asking = false;
  for (int redirections = 0;; ++redirections) {
    const auto waiting = std::make_shared<RedisCommand>(std::move(command), asking);
    const Abandon abandon(waiting);
    node->submit(waiting, deadline);
    if (!waiting->outcome) co_await waiting->parked.park();
    // This link may be gone by now; but not where there is a reply, which its node is handing over.
    Outcome<RedisReply> outcome = std::move(*waiting->outcome);
    if (!outcome.has_value() || redirections == kMostRedirections) co_return outcome;
    const auto to = redirection_in(outcome.value());
    if (!to) co_return outcome;
    node = &follow(*to, *node);
    asking = to->ask;
    command = std::move(waiting->words);
  }
}

RedisNode& RedisLink::node_of(const std::vector<std::string>& command) {
  if (others_.empty()) return home_;
  if (const auto slot = slot_of(command)) {
    const auto found = slots_.find(*slot);
    if (found != slots_.end() && !found->second->failing()) return *found->second;
  }
  return some_node();
}

RedisNode& RedisLink::some_node() {
  if (!home_.failing()) return home_;
  const auto other =
      std::ranges::find_if(others_, [](const auto& node) { return !node.second.failing(); });
  return other != others_.end() ? other->second : home_;
}

RedisNode& RedisLink::follow(const Redirection& to, const RedisNode& from) {
  forget_the_gone();
  RedisNode& node = node_at(to.host.empty() ? from.url().host : to.host, to.port);
  if (!to.ask) slots_[to.slot] = &node;
  return node;
}

void RedisLink::forget_the_gone() {
  std::erase_if(slots_, [](const auto& slot) { return slot.second->gone(); });
  std::erase_if(others_, [](const auto& node) { return node.second.gone(); });
}

RedisNode& RedisLink::node_at(std::string host, std::uint16_t port) {
  if (home_.url().host == host && home_.url().port == port) return home_;
  Options options = options_;
  options.url = {.host = host, .port = port, .database = 0};
  return others_.try_emplace({std::move(host), port}, executor_, timers_, std::move(options))
      .first->second;
}

bool RedisLink::idle() const {
  return home_.idle() &&
         std::ranges::all_of(others_, [](const auto& node) { return node.second.idle(); });
}

}  // namespace firedrill::adapters
