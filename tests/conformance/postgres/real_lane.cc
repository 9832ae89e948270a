#include "tests/conformance/postgres/real_lane.h"

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "tests/conformance/postgres/answer.h"
#include "tests/support/postgres_client.h"

namespace firedrill::test {

namespace {

using Step = Interleaving::Step;

/// Of one server: what a session may need at the most for an action.
constexpr std::chrono::seconds kPatience{20};

/// Tables of a few rows: as it would go through large ones, so that it locks rows in the same order
/// as the model does, and notes what it has read as finely as it can.
constexpr const char* kSessionOptions =
    " options='-c client_min_messages=log -c log_lock_waits=on -c deadlock_timeout=1ms"
    " -c enable_seqscan=off -c enable_bitmapscan=off -c enable_indexonlyscan=off"
    " -c enable_hashjoin=off -c enable_mergejoin=off -c enable_hashagg=off -c jit=off'";

std::string database_of(const std::string& server, std::uint32_t number) {
  const std::string name = "lane_" + std::to_string(number);
  PostgresClient client(server);
  client.query("DROP DATABASE IF EXISTS " + name);
  client.query("CREATE DATABASE " + name);
  return server + " dbname=" + name;
}

}  // namespace

RealLane::RealLane(const std::string& server, std::uint32_t number)
    : connection_(database_of(server, number)), control_(connection_) {}

std::vector<int> RealLane::sockets() const {
  std::vector<int> all = {control_.socket()};
  for (const Session& session : sessions_) {
    if (session.client != nullptr && !session.is_gone) all.push_back(session.client->socket());
  }
  return all;
}

void RealLane::start(const Interleaving& interleaving, const ModelRun& expected) {
  interleaving_ = &interleaving;
  expected_ = &expected;
  run_ = {};
  action_ = 0;
  sessions_.resize(std::max<std::size_t>(sessions_.size(), interleaving.sessions()));
  for (Session& session : sessions_) {
    if (session.client != nullptr && !session.is_gone) continue;
    session.client = std::make_unique<AsyncPostgresClient>(connection_ + kSessionOptions);
    session.is_gone = false;
  }
  std::string setup =
      "SET client_min_messages = error; DROP SCHEMA public CASCADE;"
      " CREATE SCHEMA public;";
  for (const std::string& sql : interleaving.setup) setup += sql + ";";
  control_.send(setup);
  phase_ = Phase::preparing;
  since_ = Clock::now();
}

/// True where anything has come.
bool RealLane::read() {
  bool any = control_.read();
  for (Session& session : sessions_) {
    if (!session.is_gone && session.client->read()) {
      has_news_ = true;
      any = true;
    }
  }
  return any;
}

bool RealLane::advance() {
  read();
  for (;;) {
    if (phase_ == Phase::idle) return true;
    if (control_.is_broken()) throw std::runtime_error("the connection of the control is broken");
    if (control_.is_busy()) return false;
    const std::vector<PostgresResult> told = control_.take_results();
    if (!told.empty() && told.back().error && phase_ != Phase::ending) {
      throw std::runtime_error("the control: " + told.back().error->message);
    }
    switch (phase_) {
      case Phase::idle: return true;
      case Phase::preparing: act(); break;
      case Phase::acting:
        if (Clock::now() - since_ > kPatience) {
          look();
          break;
        }
        if (!is_settled()) return false;
        break;
      case Phase::asking: {
        // What it told was so at one moment: after that nobody has moved.
        read();
        phase_ = Phase::acting;
        if (has_news_) break;
        const auto sleeps = [&](const Session& session) {
          return session.is_gone || !session.client->is_busy() || is_in_pg_sleep(session) ||
                 std::ranges::any_of(told.back().rows, [&](const auto& row) {
                   return row.at(0) == std::to_string(session.client->backend());
                 });
        };
        if (std::ranges::all_of(sessions_, sleeps)) look();
        break;
      }
      case Phase::ending: {
        std::string seen;
        for (std::size_t i = 0; i < told.size(); ++i) {
          seen += answers_text({told[i]}, interleaving_->contents.at(i));
        }
        phase_ = Phase::idle;
        if (seen == expected_->contents) return true;
        run_.differs_at = action_;
        run_.contents = seen;
        return true;
      }
    }
  }
}

/// The next action; or the end.
void RealLane::act() {
  since_ = Clock::now();
  if (action_ == expected_->actions.size()) {
    std::string all;
    for (const std::string& sql : interleaving_->contents) all += sql + ";";
    control_.send(all);
    phase_ = Phase::ending;
    return;
  }
  phase_ = Phase::acting;
  const Step& step = expected_->actions[action_].step;
  Session& session = sessions_[step.session];
  const std::string backend = std::to_string(session.client->backend());
  switch (step.kind) {
    case Step::Kind::statement:
      session.sql = step.sql;
      session.client->send(step.sql);
      break;
    case Step::Kind::cancel:
      control_.send("SELECT pg_cancel_backend(" + backend + ")");
      session.client->expect_news();
      break;
    case Step::Kind::disconnect:
      control_.send("SELECT pg_terminate_backend(" + backend + ", 10000)");
      session.is_gone = true;
      break;
    case Step::Kind::pause:
      std::this_thread::sleep_for(std::chrono::milliseconds(std::stoll(step.sql)));
      since_ = Clock::now();
      read();
      break;
  }
}

/// It waits for no lock, and there is nothing to be told: it has not answered for a while.
bool RealLane::is_in_pg_sleep(const Session& session) const {
  constexpr std::chrono::milliseconds kWhile{30};
  return session.sql.find("pg_sleep") != std::string::npos && Clock::now() - since_ > kWhile;
}

/// False: something has to come before anything can be said. Asks, where it has to be asked.
bool RealLane::is_settled() {
  bool anybody_sleeps = false;
  for (const Session& session : sessions_) {
    if (session.is_gone || !session.client->is_busy()) continue;
    if (is_in_pg_sleep(session)) continue;
    if (!session.client->is_waiting()) return false;
    anybody_sleeps = true;
  }
  if (!anybody_sleeps) {
    look();
    return true;
  }
  has_news_ = false;
  // Of the catalogue's own tables, autovacuum may take locks for a while.
  control_.send(
      "SELECT DISTINCT pid FROM pg_locks"
      " WHERE NOT granted AND (relation IS NULL OR relation >= 16384)");
  phase_ = Phase::asking;
  return true;
}

void RealLane::look() {
  const Views& expected = expected_->actions[action_].seen;
  Views seen(expected.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    Session& session = sessions_[i];
    if (session.is_gone) continue;
    seen[i] = {answers_text(session.client->take_results(), session.sql),
               session.client->is_busy()};
    session.is_gone = session.client->is_broken();
  }
  if (seen != expected) {
    run_.differs_at = action_;
    run_.seen = std::move(seen);
    end_everybody();
    phase_ = Phase::idle;
    return;
  }
  ++action_;
  act();
}

/// The next run connects anew.
void RealLane::end_everybody() {
  for (Session& session : sessions_) {
    if (session.is_gone) continue;
    ask("SELECT pg_terminate_backend(" + std::to_string(session.client->backend()) + ", 10000)");
    session.is_gone = true;
  }
}

void RealLane::ask(const std::string& sql) {
  control_.send(sql);
  while (control_.is_busy()) control_.read();
  control_.take_results();
}

}  // namespace firedrill::test
