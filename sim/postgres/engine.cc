#include "sim/postgres/engine.h"

#include <algorithm>
#include <deque>
#include <map>

#include "sim/postgres/engine_cache.h"
#include "sim/postgres/recovery.h"
#include "sim/postgres/session.h"
#include "sim/postgres/time_settings.h"
#include "sim/postgres/values/binary_form.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

struct Engine::State final : Sleeper, CommitWaiter, CopyWaiter {
  /// What happens to a session because of the time, in the order in which it does.
  enum class Alarm : std::uint8_t { deadlock, lock_timeout, statement_timeout, wake_up, idle };
  struct Runner {
    explicit Runner(Shared& shared, SessionId id) : session(shared, id) {}
    Session session;
    std::unique_ptr<Fiber> fiber;
    bool is_waiting = false;
    bool is_closing = false;
    bool awaits_copy = false;  ///< for data from its client; is_waiting is false then
    bool has_ended = false;
    std::uint64_t since = 0;  ///< the order in which alarms are set
    std::map<Alarm, std::int64_t> alarms;
    std::optional<SqlError> interrupt;  ///< thrown where it waits
    /// Up to where the log must be on disk, or at the standby, before its commit is done.
    std::optional<Lsn> awaits_disk;
    std::optional<Lsn> awaits_standby;
    bool gave_up_standby = false;
  };

  explicit State(std::shared_ptr<EngineCache> its_cache)
      : cache(std::move(its_cache)), shared(*this, *this, cache->parses) {
    shared.copy_waiter = this;
    shared.sleep_until = [this](BackendId backend, std::int64_t until) {
      sleep_until(backend, until);
    };
  }
  ~State() override {
    // Unwound fibers let go of locks, which the shared state still has.
    for (auto& [id, runner] : runners) runner->fiber.reset();
  }

  Runner& at(SessionId id) {
    const auto found = runners.find(id);
    check(found != runners.end(), "the session is connected");
    return *found->second;
  }

  // Sleeper
  void wait(BackendId backend) override {
    Runner& runner = at(backend);
    runner.alarms[Alarm::deadlock] = shared.now + runner.session.timeout_us("deadlock_timeout");
    set_alarm(runner, Alarm::lock_timeout, shared.now, "lock_timeout");
    suspend(runner);
  }
  void sleep_until(BackendId backend, std::int64_t until) {
    while (shared.now < until) {
      Runner& runner = at(backend);
      runner.alarms[Alarm::wake_up] = until;
      suspend(runner);
    }
  }
  void suspend(Runner& runner) {
    set_alarm(runner, Alarm::statement_timeout, runner.session.statement_began(),
              "statement_timeout");
    runner.since = ++alarms_set;
    runner.is_waiting = true;
    runner.fiber->suspend();
    runner.is_waiting = false;
    runner.alarms.clear();
    if (runner.interrupt) {
      const SqlError error = *std::exchange(runner.interrupt, std::nullopt);
      throw error;
    }
  }
  void await_copy(BackendId backend) override {
    Runner& runner = at(backend);
    runner.awaits_copy = true;
    runner.fiber->suspend();
    runner.awaits_copy = false;
    if (runner.interrupt) {
      const SqlError error = *std::exchange(runner.interrupt, std::nullopt);
      throw error;
    }
  }
  static void set_alarm(Runner& runner, Alarm alarm, std::int64_t from, std::string_view setting) {
    const std::int64_t timeout = runner.session.timeout_us(setting);
    if (timeout > 0) runner.alarms[alarm] = from + timeout;
  }
  /// Between statements.
  void set_idle_alarm(Runner& runner) {
    set_alarm(runner, Alarm::idle, shared.now,
              runner.session.transaction_status() == 'I' ? "idle_session_timeout"
                                                         : "idle_in_transaction_session_timeout");
    runner.since = ++alarms_set;
  }

