#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "system/adapters/pqxx_connection.h"
#include "system/domain/check.h"

namespace firedrill::adapters {

PqxxBreaker::PqxxBreaker() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  check(wake_ >= 0, "there is an eventfd to be had");
}

PqxxBreaker::~PqxxBreaker() {
  let_go();
  ::close(wake_);
}

void PqxxBreaker::break_off() {
  const std::lock_guard lock(mutex_);
  broken_ = true;
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
  const std::uint64_t one = 1;
  // Fails only where it is readable already.
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

bool PqxxBreaker::hung_up() const {
  const std::lock_guard lock(mutex_);
  if (socket_ < 0) return true;
  pollfd look{.fd = socket_, .events = POLLRDHUP, .revents = 0};
  return ::poll(&look, 1, 0) > 0;
}

void PqxxBreaker::begin_attempt() {
  const std::lock_guard lock(mutex_);
  broken_ = false;
  std::uint64_t seen = 0;
  [[maybe_unused]] const auto read = ::read(wake_, &seen, sizeof seen);
}

bool PqxxBreaker::hold(int socket) {
  const int copy = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return false;
  const std::lock_guard lock(mutex_);
  socket_ = copy;
  if (broken_) ::shutdown(socket_, SHUT_RDWR);
  return true;
}

void PqxxBreaker::let_go() {
  const std::lock_guard lock(mutex_);
  if (const int socket = std::exchange(socket_, -1); socket >= 0) ::close(socket);
}

}  // namespace firedrill::adapters
