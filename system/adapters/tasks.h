#pragma once

#include <cstddef>
#include <utility>

#include "system/adapters/owned_coroutines.h"
#include "system/ports/tasks.h"

namespace firedrill::adapters {

/// The tasks of a live process.
class LiveTasks final : public Tasks {
 public:
  LiveTasks(boost::asio::any_io_executor executor, OnBug on_bug)
      : coroutines_(std::move(executor), std::move(on_bug)) {}

  void spawn(boost::asio::awaitable<void> task) override { coroutines_.spawn(std::move(task)); }

  /// See OwnedCoroutines::stop().
  void stop() { coroutines_.stop(); }
  std::size_t running() const { return coroutines_.running(); }

 private:
  OwnedCoroutines coroutines_;
};

}  // namespace firedrill::adapters
