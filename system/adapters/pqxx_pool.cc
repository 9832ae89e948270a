#include "system/adapters/pqxx_pool.h"

#include <boost/asio/post.hpp>
#include <ranges>

#include "system/domain/check.h"

namespace firedrill::adapters {

namespace asio = boost::asio;

namespace {

using Kind = SqlFailure::Kind;

/// A caller that was destroyed while it waited: what it waits for is nobody's.
template <class Ending>
class Abandon {
 public:
  Abandon(std::shared_ptr<PqxxCall<Ending>> call, Ending with)
      : call_(std::move(call)), with_(std::move(with)) {}
  Abandon(const Abandon&) = delete;
  Abandon& operator=(const Abandon&) = delete;
  ~Abandon() { call_->finish(std::move(with_)); }

 private:
  std::shared_ptr<PqxxCall<Ending>> call_;
  Ending with_;
};

SqlAnswer closed() {
  return std::unexpected(SqlFailure{Kind::closed, {}, {}, false});
}

SqlAnswer timed_out(bool sent) {
  return std::unexpected(SqlFailure{Kind::timed_out, {}, {}, sent});
}

}  // namespace

struct PqxxSeat {
  explicit PqxxSeat(const PqxxOptions& options) : thread(options) {}

  enum class State : std::uint8_t {
    vacant,      ///< no connection
    connecting,  ///< for whoever waits first
    idle,        ///< connected, and nobody's
    lent,
    leaving,  ///< nobody's, and its connection is being rolled back, or closed
  };
  State state = State::vacant;
  bool busy = false;            ///< a job has not reported
  bool broken_off = false;      ///< the connection is lost, though no report may say so yet
  bool connected = false;       ///< as of the last report
  bool in_transaction = false;  ///< as of the last report
  std::shared_ptr<PqxxCall<SqlAnswer>> asker;  ///< who waits for the report, while lent
  Timers::Entry limit;                         ///< of connecting and leaving
  PqxxThread thread;

