#include "sim/redis/propagation.h"

#include <utility>

#include "sim/redis/resp.h"

namespace firedrill::sim::redis {

void Propagation::add(std::uint32_t database, std::span<const std::string_view> words) {
  if (!wanted) return;
  if (database != database_) {
    const std::string number = std::to_string(database);
    const std::string_view select[] = {"SELECT", number};
    append_command(bytes_, select);
    database_ = database;
    if (effects_ == 0) unit_ = bytes_.size();
  }
  append_command(bytes_, words);
  ++effects_;
}

void Propagation::end(bool wraps) {
  if (wraps && effects_ > 1) {
    constexpr std::string_view kMulti = "*1\r\n$5\r\nMULTI\r\n";
    constexpr std::string_view kExec = "*1\r\n$4\r\nEXEC\r\n";
    bytes_.insert(unit_, kMulti);
    bytes_.append(kExec);
  }
  effects_ = 0;
}

std::string Propagation::take() {
  return std::exchange(bytes_, {});
}

}  // namespace firedrill::sim::redis
