#include "system/adapters/http_client.h"

#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "system/adapters/http_fields.h"
#include "system/adapters/parked.h"

namespace firedrill::adapters {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

struct Connection {
  explicit Connection(const asio::any_io_executor& executor)
      : socket(executor), resolver(executor) {}

  void close() {
    error_code ignored;
    resolver.cancel();
    socket.close(ignored);
  }

  tcp::socket socket;
  tcp::resolver resolver;
  boost::beast::flat_buffer buffer;
  Instant idle_since{};
};

/// One call. Kept by its caller's frame and by the coroutine that talks.
struct Exchange {
  Address to;
  HttpRequest request;
  Instant deadline;
  std::shared_ptr<Connection> connection;  ///< while it is talked on
  bool sent = false;                       ///< a byte may have left
  Parked parked;
  std::optional<Outcome<HttpResponse>> outcome;
  Timers::Entry timer;

  bool finished() const { return outcome.has_value(); }

  /// The last thing that a caller of finish() does: the service's coroutine runs on inside it.
  void finish(Outcome<HttpResponse> with) {
    if (outcome) return;
    timer.cancel();
    outcome.emplace(std::move(with));
    parked.resume();
  }

  /// Ends it without an answer, the connection too.
  void fail(Why why) {
    if (outcome) return;
    if (const auto broken = std::exchange(connection, nullptr)) broken->close();
    if (sent) {
      finish(Unknown{why});
    } else {
      finish(Refused{why});
    }
  }
};

/// A caller that was destroyed while it waited.
class Abandon {
 public:
  explicit Abandon(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  Abandon(const Abandon&) = delete;
  Abandon& operator=(const Abandon&) = delete;
  ~Abandon() { exchange_->fail(Why::closed); }

 private:
  std::shared_ptr<Exchange> exchange_;
};

/// Nothing has come in and the peer has not closed: as far as one can know without asking.
bool seems_alive(tcp::socket& socket) {
  char byte = 0;
  const auto got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

http::request<http::string_body> to_message(const Address& to, HttpRequest request) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(safe_target(request.target));
  message.set(http::field::host, to.host + ":" + std::to_string(to.port));
  put_headers(request.headers, &message);
  message.body() = std::move(request.body);
  message.prepare_payload();
  return message;
}

}  // namespace

class HttpClient::Impl {
 public:
  Impl(asio::any_io_executor executor, Timers& timers, HttpOptions options, OnBug on_bug)
      : executor_(executor),
        timers_(timers),
        options_(options),
        exchanges_(std::move(executor), std::move(on_bug)) {}

  /// Talks about one exchange from connecting to the last byte. Once the exchange has an
  /// outcome (too late, or nobody waits) it only ends.
  static asio::awaitable<void> talk(std::shared_ptr<Impl> self,
                                    std::shared_ptr<Exchange> exchange) {
    const bool connected = co_await self->connect(exchange);
    if (exchange->finished()) co_return;
    if (!connected) co_return exchange->fail(Why::refused);
    const auto connection = exchange->connection;

    error_code error;
    http::request<http::string_body> message =
        to_message(exchange->to, std::move(exchange->request));
    const bool head = message.method() == http::verb::head;
    exchange->sent = true;
    co_await http::async_write(connection->socket, message,
                               asio::redirect_error(asio::use_awaitable, error));
    if (error || exchange->finished()) co_return exchange->fail(Why::reset);

    http::response_parser<http::string_body> parser;
    parser.skip(head);
    parser.header_limit(self->options_.header_limit);
    parser.body_limit(self->options_.body_limit);
    co_await http::async_read(connection->socket, connection->buffer, parser,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error || exchange->finished()) co_return exchange->fail(Why::reset);

    if (parser.get().keep_alive()) {
      self->keep(exchange->to, connection);
    } else {
      connection->close();
    }
    HttpResponse response;
    response.status = static_cast<int>(parser.get().result_int());
    response.headers = to_headers(parser.get());
    response.body = std::move(parser.get().body());
    exchange->connection = nullptr;
    exchange->finish(std::move(response));
  }

