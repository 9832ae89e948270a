#include "sim/postgres/server/server.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace firedrill::sim::postgres {

namespace {

constexpr Duration kFsync = from_ms(1);
constexpr Duration kRecovery = from_ms(200);
constexpr Duration kWriter = from_ms(200);         // wal_writer_delay
constexpr std::uint32_t kReservedConnections = 3;  // superuser_reserved_connections
/// What 2000-01-01 is in seconds since 1970: PostgreSQL counts from there.
constexpr std::int64_t kEpoch_s = 946'684'800;

std::int64_t since_2000_us(WallTime time) {
  return to_us(time.time_since_epoch()) - kEpoch_s * 1'000'000;
}

std::uint64_t affected_by(std::string_view tag) {
  const std::size_t space = tag.rfind(' ');
  std::uint64_t count = 0;
  if (space != std::string_view::npos) {
    std::from_chars(tag.data() + space + 1, tag.data() + tag.size(), count);
  }
  return count;
}

}  // namespace

std::uint64_t affected(const Reply& reply) {
  return affected_by(reply.tag);
}

Disk::Disk(Settings its_settings, Engine::Options options)
    : engine(std::make_shared<Engine>(std::move(options))), settings(its_settings) {
  engine->keep_log();
  engine->configure("max_connections", std::to_string(settings.max_connections));
  engine->configure("synchronous_commit", settings.synchronous_commit ? "on" : "off");
}

Server::Server(Process& process, Disk& disk)
    : process_(process),
      disk_(disk),
      recovered_(*this),
      fsync_(*this),
      writer_(*this),
      waits_(*this),
      sender_(process, [this](Lsn upto) { standby_received(upto); }),
      rpc_(
          process, kPort,
          [this](Request request, Rpc::Responder responder) {
            receive(std::move(request), std::move(responder));
          },
          [this](std::uint64_t client) { gone(client); }) {
  disk_.server = this;
  if (disk_.follows != nullptr) {
    receiver_ = std::make_unique<LogReceiver>(process_, *disk_.follows, disk_.received);
  } else if (process_.incarnation() > 1) {
    recover();
  } else {
    serve();
  }
}

Server::~Server() {
  disk_.server = nullptr;
}

// --- Coming back ---------------------------------------------------------------------------------

/// Redoes what the log on the disk says. Whoever connects meanwhile is turned away.
void Server::recover() {
  disk_.lose(engine().commits_after(disk_.written));
  disk_.engine = engine().recover(disk_.written);
  is_recovering_ = true;
  at(recovered_, now() + kRecovery + disk_.levers.extra_recovery);
}

void Server::end_recovery() {
  is_recovering_ = false;
  serve();
}

/// As a primary.
void Server::serve() {
  keep_time();
  engine().require_standby(disk_.settings.needs_standby, now_us());
  engine().fill_disk(disk_.levers.disk_is_full);
  sender_.send(disk_.engine, engine().log_flushed());
  engine().take_committed();
  if (disk_.on_started) disk_.on_started();
}

void Server::promote() {
  check(is_standby(), "who is promoted is a standby");
  receiver_.reset();
  disk_.follows = nullptr;
  if (disk_.received.engine != nullptr) {
    disk_.engine = disk_.received.engine->recover(disk_.received.upto);
  }
  disk_.written = engine().log_end();
  disk_.received = {};
  end_recovery();
}

void Server::follow(Host& primary) {
  const Disk& disk = disk_;
  const Server* const itself = this;
  terminate_clients();
  if (disk.server != itself) return;  // who watched has killed this process
  fsync_.cancel();
  writer_.cancel();
  waits_.cancel();
  recovered_.cancel();
  is_recovering_ = false;
  disk_.follows = &primary;
  disk_.received = {};
  receiver_ = std::make_unique<LogReceiver>(process_, primary, disk_.received);
}

// --- Clients -------------------------------------------------------------------------------------

std::int64_t Server::now_us() {
  return since_2000_us(kWorldBegan) + to_us(now().time_since_epoch());
}

void Server::keep_time() {
  engine().set_clock_ahead(since_2000_us(process_.host().wall()) - now_us());
}

