#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system/domain/time.h"

namespace firedrill::sim::queue {

struct Options {
  std::uint32_t default_partitions = 1;  ///< of a topic that is created on first use
  /// How long a delivery may stay without an ack before the message is due for another consumer.
  Duration redelivery_after = from_ms(5000);
};

/// Handles, given out in order of first use. They stay valid as long as the engine.
enum class TopicId : std::uint32_t {};
enum class GroupId : std::uint32_t {};     ///< of one topic
enum class ConsumerId : std::uint32_t {};  ///< within its group

struct Message {
  std::string key;
  std::string body;
};

/// Where a message stands: its topic's name for it.
struct Place {
  std::uint32_t partition = 0;
  std::uint64_t id = 0;  ///< 1, 2, 3, ... within its partition, in the order of storing

  friend bool operator==(const Place&, const Place&) = default;
};

struct Handed {
  Place place;
  std::uint32_t attempt = 1;         ///< 1 for the first delivery to this group
  const Message* message = nullptr;  ///< lives as long as the engine
};

/// A broker without a host: topics, partitions, consumer groups, acknowledgements. Pure: command
/// and time in, answers out. `now` must not step back from one call to the next.
///
/// Order: a partition gives its messages to a group in the order of storing, each first delivery
/// once; redelivery breaks that order. Kept in line with Redis Streams, whose consumer groups are
/// the live arm: any member's ack removes the message from the group's pending list (XACK), a
/// group reads from the beginning of its topic (XGROUP CREATE ... 0), and an overdue message goes
/// to whoever asks next (XAUTOCLAIM), the oldest first.
///
/// Deliberately absent: retention (nothing stored is ever dropped), dead-letter topics (the reader
/// of `attempt` decides), durability (a host's business).
class Engine {
 public:
  explicit Engine(Options options);

  /// The topic of that name; created with the default count of partitions where there is none.
  TopicId topic(std::string_view name);

  /// Creates a topic with its own count of partitions. Precondition: there is none of that name.
  TopicId create_topic(std::string_view name, std::uint32_t partitions);

  /// The group of that name, created where there is none. A new group starts with the first
  /// message.
  GroupId group(TopicId topic, std::string_view name);

  /// The consumer of that name, known to the group from now on.
  ConsumerId consumer(GroupId group, std::string_view name);

  /// Where messages of that key go: a fixed hash of the key.
  std::uint32_t partition_of(TopicId topic, std::string_view key) const;

  /// The partition loses its leader: it takes neither messages nor acks, and gives nothing, until
  /// it has one again. Nothing is lost. Calls add up, as they come from several faults.
  void lose_leader(TopicId topic, std::uint32_t partition);
  void find_leader(TopicId topic, std::uint32_t partition);
  bool has_leader(TopicId topic, std::uint32_t partition) const;

  /// Stores a message. Equal keys share a partition. Precondition: it has a leader.
  Place append(TopicId topic, std::string key, std::string body);

  /// Hands up to `max` messages to the consumer: first those that are due again, in the order of
  /// storing over all partitions, then new ones, one from each partition in turn. Each becomes
  /// (or stays) pending, due again after `redelivery_after`.
  std::vector<Handed> fetch(GroupId group, ConsumerId consumer, std::size_t max, Instant now);

  /// The group is done with the message, whoever of it says so: a late ack of a consumer counts
  /// although the message went to another one meanwhile, whose own ack then finds nothing. Answers
  /// whether the message was pending; a place that was never handed out is no error either.
  /// Precondition: the partition, where it is one, has a leader.
  bool ack(GroupId group, Place place);

  /// The consumer's connection is gone: what it holds is due at once. Answers how many messages
  /// that made due earlier than they were.
  std::size_t forget_consumer(GroupId group, ConsumerId consumer, Instant now);

  /// A rebalance or a change of leader: everything pending, in every group, is due at once. The
  /// consumers do not know and may still ack. Answers as forget_consumer() does.
  std::size_t redeliver_all(Instant now);

  /// Whether a fetch would give something.
  bool ready(GroupId group, Instant now) const;

  /// When the next pending message becomes due (perhaps in the past); none where nothing is
  /// pending that can be given.
  std::optional<Instant> next_due(GroupId group) const;

  std::uint32_t partitions(TopicId topic) const;
  std::uint64_t stored(TopicId topic) const;       ///< messages, ever
  std::uint64_t undelivered(GroupId group) const;  ///< never handed to this group
  std::uint64_t pending(GroupId group) const;      ///< handed out, not acknowledged
  std::uint64_t depth(GroupId group) const;        ///< not acknowledged: the two above together

  const Message& message(TopicId topic, Place place) const;

 private:
  struct Stored {
    Message message;
    std::uint64_t sequence = 0;  ///< over all partitions of the topic
  };
  struct Partition {
    std::deque<Stored> stored;  ///< which keep their addresses while others are appended
    std::uint32_t leaders_lost = 0;
  };

  struct Topic {
    std::string name;
    std::vector<Partition> partitions;
    std::uint64_t stored = 0;
  };

  struct Pending {
    std::uint64_t sequence = 0;
    Place place;
    Instant due{};
    ConsumerId consumer{};
    std::uint32_t attempt = 1;
  };

  struct Group {
    TopicId topic{};
    std::string name;
    std::vector<std::string> consumers;
    std::vector<std::uint64_t> handed;  ///< for each partition, how many of its messages
    std::uint32_t turn = 0;             ///< the partition to look at first
    std::vector<Pending> pending;       ///< in order of sequence: short, so no tree
  };

  Topic& at(TopicId topic);
  const Topic& at(TopicId topic) const;
  Group& at(GroupId group);
  const Group& at(GroupId group) const;
  bool can_give(const Group& group, const Pending& pending) const;

  void hand_due(Group& group, ConsumerId consumer, std::size_t max, Instant now,
                std::vector<Handed>& out);
  void hand_new(Group& group, ConsumerId consumer, std::size_t max, Instant now,
                std::vector<Handed>& out);

  Options options_;
  std::vector<Topic> topics_;
  std::vector<Group> groups_;
};

}  // namespace firedrill::sim::queue