  void break_off() {
    broken_off = true;
    thread.break_off();
  }
};

using State = PqxxSeat::State;

PqxxLease::~PqxxLease() {
  if (seat_ != nullptr) pool_->give_back(*seat_);
}

bool PqxxLease::in_transaction() const {
  return seat_->in_transaction;
}

asio::awaitable<SqlAnswer> PqxxLease::ask(PqxxJob job, Instant deadline) {
  const auto asker = std::make_shared<PqxxPool::Asker>();
  const Abandon<SqlAnswer> abandon(asker, closed());
  if (pool_->ask(*seat_, std::move(job), asker, deadline)) co_await asker->parked.park();
  co_return std::move(*asker->ending);
}

PqxxPool::PqxxPool(asio::any_io_executor executor, Timers& timers, PqxxOptions options)
    : executor_(std::move(executor)),
      timers_(timers),
      options_(std::move(options)),
      backoff_(options_.first_backoff) {
  options_.validate();
  check(options_.connections > 0, "a pool has connections");
  for (std::size_t i = 0; i < options_.connections; ++i) {
    seats_.push_back(std::make_unique<PqxxSeat>(options_));
  }
}

PqxxPool::~PqxxPool() {
  stop();
}

void PqxxPool::stop() {
  stopped_ = true;
  retry_.cancel();
  for (const auto& call : waiting_) call->deadline.cancel();
  for (const auto& seat : seats_) {
    seat->limit.cancel();
    if (seat->asker) seat->asker->deadline.cancel();
    seat->thread.stop();
  }
  for (const auto& seat : seats_) seat->thread.join();
}

// Lending.

asio::awaitable<Outcome<PqxxLease>> PqxxPool::take(Instant deadline) {
  if (stopped_) co_return Refused{Why::closed};
  if (deadline <= timers_.now()) co_return Refused{Why::timed_out};
  const auto call = std::make_shared<Taker>();
  const Abandon<Outcome<PqxxLease>> abandon(call, Refused{Why::closed});
  call->deadline = timers_.at(deadline, [this, weak = std::weak_ptr(call)] {
    const auto late = weak.lock();
    if (!late) return;
    std::erase(waiting_, late);
    late->finish(Refused{Why::timed_out, {}, failure_ ? failure_->message : std::string()});
  });
  waiting_.push_back(call);
  serve();
  if (!call->ending) co_await call->parked.park();
  co_return std::move(*call->ending);
}

/// Whoever gets a connection runs on at once, and may come back here.
void PqxxPool::serve() {
  serve_again_ = true;
  if (serving_) return;
  const auto keep = shared_from_this();
  serving_ = true;
  while (std::exchange(serve_again_, false) && !stopped_) serve_once();
  serving_ = false;
}

void PqxxPool::serve_once() {
  std::erase_if(waiting_, [](const auto& call) { return call->ending.has_value(); });
  if (waiting_.empty()) return;
  PqxxSeat* seat = idle_seat();
  if (seat == nullptr) return connect_where_needed();
  serve_again_ = true;
  const auto call = std::move(waiting_.front());
  waiting_.pop_front();
  seat->state = State::lent;
  call->finish(PqxxLease(shared_from_this(), *seat));
}

/// One whose connection is there as far as one can see.
PqxxSeat* PqxxPool::idle_seat() {
  for (const auto& seat : seats_) {
    if (seat->state != State::idle) continue;
    if (!seat->thread.hung_up()) return seat.get();
    seat->state = State::leaving;
    submit(*seat, {.kind = PqxxJob::Kind::disconnect});
  }
  return nullptr;
}

void PqxxPool::give_back(PqxxSeat& seat) {
  if (stopped_) return;
  seat.asker.reset();
  seat.state = State::leaving;
  if (seat.busy) {
    seat.break_off();
  } else if (seat.broken_off && seat.connected) {
    submit(seat, {.kind = PqxxJob::Kind::disconnect});
  } else if (seat.in_transaction) {
    submit(seat, {.kind = PqxxJob::Kind::run_script, .text = "ROLLBACK"});
    break_off_after(seat, options_.rollback_timeout);
  } else {
    left(seat);
  }
}

/// A seat that nobody has is free again, or has to be emptied first.
void PqxxPool::left(PqxxSeat& seat) {
  seat.limit.cancel();
  if (seat.connected && (seat.broken_off || seat.in_transaction)) {
    seat.in_transaction = false;
    return submit(seat, {.kind = PqxxJob::Kind::disconnect});
  }
  seat.state = seat.connected ? State::idle : State::vacant;
  serve();
}

// Connecting.

void PqxxPool::connect_where_needed() {
  if (failure_ && timers_.now() < not_before_) {
    retry_ = timers_.at(not_before_, [this] { serve(); });
    return;
  }
  const auto in = [](State state) {
    return [state](const auto& seat) { return seat->state == state; };
  };
  auto connecting = static_cast<std::size_t>(std::ranges::count_if(seats_, in(State::connecting)));
  const std::size_t wanted = failure_ ? 1 : waiting_.size();
  for (const auto& seat : seats_ | std::views::filter(in(State::vacant))) {
    if (connecting++ >= wanted) return;
    connect(*seat);
  }
}

void PqxxPool::connect(PqxxSeat& seat) {
  seat.state = State::connecting;
  seat.broken_off = false;
  submit(seat, {.kind = PqxxJob::Kind::connect});
  break_off_after(seat, options_.connect_timeout);
}

void PqxxPool::connected(PqxxSeat& seat, const PqxxReport& report) {
  if (report.answer && report.connected && !seat.broken_off) {
    failure_.reset();
    backoff_ = options_.first_backoff;
    return left(seat);
  }
  failure_ = report.answer ? SqlFailure{Kind::timed_out} : report.answer.error();
  failure_->sent = false;
  if (seat.broken_off) failure_->kind = Kind::timed_out;
  not_before_ = timers_.now() + backoff_;
  backoff_ = std::min(backoff_ * 2, options_.longest_backoff);
  seat.state = State::leaving;
  if (none_is_filled()) refuse_all();
  left(seat);
}

/// Nor about to be.
bool PqxxPool::none_is_filled() const {
  return std::ranges::none_of(seats_, [](const auto& seat) {
    return seat->state == State::connecting ||
           (seat->connected && !seat->broken_off && !seat->thread.hung_up());
  });
}

void PqxxPool::refuse_all() {
  const SqlFailure why = *failure_;
  for (const auto& call : std::exchange(waiting_, {})) {
    call->finish(outcome_of<PqxxLease>(SqlStage::in_transaction, why));
  }
}

// Jobs.

/// False where the ending is there already: nothing was asked.
bool PqxxPool::ask(PqxxSeat& seat, PqxxJob job, const std::shared_ptr<Asker>& asker,
                   Instant deadline) {
  if (stopped_) return asker->finish(closed()), false;
  if (deadline <= timers_.now()) return asker->finish(timed_out(false)), false;
  seat.asker = asker;
  asker->deadline = timers_.at(deadline, [&seat, weak = std::weak_ptr(asker)] {
    seat.break_off();
    if (const auto late = weak.lock()) late->finish(timed_out(true));
  });
  submit(seat, std::move(job));
  return true;
}

void PqxxPool::submit(PqxxSeat& seat, PqxxJob job) {
  check(!seat.busy && !stopped_, "a connection does one thing at a time");
  seat.busy = true;
  seat.thread.submit(std::move(job), [executor = executor_, weak = weak_from_this(),
                                      at = &seat](PqxxReport report) {
    asio::post(executor, [weak, at, told = std::move(report)]() mutable {
      if (const auto self = weak.lock()) self->reported(*at, std::move(told));
    });
  });
}

void PqxxPool::reported(PqxxSeat& seat, PqxxReport report) {
  if (stopped_) return;
  seat.busy = false;
  seat.connected = report.connected;
  seat.in_transaction = report.in_transaction;
  if (seat.state == State::connecting) return connected(seat, report);
  if (seat.state == State::leaving) return left(seat);
  check(seat.state == State::lent, "only these have jobs");
  if (const auto asker = std::exchange(seat.asker, nullptr))
    asker->finish(std::move(report.answer));
}

void PqxxPool::break_off_after(PqxxSeat& seat, Duration limit) {
  seat.limit = timers_.at(timers_.now() + limit, [&seat] { seat.break_off(); });
}

}  // namespace firedrill::adapters
