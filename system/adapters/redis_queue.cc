#include "system/adapters/redis_queue.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "system/domain/check.h"

namespace firedrill::adapters {

namespace asio = boost::asio;

namespace {

/// How much later than asked the broker may end a blocking read: an idle Redis looks ten times a
/// second. Nearer to the deadline than this, the fetch asks again and again instead.
constexpr Duration kBlockLate = from_ms(150);
constexpr Duration kAskAgain = from_ms(20);

bool is_missing_group(const RedisReply& reply) {
  return reply.is_error() &&
         (reply.text.starts_with("NOGROUP") || reply.text.starts_with("UNBLOCKED"));
}

/// One entry of a stream: [id, [field, value, ...]]. Nothing where it is no message of ours, or was
/// deleted.
std::optional<Delivery> to_delivery(const RedisReply& entry) {
  if (!entry.is_array() || entry.items.size() != 2 || !entry.items[1].is_array()) return {};
  Delivery delivery;
  delivery.id = entry.items[0].text;
  const auto& fields = entry.items[1].items;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    if (fields[i].text == "key") delivery.key = fields[i + 1].text;
    if (fields[i].text == "body") delivery.body = fields[i + 1].text;
  }
  return delivery;
}

/// The number behind the last colon of a stream's name.
std::uint32_t partition_in(std::string_view stream) {
  const std::string_view digits = stream.substr(stream.rfind(':') + 1);
  std::uint32_t partition = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), partition);
  check(error == std::errc() && end == digits.data() + digits.size(), "a stream has a partition");
  return partition;
}

void append_entries(const RedisReply& entries, const std::string& topic, std::uint32_t partition,
                    std::vector<Delivery>* to) {
  for (const RedisReply& entry : entries.items) {
    auto delivery = to_delivery(entry);
    if (!delivery) continue;
    delivery->topic = topic;
    delivery->partition = partition;
    to->push_back(std::move(*delivery));
  }
}

}  // namespace

/// A reading connection for the time of one fetch. One on which an answer is still due is closed
/// instead of kept: the server would go on delivering to a reader who left.
class RedisStreamsQueue::Lease {
 public:
  explicit Lease(RedisStreamsQueue& queue) : queue_(queue) {
    if (queue.idle_readers_.empty()) {
      link_ = std::make_unique<RedisLink>(queue.executor_, queue.timers_, queue.options_.server);
    } else {
      link_ = std::move(queue.idle_readers_.back());
      queue.idle_readers_.pop_back();
    }
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (link_->idle()) queue_.idle_readers_.push_back(std::move(link_));
  }

  RedisLink* link() { return link_.get(); }

 private:
  RedisStreamsQueue& queue_;
  std::unique_ptr<RedisLink> link_;
};

RedisStreamsQueue::RedisStreamsQueue(asio::any_io_executor executor, Timers& timers, Clock& clock,
                                     Options options)
    : executor_(std::move(executor)),
      timers_(timers),
      clock_(clock),
      options_(std::move(options)),
      writer_(executor_, timers_, options_.server) {
  check(options_.partitions > 0, "a topic has a partition");
}

RedisStreamsQueue::~RedisStreamsQueue() = default;

asio::awaitable<Outcome<Published>> RedisStreamsQueue::publish(std::string topic, std::string key,
                                                               std::string body, Instant deadline) {
  const std::uint32_t partition = partition_of(key);
  Words command{"XADD", stream(topic, partition)};
  if (options_.longest_stream > 0) {
    for (std::string word :
         {std::string("MAXLEN"), std::string("~"), std::to_string(options_.longest_stream)}) {
      command.push_back(std::move(word));
    }
  }
  command.insert(command.end(), {"*", "key", std::move(key), "body", std::move(body)});
  const Outcome<RedisReply> reply = co_await writer_.call(std::move(command), deadline);
  if (!reply.has_value()) co_return reply.without_value<Published>();
  // An error of XADD (no memory, read-only, loading) stores nothing.
  if (!reply.value().is_bulk()) co_return Refused{Why::refused};
  co_return Published{partition, reply.value().text};
}

asio::awaitable<Outcome<std::vector<Delivery>>> RedisStreamsQueue::fetch(Subscription who,
                                                                         std::size_t max,
                                                                         Instant deadline) {
  check(max > 0, "a fetch asks for something");
  Deliveries kept = take_surplus(who, max);
  if (!kept.empty()) co_return kept;
  Outcome<Deliveries> fetched = Deliveries{};
  {
    Lease lease(*this);
    fetched = co_await fetch_on(lease.link(), who, max, deadline);
  }
  if (!fetched.has_value()) co_return fetched;
  if (fetched.value().empty()) co_await clock_.sleep_until(deadline);
  co_return fetched;
}