  struct Due {
    std::int64_t when = 0;
    std::uint64_t since = 0;
    Alarm alarm = Alarm::deadlock;
    SessionId session = 0;
    auto operator<=>(const Due&) const = default;
  };
  std::optional<Due> next_alarm() const {
    std::optional<Due> next;
    for (const auto& [id, runner] : runners) {
      for (const auto& [alarm, when] : runner->alarms) {
        const Due due{when, runner->since, alarm, id};
        if (!next || due < *next) next = due;
      }
    }
    return next;
  }
  void fire(const Due& due) {
    Runner& runner = at(due.session);
    runner.alarms.erase(due.alarm);
    const auto interrupt = [&](SqlError error) {
      runner.interrupt = std::move(error);
      resume(runner);
    };
    switch (due.alarm) {
      case Alarm::deadlock: {
        const std::vector<LockWait> circle = shared.locks.find_deadlock(due.session);
        if (!circle.empty()) interrupt(deadlock_error(circle));
        break;
      }
      case Alarm::lock_timeout:
        interrupt({.sqlstate = std::string(sqlstate::kLockNotAvailable),
                   .message = "canceling statement due to lock timeout"});
        break;
      case Alarm::statement_timeout:
        interrupt({.sqlstate = std::string(sqlstate::kQueryCanceled),
                   .message = "canceling statement due to statement timeout"});
        break;
      case Alarm::wake_up: resume(runner); break;
      case Alarm::idle: end_idle(runner); break;
    }
    run_woken();
  }
  void end_idle(Runner& runner) {
    const bool is_between = runner.session.transaction_status() == 'I';
    SqlError error{.sqlstate = is_between ? "57P05" : "25P03",
                   .message = is_between
                                  ? "terminating connection due to idle-session timeout"
                                  : "terminating connection due to idle-in-transaction timeout"};
    error.is_fatal = true;
    runner.session.close();
    runner.session.results.emplace_back().error = std::move(error);
    runner.has_ended = true;
  }
  void wake(BackendId backend) override { woken.push_back(backend); }
  [[noreturn]] void deadlock(BackendId, const std::vector<LockWait>& circle) override {
    throw deadlock_error(circle);
  }

  // CommitWaiter
  void wait_for_disk(BackendId backend, Lsn upto) override {
    if (shared.log.flushed() >= upto) return;
    Runner& runner = at(backend);
    runner.awaits_disk = upto;
    runner.fiber->suspend();
    runner.awaits_disk.reset();
  }
  bool wait_for_standby(BackendId backend, Lsn upto) override {
    if (!needs_standby || acknowledged >= upto) return true;
    Runner& runner = at(backend);
    runner.gave_up_standby = false;
    runner.awaits_standby = upto;
    runner.fiber->suspend();
    runner.awaits_standby.reset();
    return !runner.gave_up_standby;
  }
  /// Those whose commits waited for this, in the order of their records.
  void resume_commits(std::optional<Lsn> Runner::* awaited, Lsn upto) {
    std::vector<std::pair<Lsn, SessionId>> ready;
    for (const auto& [id, runner] : runners) {
      const std::optional<Lsn> lsn = (*runner).*awaited;
      if (lsn && *lsn <= upto) ready.emplace_back(*lsn, id);
    }
    std::ranges::sort(ready);
    for (const auto& [lsn, id] : ready) {
      const auto found = runners.find(id);
      if (found == runners.end() || (*found->second).*awaited != lsn) continue;
      resume(*found->second);
      run_woken();
      end_if_closing(id);
    }
  }
  void end_if_closing(SessionId id) {
    const auto found = runners.find(id);
    if (found == runners.end() || !found->second->is_closing) return;
    if (found->second->fiber == nullptr) end(id);
  }
  void end(SessionId id) {
    Runner& runner = at(id);
    runner.fiber.reset();  // unwinds what runs
    runner.session.close();
    runners.erase(id);
    run_woken();
  }

