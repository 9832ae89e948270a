#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/queue/engine.h"
#include "sim/world/fold.h"
#include "sim/world/process.h"
#include "sim/world/rpc.h"
#include "system/ports/queue.h"

namespace firedrill::sim::queue {

constexpr std::uint16_t kPort = 5672;

struct Publish {
  std::string topic;
  std::string key;
  std::string body;
};
struct Fetch {
  Subscription who;
  std::size_t max = 1;
  /// Till when the broker may wait for a first message. Stands for the time to wait, which a
  /// client works out when it sends: all monotonic clocks of a world agree.
  Instant until{};
};
struct Ack {
  Subscription who;
  std::uint32_t partition = 0;
  std::string id;
};
struct Request {
  std::variant<Publish, Fetch, Ack> what;
};
/// The partition has no leader: nothing was done, and nothing will be.
struct NoLeader {};
struct Reply {
  std::variant<Published, std::vector<Delivery>, Acked, NoLeader> what;
};

void fold(Digest& digest, const Request& request);
void fold(Digest& digest, const Reply& reply);

/// What faults do to a broker, and what they touched.
struct Levers {
  std::uint32_t losing_confirms = 0;  ///< above 0, publishes are stored and never confirmed
  Duration confirm_delay{};  ///< publishes are stored at once and confirmed this much later
  std::uint64_t confirms_lost = 0;
  std::uint64_t confirms_late = 0;
  std::uint64_t without_leader = 0;  ///< messages and acks that were refused
};

/// What a broker process shares with its next life: all that it stored (it confirms what is on
/// disk), and what the world does to it.
struct Disk {
  Engine engine;
  Levers levers;
  std::uint64_t repeated = 0;  ///< deliveries that were not the first of their message
};

/// A broker on a simulated host. A consumer whose connection goes loses what it holds over that
/// connection: it is due at once, to anybody of the group, as RabbitMQ does it. (Redis Streams do
/// not look at connections: there it comes back after `redelivery_after` alone.)
class Broker final : public ProcessMemory {
 public:
  Broker(Process& process, Disk& disk);

  /// A rebalance: what is delivered and not acknowledged is delivered again. Answers how much.
  std::size_t redeliver_all();

  /// A partition may have found its leader: gives what somebody waits for.
  void serve_waiting();

 private:
  using Rpc = RpcServer<Request, Reply>;

  struct WaitingFetch {
    GroupId group;
    ConsumerId consumer;
    Subscription who;
    std::size_t max;
    Instant deadline;
    Rpc::Responder responder;
  };
  struct Holder {
    std::uint64_t client;
    GroupId group;
    std::string name;
    ConsumerId consumer;
  };
  class Alarm final : public Event {
   public:
    explicit Alarm(Broker& broker) : broker_(broker) {}

   private:
    void fire() override { broker_.serve_waiting(); }
    Broker& broker_;
  };

  void receive(Request request, Rpc::Responder responder);
  void publish(Publish publish, Rpc::Responder responder);
  void fetch(Fetch fetch, Rpc::Responder responder);
  void ack(const Ack& ack, const Rpc::Responder& responder);
  ConsumerId holder(std::uint64_t client, GroupId group, const std::string& name);
  void gone(std::uint64_t client);
  bool refuse(TopicId topic, std::uint32_t partition, const Rpc::Responder& responder);
  bool serve(const WaitingFetch& waiting);
  Instant now() { return process_.world().now(); }

  Process& process_;
  Disk& disk_;
  std::vector<WaitingFetch> waiting_;  ///< in order of arrival
  std::vector<Holder> holders_;
  Alarm alarm_;
  Rpc rpc_;
};

}  // namespace firedrill::sim::queue
