#include "sim/redis/server/sentinel.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <charconv>
#include <exception>
#include <utility>

#include "sim/kernel/wait.h"
#include "system/domain/check.h"

namespace firedrill::sim::redis {

namespace asio = boost::asio;

namespace {

// The periods of sentinel.c.
constexpr Duration kPing = from_ms(1000);
constexpr Duration kHello = from_ms(2000);
constexpr Duration kAnswerWithin = from_ms(500);
constexpr Duration kRound = from_ms(100);      ///< sentinelTimer()
constexpr Duration kElection = from_ms(1000);  ///< SENTINEL_MAX_DESYNC
constexpr Duration kWrongRole = 4 * kHello;    ///< before a server's role is corrected

/// The value of `name` among the lines of INFO; empty where it is not there.
std::string_view field(std::string_view info, std::string_view name) {
  for (std::size_t at = 0; at < info.size();) {
    const std::size_t end = std::min(info.find("\r\n", at), info.size());
    const std::string_view line = info.substr(at, end - at);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(":")) {
      return line.substr(name.size() + 1);
    }
    at = end + 2;
  }
  return {};
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Made outside of the coroutines: g++ 12 does not let them hold a list of words.
Command ask_for_role() {
  return {{"INFO", "replication"}};
}
std::vector<std::string> follow(const std::string& primary) {
  return {"REPLICAOF", primary, "6379"};
}
std::vector<std::string> follow_nobody() {
  return {"REPLICAOF", "NO", "ONE"};
}
std::vector<std::string> kill_clients() {
  return {"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"};
}

}  // namespace

void fold(Digest& digest, const SentinelAsk& ask) {
  sim::fold(digest, ask.candidate);
  digest.fold(ask.epoch);
  digest.fold(ask.config_epoch);
  sim::fold(digest, ask.primary);
}

void fold(Digest& digest, const SentinelAnswer& answer) {
  digest.fold(static_cast<std::uint64_t>(answer.down));
  sim::fold(digest, answer.leader);
  digest.fold(answer.leader_epoch);
  digest.fold(answer.config_epoch);
  sim::fold(digest, answer.primary);
}

Sentinel::Sentinel(Process& process, const SentinelSetup& setup, SentinelDisk& disk)
    : process_(process),
      setup_(setup),
      disk_(disk),
      random_(process.world().stream("sentinel:" + process.name(), process.incarnation())),
      rpc_(process, kSentinelPort, [this](const SentinelAsk& ask, const Rpc::Responder& responder) {
        responder.reply(answer(ask));
      }) {
  for (Host* host : setup.servers) {
    servers_.push_back(std::make_unique<Watched>(process, *host));
    servers_.back()->heard_of = now();
  }
  for (Host* host : setup.sentinels) {
    if (host == &process.host()) continue;
    peers_.push_back(std::make_unique<Peer>(process, *host, kSentinelPort));
  }
  for (const auto& server : servers_) spawn(watch(*server));
  spawn(guard());
}

Sentinel::~Sentinel() = default;

void Sentinel::spawn(Awaitable task) {
  asio::co_spawn(process_.executor(), std::move(task), [](std::exception_ptr error) {
    check(error == nullptr, "a Sentinel does not throw");
  });
}

Sentinel::Awaitable Sentinel::sleep(Duration length) {
  Wait<std::monostate> wait(process_.lane());
  co_await wait.until(now() + length);
}

// --- Watching the servers ------------------------------------------------------------------------

Sentinel::Awaitable Sentinel::watch(Watched& server) {
  while (true) {
    Command info = ask_for_role();
    const auto result = co_await server.client.call(std::move(info), now() + kAnswerWithin, false);
    const auto* reply = std::get_if<RedisReply>(&result);
    if (reply != nullptr && reply->is_bulk()) {
      hear(server, *reply);
      co_await correct(server);
    } else if (!server.client.busy()) {
      server.client.close();
    }
    co_await sleep(kPing);
  }
}

void Sentinel::hear(Watched& server, const RedisReply& info) {
  server.heard_of = now();
  server.is_primary = field(info.text, "role") == "master";
  server.follows = field(info.text, "master_host");
  server.offset =
      number(field(info.text, server.is_primary ? "master_repl_offset" : "slave_repl_offset"));
}

/// A server whose role is not what this Sentinel knows is left alone for a while: it may know
/// better, and the news may be on their way.
Sentinel::Awaitable Sentinel::correct(Watched& server) {
  const bool is_the_primary = server.host.name() == disk_.primary;
  const bool right = is_the_primary || (!server.is_primary && server.follows == disk_.primary);
  if (right || disk_.config_epoch == 0) {
    server.wrong_since = kNever;
    co_return;
  }
  server.wrong_since = std::min(server.wrong_since, now());
  if (now() - server.wrong_since < kWrongRole) co_return;
  server.wrong_since = kNever;
  co_await order(server, follow(disk_.primary));
  co_await order(server, kill_clients());
}

asio::awaitable<bool> Sentinel::order(Watched& server, std::vector<std::string> words) {
  Command command{std::move(words)};
  const auto result = co_await server.client.call(std::move(command), now() + kAnswerWithin, false);
  const auto* reply = std::get_if<RedisReply>(&result);
  co_return reply != nullptr && !reply->is_error();
}

bool Sentinel::is_down(const Watched& server) const {
  return now() - server.heard_of > setup_.down_after;
}

Sentinel::Watched* Sentinel::find(std::string_view host) {
  for (const auto& server : servers_) {
    if (server->host.name() == host) return server.get();
  }
  return nullptr;
}

// --- Its peers -----------------------------------------------------------------------------------

SentinelAnswer Sentinel::answer(const SentinelAsk& ask) {
  learn(ask.config_epoch, ask.primary);
  if (!ask.candidate.empty() && ask.epoch > disk_.leader_epoch) {
    disk_.epoch = std::max(disk_.epoch, ask.epoch);
    disk_.leader = ask.candidate;
    disk_.leader_epoch = ask.epoch;
    // Who has voted for another lets it try.
    next_attempt_ = now() + 2 * setup_.failover_timeout;
  }
  const Watched* primary = find(disk_.primary);
  return {primary != nullptr && is_down(*primary), disk_.leader, disk_.leader_epoch,
          disk_.config_epoch, disk_.primary};
}

void Sentinel::learn(std::uint64_t config_epoch, const std::string& primary) {
  if (config_epoch <= disk_.config_epoch) return;
  disk_.config_epoch = config_epoch;
  disk_.epoch = std::max(disk_.epoch, config_epoch);
  disk_.primary = primary;
}

Sentinel::Awaitable Sentinel::ask_peers(bool for_votes) {
  find_it_down_ = votes_ = 1;  // itself
  const std::string me = process_.name();
  for (const auto& peer : peers_) {
    SentinelAsk ask{for_votes ? me : std::string(), disk_.epoch, disk_.config_epoch, disk_.primary};
    const auto result = co_await peer->call(std::move(ask), now() + kAnswerWithin, false);
    const auto* answer = std::get_if<SentinelAnswer>(&result);
    if (answer == nullptr) {
      if (!peer->busy()) peer->close();
      continue;
    }
    learn(answer->config_epoch, answer->primary);
    if (answer->primary != disk_.primary) continue;
    find_it_down_ += answer->down;
    votes_ += for_votes && answer->leader == me && answer->leader_epoch == disk_.epoch;
  }
}

/// Looks after the primary: says hello while it is well, and tries to replace it when it is not.
Sentinel::Awaitable Sentinel::guard() {
  Instant next_hello = now();
  const auto all = static_cast<std::uint32_t>(peers_.size()) + 1;
  while (true) {
    const Duration desync = from_us(static_cast<std::int64_t>(random_.below(20'000)));
    co_await sleep(kRound + desync);
    const Watched* primary = find(disk_.primary);
    const bool down = primary != nullptr && is_down(*primary);
    if (!down && now() < next_hello) continue;
    next_hello = now() + kHello;
    co_await ask_peers(false);
    if (!down || find_it_down_ < setup_.quorum || now() < next_attempt_) continue;
    const std::uint64_t epoch = ++disk_.epoch;
    disk_.leader = process_.name();
    disk_.leader_epoch = epoch;
    next_attempt_ = now() + 2 * setup_.failover_timeout +
                    from_us(static_cast<std::int64_t>(random_.below(to_us(kElection))));
    co_await ask_peers(true);
    const bool is_leader = votes_ >= std::max(setup_.quorum, all / 2 + 1);
    if (is_leader && disk_.epoch == epoch) co_await promote(epoch);
  }
}

// --- Failing over --------------------------------------------------------------------------------

Sentinel::Watched* Sentinel::best_replica() {
  Watched* best = nullptr;
  for (const auto& server : servers_) {
    if (server->host.name() == disk_.primary || server->is_primary || is_down(*server)) continue;
    if (best == nullptr || server->offset > best->offset) best = server.get();
  }
  return best;
}

Sentinel::Awaitable Sentinel::promote(std::uint64_t epoch) {
  Watched* chosen = best_replica();
  if (chosen == nullptr || !co_await order(*chosen, follow_nobody())) co_return;
  // It is the primary once it says so itself.
  const Instant until = now() + setup_.failover_timeout;
  while (!chosen->is_primary) {
    if (now() >= until) co_return;
    co_await sleep(kRound);
  }
  if (epoch <= disk_.config_epoch) co_return;  // somebody else was faster, in a later epoch
  learn(epoch, chosen->host.name());
  setup_.switched(chosen->host);
  for (const auto& server : servers_) {
    if (server.get() == chosen || is_down(*server)) continue;
    co_await order(*server, follow(disk_.primary));
  }
}

}  // namespace firedrill::sim::redis