  static std::string describe(const LockTag& tag) {
    switch (tag.kind) {
      case LockTag::Kind::relation:
        return "relation " + std::to_string(tag.first) + " of database 5";
      case LockTag::Kind::transaction: return "transaction " + std::to_string(tag.first);
      case LockTag::Kind::row:
        return "tuple (0," + std::to_string(tag.second) + ") of relation " +
               std::to_string(tag.first) + " of database 5";
      case LockTag::Kind::advisory:
        return "advisory lock [5,0," + std::to_string(tag.first) + ",1]";
    }
    return "";
  }
  static std::string_view name_of(LockMode mode) {
    static constexpr std::array<std::string_view, 8> kNames = {
        "AccessShareLock", "RowShareLock",          "RowExclusiveLock", "ShareUpdateExclusiveLock",
        "ShareLock",       "ShareRowExclusiveLock", "ExclusiveLock",    "AccessExclusiveLock"};
    return kNames.at(static_cast<std::size_t>(mode));
  }
  static SqlError deadlock_error(const std::vector<LockWait>& circle) {
    std::string detail;
    for (const LockWait& wait : circle) {
      if (!detail.empty()) detail += '\n';
      detail += "Process " + std::to_string(wait.waiter) + " waits for " +
                std::string(name_of(wait.mode)) + " on " + describe(wait.tag) +
                "; blocked by process " + std::to_string(wait.blocker) + ".";
    }
    return {.sqlstate = std::string(sqlstate::kDeadlockDetected),
            .message = "deadlock detected",
            .detail = detail,
            .hint = "See server log for query details."};
  }

  void resume(Runner& runner) {
    runner.fiber->resume();
    if (!runner.fiber->is_done()) return;
    runner.fiber.reset();
    set_idle_alarm(runner);
    vacuum(runner.session);
  }
  /// Those who were let go, one after the other, in that order unless somebody chooses.
  void run_woken() {
    for (;;) {
      std::erase_if(woken, [this](SessionId id) {
        const auto found = runners.find(id);
        return found == runners.end() || !found->second->is_waiting;
      });
      if (woken.empty()) return;
      const std::size_t place = choose_next && woken.size() > 1 ? choose_next(woken.size()) : 0;
      const SessionId id = woken.at(place);
      woken.erase(woken.begin() + static_cast<std::ptrdiff_t>(place));
      resume(at(id));
    }
  }
  void start(SessionId id, std::function<void(Session&)> body) {
    Runner& runner = at(id);
    check(runner.fiber == nullptr, "a session runs one text at a time");
    check(!runner.has_ended, "a session that has ended runs nothing");
    runner.alarms.clear();
    runner.fiber = std::make_unique<Fiber>(
        cache->stacks, [&runner, body = std::move(body)] { body(runner.session); });
    go_on(runner);
  }
  void go_on(Runner& runner) {
    resume(runner);
    run_woken();
  }
  /// What has come for a COPY; where none waits for it, it is nothing.
  void feed(SessionId id, const std::function<void(CopyFeed&)>& add) {
    Runner& runner = at(id);
    if (!runner.awaits_copy) return;
    add(runner.session.copy_feed());
    go_on(runner);
  }
  /// Where nobody is in the middle of a statement: what is thrown away might be looked at there.
  void vacuum(Session& session) {
    Xid horizon = shared.storage.transactions.oldest_running();
    for (const auto& [id, runner] : runners) {
      if (runner->fiber != nullptr) return;
      horizon = std::min(horizon, runner->session.oldest_seen().value_or(horizon));
    }
    session.vacuum(shared.log.oldest_kept(horizon));
  }

  std::shared_ptr<EngineCache> cache;
  Shared shared;
  std::map<SessionId, std::unique_ptr<Runner>> runners;
  std::deque<SessionId> woken;
  std::function<std::size_t(std::size_t)> choose_next;
  SessionId next_session = 1;
  bool needs_standby = false;
  Lsn acknowledged = 0;  ///< by the synchronous standby
  std::uint64_t alarms_set = 0;
};

std::shared_ptr<EngineCache> make_engine_cache() {
  return std::make_shared<EngineCache>();
}

Engine::Engine() : Engine(Options()) {}
Engine::Engine(Options options)
    : state_(std::make_unique<State>(options.cache != nullptr ? std::move(options.cache)
                                                              : make_engine_cache())) {}
