#pragma once

#include <boost/asio/awaitable.hpp>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "system/domain/time.h"
#include "system/ports/outcome.h"

namespace firedrill {

/// Where somebody listens: a host name (or address) and a port.
struct Address {
  std::string host;
  std::uint16_t port = 0;

  friend auto operator<=>(const Address&, const Address&) = default;
};

/// Header fields. Names are in lower case; the first field of a name counts.
class Headers {
 public:
  void set(std::string name, std::string value) {
    for (auto& [key, old] : fields_) {
      if (key == name) {
        old = std::move(value);
        return;
      }
    }
    fields_.emplace_back(std::move(name), std::move(value));
  }

  /// The value of `name`, or an empty view where there is none.
  std::string_view get(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
      if (key == name) return value;
    }
    return {};
  }

  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method;  ///< upper case
  std::string target;  ///< path and query
  Headers headers;
  std::string body;
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

/// Answers one request. The coroutine owns its request. It must not throw: an exception is a bug.
using HttpHandler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequest)>;

/// Holds a port open. Destroying it stops accepting and breaks the connections that it accepted.
class Listening {
 public:
  virtual ~Listening() = default;
};

/// HTTP, both ways.
///
/// Ownership: requests and responses are values, moved in and out; the port outlives every
/// coroutine that uses it. Ordering: none between two calls, even to the same address. What may be
/// lost: a request before it is executed, or its response after; both end as Unknown (reset or
/// timed_out). Refused: nothing was sent, since no connection came about before the deadline.
/// The port never sends a request twice.
class Network {
 public:
  virtual ~Network() = default;

  /// Any response, a 500 too, is a value. The call ends at `deadline` at the latest.
  virtual boost::asio::awaitable<Outcome<HttpResponse>> call(Address to, HttpRequest request,
                                                             Instant deadline) = 0;

  /// Serves `handler` on `port` of this host until the result is destroyed; any number of requests
  /// at once. nullptr where the port is taken.
  virtual std::unique_ptr<Listening> listen(std::uint16_t port, HttpHandler handler) = 0;
};

}  // namespace firedrill
