#include "sim/postgres/tcp_server.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <chrono>
#include <utility>

namespace firedrill::sim::postgres {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kRead = 32 << 10;
/// As often as it looks around at least: for descriptors that are free again.
constexpr std::int64_t kTick_us = 1'000'000;

/// Best effort: a socket whose peer has gone takes no options, and is found out when it is read.
void prepare(asio::ip::tcp::socket& socket) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

}  // namespace

struct TcpServer::Client {
  Client(ConnectionId connection, Socket accepted) : id(connection), socket(std::move(accepted)) {}
  ConnectionId id;
  Socket socket;
  bool reads = false;   ///< the loop waits for its bytes
  bool writes = false;  ///< the loop waits until it takes more
  bool ended = false;   ///< it says no more: it is dropped when it has heard all
};

// --- Connections ---------------------------------------------------------------------------------

TcpServer::TcpServer(Options options, Now now)
    : now_(std::move(now)), read_(kRead, '\0'), server_(options.wire) {
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.bind(endpoint);
  acceptor_.listen(511);
  port_ = acceptor_.local_endpoint().port();
}

TcpServer::~TcpServer() = default;

void TcpServer::run() {
  accept();
  tick();
  loop_.run();
}

void TcpServer::stop() {
  asio::post(loop_, [this] { loop_.stop(); });
}

/// Where no descriptor is left, tick() tries again.
void TcpServer::accept() {
  accepting_ = true;
  acceptor_.async_accept([this](error_code problem, Socket socket) {
    accepting_ = false;
    if (problem && problem != asio::error::connection_aborted) return;
    if (!problem) admit(std::move(socket));
    accept();
  });
}

void TcpServer::admit(Socket socket) {
  prepare(socket);
  const ConnectionId id = server_.connect(now_());
  auto client = std::make_unique<Client>(id, std::move(socket));
  await_bytes(*client);
  clients_.emplace(id, std::move(client));
  await_tick();
}

TcpServer::Client* TcpServer::find(ConnectionId id) {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : found->second.get();
}

void TcpServer::drop(ConnectionId id) {
  clients_.erase(id);
  server_.disconnect(id, now_());
}

// --- Bytes ---------------------------------------------------------------------------------------

void TcpServer::await_bytes(Client& client) {
  if (std::exchange(client.reads, true)) return;
  client.socket.async_wait(Socket::wait_read, [this, id = client.id](error_code problem) {
    Client* readable = find(id);
    if (readable == nullptr) return;
    readable->reads = false;
    if (!problem && server_.wants_input(id)) read(*readable);
  });
}

void TcpServer::await_room(Client& client) {
  if (std::exchange(client.writes, true)) return;
  client.socket.async_wait(Socket::wait_write, [this, id = client.id](error_code problem) {
    Client* writable = find(id);
    if (writable == nullptr) return;
    writable->writes = false;
    if (problem) return;
    if (!settle(*writable)) drop(id);
    settle();
  });
}

void TcpServer::read(Client& client) {
  const ConnectionId id = client.id;
  error_code problem;
  const std::size_t got = client.socket.read_some(asio::buffer(read_), problem);
  if (problem == asio::error::would_block) return await_bytes(client);
  if (problem == asio::error::eof && !server_.output(id).empty()) {
    client.ended = true;
  } else if (problem) {
    drop(id);
  } else {
    server_.receive(id, std::string_view(read_).substr(0, got), now_());
  }
  settle();
}

/// Sends what can be sent now. False: there is nobody.
bool TcpServer::write(Client& client) {
  while (!server_.output(client.id).empty()) {
    const std::string_view out = server_.output(client.id);
    error_code problem;
    const std::size_t count =
        client.socket.write_some(asio::buffer(out.data(), out.size()), problem);
    if (problem == asio::error::would_block) {
      await_room(client);
      return true;
    }
    if (problem) return false;
    server_.sent(client.id, count, now_());
  }
  return true;
}

/// False: it is to be dropped.
bool TcpServer::settle(Client& client) {
  if (!write(client)) return false;
  if (server_.is_over(client.id) || client.ended) return !server_.output(client.id).empty();
  if (server_.wants_input(client.id)) await_bytes(client);
  return true;
}

/// Sees to all that something has happened to.
void TcpServer::settle() {
  for (auto changed = server_.take_changed(); !changed.empty(); changed = server_.take_changed()) {
    for (const ConnectionId id : changed) {
      Client* client = find(id);
      if (client != nullptr && !settle(*client)) drop(id);
    }
  }
  await_tick();
}

// --- Time ----------------------------------------------------------------------------------------

void TcpServer::tick() {
  next_tick_.reset();
  server_.tick(now_());
  if (!accepting_) accept();
  settle();
}

/// The next tick is when the server has something to do, or earlier.
void TcpServer::await_tick() {
  const std::int64_t now = now_();
  const std::int64_t at = std::min(server_.next_timeout().value_or(INT64_MAX), now + kTick_us);
  if (next_tick_ && *next_tick_ <= at) return;
  next_tick_ = at;
  timer_.expires_after(std::chrono::microseconds(std::max<std::int64_t>(at - now, 0)));
  timer_.async_wait([this](error_code problem) {
    if (!problem) tick();
  });
}

}  // namespace firedrill::sim::postgres
