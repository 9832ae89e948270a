#pragma once

#include <deque>
#include <string>

namespace firedrill::sim::redis {

/// What LPUSH makes: its head is the front.
struct List {
  std::deque<std::string> items;
};

}  // namespace firedrill::sim::redis
