#include "sim/ports/sim_ports.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <map>
#include <utility>
#include <vector>

#include "sim/kernel/wait.h"
#include "sim/ports/owned_coroutines.h"
#include "sim/ports/sim_database.h"
#include "sim/queue/broker.h"
#include "sim/redis/server/server.h"
#include "sim/world/fold.h"
#include "sim/world/rpc.h"
#include "sim/world/world.h"
#include "system/ports/clock.h"
#include "system/ports/network.h"
#include "system/ports/queue.h"
#include "system/ports/random.h"
#include "system/ports/redis.h"
#include "system/ports/tasks.h"
#include "system/ports/telemetry.h"

namespace firedrill::sim {

namespace asio = boost::asio;

void fold(Digest& digest, const Headers& headers) {
  digest.fold(headers.all().size());
  for (const auto& [name, value] : headers.all()) {
    fold(digest, name);
    fold(digest, value);
  }
}

void fold(Digest& digest, const HttpRequest& request) {
  fold(digest, request.method);
  fold(digest, request.target);
  fold(digest, request.headers);
  fold(digest, request.body);
}

void fold(Digest& digest, const HttpResponse& response) {
  digest.fold(static_cast<std::uint64_t>(response.status));
  fold(digest, response.headers);
  fold(digest, response.body);
}

namespace {

Why why(NoReply::Why reason) {
  switch (reason) {
    case NoReply::Why::refused: return Why::refused;
    case NoReply::Why::reset: return Why::reset;
    case NoReply::Why::timed_out: return Why::timed_out;
  }
  return Why::timed_out;
}

template <class T>
Outcome<T> no_value(NoReply how) {
  if (how.sent) return Unknown{why(how.why)};
  return Refused{why(how.why)};
}

constexpr std::size_t kDatabaseConnections = 4;

class SimClock final : public Clock {
 public:
  explicit SimClock(Process& process) : process_(process) {}

  Instant now() const override { return process_.world().now(); }
  WallTime wall() const override { return process_.host().wall(); }
  asio::awaitable<void> sleep_until(Instant until) override {
    Wait<std::monostate> wait(process_.lane());
    co_await wait.until(until);
  }

 private:
  Process& process_;
};

class SimRandom final : public Random {
 public:
  explicit SimRandom(Process& process)
      : stream_(process.world().stream("process:" + process.name(), process.incarnation())) {}
  std::uint64_t next() override { return stream_.next(); }

 private:
  RandomStream stream_;
};

class SimTelemetry final : public Telemetry {
 public:
  SimTelemetry(Process& process, TelemetrySink* sink) : process_(process), sink_(sink) {}
  void note(std::string text) override {
    if (sink_ != nullptr) sink_->note(process_, std::move(text));
  }
  void count(std::string_view name) override {
    if (sink_ != nullptr) sink_->count(process_, name);
  }

 private:
  Process& process_;
  TelemetrySink* sink_;
};

class SimTasks final : public Tasks {
 public:
  explicit SimTasks(Process& process) : executor_(process.executor()) {}

  void spawn(asio::awaitable<void> task) override {
    asio::co_spawn(executor_, std::move(task),
                   [](std::exception_ptr error) { check_no_bug("a task", std::move(error)); });
  }

 private:
  asio::any_io_executor executor_;
};

class SimRedis final : public Redis {
 public:
  SimRedis(Process& process, const Endpoint* server) {
    if (server != nullptr) client_.emplace(process, *server, redis::kPort);
  }

  asio::awaitable<Outcome<RedisReply>> call(std::vector<std::string> command,
                                            Instant deadline) override {
    if (!client_.has_value()) co_return Refused{Why::refused};
    redis::Command request{std::move(command)};
    auto result = co_await client_->call(std::move(request), deadline);
    if (auto* none = std::get_if<NoReply>(&result)) co_return no_value<RedisReply>(*none);
    co_return std::move(*std::get_if<RedisReply>(&result));
  }

 private:
  std::optional<RpcClient<redis::Command, RedisReply>> client_;
};

class SimQueue final : public Queue {
 public:
  SimQueue(Process& process, Host* server) : process_(process) {
    if (server == nullptr) return;
    client_.emplace(process, *server, queue::kPort);
    reader_.emplace(process, *server, queue::kPort);
  }

  asio::awaitable<Outcome<Published>> publish(std::string topic, std::string key, std::string body,
                                              Instant deadline) override {
    queue::Request request{queue::Publish{std::move(topic), std::move(key), std::move(body)}};
    return call<Published>(client_, std::move(request), deadline, true);
  }

  asio::awaitable<Outcome<std::vector<Delivery>>> fetch(Subscription who, std::size_t max,
                                                        Instant deadline) override {
    check(max > 0, "a fetch asks for something");
    while (true) {
      // The broker answers a while before the deadline: an empty answer needs time to travel.
      const Instant now = process_.world().now();
      const Instant until = now + std::max(deadline - now, Duration::zero()) * 9 / 10;
      queue::Request request{queue::Fetch{who, max, until}};
      Outcome<std::vector<Delivery>> fetched =
          co_await call<std::vector<Delivery>>(reader_, std::move(request), deadline, false);
      if (!fetched.has_value() || !fetched.value().empty()) co_return fetched;
      if (deadline - process_.world().now() > kAskAgain) continue;
      Wait<std::monostate> rest(process_.lane());
      co_await rest.until(deadline);
      co_return fetched;
    }
  }

