#include "sim/queue/engine.h"

#include <algorithm>
#include <utility>

#include "system/domain/check.h"

namespace firedrill::sim::queue {
namespace {

/// FNV-1a, 64 bits: fixed for ever, since the partition of a key is part of every digest.
std::uint64_t hash_of(std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  return hash;
}

constexpr std::size_t index_of(auto id) {
  return static_cast<std::size_t>(id);
}

}  // namespace

Engine::Engine(Options options) : options_(options) {
  check(options_.default_partitions > 0, "a topic has a partition");
  check(options_.redelivery_after > Duration::zero(), "an ack gets some time");
}

Engine::Topic& Engine::at(TopicId topic) {
  check(index_of(topic) < topics_.size(), "the topic is this engine's");
  return topics_[index_of(topic)];
}

const Engine::Topic& Engine::at(TopicId topic) const {
  return const_cast<Engine*>(this)->at(topic);
}

Engine::Group& Engine::at(GroupId group) {
  check(index_of(group) < groups_.size(), "the group is this engine's");
  return groups_[index_of(group)];
}

const Engine::Group& Engine::at(GroupId group) const {
  return const_cast<Engine*>(this)->at(group);
}

TopicId Engine::topic(std::string_view name) {
  for (std::size_t i = 0; i < topics_.size(); ++i) {
    if (topics_[i].name == name) return TopicId(i);
  }
  return create_topic(name, options_.default_partitions);
}

TopicId Engine::create_topic(std::string_view name, std::uint32_t partitions) {
  check(partitions > 0, "a topic has a partition");
  check(std::ranges::find(topics_, name, &Topic::name) == topics_.end(), "the topic is new");
  Topic topic;
  topic.name = name;
  topic.partitions.resize(partitions);
  topics_.push_back(std::move(topic));
  return TopicId(topics_.size() - 1);
}

GroupId Engine::group(TopicId topic, std::string_view name) {
  const std::size_t partition_count = at(topic).partitions.size();
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].topic == topic && groups_[i].name == name) return GroupId(i);
  }
  Group group;
  group.topic = topic;
  group.name = name;
  group.handed.resize(partition_count);
  groups_.push_back(std::move(group));
  return GroupId(groups_.size() - 1);
}

ConsumerId Engine::consumer(GroupId group, std::string_view name) {
  auto& consumers = at(group).consumers;
  const auto known = std::ranges::find(consumers, name);
  const auto index = known - consumers.begin();
  if (known == consumers.end()) consumers.emplace_back(name);
  return ConsumerId(index);
}

std::uint32_t Engine::partition_of(TopicId topic, std::string_view key) const {
  return static_cast<std::uint32_t>(hash_of(key) % at(topic).partitions.size());
}

void Engine::lose_leader(TopicId topic, std::uint32_t partition) {
  check(partition < partitions(topic), "the partition is there");
  ++at(topic).partitions[partition].leaders_lost;
}

void Engine::find_leader(TopicId topic, std::uint32_t partition) {
  check(!has_leader(topic, partition), "the partition has none");
  --at(topic).partitions[partition].leaders_lost;
}

bool Engine::has_leader(TopicId topic, std::uint32_t partition) const {
  check(partition < partitions(topic), "the partition is there");
  return at(topic).partitions[partition].leaders_lost == 0;
}

Place Engine::append(TopicId topic, std::string key, std::string body) {
  const std::uint32_t index = partition_of(topic, key);
  check(has_leader(topic, index), "the partition has a leader");
  Topic& to = at(topic);
  Partition& partition = to.partitions[index];
  partition.stored.push_back({{std::move(key), std::move(body)}, ++to.stored});
  return {index, partition.stored.size()};
}

std::vector<Handed> Engine::fetch(GroupId group, ConsumerId consumer, std::size_t max,
                                  Instant now) {
  Group& from = at(group);
  check(index_of(consumer) < from.consumers.size(), "the consumer is this group's");
  std::vector<Handed> out;
  hand_due(from, consumer, max, now, out);
  hand_new(from, consumer, max, now, out);
  return out;
}

void Engine::hand_due(Group& group, ConsumerId consumer, std::size_t max, Instant now,
                      std::vector<Handed>& out) {
  for (Pending& pending : group.pending) {
    if (out.size() == max) return;
    if (pending.due > now || !can_give(group, pending)) continue;
    ++pending.attempt;
    pending.consumer = consumer;
    pending.due = now + options_.redelivery_after;
    out.push_back({pending.place, pending.attempt, &message(group.topic, pending.place)});
  }
}