Engine::~Engine() = default;

void Engine::configure(std::string name, std::string value) {
  if (is_time_setting(name)) value = normal_time(name, value);
  state_->shared.configured.insert_or_assign(std::move(name), std::move(value));
}

void Engine::set_clock_ahead(std::int64_t by) {
  state_->shared.clock_ahead = by;
}

SessionId Engine::connect(std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  const SessionId id = state_->next_session++;
  state_->runners.emplace(id, std::make_unique<State::Runner>(state_->shared, id));
  return id;
}

void Engine::disconnect(SessionId session, std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  State::Runner& runner = state_->at(session);
  if (runner.awaits_disk || runner.awaits_standby) {
    runner.is_closing = true;
  } else {
    state_->end(session);
  }
}

void Engine::query(SessionId session, std::string_view sql, std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  state_->start(session, [text = std::string(sql)](Session& self) { self.run(text, nullptr); });
}

void Engine::execute(SessionId session, std::string_view sql,
                     const std::vector<std::optional<std::string>>& parameters, std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  state_->start(session, [text = std::string(sql), parameters](Session& self) {
    self.run(text, &parameters);
  });
}

void Engine::extended(SessionId session, ExtendedRequest request, std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  state_->start(session, [message = std::move(request)](Session& self) { self.run(message); });
}

void Engine::refuse(SessionId session, const SqlError& error, std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  state_->start(session, [error](Session& self) { self.refuse(error); });
}

std::optional<CopyInput> Engine::copy_input(SessionId session) const {
  const State::Runner& runner = state_->at(session);
  if (!runner.awaits_copy) return std::nullopt;
  return runner.session.copy_input();
}

void Engine::copy_data(SessionId session, std::string_view bytes, std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  if (bytes.empty()) return;
  state_->feed(session, [&](CopyFeed& feed) { feed.bytes += bytes; });
}

void Engine::copy_done(SessionId session, std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  state_->feed(session, [&](CopyFeed& feed) { feed.is_done = true; });
}

void Engine::copy_fail(SessionId session, std::string_view reason, std::int64_t now) {
  copy_fail(session,
            SqlError{.sqlstate = std::string(sqlstate::kQueryCanceled),
                     .message = "COPY from stdin failed: " + std::string(reason)},
            now);
}

void Engine::copy_fail(SessionId session, const SqlError& error, std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  state_->feed(session, [&](CopyFeed& feed) { feed.failure = error; });
}

bool Engine::is_busy(SessionId session) const {
  return state_->at(session).fiber != nullptr;
}

std::vector<StatementResult> Engine::take_results(SessionId session) {
  return std::exchange(state_->at(session).session.results, {});
}

std::vector<Notification> Engine::take_notifications(SessionId session) {
  Session& self = state_->at(session).session;
  self.read_notifications();
  if (self.transaction_status() != 'I') return {};
  return std::exchange(self.notifications, {});
}

char Engine::transaction_status(SessionId session) const {
  return state_->at(session).session.transaction_status();
}

std::uint64_t Engine::commits(SessionId session) const {
  return state_->at(session).session.commits;
}

void Engine::cancel(SessionId session, std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  State::Runner& runner = state_->at(session);
  if (runner.awaits_standby) {
    runner.gave_up_standby = true;
    state_->resume(runner);
    state_->run_woken();
    return;
  }
  if (!runner.is_waiting && !runner.awaits_copy) return;
  runner.interrupt = SqlError{.sqlstate = std::string(sqlstate::kQueryCanceled),
                              .message = "canceling statement due to user request"};
  if (runner.awaits_copy) return;  // as it does: when more comes
  state_->resume(runner);
  state_->run_woken();
}

void Engine::set_wake_order(std::function<std::size_t(std::size_t)> choose) {
  state_->choose_next = std::move(choose);
}

void Engine::note_pages() {
  state_->shared.predicates.note_pages();
}

