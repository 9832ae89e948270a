#include "system/adapters/random.h"

#include <sys/random.h>

#include <cerrno>

#include "system/domain/check.h"

namespace firedrill::adapters {

std::uint64_t LiveRandom::next() {
  if (left_ == 0) {
    ssize_t got = -1;
    do {
      got = ::getrandom(words_.data(), sizeof(words_), 0);
    } while (got < 0 && errno == EINTR);
    check(got == static_cast<ssize_t>(sizeof(words_)), "the kernel gives randomness");
    left_ = words_.size();
  }
  return words_[--left_];
}

}  // namespace firedrill::adapters
