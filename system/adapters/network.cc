#include "system/adapters/network.h"

#include <utility>

#include "system/domain/check.h"

namespace firedrill::adapters {

namespace {

class LiveListening final : public Listening {
 public:
  explicit LiveListening(std::shared_ptr<HttpServer> server) : server_(std::move(server)) {}
  LiveListening(const LiveListening&) = delete;
  LiveListening& operator=(const LiveListening&) = delete;
  ~LiveListening() override { server_->stop(); }

  std::uint16_t port() const { return server_->port(); }

 private:
  std::shared_ptr<HttpServer> server_;
};

}  // namespace

LiveNetwork::LiveNetwork(boost::asio::any_io_executor executor, Timers& timers, Options options,
                         OnBug on_bug)
    : executor_(std::move(executor)),
      timers_(timers),
      options_(std::move(options)),
      on_bug_(std::move(on_bug)),
      client_(executor_, timers_, options_.http, on_bug_) {}

LiveNetwork::~LiveNetwork() {
  stop();
}

std::unique_ptr<Listening> LiveNetwork::listen(std::uint16_t port, HttpHandler handler) {
  std::erase_if(servers_,
                [](const auto& server) { return server->closed() && server->running() == 0; });
  if (stopped_) return nullptr;
  std::shared_ptr<HttpServer> server = HttpServer::open(executor_, timers_, options_.address, port,
                                                        std::move(handler), options_.http, on_bug_);
  if (!server) return nullptr;
  servers_.push_back(server);
  return std::make_unique<LiveListening>(std::move(server));
}

std::uint16_t LiveNetwork::bound_port(const Listening& listening) {
  const auto* live = dynamic_cast<const LiveListening*>(&listening);
  check(live != nullptr, "a live network gave this");
  return live->port();
}

std::vector<std::uint16_t> LiveNetwork::ports() const {
  std::vector<std::uint16_t> open;
  for (const auto& server : servers_) {
    if (!server->closed()) open.push_back(server->port());
  }
  return open;
}

void LiveNetwork::drain() {
  for (const auto& server : servers_) server->drain();
}

std::size_t LiveNetwork::in_flight() const {
  std::size_t sum = 0;
  for (const auto& server : servers_) sum += server->in_flight();
  return sum;
}

void LiveNetwork::stop() {
  stopped_ = true;
  client_.stop();
  for (const auto& server : servers_) server->stop();
}

std::size_t LiveNetwork::running() const {
  std::size_t sum = client_.running();
  for (const auto& server : servers_) sum += server->running();
  return sum;
}

}  // namespace firedrill::adapters
