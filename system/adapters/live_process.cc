#include "system/adapters/live_process.h"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <functional>
#include <utility>

namespace firedrill::adapters {

namespace {

constexpr Duration kLookAgain = from_ms(5);

}  // namespace

LiveProcess::LiveProcess(Options options)
    : options_(std::move(options)),
      work_(loop_.get_executor()),
      timers_(loop_.get_executor()),
      ports_(loop_, options_.ports) {}

LiveProcess::~LiveProcess() {
  finish();
}

void LiveProcess::start(const ProgramFactory& factory) {
  programs_.push_back(factory(ports_.ports()));
}

void LiveProcess::run() {
  boost::asio::signal_set signals(loop_);
  std::function<void()> await_signal = [this, &signals, &await_signal] {
    signals.async_wait([this, &await_signal](boost::system::error_code error, int) {
      if (error) return;
      if (stopping_) return loop_.stop();
      stop_gently();
      await_signal();
    });
  };
  if (options_.handle_signals) {
    signals.add(SIGINT);
    signals.add(SIGTERM);
    await_signal();
  }
  loop_.run();
  signals.cancel();
  finish();
}

void LiveProcess::request_stop() {
  boost::asio::post(loop_, [this] { stop_gently(); });
}

void LiveProcess::stop_gently() {
  if (std::exchange(stopping_, true)) return;
  ports_.network().drain();
  stop_when_drained(timers_.now() + options_.longest_drain);
}

void LiveProcess::stop_when_drained(Instant at_the_latest) {
  if (ports_.network().in_flight() == 0 || timers_.now() >= at_the_latest) return loop_.stop();
  next_look_ = timers_.at(timers_.now() + kLookAgain,
                          [this, at_the_latest] { stop_when_drained(at_the_latest); });
}

void LiveProcess::finish() {
  ports_.stop();
  while (!programs_.empty()) programs_.pop_back();
}

}  // namespace firedrill::adapters
