#include "system/adapters/pqxx_thread.h"

#include <utility>

#include "system/domain/check.h"

namespace firedrill::adapters {

PqxxThread::~PqxxThread() {
  stop();
  join();
}

void PqxxThread::join() {
  if (thread_.joinable()) thread_.join();
}

void PqxxThread::submit(PqxxJob job, Done done) {
  if (job.kind == PqxxJob::Kind::connect) breaker_.begin_attempt();
  {
    const std::lock_guard lock(mutex_);
    check(!order_, "one job at a time");
    order_.emplace(std::move(job), std::move(done));
  }
  changed_.notify_one();
  if (!thread_.joinable()) thread_ = std::thread([this] { serve(); });
}

void PqxxThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (!running_ && !order_) return changed_.notify_one();  // its connection closes in order
  }
  breaker_.break_off();
  changed_.notify_one();
}

void PqxxThread::serve() {
  while (auto order = next()) order->done(work(std::move(order->job)));
  connection_.reset();
}

std::optional<PqxxThread::Order> PqxxThread::next() {
  std::unique_lock lock(mutex_);
  running_ = false;
  changed_.wait(lock, [this] { return stopped_ || order_; });
  if (stopped_) return std::nullopt;
  running_ = true;
  return std::exchange(order_, std::nullopt);
}

PqxxReport PqxxThread::work(PqxxJob job) {
  SqlAnswer answered = answer(job);
  if (connection_ && !connection_->alive()) connection_.reset();
  const bool in_transaction = connection_ && connection_->in_transaction();
  return {std::move(answered), connection_ != nullptr, in_transaction};
}

SqlAnswer PqxxThread::answer(const PqxxJob& job) {
  using Kind = PqxxJob::Kind;
  if (job.kind == Kind::connect) return connect();
  if (job.kind == Kind::disconnect) {
    connection_.reset();
    return SqlRows();
  }
  check(connection_ != nullptr, "a statement is for a connection");
  if (job.kind == Kind::commit) return connection_->commit();
  if (job.kind == Kind::run_script) return connection_->run_script(job.text);
  return connection_->run(job.text, job.parameters);
}

SqlAnswer PqxxThread::connect() {
  connection_.reset();
  auto connected = PqxxConnection::connect(options_, breaker_);
  if (!connected) return std::unexpected(std::move(connected).error());
  connection_ = std::move(*connected);
  return SqlRows();
}

}  // namespace firedrill::adapters