void Server::turn_away(const Rpc::Responder& responder, std::string_view sqlstate,
                       std::string_view message) {
  ++disk_.levers.turned_away;
  if (sqlstate == "53300") ++disk_.levers.too_many_clients;
  Reply reply;
  reply.error = {std::string(sqlstate), std::string(message), true};
  responder.reply(std::move(reply));
  rpc_.drop_client(responder.client());
}

void Server::receive(Request request, Rpc::Responder responder) {
  if (request.kind == Request::Kind::cancel) {
    if (is_standby() || is_recovering_) return;
    for (const auto& [number, client] : clients_) {
      if (client->session == request.backend) {
        engine().cancel(client->session, now_us());
        after_engine();
        return;
      }
    }
    return;
  }
  auto found = clients_.find(responder.client());
  if (found == clients_.end()) {
    if (is_recovering_) {
      return turn_away(responder, "57P03", "the database system is starting up");
    }
    if (is_standby()) {
      return turn_away(responder, "57P03", "the database system is not accepting connections");
    }
    const std::size_t taken = clients_.size() + disk_.levers.strangers + kReservedConnections;
    if (taken >= disk_.settings.max_connections) {
      return turn_away(responder, "53300", "sorry, too many clients already");
    }
    const std::uint64_t number = responder.client();
    found = clients_.emplace(number, std::make_unique<Client>(*this, number)).first;
    keep_time();
    found->second->session = engine().connect(now_us());
  }
  Client& client = *found->second;
  process_.begin_work();
  client.asked.push_back({std::move(request), std::move(responder)});
  if (client.asked.size() == 1) next(client);
}

/// The first of what it asked for begins: at once, where nothing slows the server down.
void Server::next(Client& client) {
  const Duration extra = disk_.levers.extra_per_statement;
  if (extra > Duration::zero()) {
    ++disk_.levers.slowed;
    at(client.turn, now() + extra);
  } else {
    begin(client.asked.front().responder.client());
  }
}

void Server::take_turn(std::uint64_t number) {
  if (!clients_.at(number)->gone) return begin(number);
  process_.end_work();
  std::erase(running_, number);
  forget(number);
  after_engine();
}

void Server::begin(std::uint64_t number) {
  Client& client = *clients_.at(number);
  const Request& request = client.asked.front().request;
  client.runs = true;
  client.commits = engine().commits(client.session);
  running_.push_back(number);
  keep_time();
  if (request.kind == Request::Kind::script) {
    engine().query(client.session, request.sql, now_us());
  } else {
    engine().execute(client.session, request.sql, request.parameters, now_us());
  }
  after_engine();
}

/// To whoever watches. False: that one has killed this process.
bool Server::tell_committed() {
  if (!engine().has_committed()) return true;
  Disk& disk = disk_;
  const Server* const itself = this;
  for (const CommittedRow& row : engine().take_committed()) {
    if (disk.observer) disk.observer(row);
    if (disk.server != itself) return false;
  }
  return true;
}

/// Whoever's statement is done hears of it; whose commit waits for the disk has it synced.
void Server::after_engine() {
  if (!tell_committed() || !deliver() || !tell_committed()) return;
  if (engine().log_end() > engine().log_flushed()) {
    if (engine().awaits_disk()) {
      flush();
    } else if (!writer_.scheduled()) {
      at(writer_, now() + kWriter);
    }
  }
  const auto timeout = engine().next_timeout();
  waits_.cancel();
  if (timeout) at(waits_, now() + from_us(std::max<std::int64_t>(*timeout - now_us(), 0)));
}

void Server::end_wait() {
  engine().tick(now_us());
  after_engine();
}