  void begin(const std::shared_ptr<Impl>& self, const std::shared_ptr<Exchange>& exchange) {
    if (stopped_) return exchange->fail(Why::closed);
    if (exchange->deadline <= timers_.now()) return exchange->fail(Why::timed_out);
    exchange->timer = timers_.at(exchange->deadline, [weak = std::weak_ptr(exchange)] {
      if (const auto late = weak.lock()) late->fail(Why::timed_out);
    });
    exchanges_.spawn(talk(self, exchange));
  }

  void stop() {
    stopped_ = true;
    kept_.clear();
    exchanges_.stop();
  }

  std::size_t running() const { return exchanges_.running(); }

 private:
  asio::awaitable<bool> connect(std::shared_ptr<Exchange> exchange) {
    if (exchange->finished()) co_return false;
    exchange->connection = take(exchange->to);
    if (exchange->connection) co_return true;
    const auto connection = std::make_shared<Connection>(executor_);
    exchange->connection = connection;
    const auto endpoints = co_await resolve(connection, exchange->to);
    for (const tcp::endpoint& endpoint : endpoints) {
      if (exchange->finished()) co_return false;
      error_code error;
      connection->socket.close(error);
      co_await connection->socket.async_connect(endpoint,
                                                asio::redirect_error(asio::use_awaitable, error));
      if (error) continue;
      connection->socket.set_option(tcp::no_delay(true), error);
      co_return !exchange->finished();
    }
    co_return false;
  }

  static asio::awaitable<std::vector<tcp::endpoint>> resolve(std::shared_ptr<Connection> connection,
                                                             Address to) {
    std::vector<tcp::endpoint> endpoints;
    error_code error;
    const auto numeric = asio::ip::make_address(to.host, error);
    if (!error) {
      endpoints.emplace_back(numeric, to.port);
      co_return endpoints;
    }
    const auto found = co_await connection->resolver.async_resolve(
        to.host, std::to_string(to.port), asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      for (const auto& entry : found) endpoints.push_back(entry.endpoint());
    }
    co_return endpoints;
  }

  std::shared_ptr<Connection> take(const Address& to) {
    const auto found = kept_.find(to);
    if (found == kept_.end()) return nullptr;
    auto& kept = found->second;
    while (!kept.empty()) {
      const auto connection = std::move(kept.back());
      kept.pop_back();
      const bool fresh = timers_.now() - connection->idle_since < options_.client_idle;
      if (fresh && seems_alive(connection->socket)) return connection;
    }
    return nullptr;
  }

  void keep(const Address& to, const std::shared_ptr<Connection>& connection) {
    auto& kept = kept_[to];
    if (stopped_ || kept.size() >= options_.client_connections) return;
    connection->idle_since = timers_.now();
    kept.push_back(connection);
  }

  asio::any_io_executor executor_;
  Timers& timers_;
  HttpOptions options_;
  OwnedCoroutines exchanges_;
  bool stopped_ = false;
  std::map<Address, std::vector<std::shared_ptr<Connection>>> kept_;  ///< idle, youngest last
};

HttpClient::HttpClient(asio::any_io_executor executor, Timers& timers, HttpOptions options,
                       OnBug on_bug)
    : impl_(std::make_shared<Impl>(std::move(executor), timers, options, std::move(on_bug))) {}

HttpClient::~HttpClient() {
  stop();
}

void HttpClient::stop() {
  impl_->stop();
}

std::size_t HttpClient::running() const {
  return impl_->running();
}

asio::awaitable<Outcome<HttpResponse>> HttpClient::call(Address to, HttpRequest request,
                                                        Instant deadline) {
  const auto exchange = std::make_shared<Exchange>();
  const Abandon abandon(exchange);
  exchange->to = std::move(to);
  exchange->request = std::move(request);
  exchange->deadline = deadline;
  impl_->begin(impl_, exchange);
  if (!exchange->finished()) co_await exchange->parked.park();
  co_return std::move(*exchange->outcome);
}

}  // namespace firedrill::adapters
