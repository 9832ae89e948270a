#include <boost/asio/co_spawn.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "bench/bench.h"
#include "sim/kernel/wait.h"
#include "sim/world/world.h"

namespace firedrill::bench {

namespace {

constexpr std::uint16_t kPort = 1;
constexpr Duration kLatency = std::chrono::milliseconds(1);

struct Payload {
  std::uint64_t words[4] = {};
};
static_assert(sizeof(Payload) == 32);

[[maybe_unused]] void fold(sim::Digest& digest, const Payload& payload) {
  for (const std::uint64_t word : payload.words) digest.fold(word);
}

/// A node that answers every message at once.
class Node final : public sim::ProcessMemory, public sim::Receiver, public sim::Acceptor {
 public:
  Node(sim::Process& process, sim::Host* peer) {
    if (peer != nullptr) {
      socket_ = process.world().connect(process, *peer, kPort, *this);
    } else {
      listening_.emplace(process, kPort, *this);
    }
  }

 private:
  void on_connected() override { socket_.send(sim::Message::of(Payload{})); }
  void on_accept(sim::Socket socket) override {
    socket_ = std::move(socket);
    socket_.set_receiver(*this);
    socket_.send(sim::Message::of(Payload{}));
  }
  void on_message(sim::Message message) override {
    Payload& payload = *message.get<Payload>();
    ++payload.words[0];
    socket_.send(std::move(message));
  }
  void on_broken(sim::Broken) override {}

  std::optional<sim::ListenSocket> listening_;
  sim::Socket socket_;
};

/// The same as a coroutine, as services are written.
class CoroutineNode final : public sim::ProcessMemory, public sim::Receiver, public sim::Acceptor {
 public:
  CoroutineNode(sim::Process& process, sim::Host* peer) : process_(process) {
    if (peer != nullptr) {
      socket_ = process.world().connect(process, *peer, kPort, *this);
    } else {
      listening_.emplace(process, kPort, *this);
    }
    boost::asio::co_spawn(boost::asio::any_io_executor(process.executor()), answer(),
                          [](std::exception_ptr) {});
  }

 private:
  boost::asio::awaitable<void> answer() {
    while (true) {
      sim::Wait<sim::Message> wait(process_.lane());
      waiting_ = &wait;
      std::optional<sim::Message> message = co_await wait.forever();
      ++message->get<Payload>()->words[0];
      socket_.send(std::move(*message));
    }
  }

  void on_connected() override { socket_.send(sim::Message::of(Payload{})); }
  void on_accept(sim::Socket socket) override {
    socket_ = std::move(socket);
    socket_.set_receiver(*this);
    socket_.send(sim::Message::of(Payload{}));
  }
  void on_message(sim::Message message) override {
    std::exchange(waiting_, nullptr)->complete_now(std::move(message));
  }
  void on_broken(sim::Broken) override {}

  sim::Process& process_;
  std::optional<sim::ListenSocket> listening_;
  sim::Socket socket_;
  sim::Wait<sim::Message>* waiting_ = nullptr;
};

/// Messages a second of wall time: pairs of nodes, two messages under way in each, every fault
/// check of the network passed and a random draw made for each message.
template <class NodeType>
double world_rate(std::size_t nodes, std::uint64_t messages) {
  sim::LinkProfile links;
  links.latency = kLatency;
  links.tail_percent = 1;
  links.tail = kLatency;
  sim::World world(1, {}, links);
  for (std::size_t i = 0; i < nodes; ++i) world.add_host("host-" + std::to_string(i));
  for (std::size_t i = 0; i < nodes; ++i) {
    sim::Host* peer = i % 2 == 1 ? world.hosts()[i - 1].get() : nullptr;
    world
        .add_process(*world.hosts()[i], "node-" + std::to_string(i),
                     [peer](sim::Process& process) -> std::unique_ptr<sim::ProcessMemory> {
                       return std::make_unique<NodeType>(process, peer);
                     })
        .start();
  }
  world.run_until(Instant(20 * kLatency));
  const std::uint64_t before = world.messages();
  const double took = seconds([&] {
    while (world.messages() - before < messages && world.scheduler().step(Instant::max())) {
    }
  });
  return static_cast<double>(world.messages() - before) / took;
}

/// What the bare loop does for the same traffic: no process, no connection, no fault, no digest.
double bare_rate(std::size_t nodes, std::uint64_t messages) {
  struct Event {
    std::int64_t at;
    std::uint64_t sequence;
    std::function<void()> run;
    bool operator<(const Event& other) const {
      return at != other.at ? at > other.at : sequence > other.sequence;
    }
  };
  std::priority_queue<Event> queue;
  std::vector<Payload> inboxes(nodes);
  std::int64_t now = 0;
  std::uint64_t sequence = 0;
  struct Loop {
    std::priority_queue<Event>& queue;
    std::vector<Payload>& inboxes;
    std::int64_t& now;
    std::uint64_t& sequence;
    void deliver(std::size_t node) {
      ++inboxes[node].words[0];
      const std::size_t peer = node ^ 1U;
      inboxes[peer] = inboxes[node];
      queue.push(Event{now + kLatency.count(), sequence++, [this, peer] { deliver(peer); }});
    }
  } loop{queue, inboxes, now, sequence};
  for (std::size_t i = 0; i < nodes; ++i) {
    queue.push(Event{0, sequence++, [&loop, i] { loop.deliver(i); }});
  }
  const double took = seconds([&] {
    for (std::uint64_t i = 0; i < messages; ++i) {
      Event event = std::move(const_cast<Event&>(queue.top()));
      queue.pop();
      now = event.at;
      event.run();
    }
  });
  return static_cast<double>(messages) / took;
}

}  // namespace

void kernel(Report& report) {
  constexpr std::uint64_t kMessages = 1'000'000;
  constexpr int kRounds = 5;
  for (const std::size_t nodes : {2UL, 16UL, 128UL, 1024UL, 10'000UL}) {
    std::vector<double> world, coroutine, bare, ratio, coroutine_ratio;
    for (int round = 0; round < kRounds; ++round) {  // in turn: the machine's speed drifts
      bare.push_back(bare_rate(nodes, kMessages));
      world.push_back(world_rate<Node>(nodes, kMessages));
      coroutine.push_back(world_rate<CoroutineNode>(nodes, kMessages));
      ratio.push_back(world.back() / bare.back());
      coroutine_ratio.push_back(coroutine.back() / bare.back());
    }
    const std::string name = "kernel/" + std::to_string(nodes) + "/";
    report.add({name + "bare", median(bare), "events/s"});
    report.add({name + "events", median(world), "events/s"});
    report.add({name + "ratio", median(ratio), "of bare"});
    report.add({name + "coroutine", median(coroutine), "events/s"});
    report.add({name + "coroutine-ratio", median(coroutine_ratio), "of bare"});
  }
}

}  // namespace firedrill::bench
