#include "sim/queue/broker.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace firedrill::sim::queue {

namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

std::uint64_t parse_id(const std::string& text) {
  std::uint64_t id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

void fold_subscription(Digest& digest, const Subscription& who) {
  sim::fold(digest, who.topic);
  sim::fold(digest, who.group);
  sim::fold(digest, who.consumer);
}

}  // namespace

void fold(Digest& digest, const Request& request) {
  digest.fold(request.what.index());
  std::visit(
      Overloaded{[&](const Publish& publish) {
                   sim::fold(digest, publish.topic);
                   sim::fold(digest, publish.key);
                   sim::fold(digest, publish.body);
                 },
                 [&](const Fetch& fetch) {
                   fold_subscription(digest, fetch.who);
                   digest.fold(fetch.max);
                   digest.fold(static_cast<std::uint64_t>(fetch.until.time_since_epoch().count()));
                 },
                 [&](const Ack& ack) {
                   fold_subscription(digest, ack.who);
                   digest.fold(ack.partition);
                   sim::fold(digest, ack.id);
                 }},
      request.what);
}

void fold(Digest& digest, const Reply& reply) {
  digest.fold(reply.what.index());
  std::visit(Overloaded{[&](const Published& published) {
                          digest.fold(published.partition);
                          sim::fold(digest, published.id);
                        },
                        [&](const std::vector<Delivery>& deliveries) {
                          digest.fold(deliveries.size());
                          for (const Delivery& delivery : deliveries) {
                            digest.fold(delivery.partition);
                            sim::fold(digest, delivery.id);
                            sim::fold(digest, delivery.key);
                            sim::fold(digest, delivery.body);
                            digest.fold(delivery.attempt);
                          }
                        },
                        [&](const Acked&) {}, [&](const NoLeader&) {}},
             reply.what);
}

Broker::Broker(Process& process, Disk& disk)
    : process_(process),
      disk_(disk),
      alarm_(*this),
      rpc_(
          process, kPort,
          [this](Request request, Rpc::Responder responder) {
            receive(std::move(request), std::move(responder));
          },
          [this](std::uint64_t client) { gone(client); }) {
  // Those who held deliveries of the life before have lost their connections.
  if (process.incarnation() > 1) disk_.engine.redeliver_all(now());
}

std::size_t Broker::redeliver_all() {
  const std::size_t due = disk_.engine.redeliver_all(now());
  serve_waiting();
  return due;
}

void Broker::receive(Request request, Rpc::Responder responder) {
  std::visit(Overloaded{[&](Publish& what) { publish(std::move(what), std::move(responder)); },
                        [&](Fetch& what) { fetch(std::move(what), std::move(responder)); },
                        [&](Ack& what) { ack(what, responder); }},
             request.what);
}

void Broker::publish(Publish publish, Rpc::Responder responder) {
  const TopicId topic = disk_.engine.topic(publish.topic);
  if (refuse(topic, disk_.engine.partition_of(topic, publish.key), responder)) return;
  const Place place = disk_.engine.append(topic, std::move(publish.key), std::move(publish.body));
  Reply confirm{Published{place.partition, std::to_string(place.id)}};
  Levers& levers = disk_.levers;
  if (levers.losing_confirms > 0) {
    ++levers.confirms_lost;
  } else if (levers.confirm_delay > Duration::zero()) {
    ++levers.confirms_late;
    process_.lane().post_at(now() + levers.confirm_delay,
                            [responder, confirm = std::move(confirm)]() mutable {
                              responder.reply(std::move(confirm));
                            });
  } else {
    responder.reply(std::move(confirm));
  }
  serve_waiting();
}

void Broker::fetch(Fetch fetch, Rpc::Responder responder) {
  Engine& engine = disk_.engine;
  const GroupId group = engine.group(engine.topic(fetch.who.topic), fetch.who.group);
  const ConsumerId consumer = holder(responder.client(), group, fetch.who.consumer);
  waiting_.push_back(
      {group, consumer, std::move(fetch.who), fetch.max, fetch.until, std::move(responder)});
  serve_waiting();
}

void Broker::ack(const Ack& ack, const Rpc::Responder& responder) {
  Engine& engine = disk_.engine;
  const TopicId topic = engine.topic(ack.who.topic);
  const GroupId group = engine.group(topic, ack.who.group);
  if (ack.partition < engine.partitions(topic) && refuse(topic, ack.partition, responder)) return;
  engine.ack(group, Place{ack.partition, parse_id(ack.id)});
  responder.reply(Reply{Acked{}});
}

/// Whether the partition is without a leader; that is told then.
bool Broker::refuse(TopicId topic, std::uint32_t partition, const Rpc::Responder& responder) {
  if (disk_.engine.has_leader(topic, partition)) return false;
  ++disk_.levers.without_leader;
  responder.reply(Reply{NoLeader{}});
  return true;
}

/// The engine's name for a consumer on one connection: what it holds over another one, made after
/// this one broke, is not given up with this one.
ConsumerId Broker::holder(std::uint64_t client, GroupId group, const std::string& name) {
  for (const Holder& held : holders_) {
    if (held.client == client && held.group == group && held.name == name) return held.consumer;
  }
  const std::string own_name = name + '@' + std::to_string(client);
  const ConsumerId consumer = disk_.engine.consumer(group, own_name);
  holders_.push_back({client, group, name, consumer});
  return consumer;
}

void Broker::gone(std::uint64_t client) {
  std::erase_if(waiting_, [](const WaitingFetch& waiting) { return !waiting.responder.alive(); });
  for (const Holder& holder : holders_) {
    if (holder.client == client) disk_.engine.forget_consumer(holder.group, holder.consumer, now());
  }
  std::erase_if(holders_, [&](const Holder& holder) { return holder.client == client; });
  serve_waiting();
}

bool Broker::serve(const WaitingFetch& waiting) {
  if (!waiting.responder.alive()) return true;
  std::vector<Delivery> deliveries;
  for (const Handed& handed :
       disk_.engine.fetch(waiting.group, waiting.consumer, waiting.max, now())) {
    if (handed.attempt > 1) ++disk_.repeated;
    deliveries.push_back({waiting.who.topic, handed.place.partition,
                          std::to_string(handed.place.id), handed.message->key,
                          handed.message->body, handed.attempt});
  }
  if (deliveries.empty() && now() < waiting.deadline) return false;
  waiting.responder.reply(Reply{std::move(deliveries)});
  return true;
}

/// Answers the fetches that can be answered, and sets the alarm for the others.
void Broker::serve_waiting() {
  std::erase_if(waiting_, [this](const WaitingFetch& waiting) { return serve(waiting); });
  alarm_.cancel();
  if (waiting_.empty()) return;
  Instant next = Instant::max();
  for (const WaitingFetch& waiting : waiting_) {
    next = std::min(next, waiting.deadline);
    if (auto due = disk_.engine.next_due(waiting.group)) next = std::min(next, *due);
  }
  process_.world().scheduler().at(alarm_, process_.lane(), next);
}

}  // namespace firedrill::sim::queue