/// False: whoever watches has killed this process.
bool Server::deliver() {
  const Disk& disk = disk_;
  const Server* const itself = this;
  std::vector<std::uint64_t> done;
  for (const std::uint64_t number : running_) {
    if (!engine().is_busy(clients_.at(number)->session)) done.push_back(number);
  }
  if (done.empty()) return true;
  std::erase_if(running_, [&](std::uint64_t number) {
    return std::ranges::find(done, number) != done.end();
  });
  for (const std::uint64_t number : done) {
    Client& client = *clients_.at(number);
    client.runs = false;
    Reply reply = reply_of(client);
    const Client::Asked asked = std::move(client.asked.front());
    client.asked.pop_front();
    process_.end_work();
    const bool is_commit =
        reply.tag == "COMMIT" || engine().commits(client.session) > client.commits;
    if (client.gone) {
      forget(number);
    } else if (is_commit && disk_.levers.losing_commit_answers > 0) {
      ++disk_.levers.commit_answers_lost;
      rpc_.drop_client(number);
      forget(number);
    } else {
      const bool is_over = reply.error && reply.error->is_fatal;
      asked.responder.reply(std::move(reply));
      if (is_over) {
        rpc_.drop_client(number);
        forget(number);
      } else if (!client.asked.empty()) {
        next(client);
        if (disk.server != itself) return false;
      }
    }
  }
  return deliver();  // whoever was forgotten may have let others go on
}

/// Of a script, the last statement's rows; the first error ends it.
Reply Server::reply_of(Client& client) {
  Reply reply;
  std::vector<StatementResult> results = engine().take_results(client.session);
  check(!results.empty(), "a statement that is done has answered");
  StatementResult& last = results.back();
  reply.backend = client.session;
  reply.status = engine().transaction_status(client.session);
  if (last.error) {
    if (last.error->sqlstate == "53100") ++disk_.levers.disk_full_refusals;
    reply.error = {last.error->sqlstate, last.error->message, last.error->is_fatal};
    return reply;
  }
  reply.tag = std::move(last.tag);
  reply.width = last.columns.size();
  reply.cells.reserve(last.rows.size() * reply.width);
  for (const Row& row : last.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      reply.cells.push_back(engine().text(client.session, last.columns[i], row[i]));
    }
  }
  return reply;
}

void Server::gone(std::uint64_t number) {
  const auto found = clients_.find(number);
  if (found == clients_.end()) return;
  Client& client = *found->second;
  if (client.runs) {
    client.gone = true;
    process_.end_work(client.asked.size() - 1);
    client.asked.erase(client.asked.begin() + 1, client.asked.end());
    const Duration interval = disk_.settings.client_connection_check_interval;
    if (interval > Duration::zero()) at(client.turn, now() + interval);
    return;
  }
  process_.end_work(client.asked.size());
  forget(number);
  after_engine();
}

void Server::forget(std::uint64_t number) {
  const SessionId session = clients_.at(number)->session;
  clients_.erase(number);
  engine().disconnect(session, now_us());
}

void Server::terminate_clients() {
  running_.clear();
  for (auto& [number, client] : std::exchange(clients_, {})) {
    process_.end_work(client->asked.size());
    for (const Client::Asked& asked : client->asked) {
      Reply reply;
      reply.error = {"57P01", "terminating connection due to administrator command", true};
      asked.responder.reply(std::move(reply));
    }
    engine().disconnect(client->session, now_us());
  }
  rpc_.drop_clients();
  // Whom the end of another let go on first may be committing.
  if (!is_standby() && !is_recovering_) after_engine();
}

// --- The log -------------------------------------------------------------------------------------

void Server::flush() {
  if (fsync_.scheduled()) return;  // its end looks again
  writer_.cancel();
  flushing_ = disk_.written = engine().log_end();
  if (disk_.levers.fsync_stall > Duration::zero()) ++disk_.levers.fsyncs_stalled;
  at(fsync_, now() + kFsync + disk_.levers.fsync_stall);
}

void Server::end_flush() {
  engine().flushed(flushing_, now_us());
  sender_.send(disk_.engine, flushing_);
  forget_log();
  after_engine();
}

/// What every standby has. One that has nothing of this server's log yet may be about to receive
/// any part of it that was sent so far: it is all kept.
void Server::forget_log() {
  Lsn kept = flushing_;
  for (const Disk* standby : disk_.standbys) {
    if (standby->received.engine != disk_.engine) return;
    kept = std::min(kept, standby->received.upto);
  }
  engine().forget_log(kept);
}

void Server::write_log() {
  flush();
}

void Server::standby_received(Lsn upto) {
  engine().acknowledged(upto, now_us());
  after_engine();
}

}  // namespace firedrill::sim::postgres