asio::awaitable<Outcome<Acked>> RedisStreamsQueue::ack(Subscription who, Delivery delivery,
                                                       Instant deadline) {
  Words command{"XACK", stream(delivery.topic, delivery.partition), who.group, delivery.id};
  const Outcome<RedisReply> reply = co_await writer_.call(std::move(command), deadline);
  if (!reply.has_value()) co_return reply.without_value<Acked>();
  if (reply.value().is_error()) co_return Refused{Why::refused};
  co_return Acked{};
}

/// Asks until there is something, or no time to ask again.
asio::awaitable<Outcome<std::vector<Delivery>>> RedisStreamsQueue::fetch_on(RedisLink* link,
                                                                            Subscription who,
                                                                            std::size_t max,
                                                                            Instant deadline) {
  do {
    if (!groups_made_.contains({who.topic, who.group})) {
      const Outcome<Acked> made = co_await make_groups(link, who, deadline);
      if (!made.has_value()) co_return made.without_value<Deliveries>();
    }
    if (consumer(who).claim_at <= clock_.now()) {
      Outcome<Deliveries> claimed = co_await claim(link, who, max, deadline);
      if (!claimed.has_value() || !claimed.value().empty()) co_return claimed;
    }
    const std::optional<Duration> block = time_to_block(who, deadline);
    const Outcome<RedisReply> reply = co_await read(link, who, max, block, deadline);
    if (!reply.has_value()) co_return reply.without_value<Deliveries>();
    Outcome<Deliveries> found = to_deliveries(who, reply.value());
    if (!found.has_value()) co_return found;
    if (!found.value().empty()) co_return keep_surplus(who, max, std::move(found).value());
    if (!block) co_await clock_.sleep_until(std::min(deadline, clock_.now() + kAskAgain));
  } while (deadline - clock_.now() > kAskAgain / 2);
  co_return Deliveries{};
}

/// Nothing where the group is missing: the server came back empty, and the group is made anew.
Outcome<std::vector<Delivery>> RedisStreamsQueue::to_deliveries(const Subscription& who,
                                                                const RedisReply& reply) {
  if (is_missing_group(reply))
    groups_made_.erase({who.topic, who.group});
  else if (reply.is_error())
    return Refused{Why::refused};
  Deliveries all;
  for (const RedisReply& of_stream : reply.items) {
    check(of_stream.items.size() == 2, "a stream comes with its name");
    append_entries(of_stream.items[1], who.topic, partition_in(of_stream.items[0].text), &all);
  }
  return all;
}

asio::awaitable<Outcome<Acked>> RedisStreamsQueue::make_groups(RedisLink* link, Subscription who,
                                                               Instant deadline) {
  for (std::uint32_t partition = 0; partition < options_.partitions; ++partition) {
    Words command{"XGROUP", "CREATE", stream(who.topic, partition), who.group, "0", "MKSTREAM"};
    const Outcome<RedisReply> reply = co_await link->call(std::move(command), deadline);
    if (!reply.has_value()) co_return reply.without_value<Acked>();
    const bool exists = reply.value().is_error() && reply.value().text.starts_with("BUSYGROUP");
    if (reply.value().is_error() && !exists) co_return Refused{Why::refused};
  }
  groups_made_.emplace(who.topic, who.group);
  co_return Acked{};
}

/// XREADGROUP over all partitions. COUNT is for each stream, and so divided among them.
asio::awaitable<Outcome<RedisReply>> RedisStreamsQueue::read(RedisLink* link, Subscription who,
                                                             std::size_t max,
                                                             std::optional<Duration> block,
                                                             Instant deadline) {
  const std::size_t each = std::max<std::size_t>(1, max / options_.partitions);
  Words command{"XREADGROUP", "GROUP", who.group, who.consumer, "COUNT", std::to_string(each)};
  if (block) {
    command.insert(command.end(), {"BLOCK", std::to_string(to_ms(*block))});
  }
  command.emplace_back("STREAMS");
  for (std::uint32_t partition = 0; partition < options_.partitions; ++partition) {
    command.push_back(stream(who.topic, partition));
  }
  command.insert(command.end(), options_.partitions, ">");
  co_return co_await link->call(std::move(command), deadline);
}

