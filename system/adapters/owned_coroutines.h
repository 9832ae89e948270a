#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>

namespace firedrill::adapters {

/// What is done about an exception that left a coroutine: report it and end the process.
using OnBug = std::function<void(std::exception_ptr)>;

/// Coroutines with an owner. stop(), or the destructor, ends every one: those parked in a port are
/// destroyed as they stand, those inside an Asio operation are cancelled. Their frames unwind in
/// the next turns of the loop; what they use must live until running() is 0.
class OwnedCoroutines {
 public:
  OwnedCoroutines(boost::asio::any_io_executor executor, OnBug on_bug);
  OwnedCoroutines(const OwnedCoroutines&) = delete;
  OwnedCoroutines& operator=(const OwnedCoroutines&) = delete;
  ~OwnedCoroutines() { stop(); }

  /// Starts it in a later turn of the loop. After stop(): destroys it.
  void spawn(boost::asio::awaitable<void> coroutine);

  void stop();

  /// How many frames are left, those that unwind included.
  std::size_t running() const;

  struct State;

 private:
  boost::asio::any_io_executor executor_;
  std::shared_ptr<State> state_;
};

}  // namespace firedrill::adapters
