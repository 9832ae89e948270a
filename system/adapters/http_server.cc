#include "system/adapters/http_server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <set>
#include <utility>
#include <vector>

#include "system/adapters/http_fields.h"
#include "system/adapters/parked.h"
#include "system/domain/check.h"

namespace firedrill::adapters {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr Duration kAcceptPause = from_ms(20);  ///< after an error such as too many open files
constexpr Duration kLinger = from_ms(1000);     ///< for a client that still sends what we refused

using Message = http::response<http::string_body>;
using Parser = http::request_parser<http::string_body>;

/// The status that a request deserves which could not be read; 0 where the connection is just over.
unsigned status_of(const error_code& error) {
  if (error.category() != make_error_code(http::error::bad_method).category()) return 0;
  if (error == http::error::end_of_stream || error == http::error::partial_message) return 0;
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  return 400;
}

HttpRequest to_request(Parser::value_type message) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.headers = to_headers(message);
  request.body = std::move(message.body());
  return request;
}

Message to_message(HttpResponse response, unsigned version, bool keep_alive) {
  check(response.status >= 200 && response.status <= 999, "a response has a final status");
  Message message;
  message.version(version);
  message.result(static_cast<unsigned>(response.status));
  put_headers(response.headers, &message);
  message.keep_alive(keep_alive);
  message.body() = std::move(response.body);
  message.prepare_payload();
  return message;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(asio::any_io_executor executor, Timers& timers, HttpHandler handler, HttpOptions options,
       OnBug on_bug)
      : timers_(timers),
        handler_(std::move(handler)),
        options_(options),
        acceptor_(executor),
        coroutines_(std::move(executor), std::move(on_bug)) {}

  bool open(const std::string& address, std::uint16_t port) {
    error_code error;
    const tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    return !error;
  }

  void start(const std::shared_ptr<Impl>& self) { coroutines_.spawn(accept(self)); }

  std::uint16_t port() const { return port_; }
  bool closed() const { return draining_; }
  std::size_t in_flight() const { return in_flight_; }
  std::size_t running() const { return coroutines_.running(); }

  void drain() {
    draining_ = true;
    close_acceptor();
    for (Session* session : sessions_) {
      if (session->has_begun_a_request()) {
        session->set_busy(true);
      } else {
        session->close();
      }
    }
  }

  void stop() {
    draining_ = true;
    close_acceptor();
    for (Session* session : sessions_) session->close();
    coroutines_.stop();
  }

 private:
  /// One connection; lives in the frame of serve().
  struct Session {
    Session(Impl& owner, tcp::socket from) : impl(owner), socket(std::move(from)) {
      impl.sessions_.insert(this);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() {
      set_busy(false);
      impl.sessions_.erase(this);
    }

    void close() {
      error_code ignored;
      socket.close(ignored);
    }

    void end_sending() {
      error_code ignored;
      socket.shutdown(tcp::socket::shutdown_send, ignored);
    }

    /// Also where its first bytes lie unread: to close would answer them with silence.
    bool has_begun_a_request() const {
      error_code error;
      return busy || buffer.size() > 0 || (socket.available(error) > 0 && !error);
    }

    /// From the whole request to the whole answer.
    void set_busy(bool value) {
      if (std::exchange(busy, value) == value) return;
      impl.in_flight_ += value ? std::size_t{1} : std::size_t(-1);
    }

    [[nodiscard]] Timers::Entry close_after(Duration length) {
      return impl.timers_.at(impl.timers_.now() + length, [this] { close(); });
    }

    Impl& impl;
    tcp::socket socket;
    boost::beast::flat_buffer buffer;
    bool busy = false;
  };

  static asio::awaitable<void> accept(std::shared_ptr<Impl> self) {
    while (self->acceptor_.is_open()) {
      error_code error;
      tcp::socket socket =
          co_await self->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (!error) {
        self->coroutines_.spawn(serve(self, std::move(socket)));
      } else if (self->acceptor_.is_open()) {
        co_await self->pause();
      }
    }
  }

  asio::awaitable<void> pause() {
    Parked parked;
    const Timers::Entry entry =
        timers_.at(timers_.now() + kAcceptPause, [&parked] { parked.resume(); });
    co_await parked.park();
  }

  static asio::awaitable<void> serve(std::shared_ptr<Impl> self, tcp::socket socket) {
    Session session(*self, std::move(socket));
    error_code ignored;
    session.socket.set_option(tcp::no_delay(true), ignored);
    bool more = true;
    while (more && !self->draining_) more = co_await serve_one(self, &session);
  }

  /// Whether the connection may carry another request.
  static asio::awaitable<bool> serve_one(std::shared_ptr<Impl> self, Session* session) {
    Parser parser;
    const error_code error = co_await read(self, session, &parser);
    if (error) {
      const unsigned status = status_of(error);
      if (status != 0) co_await reject(session, status);
      co_return false;
    }
    session->set_busy(true);
    const unsigned version = parser.get().version();
    const bool head = parser.get().method() == http::verb::head;
    const bool keep_alive = parser.keep_alive();
    HttpResponse response = co_await self->handler_(to_request(parser.release()));
    const bool keep = keep_alive && !self->draining_;
    const bool written =
        co_await write(session, to_message(std::move(response), version, keep), head);
    session->set_busy(false);
    if (written && !keep) session->end_sending();
    co_return written&& keep;
  }

  /// The header, an answer to "Expect: 100-continue", and the body.
  static asio::awaitable<error_code> read(std::shared_ptr<Impl> self, Session* session,
                                          Parser* parser) {
    const Timers::Entry limit = session->close_after(self->options_.server_idle);
    parser->header_limit(self->options_.header_limit);
    parser->body_limit(self->options_.body_limit);
    error_code error;
    co_await http::async_read_header(session->socket, session->buffer, *parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return error;
    if (parser->get()[http::field::expect] == "100-continue") {
      http::response<http::empty_body> go_on(http::status::continue_, 11);
      co_await http::async_write(session->socket, go_on,
                                 asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return error;
    }
    co_await http::async_read(session->socket, session->buffer, *parser,
                              asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  static asio::awaitable<bool> write(Session* session, Message message, bool head) {
    const Timers::Entry limit = session->close_after(session->impl.options_.server_write);
    error_code error;
    http::response_serializer<http::string_body> serializer(message);
    if (head) {
      co_await http::async_write_header(session->socket, serializer,
                                        asio::redirect_error(asio::use_awaitable, error));
    } else {
      co_await http::async_write(session->socket, serializer,
                                 asio::redirect_error(asio::use_awaitable, error));
    }
    co_return !error;
  }

  /// Answers what is no request, and lets the client see that: closing while bytes still come in
  /// would reset the connection and take the answer with it.
  static asio::awaitable<void> reject(Session* session, unsigned status) {
    HttpResponse response;
    response.status = static_cast<int>(status);
    const bool written = co_await write(session, to_message(std::move(response), 11, false), false);
    if (!written) co_return;
    const Timers::Entry limit = session->close_after(kLinger);
    session->end_sending();
    std::vector<char> unread(16 * 1024);
    error_code error;
    while (!error) {
      co_await session->socket.async_read_some(asio::buffer(unread),
                                               asio::redirect_error(asio::use_awaitable, error));
    }
  }

  void close_acceptor() {
    error_code ignored;
    acceptor_.close(ignored);
  }

  Timers& timers_;
  HttpHandler handler_;
  HttpOptions options_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  bool draining_ = false;
  std::size_t in_flight_ = 0;
  std::set<Session*> sessions_;  ///< only ever closed one by one: their order means nothing
  OwnedCoroutines coroutines_;
};

std::unique_ptr<HttpServer> HttpServer::open(asio::any_io_executor executor, Timers& timers,
                                             const std::string& address, std::uint16_t port,
                                             HttpHandler handler, HttpOptions options,
                                             OnBug on_bug) {
  auto impl = std::make_shared<Impl>(std::move(executor), timers, std::move(handler), options,
                                     std::move(on_bug));
  if (!impl->open(address, port)) return nullptr;
  impl->start(impl);
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() {
  stop();
}
std::uint16_t HttpServer::port() const {
  return impl_->port();
}
void HttpServer::drain() {
  impl_->drain();
}
bool HttpServer::closed() const {
  return impl_->closed();
}
std::size_t HttpServer::in_flight() const {
  return impl_->in_flight();
}
void HttpServer::stop() {
  impl_->stop();
}
std::size_t HttpServer::running() const {
  return impl_->running();
}

}  // namespace firedrill::adapters
