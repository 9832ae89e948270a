#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace firedrill::sim::redis {

/// What an append-only file and the replicas are told: the effects of commands, as commands, in the
/// protocol's own bytes. The effects of one script or transaction that has several stand between
/// MULTI and EXEC, so that whoever reads a truncated stream has all of them or none.
class Propagation {
 public:
  /// Nothing is kept while it is not wanted.
  bool wanted = false;
  /// The current command has said itself what to propagate.
  bool replaced = false;

  /// A command, script or transaction begins: what is added until end() belongs together.
  void begin() {
    unit_ = bytes_.size();
    effects_ = 0;
  }
  void add(std::uint32_t database, std::span<const std::string_view> words);
  void add(std::uint32_t database, std::initializer_list<std::string_view> words) {
    add(database, std::span<const std::string_view>(words.begin(), words.size()));
  }
  /// `wraps` is not set where several have nothing to do with one another: keys that have expired.
  void end(bool wraps = true);

  /// Everything since the last call.
  std::string take();
  /// Bytes since the last take().
  std::size_t size() const { return bytes_.size(); }
  /// Where a new stream begins nobody knows which database is selected.
  void forget_database() { database_ = kNone; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  std::string bytes_;
  std::size_t unit_ = 0;  ///< where the current unit's first effect begins, after any SELECT
  std::uint32_t effects_ = 0;
  std::uint32_t database_ = kNone;
};

}  // namespace firedrill::sim::redis
