#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "system/domain/time.h"

namespace firedrill::adapters {

/// Every deadline and sleeper of a process, on one timer of the operating system.
///
/// Single-threaded: used from the loop's thread only. Callbacks run one after another, in the order
/// of (instant, creation), never early; each may add and cancel others.
class Timers {
 public:
  explicit Timers(boost::asio::any_io_executor executor);
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  /// The monotonic clock: since the host started.
  Instant now() const;

  /// Holds a callback; destroying it cancels the callback for sure. The timers outlive it.
  class Entry {
   public:
    Entry() = default;
    Entry(Entry&& other) noexcept;
    Entry& operator=(Entry&& other) noexcept;
    ~Entry() { cancel(); }

    void cancel();

   private:
    friend class Timers;
    using Key = std::pair<Instant, std::uint64_t>;
    Entry(Timers* timers, Key key) : timers_(timers), key_(key) {}

    Timers* timers_ = nullptr;
    Key key_;
  };

  /// Calls `then` once, from the loop, when now() >= when.
  [[nodiscard]] Entry at(Instant when, std::function<void()> then);

 private:
  void arm();
  void fire();

  boost::asio::steady_timer timer_;
  std::map<Entry::Key, std::function<void()>> entries_;
  std::uint64_t next_ = 0;
  Instant armed_for_ = Instant::max();  ///< when timer_ goes off; max where it does not
  std::shared_ptr<const char> alive_;   ///< expires with this object: a queued handler looks
};

}  // namespace firedrill::adapters
