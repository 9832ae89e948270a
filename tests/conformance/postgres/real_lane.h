#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/postgres/model_run.h"
#include "tests/support/async_postgres_client.h"

namespace firedrill::test {

/// How a real server's run of an interleaving went.
struct RealRun {
  /// The first action that went otherwise; the number of actions: the contents did; nothing: none.
  std::optional<std::size_t> differs_at;
  Views seen;            ///< at that action
  std::string contents;  ///< where they differ
};

/// A database of a real server and sessions in it: gives them the actions of a model's run, and
/// stops where something differs. Waits for nothing: advance() goes as far as it can, and others
/// may run meanwhile.
///
/// After each action it waits until each session has answered or sleeps in the queue of a lock,
/// having looked for a deadlock (deadlock_timeout is a millisecond): its server's messages tell,
/// and pg_locks, asked after the last of them, shows that it has not been let go since.
class RealLane {
 public:
  /// `server`: what PQconnectdb() takes; the database is made.
  RealLane(const std::string& server, std::uint32_t number);

  void start(const Interleaving& interleaving, const ModelRun& expected);
  /// True where the run is over.
  bool advance();
  RealRun take_run() { return std::exchange(run_, {}); }
  std::vector<int> sockets() const;

 private:
  enum class Phase : std::uint8_t { idle, preparing, acting, asking, ending };
  using Clock = std::chrono::steady_clock;

  struct Session {
    std::unique_ptr<AsyncPostgresClient> client;
    std::string sql;
    bool is_gone = false;
  };

  bool read();
  void act();
  bool is_settled();
  bool is_in_pg_sleep(const Session& session) const;
  void look();
  void end_everybody();
  void ask(const std::string& sql);

  std::string connection_;
  AsyncPostgresClient control_;
  std::vector<Session> sessions_;
  const Interleaving* interleaving_ = nullptr;
  const ModelRun* expected_ = nullptr;
  RealRun run_;
  Phase phase_ = Phase::idle;
  std::size_t action_ = 0;
  bool has_news_ = false;
  Clock::time_point since_;
};

}  // namespace firedrill::test
