#include "sim/redis/tcp_server.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "sim/redis/resp.h"
#include "sim/redis/state.h"

namespace firedrill::sim::redis {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kRead = 16 << 10;
constexpr std::size_t kMostSpare = 256 << 10;
constexpr Duration kTick = from_ms(100);
constexpr std::string_view kTooManyClients = "-ERR max number of clients reached\r\n";

// client-output-buffer-limit pubsub 32mb 8mb 60
constexpr std::size_t kSubscriberHard = 32 << 20;
constexpr std::size_t kSubscriberSoft = 8 << 20;
constexpr Duration kSubscriberSoftFor = from_ms(60'000);

/// A peer that has vanished without a word is found out after some minutes, as by Redis.
constexpr int kKeepAliveSeconds = 300;
using KeepIdle = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
using KeepInterval = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
using KeepCount = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;

/// Best effort: a socket whose peer has gone takes no options, and is found out when it is read.
void prepare(asio::ip::tcp::socket& socket) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  socket.set_option(KeepIdle(kKeepAliveSeconds), ignored);
  socket.set_option(KeepInterval(kKeepAliveSeconds / 3), ignored);
  socket.set_option(KeepCount(3), ignored);
}

std::string name_of(const asio::ip::tcp::socket& socket) {
  error_code problem;
  const auto peer = socket.remote_endpoint(problem);
  if (problem) return "?:0";
  return peer.address().to_string() + ":" + std::to_string(peer.port());
}

}  // namespace

struct TcpServer::Connection {
  Connection(SessionId session, Socket accepted) : id(session), socket(std::move(accepted)) {}

  std::size_t unsent() const { return out.size() - sent; }

  SessionId id;
  Socket socket;
  RequestParser requests;
  std::string out;
  std::size_t sent = 0;    ///< of `out`
  bool in_turn = false;    ///< its requests are being served, somewhere up the stack
  bool reads = false;      ///< the loop waits for its bytes
  bool writes = false;     ///< the loop waits until it takes more
  bool held = false;       ///< too much was unsent: its next requests wait
  bool closing = false;    ///< nothing more is heard; it is dropped when all is sent
  bool lost = false;       ///< to be dropped now
  WallTime last_active{};  ///< when it last sent something, or took a reply
  WallTime above_since{};  ///< since when a subscriber's output is above the soft limit; 0: is not
};

// --- Connections ---------------------------------------------------------------------------------

TcpServer::TcpServer(Options options, Now now)
    : now_(std::move(now)), engine_([&] {
        options.engine.slow_script = [this] { return while_script_runs(); };
        return std::move(options.engine);
      }()) {
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.bind(endpoint);
  acceptor_.listen(511);
  port_ = acceptor_.local_endpoint().port();
  engine_.state().config.port = port_;
}

TcpServer::~TcpServer() = default;

void TcpServer::run() {
  accept();
  tick();
  loop_.run();
}

void TcpServer::stop() {
  asio::post(loop_, [this] {
    stopping_ = true;
    loop_.stop();
  });
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
  const auto most = static_cast<std::size_t>(engine_.state().config.maxclients);
  if (connections_.size() >= most) {
    error_code ignored;
    socket.write_some(asio::buffer(kTooManyClients.data(), kTooManyClients.size()), ignored);
    return;
  }
  const WallTime now = now_();
  const SessionId id = engine_.connect(name_of(socket), now);
  auto connection = std::make_unique<Connection>(id, std::move(socket));
  connection->last_active = now;
  await_bytes(*connection);
  connections_.emplace(id, std::move(connection));
}

