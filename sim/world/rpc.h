#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "sim/kernel/wait.h"
#include "sim/world/connection.h"
#include "sim/world/process.h"
#include "sim/world/world.h"

namespace firedrill::sim {

/// A request or its reply on a connection, told apart from others on it by its number.
template <class T>
struct Numbered {
  std::uint64_t number = 0;
  T body;
};

template <class T>
void fold(Digest& digest, const Numbered<T>& message) {
  digest.fold(message.number);
  fold(digest, message.body);
}

/// How a call ends that got no reply, and whether the request had been sent.
struct NoReply {
  enum class Why : std::uint8_t { refused, reset, timed_out };
  Why why = Why::timed_out;
  bool sent = false;
};

template <class Reply>
using RpcResult = std::variant<Reply, NoReply>;

/// A name that leads to a host and may come to lead to another, as a DNS record or a virtual
/// address does: who connects asks anew, who is connected stays.
struct Endpoint {
  Host* host = nullptr;
};

/// The client's end of requests and replies over one connection, made when first needed and again
/// after it broke. Requests are sent in the order of the calls; nothing is sent twice.
template <class Request, class Reply>
class RpcClient final : private Receiver {
 public:
  RpcClient(Process& process, Host& server, std::uint16_t port)
      : process_(process), itself_{&server}, server_(itself_), port_(port) {}
  /// `server` outlives it, and leads to some host whenever a call is made.
  RpcClient(Process& process, const Endpoint& server, std::uint16_t port)
      : process_(process), server_(server), port_(port) {}
  RpcClient(const RpcClient&) = delete;
  RpcClient& operator=(const RpcClient&) = delete;

  /// Not sent where the deadline has passed. `is_work`: whether a process that waits for this is
  /// busy (see Process::work).
  boost::asio::awaitable<RpcResult<Reply>> call(Request request, Instant deadline,
                                                bool is_work = true) {
    if (deadline <= process_.world().now()) co_return NoReply{NoReply::Why::timed_out, false};
    Pending pending(process_.lane());
    pending.number = next_number_++;
    std::optional<Work> work;
    if (is_work) work.emplace(process_);
    if (connected_) {
      send(pending, std::move(request));
    } else {
      pending.request.emplace(std::move(request));
      unsent_.push_back(pending);
      if (!socket_.open())
        socket_ = process_.world().connect(process_, *server_.host, port_, *this);
    }
    std::optional<RpcResult<Reply>> result = co_await pending.wait.until(deadline);
    if (result.has_value()) co_return std::move(*result);
    co_return NoReply{NoReply::Why::timed_out, pending.sent};
  }

  /// Whether a call waits on this connection.
  bool busy() const { return !sent_.empty() || !unsent_.empty(); }

  /// Counts connections that have ended: who has something open on the server asks whether its own
  /// is still there.
  std::uint64_t broken() const { return broken_; }

  /// Drops the connection: for protocols in which a late reply would confuse the next call.
  /// Precondition: no call waits.
  void close() {
    ++broken_;
    connected_ = false;
    socket_.close();
  }

 private:
  struct Pending : ListNode {
    explicit Pending(Lane& lane) : wait(lane) {}

    std::uint64_t number = 0;
    bool sent = false;
    std::optional<Request> request;  ///< until it is sent
    Wait<RpcResult<Reply>> wait;
  };

  void send(Pending& pending, Request request) {
    pending.sent = true;
    sent_.push_back(pending);
    socket_.send(Message::of(Numbered<Request>{pending.number, std::move(request)}));
  }

  void on_connected() override {
    connected_ = true;
    while (!unsent_.empty()) {
      Pending& pending = unsent_.front();
      pending.ListNode::unlink();
      Request request = std::move(*pending.request);
      pending.request.reset();
      send(pending, std::move(request));
    }
  }

  void on_message(Message message) override {
    auto reply = message.take<Numbered<Reply>>();
    Pending* found = nullptr;
    sent_.for_each([&](Pending& pending) {
      if (pending.number == reply.number) found = &pending;
    });
    if (found == nullptr) return;  // its caller gave up
    found->ListNode::unlink();
    found->wait.complete_now(std::move(reply.body));
  }

  void on_broken(Broken how) override {
    ++broken_;
    connected_ = false;
    const auto why = how == Broken::refused ? NoReply::Why::refused : NoReply::Why::reset;
    fail(sent_, NoReply{why, true});
    fail(unsent_, NoReply{why, false});
  }

  static void fail(IntrusiveList<Pending>& list, NoReply how) {
    while (!list.empty()) {
      Pending& pending = list.front();
      pending.ListNode::unlink();
      pending.wait.complete(how);
    }
  }

  Process& process_;
  Endpoint itself_;
  const Endpoint& server_;
  std::uint16_t port_;
  Socket socket_;
  bool connected_ = false;
  std::uint64_t broken_ = 0;
  std::uint64_t next_number_ = 1;
  IntrusiveList<Pending> unsent_;
  IntrusiveList<Pending> sent_;
};

/// The server's end: accepts connections on a port and hands each request to `handler`.
template <class Request, class Reply>
class RpcServer final : private Acceptor {
  struct Session;

 public:
  /// Where the reply to one request goes. Dropped without a reply: the client waits in vain.
  class Responder {
   public:
    void reply(Reply body) const {
      if (auto session = session_.lock()) {
        session->socket.send(Message::of(Numbered<Reply>{number_, std::move(body)}));
      }
    }
    /// Tells the clients of this server apart; never used again for another one.
    std::uint64_t client() const { return client_; }
    /// Whether the connection is still there.
    bool alive() const { return !session_.expired(); }

   private:
    friend class RpcServer;
    std::weak_ptr<Session> session_;
    std::uint64_t number_ = 0;
    std::uint64_t client_ = 0;
  };

  using Handler = std::function<void(Request, Responder)>;
  using OnGone = std::function<void(std::uint64_t client)>;

  RpcServer(Process& process, std::uint16_t port, Handler handler, OnGone on_gone = {})
      : handler_(std::move(handler)),
        on_gone_(std::move(on_gone)),
        listener_(process, port, *this) {}

  /// Closes every connection, or one; on_gone is not told.
  void drop_clients() { sessions_.clear(); }
  void drop_client(std::uint64_t client) {
    std::erase_if(sessions_, [&](const auto& held) { return held->client == client; });
  }

 private:
  struct Session final : Receiver, std::enable_shared_from_this<Session> {
    void on_message(Message message) override {
      auto request = message.take<Numbered<Request>>();
      Responder responder;
      responder.session_ = this->weak_from_this();
      responder.number_ = request.number;
      responder.client_ = client;
      server->handler_(std::move(request.body), std::move(responder));
    }
    void on_broken(Broken) override { server->gone(*this); }

    RpcServer* server = nullptr;
    std::uint64_t client = 0;
    Socket socket;
  };

  void on_accept(Socket socket) override {
    auto session = std::make_shared<Session>();
    session->server = this;
    session->client = next_client_++;
    session->socket = std::move(socket);
    session->socket.set_receiver(*session);
    sessions_.push_back(std::move(session));
  }

  void gone(Session& session) {
    const std::uint64_t client = session.client;
    std::erase_if(sessions_, [&](const auto& held) { return held.get() == &session; });
    if (on_gone_) on_gone_(client);
  }

  Handler handler_;
  OnGone on_gone_;
  std::vector<std::shared_ptr<Session>> sessions_;
  std::uint64_t next_client_ = 1;
  ListenSocket listener_;
};

}  // namespace firedrill::sim
