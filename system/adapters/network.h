#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "system/adapters/http_client.h"
#include "system/adapters/http_options.h"
#include "system/adapters/http_server.h"
#include "system/ports/network.h"

namespace firedrill::adapters {

/// HTTP/1.1 over TCP.
class LiveNetwork final : public Network {
 public:
  struct Options {
    std::string address = "127.0.0.1";  ///< numeric; where listen() listens
    HttpOptions http;
  };

  LiveNetwork(boost::asio::any_io_executor executor, Timers& timers, Options options, OnBug on_bug);
  ~LiveNetwork() override;

  boost::asio::awaitable<Outcome<HttpResponse>> call(Address to, HttpRequest request,
                                                     Instant deadline) override {
    return client_.call(std::move(to), std::move(request), deadline);
  }

  /// Port 0 takes any free one; see bound_port().
  std::unique_ptr<Listening> listen(std::uint16_t port, HttpHandler handler) override;

  /// The port of what listen() gave, of this class or another instance of it.
  static std::uint16_t bound_port(const Listening& listening);

  /// The ports that are open, in the order of listen().
  std::vector<std::uint16_t> ports() const;

  /// Stops accepting; see HttpServer::drain().
  void drain();

  /// Requests that this process answers and has not answered yet.
  std::size_t in_flight() const;

  /// Breaks everything, both ways. New calls are refused.
  void stop();

  /// Coroutines that are left, those that unwind included.
  std::size_t running() const;

 private:
  boost::asio::any_io_executor executor_;
  Timers& timers_;
  Options options_;
  OnBug on_bug_;
  HttpClient client_;
  bool stopped_ = false;
  std::vector<std::shared_ptr<HttpServer>> servers_;  ///< closed ones, too, until they have unwound
};

}  // namespace firedrill::adapters
