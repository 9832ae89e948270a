#include "sim/redis/server/server.h"

#include <algorithm>
#include <utility>

#include "sim/redis/state.h"
#include "system/domain/check.h"

namespace firedrill::sim::redis {

namespace {

constexpr Duration kSecond = std::chrono::seconds(1);
constexpr Duration kFsync = std::chrono::milliseconds(1);
constexpr std::int64_t kLoadedPerMs = 50'000;  ///< bytes

}  // namespace

std::uint64_t Disk::offset() const {
  return engine.state().replication.offset;
}

void Disk::fill_memory(bool full) {
  engine.state().memory_full = full;
  engine.state().update_guards();
}

Server::Server(Process& process, Disk& disk)
    : process_(process),
      disk_(disk),
      engine_(disk.engine),
      random_(process.world().stream("redis:" + process.name(), process.incarnation())),
      turn_(*this),
      fsync_(*this),
      tick_(*this),
      waits_(*this),
      loaded_(*this),
      expiry_(*this),
      snapshot_(*this),
      source_(process, disk.engine),
      rpc_(
          process, kPort,
          [this](Command command, Rpc::Responder responder) {
            receive(std::move(command), std::move(responder));
          },
          [this](std::uint64_t client) { gone(client); }) {
  disk_.server = this;
  source_.on_ack = [this] { end_waits(); };
  start();
}

Server::~Server() {
  disk_.server = nullptr;
  disk_.lose(disk_.store.lose_buffer());
}

/// A process that starts has what the disk holds.
void Server::start() {
  const bool again = process_.incarnation() > 1;
  if (again && disk_.settings.keeps_effects) {
    engine_.clear();
    disk_.store.load(engine_, wall());
    const auto bytes = static_cast<std::int64_t>(disk_.store.size());
    engine_.state().set_guard(EngineState::kLoadingData, true);
    at(loaded_, now() + from_ms(1 + bytes / kLoadedPerMs) + disk_.levers.extra_loading);
  } else if (again) {
    disk_.settings.persistence == Store::Persistence::none ? engine_.clear() : engine_.restart();
  }
  EngineState& state = engine_.state();
  state.config = disk_.settings.config;
  if (disk_.settings.keeps_effects) {
    engine_.keep_effects(true);
    state.replication.id = draw_history(random_);
  }
  state.update_guards();
  if (disk_.settings.persistence == Store::Persistence::snapshots) {
    at(snapshot_, now() + disk_.settings.snapshot_every);
  }
  if (disk_.follows != nullptr) follow(*disk_.follows);
}

void Server::end_loading() {
  engine_.state().set_guard(EngineState::kLoadingData, false);
  schedule_expiry();
  if (disk_.on_loaded) disk_.on_loaded();
}

// --- Commands ------------------------------------------------------------------------------------

Server::Client& Server::client_of(const Rpc::Responder& responder) {
  const auto [found, is_new] = clients_.try_emplace(responder.client());
  Client& client = found->second;
  if (is_new) {
    client.session = engine_.connect("client-" + std::to_string(responder.client()), wall());
    client_of_session_.emplace(client.session, responder.client());
  }
  return client;
}

/// What a client had sent before it went has arrived, and is executed in its turn.
void Server::gone(std::uint64_t number) {
  const auto found = clients_.find(number);
  if (found == clients_.end()) return;
  Client& client = found->second;
  client.gone = true;
  process_.end_work(client.held.size());
  client.held.clear();
  if (client.queued == 0) forget(number);
}

void Server::forget(std::uint64_t number) {
  const auto found = clients_.find(number);
  engine_.disconnect(found->second.session);
  client_of_session_.erase(found->second.session);
  clients_.erase(found);
}

bool Server::free() const {
  return disk_.levers.extra_per_command == Duration::zero() && !waits_for_fsync_ &&
         now() >= disk_.levers.stands_still_until;
}

void Server::receive(Command command, Rpc::Responder responder) {
  Client& client = client_of(responder);
  if (engine_.blocked(client.session)) {
    process_.begin_work();
    client.held.push_back({std::move(command), std::move(responder)});
    return;
  }
  if (waiting_.empty() && free()) {
    execute(command, responder);
    return;
  }
  if (now() < disk_.levers.stands_still_until) ++disk_.levers.kept_waiting;
  process_.begin_work();
  enqueue(client, {std::move(command), std::move(responder)});
}

void Server::enqueue(Client& client, Waiting waiting) {
  ++client.queued;
  waiting_.push_back(std::move(waiting));
  if (!turn_.scheduled()) begin_first();
}

/// A command takes as long as the server is slow when it begins: once it is fast again, what has
/// piled up goes quickly.
void Server::begin_first() {
  if (waits_for_fsync_) return;  // its end begins anew
  const Duration extra = disk_.levers.extra_per_command;
  if (extra > Duration::zero()) ++disk_.levers.slowed;
  at(turn_, std::max(now() + extra, disk_.levers.stands_still_until));
}

/// Executes the first that waits. One event for all: two that are due at one instant (after a
/// pause, or when the server is fast again) keep their order, whatever the scheduler picks.
void Server::end_first() {
  if (waits_for_fsync_ || now() < disk_.levers.stands_still_until) {
    begin_first();
    return;
  }
  Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  process_.end_work();
  if (!waiting_.empty()) begin_first();
  Client& client = client_of(first.responder);
  --client.queued;
  if (engine_.blocked(client.session)) {
    process_.begin_work();
    client.held.push_back(std::move(first));
    return;
  }
  execute(first.command, first.responder);  // last: who watches it may kill this process
}

void Server::wake() {
  if (waiting_.empty() || waits_for_fsync_) return;
  turn_.cancel();
  begin_first();
}

void Server::execute(const Command& command, const Rpc::Responder& responder) {
  if (now() < disk_.levers.busy_until) {
    ++disk_.levers.refused;
    responder.reply(RedisReply::error(
        "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."));
    return;
  }
  const std::uint64_t told = engine_.state().replication.told;
  Client& client = client_of(responder);
  std::optional<RedisReply> reply = engine_.execute(client.session, command.words, wall());
  if (reply && reply->is_error()) count_refusal(reply->text);
  if (!reply && engine_.blocked(client.session)) {
    client.blocked = responder;
    if (engine_.waits_for_replicas(client.session)) source_.ask_for_acks();
  }
  if (client.gone && client.queued == 0) forget(responder.client());
  if (disk_.settings.keeps_effects) keep_effects();
  const std::vector<std::uint64_t> closing = deliver();
  schedule_waits();
  schedule_expiry();
  if (engine_.state().replication.told != told) change_role();
  const bool held = reply && waits_for_fsync_ && disk_.store.policy() == Config::Fsync::always;
  if (held) unsynced_replies_.push_back({*reply, responder});

  Disk& disk = disk_;
  const Server* const itself = this;
  if (disk.observer) {
    static const RedisReply kNone;
    disk.observer(command.words, reply ? *reply : kNone, engine_.changed_keys());
  }
  if (disk.server != itself) return;  // who watched has killed this process
  if (reply && !held) responder.reply(std::move(*reply));
  for (const std::uint64_t number : closing) drop_client(number);
}

void Server::count_refusal(std::string_view error) {
  if (error.starts_with("NOSCRIPT")) ++disk_.levers.unknown_scripts;
  if (error.starts_with("OOM")) ++disk_.levers.out_of_memory;
}

/// Replies to commands that had waited go to their clients, who may then go on. Whose connection is
/// to be closed.
std::vector<std::uint64_t> Server::deliver() {
  std::vector<std::uint64_t> closing;
  for (Engine::Delivery& delivery : engine_.take_deliveries()) {
    const auto session = client_of_session_.find(delivery.to);
    if (session == client_of_session_.end()) continue;
    Client& client = clients_.at(session->second);
    if (client.blocked && delivery.reply) {
      client.blocked->reply(std::move(*delivery.reply));
      client.blocked.reset();
      for (Waiting& next : std::exchange(client.held, {})) enqueue(client, std::move(next));
    }
    if (delivery.then_close) closing.push_back(session->second);
  }
  return closing;
}

void Server::schedule_waits() {
  const auto next = engine_.next_timeout();
  if (!next) return;
  waits_.cancel();
  at(waits_, now() + std::max(*next - wall(), Duration::zero()));
}

void Server::end_waits() {
  engine_.tick(wall());
  if (disk_.settings.keeps_effects) keep_effects();
  for (const std::uint64_t number : deliver()) drop_client(number);
  schedule_waits();
}

/// serverCron looks ten times a second for keys whose time has come.
void Server::schedule_expiry() {
  if (expiry_.scheduled()) return;
  const auto next = engine_.next_expiry();
  if (!next) return;
  constexpr Duration kCron = from_ms(100);
  // Kept within what a run can reach: a clock may jump, and a key may live for a thousand years.
  constexpr Duration kLongest = std::chrono::seconds(3600);
  at(expiry_, now() + std::clamp(*next - wall() + from_ms(1), kCron, kLongest));
}

void Server::expire() {
  engine_.tick(wall());
  if (disk_.settings.keeps_effects) keep_effects();
  for (const std::uint64_t number : deliver()) drop_client(number);
  schedule_expiry();
}

// --- The disk ------------------------------------------------------------------------------------

void Server::keep_effects() {
  const std::string effects = engine_.take_effects();
  if (effects.empty()) return;
  source_.feed(effects);
  store(effects);
}

void Server::store(std::string_view effects) {
  disk_.store.append(effects);
  flush();
}

void Server::flush() {
  if (disk_.store.persistence() != Store::Persistence::append_only) return;
  const Store::Flush flush = disk_.store.flush(now());
  if (flush.fsync_begins) {
    if (disk_.levers.fsync_stall > Duration::zero()) ++disk_.levers.fsyncs_stalled;
    at(fsync_, now() + kFsync + disk_.levers.fsync_stall);
  }
  waits_for_fsync_ = waits_for_fsync_ || flush.waits;
  // serverCron looks after what the next command may not.
  const bool looks_again = disk_.store.policy() == Config::Fsync::everysec &&
                           (disk_.store.unsynced() || disk_.store.buffered());
  if (looks_again && !tick_.scheduled()) {
    const Duration since = now().time_since_epoch();
    at(tick_, Instant(since - since % kSecond + kSecond));
  }
}

void Server::end_fsync() {
  disk_.store.end_fsync();
  release_held();
  flush();
}

/// What is to be on disk is there: whoever waited for that goes on.
void Server::release_held() {
  waits_for_fsync_ = false;
  for (HeldReply& held : std::exchange(unsynced_replies_, {})) {
    held.responder.reply(std::move(held.reply));
  }
  if (!waiting_.empty() && !turn_.scheduled()) begin_first();
}

void Server::take_snapshot() {
  save_snapshot();
  at(snapshot_, now() + disk_.settings.snapshot_every);
}

/// The snapshot replaces the file that an fsync may be under way for.
void Server::save_snapshot() {
  disk_.store.save(engine_.snapshot());
  fsync_.cancel();
  release_held();
}

// --- Roles ---------------------------------------------------------------------------------------

void Server::become_primary() {
  sink_.reset();
  disk_.follows = nullptr;
  promote(engine_, random_);
  schedule_expiry();
}

void Server::follow(Host& primary) {
  check(disk_.settings.keeps_effects, "who follows a primary keeps effects");
  sink_.reset();
  source_.drop_followers();
  disk_.follows = &primary;
  demote(engine_, primary.name());
  sink_ =
      std::make_unique<ReplicationSink>(process_, primary, engine_,
                                        ReplicationSink::Observer{[this] {
                                                                    source_.forget_backlog();
                                                                    save_snapshot();
                                                                  },
                                                                  [this](std::string_view effects) {
                                                                    source_.remember(effects);
                                                                    store(effects);
                                                                  }});
}

/// A client has called REPLICAOF.
void Server::change_role() {
  const auto& primary = engine_.state().replication.primary;
  if (!primary) {
    if (!is_primary()) become_primary();
    return;
  }
  if (Host* host = process_.world().find_host(primary->host)) follow(*host);
}

/// QUIT, or somebody's CLIENT KILL.
void Server::drop_client(std::uint64_t number) {
  process_.end_work(clients_.at(number).held.size());
  const auto dropped = [number](const auto& item) { return item.responder.client() == number; };
  process_.end_work(std::erase_if(waiting_, dropped));
  std::erase_if(unsynced_replies_, dropped);
  if (waiting_.empty()) turn_.cancel();
  forget(number);
  rpc_.drop_client(number);
}

void Server::drop_clients() {
  process_.end_work(waiting_.size());
  waiting_.clear();
  turn_.cancel();
  for (const auto& [number, client] : clients_) {
    process_.end_work(client.held.size());
    engine_.disconnect(client.session);
  }
  clients_.clear();
  client_of_session_.clear();
  unsynced_replies_.clear();
  rpc_.drop_clients();
}

}  // namespace firedrill::sim::redis
