#pragma once

#include <boost/asio/awaitable.hpp>

namespace firedrill {

/// Owns the coroutines that a service runs beside the one that answers.
///
/// Ownership: the port owns each task until it returns; a process that dies or stops destroys
/// those that are left, before the service objects that they use. Ordering: a task starts after the
/// caller's next suspension, not inside spawn(). A task must not throw: an exception is a bug and
/// ends the process.
class Tasks {
 public:
  virtual ~Tasks() = default;

  virtual void spawn(boost::asio::awaitable<void> task) = 0;
};

}  // namespace firedrill
