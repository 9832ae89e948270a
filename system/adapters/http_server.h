#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "system/adapters/http_options.h"
#include "system/adapters/owned_coroutines.h"
#include "system/adapters/timers.h"
#include "system/ports/network.h"

namespace firedrill::adapters {

/// An HTTP/1.1 server on one port. Handlers that still run when it is destroyed or stopped are
/// destroyed where they wait; their frames unwind in the next turns of the loop, and what they use
/// must live until running() is 0.
class HttpServer {
 public:
  /// nullptr where the port is taken, or the address is none of this host's. Port 0: any free one.
  static std::unique_ptr<HttpServer> open(boost::asio::any_io_executor executor, Timers& timers,
                                          const std::string& address, std::uint16_t port,
                                          HttpHandler handler, HttpOptions options, OnBug on_bug);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;

  /// Stops accepting, closes idle connections, and closes each other one after its answer.
  void drain();

  /// Whether it accepts no more.
  bool closed() const;

  /// Requests that have no whole answer yet.
  std::size_t in_flight() const;

  /// Breaks every connection.
  void stop();

  /// Connections, those that unwind included.
  std::size_t running() const;

  class Impl;

 private:
  explicit HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

  std::shared_ptr<Impl> impl_;
};

}  // namespace firedrill::adapters