/// Takes over what other consumers left unacknowledged for too long, and what this one did.
asio::awaitable<Outcome<std::vector<Delivery>>> RedisStreamsQueue::claim(RedisLink* link,
                                                                         Subscription who,
                                                                         std::size_t max,
                                                                         Instant deadline) {
  Deliveries claimed;
  const std::uint32_t first = consumer(who).next_partition++;
  for (std::uint32_t i = 0; i < options_.partitions && claimed.size() < max; ++i) {
    const std::uint32_t partition = (first + i) % options_.partitions;
    const std::size_t before = claimed.size();
    Words command{"XAUTOCLAIM",
                  stream(who.topic, partition),
                  who.group,
                  who.consumer,
                  std::to_string(to_ms(options_.redelivery_after)),
                  consumer(who).claim_from[partition],
                  "COUNT",
                  std::to_string(max - before)};
    const Outcome<RedisReply> reply = co_await link->call(std::move(command), deadline);
    if (!reply.has_value()) co_return reply.without_value<Deliveries>();
    if (is_missing_group(reply.value())) break;  // the read that follows finds out, too
    if (reply.value().is_error()) co_return Refused{Why::refused};
    const auto& parts = reply.value().items;
    check(parts.size() >= 2, "XAUTOCLAIM answers a cursor and entries");
    consumer(who).claim_from[partition] = parts[0].text;
    append_entries(parts[1], who.topic, partition, &claimed);
  }
  if (claimed.empty()) {
    consumer(who).claim_at = clock_.now() + options_.redelivery_after / 4;
    co_return claimed;
  }
  const Outcome<Acked> counted = co_await count_attempts(link, who, &claimed, deadline);
  if (!counted.has_value()) co_return counted.without_value<Deliveries>();
  co_return claimed;
}

asio::awaitable<Outcome<Acked>> RedisStreamsQueue::count_attempts(RedisLink* link, Subscription who,
                                                                  Deliveries* claimed,
                                                                  Instant deadline) {
  for (Delivery& delivery : *claimed) {
    Words command{"XPENDING",  stream(delivery.topic, delivery.partition),
                  who.group,   delivery.id,
                  delivery.id, "1"};
    const Outcome<RedisReply> reply = co_await link->call(std::move(command), deadline);
    if (!reply.has_value()) co_return reply.without_value<Acked>();
    const auto& rows = reply.value().items;  // [[id, consumer, idle, deliveries]]
    const bool counted = rows.size() == 1 && rows[0].items.size() == 4;
    delivery.attempt = counted ? static_cast<std::uint32_t>(rows[0].items[3].integer) : 2;
  }
  co_return Acked{};
}

std::string RedisStreamsQueue::stream(std::string_view topic, std::uint32_t partition) const {
  return "q:{" + std::string(topic) + "}:" + std::to_string(partition);
}

std::uint32_t RedisStreamsQueue::partition_of(std::string_view key) const {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return static_cast<std::uint32_t>(hash % options_.partitions);
}

RedisStreamsQueue::Consumer& RedisStreamsQueue::consumer(const Subscription& who) {
  Consumer& found = consumers_[{who.topic, who.group, who.consumer}];
  if (found.claim_from.empty()) found.claim_from.assign(options_.partitions, "0-0");
  return found;
}

std::vector<Delivery> RedisStreamsQueue::take_surplus(const Subscription& who, std::size_t max) {
  Deliveries taken;
  auto& surplus = consumer(who).surplus;
  const Instant now = clock_.now();
  while (!surplus.empty() && taken.size() < max) {
    if (surplus.front().until > now) taken.push_back(std::move(surplus.front().delivery));
    surplus.pop_front();
  }
  return taken;
}

std::vector<Delivery> RedisStreamsQueue::keep_surplus(const Subscription& who, std::size_t max,
                                                      Deliveries all) {
  const Instant until = clock_.now() + options_.redelivery_after / 2;
  for (std::size_t i = max; i < all.size(); ++i) {
    consumer(who).surplus.push_back({std::move(all[i]), until});
  }
  if (all.size() > max) all.resize(max);
  return all;
}

/// How long to wait in the broker: not past the deadline, nor past the next look for stale
/// deliveries. Nothing where the deadline is too near to wait at all.
std::optional<Duration> RedisStreamsQueue::time_to_block(const Subscription& who,
                                                         Instant deadline) const {
  const Instant now = clock_.now();
  const Duration left = deadline - now - kBlockLate;
  if (left < from_ms(1)) return {};
  const auto found = consumers_.find({who.topic, who.group, who.consumer});
  const Duration until_claim =
      found == consumers_.end() ? from_ms(1) : found->second.claim_at - now;
  // Never 0, which to Redis means for ever.
  return std::clamp(until_claim, from_ms(1), left);
}

}  // namespace firedrill::adapters
