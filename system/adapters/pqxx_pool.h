#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "system/adapters/parked.h"
#include "system/adapters/pqxx_answer.h"
#include "system/adapters/pqxx_thread.h"
#include "system/adapters/timers.h"
#include "system/domain/time.h"
#include "system/ports/outcome.h"

namespace firedrill::adapters {

/// Somebody who waits for the pool.
template <class Ending>
struct PqxxCall {
  Parked parked;
  std::optional<Ending> ending;
  Timers::Entry deadline;

  /// The last thing that a caller of finish() does: the coroutine runs on inside it. A second one
  /// is dropped.
  void finish(Ending with) {
    if (ending) return;
    deadline.cancel();
    ending.emplace(std::move(with));
    parked.resume();
  }
};

class PqxxPool;
struct PqxxSeat;

/// A connection on loan. What goes with it: a transaction is rolled back, a statement that still
/// runs is ended with its connection.
class PqxxLease {
 public:
  PqxxLease(std::shared_ptr<PqxxPool> pool, PqxxSeat& seat)
      : pool_(std::move(pool)), seat_(&seat) {}
  PqxxLease(PqxxLease&& other) noexcept
      : pool_(std::move(other.pool_)), seat_(std::exchange(other.seat_, nullptr)) {}
  PqxxLease& operator=(PqxxLease&&) = delete;
  ~PqxxLease();

  /// One at a time. After an ending other than the server's answer the connection is lost. The
  /// lease outlives the coroutine.
  boost::asio::awaitable<SqlAnswer> ask(PqxxJob job, Instant deadline);

  /// As of the last answer.
  bool in_transaction() const;

 private:
  std::shared_ptr<PqxxPool> pool_;
  PqxxSeat* seat_;  ///< nullptr: moved from
};

/// A bounded number of connections, lent in order of asking. All of it but the blocking happens in
/// the loop.
///
/// A seat is a place for a connection, with a thread. One that is vacant is filled when somebody
/// waits. While that fails, one attempt is made at a time, at growing distances, for as long as
/// somebody waits; who waits while no seat is filled is refused with the reason of the attempt.
class PqxxPool : public std::enable_shared_from_this<PqxxPool> {
 public:
  PqxxPool(boost::asio::any_io_executor executor, Timers& timers, PqxxOptions options);
  ~PqxxPool();

  boost::asio::awaitable<Outcome<PqxxLease>> take(Instant deadline);

  /// Nobody is resumed any more. Ends what runs, and waits for the threads.
  void stop();

 private:
  friend class PqxxLease;
  using Taker = PqxxCall<Outcome<PqxxLease>>;
  using Asker = PqxxCall<SqlAnswer>;

  // Lending.
  void serve();
  void serve_once();
  PqxxSeat* idle_seat();
  void give_back(PqxxSeat& seat);
  void refuse_all();

  // Connecting.
  void connect_where_needed();
  void connect(PqxxSeat& seat);
  void connected(PqxxSeat& seat, const PqxxReport& report);
  bool none_is_filled() const;

  // Jobs.
  bool ask(PqxxSeat& seat, PqxxJob job, const std::shared_ptr<Asker>& asker, Instant deadline);
  void submit(PqxxSeat& seat, PqxxJob job);
  void reported(PqxxSeat& seat, PqxxReport report);
  void left(PqxxSeat& seat);
  void break_off_after(PqxxSeat& seat, Duration limit);

  boost::asio::any_io_executor executor_;
  Timers& timers_;
  PqxxOptions options_;
  std::vector<std::unique_ptr<PqxxSeat>> seats_;
  std::deque<std::shared_ptr<Taker>> waiting_;
  bool serving_ = false;
  bool serve_again_ = false;
  bool stopped_ = false;

  std::optional<SqlFailure> failure_;  ///< of the last attempt to connect
  Duration backoff_;
  Instant not_before_{};  ///< the next attempt, while failing
  Timers::Entry retry_;
};

}  // namespace firedrill::adapters
