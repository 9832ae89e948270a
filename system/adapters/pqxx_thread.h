#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include "system/adapters/pqxx_answer.h"
#include "system/adapters/pqxx_connection.h"
#include "system/ports/database.h"

namespace firedrill::adapters {

struct PqxxJob {
  enum class Kind : std::uint8_t { connect, run, run_script, commit, disconnect };
  Kind kind;
  std::string_view text = {};  ///< a constant of the program; of run and run_script
  SqlParameters parameters = {};
};

/// What became of a job, and of the connection. A job of connect or disconnect has no rows.
struct PqxxReport {
  SqlAnswer answer;
  bool connected = false;
  bool in_transaction = false;
};

/// One thread, and one connection of its own: libpqxx blocks. All calls come from the thread that
/// made it, but for `done`.
class PqxxThread {
 public:
  using Done = std::function<void(PqxxReport)>;  ///< called from the thread

  /// The options outlive it. The thread itself begins with the first job.
  explicit PqxxThread(const PqxxOptions& options) : options_(options) {}
  /// stop() and join().
  ~PqxxThread();
  PqxxThread(const PqxxThread&) = delete;
  PqxxThread& operator=(const PqxxThread&) = delete;

  /// Precondition: the one before is done.
  void submit(PqxxJob job, Done done);

  /// The job that runs ends soon, as one whose connection broke. Its connection is lost.
  void break_off() { breaker_.break_off(); }

  /// Whether the connection has ended while nobody used it.
  bool hung_up() const { return breaker_.hung_up(); }

  /// Ends what runs, and begins nothing more; the connection is closed. Does not wait.
  void stop();
  /// Waits for that.
  void join();

 private:
  struct Order {
    PqxxJob job;
    Done done;
  };

  void serve();
  std::optional<Order> next();
  PqxxReport work(PqxxJob job);
  SqlAnswer answer(const PqxxJob& job);
  SqlAnswer connect();

  const PqxxOptions& options_;
  PqxxBreaker breaker_;
  std::unique_ptr<PqxxConnection> connection_;  ///< the thread's

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Order> order_;  ///< not begun
  bool running_ = false;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace firedrill::adapters