  asio::awaitable<Outcome<Acked>> ack(Subscription who, Delivery delivery,
                                      Instant deadline) override {
    queue::Request request{queue::Ack{std::move(who), delivery.partition, std::move(delivery.id)}};
    return call<Acked>(client_, std::move(request), deadline, true);
  }

 private:
  using Client = std::optional<RpcClient<queue::Request, queue::Reply>>;

  /// Nearer to its deadline than this, a fetch that got an empty answer waits instead of asking.
  static constexpr Duration kAskAgain = from_ms(20);

  template <class T>
  static asio::awaitable<Outcome<T>> call(Client& client, queue::Request request, Instant deadline,
                                          bool is_work) {
    if (!client.has_value()) co_return Refused{Why::refused};
    auto result = co_await client->call(std::move(request), deadline, is_work);
    if (auto* none = std::get_if<NoReply>(&result)) co_return no_value<T>(*none);
    auto& reply = *std::get_if<queue::Reply>(&result);
    if (std::holds_alternative<queue::NoLeader>(reply.what)) co_return Refused{Why::refused};
    T* value = std::get_if<T>(&reply.what);
    check(value != nullptr, "a broker answers what it was asked");
    co_return std::move(*value);
  }

  Process& process_;
  Client client_;  ///< publishes and acknowledgements
  Client reader_;  ///< fetches, which wait
};

class SimListening final : public Listening {
 public:
  SimListening(Process& process, std::uint16_t port, HttpHandler handler)
      : process_(process),
        handler_(std::make_shared<HttpHandler>(std::move(handler))),
        requests_(process.executor()),
        rpc_(process, port, [this](HttpRequest request, Rpc::Responder responder) {
          requests_.spawn(serve(process_, handler_, std::move(request), std::move(responder)));
        }) {}

 private:
  using Rpc = RpcServer<HttpRequest, HttpResponse>;

  static asio::awaitable<void> serve(Process& process, std::shared_ptr<HttpHandler> handler,
                                     HttpRequest request, Rpc::Responder responder) {
    const Work work(process);
    HttpResponse response = co_await (*handler)(std::move(request));
    responder.reply(std::move(response));
  }

  Process& process_;
  std::shared_ptr<HttpHandler> handler_;  ///< shared with those that run in it
  OwnedCoroutines requests_;
  Rpc rpc_;
};

class SimNetwork final : public Network {
 public:
  explicit SimNetwork(Process& process) : process_(process) {}

  asio::awaitable<Outcome<HttpResponse>> call(Address to, HttpRequest request,
                                              Instant deadline) override {
    Host* host = process_.world().find_host(to.host);
    if (host == nullptr) co_return Refused{Why::refused};
    if (deadline <= process_.world().now()) co_return Refused{Why::timed_out};
    Client& client = idle_client(to, *host);
    auto result = co_await client.call(std::move(request), deadline);
    auto* none = std::get_if<NoReply>(&result);
    if (none == nullptr) co_return std::move(*std::get_if<HttpResponse>(&result));
    // A response that comes late would answer the next request of the connection.
    if (none->why == NoReply::Why::timed_out) client.close();
    co_return no_value<HttpResponse>(*none);
  }

  std::unique_ptr<Listening> listen(std::uint16_t port, HttpHandler handler) override {
    if (process_.host().listener(port) != nullptr) return nullptr;
    return std::make_unique<SimListening>(process_, port, std::move(handler));
  }

 private:
  using Client = RpcClient<HttpRequest, HttpResponse>;

  /// HTTP/1.1: one request at a time on a connection.
  Client& idle_client(const Address& to, Host& host) {
    auto& clients = clients_[to];
    for (auto& client : clients) {
      if (!client->busy()) return *client;
    }
    clients.push_back(std::make_unique<Client>(process_, host, to.port));
    return *clients.back();
  }

  Process& process_;
  std::map<Address, std::vector<std::unique_ptr<Client>>> clients_;
};

/// What a simulated process holds. The program goes first: it uses the ports.
class SimMemory final : public ProcessMemory {
 public:
  SimMemory(Process& process, const Surroundings& surroundings, const ProgramFactory& factory)
      : clock_(process),
        tasks_(process),
        network_(process),
        redis_(process, surroundings.redis),
        database_(process, surroundings.postgres, kDatabaseConnections),
        queue_(process, surroundings.queue),
        random_(process),
        telemetry_(process, surroundings.telemetry),
        program_(factory(
            Ports{clock_, network_, redis_, database_, queue_, random_, telemetry_, tasks_})) {}

 private:
  SimClock clock_;
  SimTasks tasks_;
  SimNetwork network_;
  SimRedis redis_;
  SimDatabase database_;
  SimQueue queue_;
  SimRandom random_;
  SimTelemetry telemetry_;
  std::unique_ptr<Program> program_;
};

}  // namespace

Process::Boot boot_program(Surroundings surroundings, ProgramFactory factory) {
  return [surroundings,
          factory = std::move(factory)](Process& process) -> std::unique_ptr<ProcessMemory> {
    return std::make_unique<SimMemory>(process, surroundings, factory);
  };
}

}  // namespace firedrill::sim