void Engine::tick(std::int64_t now) {
  Shared& shared = state_->shared;
  for (auto due = state_->next_alarm(); due && due->when <= now; due = state_->next_alarm()) {
    shared.now = std::max(shared.now, due->when);
    state_->fire(*due);
  }
  shared.now = std::max(shared.now, now);
}

std::optional<std::int64_t> Engine::next_timeout() const {
  const auto next = state_->next_alarm();
  return next ? std::optional(next->when) : std::nullopt;
}

bool Engine::has_ended(SessionId session) const {
  return state_->at(session).has_ended;
}

void Engine::keep_log() {
  state_->shared.log.keep(state_->shared.log.end());
}
Lsn Engine::log_end() const {
  return state_->shared.log.end();
}
bool Engine::awaits_disk() const {
  return std::ranges::any_of(state_->runners,
                             [](const auto& each) { return each.second->awaits_disk.has_value(); });
}
Lsn Engine::log_flushed() const {
  return state_->shared.log.flushed();
}
std::uint64_t Engine::commits_after(Lsn upto) const {
  const Transactions& transactions = state_->shared.storage.transactions;
  return static_cast<std::uint64_t>(std::ranges::count_if(
      state_->shared.log.committed_after(upto),
      [&](Xid top) { return transactions.state(top) == Transactions::State::committed; }));
}
void Engine::flushed(Lsn upto, std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  state_->shared.log.flush(upto);
  state_->resume_commits(&State::Runner::awaits_disk, upto);
}
void Engine::require_standby(bool required, std::int64_t now) {
  state_->needs_standby = required;
  if (!required) acknowledged(state_->shared.log.end(), now);
}
void Engine::acknowledged(Lsn upto, std::int64_t now) {
  state_->shared.now = std::max(state_->shared.now, now);
  state_->acknowledged = std::max(state_->acknowledged, upto);
  state_->resume_commits(&State::Runner::awaits_standby, state_->acknowledged);
}
void Engine::forget_log(Lsn upto) {
  state_->shared.log.forget(upto);
}
void Engine::fill_disk(bool is_full) {
  state_->shared.disk_is_full = is_full;
}
std::unique_ptr<Engine> Engine::recover(Lsn upto) const {
  auto made = std::make_unique<Engine>(Options{.cache = state_->cache});
  postgres::recover(state_->shared, upto, made->state_->shared);
  made->state_->next_session = state_->next_session;
  return made;
}

void Engine::watch(std::string table, std::vector<std::string> columns) {
  state_->shared.watches.watch(std::move(table), std::move(columns));
}
bool Engine::has_committed() const {
  return !state_->shared.watches.committed.empty();
}
std::vector<CommittedRow> Engine::take_committed() {
  return std::exchange(state_->shared.watches.committed, {});
}
std::vector<CommittedRow> Engine::committed_rows(std::string_view table) const {
  const auto watched = state_->shared.watches.find(table);
  check(watched != nullptr, "the table is watched");
  const Session nobody(state_->shared, 0);  // sessions are counted from 1
  return nobody.committed_rows(*watched);
}

std::optional<std::string> Engine::text(SessionId session, const OutputColumn& column,
                                        const Value& value) const {
  if (value.is_null()) return std::nullopt;
  return to_text(state_->at(session).session, column.type.id, value);
}

std::optional<std::string> Engine::binary(SessionId session, const OutputColumn& column,
                                          const Value& value) const {
  if (value.is_null()) return std::nullopt;
  return to_binary(state_->at(session).session, column.type.id, value);
}

std::int16_t Engine::type_length(SessionId session, TypeId type) const {
  const TypeInfo* info = std::as_const(state_->at(session).session).find(type);
  return info == nullptr ? std::int16_t{-1} : info->length;
}

void Engine::set_parameter(SessionId session, std::string_view name, std::string_view value) {
  state_->at(session).session.set_parameter(name, value);
}

std::string Engine::parameter(SessionId session, std::string_view name) const {
  return state_->at(session).session.setting(name);
}

std::vector<std::pair<std::string, std::string>> Engine::changed_parameters(SessionId session) {
  return state_->at(session).session.changed_parameters();
}

}  // namespace firedrill::sim::postgres
