#include "sim/redis/server/replication.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "sim/redis/state.h"
#include "system/domain/check.h"

namespace firedrill::sim::redis {

namespace {

constexpr Duration kBeat = std::chrono::seconds(1);  ///< REPLCONF ACK, and trying to connect again
constexpr std::size_t kBacklog = 1 << 20;            ///< repl-backlog-size, by default

}  // namespace

void fold(Digest& digest, const FromReplica& message) {
  digest.fold(message.what.index());
  if (const auto* psync = std::get_if<FromReplica::Psync>(&message.what)) {
    fold(digest, psync->history);
    digest.fold(psync->offset);
  } else {
    digest.fold(std::get<FromReplica::Ack>(message.what).offset);
  }
}

void fold(Digest& digest, const FromPrimary& message) {
  digest.fold(message.what.index());
  if (const auto* full = std::get_if<FromPrimary::FullResync>(&message.what)) {
    fold(digest, full->history);
    digest.fold(full->offset);
    fold(digest, full->snapshot);
  } else if (const auto* from_here = std::get_if<FromPrimary::Continue>(&message.what)) {
    fold(digest, from_here->history);
  } else if (const auto* effects = std::get_if<FromPrimary::Effects>(&message.what)) {
    fold(digest, effects->bytes);
  }
}

// --- The primary's end ---------------------------------------------------------------------------

ReplicationSource::ReplicationSource(Process& process, Engine& engine)
    : process_(process), engine_(engine), listener_(process, kReplicationPort, *this) {}

void ReplicationSource::feed(std::string_view effects) {
  if (effects.empty()) return;
  engine_.state().replication.offset += effects.size();
  remember(effects);
  for (Follower& follower : followers_) {
    if (!follower.online) continue;
    follower.socket.send(Message::of(FromPrimary{FromPrimary::Effects{std::string(effects)}}));
  }
}

void ReplicationSource::remember(std::string_view effects) {
  backlog_.append(effects);
  if (backlog_.size() > 2 * kBacklog) backlog_.erase(0, backlog_.size() - kBacklog);
}

void ReplicationSource::ask_for_acks() {
  for (Follower& follower : followers_) {
    if (follower.online) follower.socket.send(Message::of(FromPrimary{FromPrimary::AskForAck{}}));
  }
}

void ReplicationSource::forget_backlog() {
  backlog_.clear();
}

void ReplicationSource::on_accept(Socket socket) {
  Follower& follower = followers_.emplace_back(*this);
  follower.number = next_follower_++;
  follower.socket = std::move(socket);
  follower.socket.set_receiver(follower);
}

void ReplicationSource::Follower::on_message(Message message) {
  const auto said = message.take<FromReplica>();
  if (const auto* psync = std::get_if<FromReplica::Psync>(&said.what)) {
    source.synchronise(*this, *psync);
  } else {
    source.acknowledge(*this, std::get<FromReplica::Ack>(said.what).offset);
  }
}

/// The replica continues where it knows this history, or the one before up to where that ended,
/// and what it lacks is in the backlog.
void ReplicationSource::synchronise(Follower& follower, const FromReplica::Psync& from) {
  const Replication& state = engine_.state().replication;
  if (state.primary) {  // "NOMASTERLINK": not one to follow
    drop(follower);
    return;
  }
  const bool known = from.history == state.id ||
                     (from.history == state.previous_id && from.offset <= state.previous_offset);
  const bool kept = from.offset <= state.offset && state.offset - from.offset <= backlog_.size();
  follower.online = true;
  const WallTime now = process_.host().wall();
  engine_.state().replication.replicas[follower.number] = {
      "replica-" + std::to_string(follower.number), 6379, 0, to_ms(now.time_since_epoch())};
  if (known && kept) {
    const std::size_t lacks = state.offset - from.offset;
    follower.socket.send(Message::of(FromPrimary{FromPrimary::Continue{state.id}}));
    if (lacks == 0) return;
    std::string rest = backlog_.substr(backlog_.size() - lacks);
    follower.socket.send(Message::of(FromPrimary{FromPrimary::Effects{std::move(rest)}}));
    return;
  }
  engine_.begin_effects();  // what follows must not lean on a database that was selected before
  follower.socket.send(Message::of(
      FromPrimary{FromPrimary::FullResync{state.id, state.offset, engine_.snapshot()}}));
}

void ReplicationSource::acknowledge(const Follower& follower, std::uint64_t offset) {
  engine_.replica_acknowledged(follower.number, offset, process_.host().wall());
  if (on_ack) on_ack();
}

void ReplicationSource::drop(const Follower& follower) {
  engine_.state().replication.replicas.erase(follower.number);
  followers_.remove_if([&](const Follower& other) { return &other == &follower; });
}

// --- The replica's end ---------------------------------------------------------------------------

ReplicationSink::ReplicationSink(Process& process, Host& primary, Engine& engine, Observer observer)
    : process_(process),
      primary_(primary),
      engine_(engine),
      observer_(std::move(observer)),
      beat_(*this) {
  connect();
  process_.world().scheduler().at(beat_, process_.lane(), process_.world().now() + kBeat);
}

ReplicationSink::~ReplicationSink() = default;

void ReplicationSink::connect() {
  online_ = false;
  socket_ = process_.world().connect(process_, primary_, kReplicationPort, *this);
}

void ReplicationSink::on_connected() {
  const Replication& state = engine_.state().replication;
  socket_.send(Message::of(FromReplica{FromReplica::Psync{state.id, state.offset}}));
}

void ReplicationSink::on_message(Message message) {
  auto said = message.take<FromPrimary>();
  std::visit([this](auto& what) { take(what); }, said.what);
}

void ReplicationSink::take(FromPrimary::FullResync& resync) {
  Engine& engine = engine_;
  engine.replace(resync.snapshot, process_.host().wall());
  Replication& state = engine.state().replication;
  state.id = std::move(resync.history);
  state.offset = resync.offset;
  state.primary->link_up = online_ = true;
  if (observer_.resynchronised) observer_.resynchronised();
  acknowledge();
}

void ReplicationSink::take(FromPrimary::Continue& from_here) {
  Replication& state = engine_.state().replication;
  state.id = std::move(from_here.history);
  state.primary->link_up = online_ = true;
  acknowledge();
}

void ReplicationSink::take(FromPrimary::Effects& effects) {
  const auto used = engine_.apply(effects.bytes, process_.host().wall());
  check(used == effects.bytes.size(), "a primary sends whole commands");
  engine_.state().replication.offset += effects.bytes.size();
  if (observer_.applied) observer_.applied(effects.bytes);
}

void ReplicationSink::on_broken(Broken) {
  online_ = false;
  socket_ = Socket();
  if (auto& primary = engine_.state().replication.primary) primary->link_up = false;
}

void ReplicationSink::beat() {
  if (!socket_.open()) {
    connect();
  } else if (online_) {
    acknowledge();
  }
  process_.world().scheduler().at(beat_, process_.lane(), process_.world().now() + kBeat);
}

void ReplicationSink::acknowledge() {
  socket_.send(Message::of(FromReplica{FromReplica::Ack{engine_.state().replication.offset}}));
}

// --- Roles ---------------------------------------------------------------------------------------

std::string draw_history(RandomStream& random) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name(40, '0');
  for (char& digit : name) digit = kDigits[random.below(kDigits.size())];
  return name;
}

void promote(Engine& engine, RandomStream& random) {
  EngineState& state = engine.state();
  Replication& replication = state.replication;
  replication.previous_id = std::exchange(replication.id, draw_history(random));
  replication.previous_offset = replication.offset;
  replication.primary.reset();
  state.set_expiry(Keyspace::Expiry::erase);
  state.update_guards();
  engine.begin_effects();
}

void demote(Engine& engine, std::string primary) {
  EngineState& state = engine.state();
  state.replication.primary = Replication::Primary{std::move(primary), 6379, false};
  state.replication.replicas.clear();
  state.set_expiry(Keyspace::Expiry::hide);
  state.update_guards();
}

}  // namespace firedrill::sim::redis