void Engine::hand_new(Group& group, ConsumerId consumer, std::size_t max, Instant now,
                      std::vector<Handed>& out) {
  const Topic& topic = at(group.topic);
  const auto partition_count = static_cast<std::uint32_t>(topic.partitions.size());
  for (std::uint32_t empty = 0; empty < partition_count && out.size() < max;) {
    const std::uint32_t index = group.turn;
    group.turn = (group.turn + 1) % partition_count;
    const Partition& partition = topic.partitions[index];
    if (group.handed[index] == partition.stored.size() || partition.leaders_lost > 0) {
      ++empty;
      continue;
    }
    empty = 0;
    const Stored& stored = partition.stored[group.handed[index]];
    const Place place{index, ++group.handed[index]};
    // Partitions in turn are nearly, not quite, in order of sequence.
    const auto behind =
        std::ranges::upper_bound(group.pending, stored.sequence, {}, &Pending::sequence);
    group.pending.insert(behind,
                         {stored.sequence, place, now + options_.redelivery_after, consumer, 1});
    out.push_back({place, 1, &stored.message});
  }
}

bool Engine::ack(GroupId group, Place place) {
  Group& from = at(group);
  const auto& partitions = at(from.topic).partitions;
  if (place.partition >= partitions.size()) return false;
  const Partition& partition = partitions[place.partition];
  if (place.id == 0 || place.id > partition.stored.size()) return false;
  check(partition.leaders_lost == 0, "the partition has a leader");
  const std::uint64_t sequence = partition.stored[place.id - 1].sequence;
  const auto found = std::ranges::lower_bound(from.pending, sequence, {}, &Pending::sequence);
  if (found == from.pending.end() || found->sequence != sequence) return false;
  from.pending.erase(found);
  return true;
}

std::size_t Engine::forget_consumer(GroupId group, ConsumerId consumer, Instant now) {
  std::size_t moved = 0;
  for (Pending& pending : at(group).pending) {
    if (pending.consumer != consumer || pending.due <= now) continue;
    pending.due = now;
    ++moved;
  }
  return moved;
}

std::size_t Engine::redeliver_all(Instant now) {
  std::size_t moved = 0;
  for (Group& group : groups_) {
    for (Pending& pending : group.pending) {
      if (pending.due <= now) continue;
      pending.due = now;
      ++moved;
    }
  }
  return moved;
}

bool Engine::can_give(const Group& group, const Pending& pending) const {
  return has_leader(group.topic, pending.place.partition);
}

bool Engine::ready(GroupId group, Instant now) const {
  const Group& of = at(group);
  const auto& partitions = at(of.topic).partitions;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (partitions[i].leaders_lost == 0 && of.handed[i] < partitions[i].stored.size()) return true;
  }
  return std::ranges::any_of(of.pending, [&](const Pending& pending) {
    return pending.due <= now && can_give(of, pending);
  });
}

std::optional<Instant> Engine::next_due(GroupId group) const {
  const Group& of = at(group);
  std::optional<Instant> next;
  for (const Pending& pending : of.pending) {
    if ((!next || pending.due < *next) && can_give(of, pending)) next = pending.due;
  }
  return next;
}

std::uint32_t Engine::partitions(TopicId topic) const {
  return static_cast<std::uint32_t>(at(topic).partitions.size());
}

std::uint64_t Engine::stored(TopicId topic) const {
  return at(topic).stored;
}

std::uint64_t Engine::undelivered(GroupId group) const {
  const Group& of = at(group);
  std::uint64_t left = at(of.topic).stored;
  for (const std::uint64_t handed : of.handed) left -= handed;
  return left;
}

std::uint64_t Engine::pending(GroupId group) const {
  return at(group).pending.size();
}

std::uint64_t Engine::depth(GroupId group) const {
  return undelivered(group) + pending(group);
}

const Message& Engine::message(TopicId topic, Place place) const {
  const Topic& from = at(topic);
  check(place.partition < from.partitions.size(), "the partition is there");
  const Partition& partition = from.partitions[place.partition];
  check(place.id >= 1 && place.id <= partition.stored.size(), "the message is there");
  return partition.stored[place.id - 1].message;
}

}  // namespace firedrill::sim::queue