TcpServer::Connection* TcpServer::find(SessionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

void TcpServer::drop(Connection& connection) {
  const SessionId id = connection.id;
  engine_.disconnect(id);
  connections_.erase(id);
}

// --- Bytes ---------------------------------------------------------------------------------------

void TcpServer::await_bytes(Connection& connection) {
  if (std::exchange(connection.reads, true)) return;
  connection.socket.async_wait(Socket::wait_read, [this, id = connection.id](error_code problem) {
    Connection* readable = find(id);
    if (readable == nullptr) return;
    readable->reads = false;
    if (!problem) read(*readable);
  });
}

void TcpServer::await_room(Connection& connection) {
  if (std::exchange(connection.writes, true)) return;
  connection.socket.async_wait(Socket::wait_write, [this, id = connection.id](error_code problem) {
    Connection* writable = find(id);
    if (writable == nullptr) return;
    writable->writes = false;
    if (!problem && !writable->in_turn) settle(*writable);
  });
}

void TcpServer::read(Connection& connection) {
  if (connection.in_turn) return;
  const auto room = connection.requests.room(kRead);
  error_code problem;
  const std::size_t got =
      connection.socket.read_some(asio::buffer(room.data(), room.size()), problem);
  if (problem == asio::error::would_block) return await_bytes(connection);
  if (problem) return drop(connection);
  connection.requests.add(got);
  connection.last_active = now_();
  settle(connection);
}

/// Sends what can be sent now, in one piece.
void TcpServer::write(Connection& connection) {
  std::string& out = connection.out;
  if (connection.unsent() == 0 || connection.lost) return;
  error_code problem;
  connection.sent += connection.socket.write_some(
      asio::buffer(out.data() + connection.sent, connection.unsent()), problem);
  if (problem && problem != asio::error::would_block) {
    connection.lost = true;
  } else if (connection.unsent() == 0) {
    connection.last_active = now_();
    connection.sent = 0;
    out.clear();
    if (out.capacity() <= kMostSpare) spare_.swap(out);
    out = {};
  } else {
    if (connection.sent > out.size() / 2) out.erase(0, std::exchange(connection.sent, 0));
    await_room(connection);
  }
}

// --- Requests ------------------------------------------------------------------------------------

/// Executes what the client has sent, as far as it may.
void TcpServer::serve(Connection& connection) {
  if (connection.out.empty() && connection.out.capacity() < spare_.capacity()) {
    connection.out.swap(spare_);
  }
  bool waits = engine_.blocked(connection.id);
  while (!waits && !connection.closing && !connection.lost) {
    connection.held = connection.unsent() > kMostUnsent;
    if (connection.held) return;
    const Session& session = *engine_.state().find(connection.id);
    const RequestLimits limits{engine_.state().config.proto_max_bulk_len,
                               !session.is(Session::kUnauthenticated)};
    switch (connection.requests.next(limits)) {
      case Request::incomplete: return;
      case Request::malformed: return reject(connection);
      case Request::command: execute(connection);
    }
    waits = engine_.blocked(connection.id);
  }
}

void TcpServer::execute(Connection& connection) {
  const WallTime now = now_();
  if (!busy_) command_began_ = now;
  const auto reply = engine_.execute(connection.id, connection.requests.words(), now);
  if (reply) append_reply(connection.out, *reply, engine_.protocol(connection.id));
  if (!engine_.state().deliveries.empty()) distribute();
  if (reply) return;
  if (!engine_.blocked(connection.id)) return;
  if (const auto next = engine_.next_timeout()) await_tick(*next);
}

void TcpServer::reject(Connection& connection) {
  const Session& session = *engine_.state().find(connection.id);
  if (!session.is(Session::kReplyOff) && !session.is(Session::kReplySkip)) {
    append_reply(connection.out, RedisReply::error(connection.requests.problem()), 2);
  }
  connection.closing = true;
}

/// Hands over what was delivered; its receivers are settled when the turn is over.
void TcpServer::distribute() {
  for (const Engine::Delivery& delivery : engine_.take_deliveries()) {
    Connection* to = find(delivery.to);
    if (to == nullptr) continue;
    if (delivery.reply && !to->lost) {
      append_reply(to->out, *delivery.reply, engine_.protocol(to->id));
      limit_output(*to);
    }
    if (delivery.then_close) end(*to);
    unsettled_.push_back(to->id);
  }
}

/// Who ends its own connection gets all replies; who is killed by another gets what can be sent
/// now.
void TcpServer::end(Connection& connection) {
  connection.closing = true;
  if (connection.in_turn) return;
  write(connection);
  connection.lost = true;
}

void TcpServer::limit_output(Connection& connection) {
  const std::size_t unsent = connection.unsent();
  if (unsent < kSubscriberSoft) {
    connection.above_since = {};
    return;
  }
  if (!engine_.state().find(connection.id)->is(Session::kSubscriber)) return;
  const WallTime now = now_();
  if (connection.above_since == WallTime{}) connection.above_since = now;
  const bool too_long = now - connection.above_since > kSubscriberSoftFor;
  connection.lost = connection.lost || unsent >= kSubscriberHard || too_long;
}

/// A client's turn: executes what it has sent, sends the replies, and sees to the others that got
/// something meanwhile.
void TcpServer::settle(Connection& connection) {
  connection.in_turn = true;
  do {
    serve(connection);
    write(connection);
  } while (connection.held && connection.unsent() <= kMostUnsent / 2 && !connection.lost);
  connection.in_turn = false;
  end_turn(connection);
  settle_others();
}

void TcpServer::end_turn(Connection& connection) {
  const auto most = static_cast<std::size_t>(engine_.state().config.client_query_buffer_limit);
  const bool is_done = connection.closing && connection.unsent() == 0;
  if (is_done || connection.lost || connection.requests.pending() > most) return drop(connection);
  connection.requests.trim();
  if (!connection.closing && !connection.held) await_bytes(connection);
}

void TcpServer::settle_others() {
  while (!unsettled_.empty()) {
    const std::vector<SessionId> others = std::exchange(unsettled_, {});
    for (const SessionId id : others) {
      Connection* other = find(id);
      if (other == nullptr || other->in_turn) continue;
      other->in_turn = true;
      serve(*other);
      write(*other);
      other->in_turn = false;
      end_turn(*other);
    }
  }
  if (!engine_.state().shutdown) return;
  stopping_ = true;
  loop_.stop();
}

// --- Time ----------------------------------------------------------------------------------------

void TcpServer::tick() {
  next_tick_ = {};
  WallTime next = now_() + kTick;
  if (!busy_) {
    engine_.tick(now_());
    distribute();
    drop_idle();
    settle_others();
    if (!accepting_) accept();
    next = std::min(next, engine_.next_timeout().value_or(next));
  }
  await_tick(next);
}

/// The next tick is then, or earlier.
void TcpServer::await_tick(WallTime at) {
  if (next_tick_ != WallTime{} && next_tick_ <= at) return;
  next_tick_ = at;
  timer_.expires_after(std::max(at - now_(), Duration::zero()));
  timer_.async_wait([this](error_code problem) {
    if (!problem) tick();
  });
}

void TcpServer::drop_idle() {
  const Duration longest = from_ms(engine_.state().config.timeout_s * 1000);
  const WallTime now = now_();
  for (auto at = connections_.begin(); at != connections_.end();) {
    Connection& connection = *(at++)->second;
    const Session& session = *engine_.state().find(connection.id);
    limit_output(connection);
    const bool may_be_silent = session.blocked || session.is(Session::kSubscriber);
    const bool is_idle = longest > Duration::zero() && now - connection.last_active > longest;
    if (connection.lost || (is_idle && !may_be_silent)) drop(connection);
  }
}

/// Within a script that runs long: hears the others, once it has run for busy-reply-threshold.
Engine::SlowScript TcpServer::while_script_runs() {
  const std::int64_t threshold = engine_.state().config.busy_reply_threshold_ms;
  if (!stopping_ && to_ms(now_() - command_began_) >= threshold) {
    busy_ = true;
    loop_.poll();
    busy_ = false;
  }
  return stopping_ ? Engine::SlowScript::stop : Engine::SlowScript::go_on;
}

}  // namespace firedrill::sim::redis
