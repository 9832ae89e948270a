#include "system/adapters/timers.h"

#include <algorithm>
#include <chrono>

namespace firedrill::adapters {

namespace {

/// Far deadlines are looked at again after this long: Instant::max() must not overflow a sum.
constexpr Duration kLongestWait = std::chrono::hours(1);

}  // namespace

Timers::Entry::Entry(Entry&& other) noexcept
    : timers_(std::exchange(other.timers_, nullptr)), key_(other.key_) {}

Timers::Entry& Timers::Entry::operator=(Entry&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  timers_ = std::exchange(other.timers_, nullptr);
  key_ = other.key_;
  return *this;
}

void Timers::Entry::cancel() {
  if (auto* timers = std::exchange(timers_, nullptr)) timers->entries_.erase(key_);
}

Timers::Timers(boost::asio::any_io_executor executor)
    : timer_(std::move(executor)), alive_(std::make_shared<const char>()) {}

Instant Timers::now() const {
  return Instant(std::chrono::steady_clock::now().time_since_epoch());
}

Timers::Entry Timers::at(Instant when, std::function<void()> then) {
  const Entry::Key key{when, next_++};
  entries_.emplace(key, std::move(then));
  if (when < armed_for_) arm();
  return Entry(this, key);
}

void Timers::arm() {
  armed_for_ = Instant::max();
  if (entries_.empty()) return;
  armed_for_ = std::min(entries_.begin()->first.first, now() + kLongestWait);
  timer_.expires_at(std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(
          armed_for_.time_since_epoch())));
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
    if (!error && !alive.expired()) fire();
  });
}

void Timers::fire() {
  const Instant limit = now();
  const std::weak_ptr<const char> alive = alive_;
  while (!entries_.empty() && entries_.begin()->first.first <= limit) {
    auto node = entries_.extract(entries_.begin());
    node.mapped()();
    if (alive.expired()) return;
  }
  arm();
}

}  // namespace firedrill::adapters
