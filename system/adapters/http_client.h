#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>

#include "system/adapters/http_options.h"
#include "system/adapters/owned_coroutines.h"
#include "system/adapters/timers.h"
#include "system/ports/network.h"

namespace firedrill::adapters {

/// HTTP/1.1 calls over kept connections, one request at a time on each.
class HttpClient {
 public:
  HttpClient(boost::asio::any_io_executor executor, Timers& timers, HttpOptions options,
             OnBug on_bug);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// See Network::call(). A connection that breaks after the first byte was written is Unknown,
  /// also where it was a kept one that the server had just closed.
  boost::asio::awaitable<Outcome<HttpResponse>> call(Address to, HttpRequest request,
                                                     Instant deadline);

  /// Breaks every connection; see OwnedCoroutines::stop().
  void stop();
  std::size_t running() const;

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace firedrill::adapters
