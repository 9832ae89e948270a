#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "sim/postgres/engine.h"
#include "sim/postgres/wire/connection.h"

namespace firedrill::sim::postgres {

using ConnectionId = std::uint32_t;

/// The engine and its clients' connections: bytes and the time in, bytes out. Knows no sockets.
///
/// After each call, take_changed() names the connections that have something to send, are over, or
/// want input again.
class WireServer final : private Reception {
 public:
  struct Options {
    std::size_t max_connections = 100;
    std::uint64_t secrets = 0;  ///< what the numbers of BackendKeyData are made from
  };

  /// A client that has not said who it is by then is let go (authentication_timeout).
  static constexpr std::int64_t kMostBeginning_us = 60'000'000;

  explicit WireServer(Options options) : options_(options) {}
  ~WireServer() override;

  ConnectionId connect(std::int64_t now);
  /// The client has gone, or the connection was over and all is sent.
  void disconnect(ConnectionId id, std::int64_t now);
  void receive(ConnectionId id, std::string_view bytes, std::int64_t now);

  bool wants_input(ConnectionId id) const { return at(id).wants_input(); }
  bool is_over(ConnectionId id) const { return at(id).is_over(); }
  /// What is to be sent; sent() says how much of it was.
  std::string_view output(ConnectionId id) const { return at(id).output(); }
  void sent(ConnectionId id, std::size_t bytes, std::int64_t now);

  void tick(std::int64_t now);
  /// When tick() would do something; nothing: never.
  std::optional<std::int64_t> next_timeout() const;

  /// Those that it is worth to look at, once each.
  std::vector<ConnectionId> take_changed();

  Engine& engine() override { return engine_; }
  std::size_t size() const { return connections_.size(); }

 private:
  struct Client {
    explicit Client(Reception& reception) : connection(reception) {}
    Connection connection;
    std::int64_t connected_at = 0;
  };

  // Reception
  std::int64_t now() const override { return now_; }
  std::optional<SessionId> admit() override;
  std::int32_t secret_of(SessionId session) const override;
  void cancel(std::int32_t backend, std::int32_t secret) override;

  const Connection& at(ConnectionId id) const;
  Connection& at(ConnectionId id);
  void advance(ConnectionId id);
  void end_session(SessionId session);
  void settle_others();

  Options options_;
  std::int64_t now_ = 0;
  Engine engine_;
  std::map<ConnectionId, std::unique_ptr<Client>> connections_;
  std::set<ConnectionId> waiting_;    ///< their statements are
  std::set<ConnectionId> beginning_;  ///< have no session yet
  std::set<ConnectionId> changed_;
  std::size_t sessions_ = 0;
  ConnectionId next_ = 1;
};

}  // namespace firedrill::sim::postgres
