#include "sim/postgres/wire/server.h"

#include <algorithm>
#include <string>
#include <utility>

#include "system/domain/check.h"

namespace firedrill::sim::postgres {

WireServer::~WireServer() = default;

const Connection& WireServer::at(ConnectionId id) const {
  const auto found = connections_.find(id);
  check(found != connections_.end(), "the connection is there");
  return found->second->connection;
}
Connection& WireServer::at(ConnectionId id) {
  return const_cast<Connection&>(std::as_const(*this).at(id));
}

ConnectionId WireServer::connect(std::int64_t now) {
  now_ = std::max(now_, now);
  const ConnectionId id = next_++;
  auto client = std::make_unique<Client>(static_cast<Reception&>(*this));
  client->connected_at = now_;
  connections_.emplace(id, std::move(client));
  beginning_.insert(id);
  return id;
}

void WireServer::disconnect(ConnectionId id, std::int64_t now) {
  now_ = std::max(now_, now);
  const std::optional<SessionId> session = at(id).take_session();
  connections_.erase(id);
  waiting_.erase(id);
  beginning_.erase(id);
  changed_.erase(id);
  if (session) end_session(*session);
  settle_others();
}

void WireServer::end_session(SessionId session) {
  engine_.disconnect(session, now_);
  --sessions_;
}

void WireServer::receive(ConnectionId id, std::string_view bytes, std::int64_t now) {
  now_ = std::max(now_, now);
  at(id).receive(bytes);
  advance(id);
  settle_others();
}

void WireServer::sent(ConnectionId id, std::size_t bytes, std::int64_t now) {
  now_ = std::max(now_, now);
  Connection& connection = at(id);
  const bool was_held = connection.is_held();
  connection.sent(bytes);
  if (!was_held || connection.is_held()) return;
  advance(id);
  settle_others();
}

void WireServer::advance(ConnectionId id) {
  Connection& connection = at(id);
  connection.advance();
  changed_.insert(id);
  if (connection.is_running()) {
    waiting_.insert(id);
  } else {
    waiting_.erase(id);
  }
  if (connection.has_begun() || connection.is_over()) beginning_.erase(id);
  // What it holds is let go of now, whenever its client hears the last of it.
  if (!connection.is_over()) return;
  waiting_.erase(id);
  if (const auto session = connection.take_session()) end_session(*session);
}

/// Those whose statements have come to an end meanwhile; and what all others are to be told.
void WireServer::settle_others() {
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    for (const ConnectionId id : std::vector(waiting_.begin(), waiting_.end())) {
      if (!at(id).may_go_on()) continue;
      advance(id);
      goes_on = true;
    }
  }
  std::vector<ConnectionId> ended;
  for (const auto& [id, client] : connections_) {
    const std::size_t before = client->connection.output().size();
    client->connection.look_around();
    if (client->connection.output().size() > before) changed_.insert(id);
    if (client->connection.is_over() && client->connection.has_begun()) ended.push_back(id);
  }
  for (const ConnectionId id : ended) advance(id);
  if (!ended.empty()) settle_others();
}

void WireServer::tick(std::int64_t now) {
  now_ = std::max(now_, now);
  engine_.tick(now_);
  for (const ConnectionId id : std::vector(beginning_.begin(), beginning_.end())) {
    Client& client = *connections_.at(id);
    if (client.connected_at + kMostBeginning_us > now_) continue;
    client.connection.give_up();
    beginning_.erase(id);
    changed_.insert(id);
  }
  settle_others();
}

std::optional<std::int64_t> WireServer::next_timeout() const {
  std::optional<std::int64_t> next = engine_.next_timeout();
  if (!beginning_.empty()) {  // in the order in which they came
    const std::int64_t end = connections_.at(*beginning_.begin())->connected_at + kMostBeginning_us;
    next = std::min(next.value_or(end), end);
  }
  return next;
}

std::vector<ConnectionId> WireServer::take_changed() {
  std::vector<ConnectionId> changed(changed_.begin(), changed_.end());
  changed_.clear();
  return changed;
}

// --- Sessions ------------------------------------------------------------------------------------

std::optional<SessionId> WireServer::admit() {
  if (sessions_ >= options_.max_connections) return std::nullopt;
  ++sessions_;
  const SessionId session = engine_.connect(now_);
  if (options_.max_connections != Options{}.max_connections) {
    engine_.set_parameter(session, "max_connections", std::to_string(options_.max_connections));
  }
  return session;
}

std::int32_t WireServer::secret_of(SessionId session) const {
  // SplitMix64: nobody guesses the next from those before.
  std::uint64_t mixed = options_.secrets + session * 0x9e37'79b9'7f4a'7c15U;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58'476d'1ce4'e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d0'49bb'1331'11ebU;
  return static_cast<std::int32_t>((mixed ^ (mixed >> 31U)) & 0xffff'ffffU);
}

void WireServer::cancel(std::int32_t backend, std::int32_t secret) {
  const auto session = static_cast<SessionId>(backend);
  const bool is_there = std::ranges::any_of(
      connections_, [&](const auto& each) { return each.second->connection.session() == session; });
  if (is_there && secret_of(session) == secret) engine_.cancel(session, now_);
}

}  // namespace firedrill::sim::postgres
