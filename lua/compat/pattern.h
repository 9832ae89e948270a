#pragma once

#include <lua.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace firedrill::lua {

/// One subject under one of Lua 5.1's patterns, which differ from 5.4's: a pattern ends at its
/// first zero byte (%z stands for one), %g is no class, messages are others.
///
/// Holds nothing that a Lua error would leak. Every character that is compared counts as an
/// instruction, so that a pattern which backtracks for ever is stopped as a loop is.
class Matcher {
 public:
  /// Both texts outlive the matcher, and end in a zero byte, as Lua's strings do.
  Matcher(lua_State* state, std::string_view subject, const char* pattern)
      : state_(state),
        begin_(subject.data()),
        end_(subject.data() + subject.size()),
        pattern_(pattern) {}

  /// Where a match that begins at `at` ends; null if there is none. Forgets the captures before.
  const char* match(const char* at);

  int captures() const { return count_; }
  /// Pushes capture `index` (from 0); the whole match [start, end) if there are no captures.
  void push_capture(int index, const char* start, const char* end);
  /// Pushes every capture, or the whole match if there are none (and `start` is not null).
  int push_captures(const char* start, const char* end);

 private:
  static constexpr int kMaxCaptures = 32;
  static constexpr int kMaxDepth = 6000;
  static constexpr std::ptrdiff_t kUnfinished = -1;
  static constexpr std::ptrdiff_t kPosition = -2;
  struct Capture {
    const char* start;
    std::ptrdiff_t length;
  };

  const char* run(const char* at, const char* pattern);
  const char* run_special(const char* at, const char* pattern, bool* handled,
                          const char** next_pattern);
  const char* item_end(const char* pattern);
  bool matches_item(const char* at, const char* pattern, const char* item_end);
  const char* repeat_most(const char* at, const char* pattern, const char* item_end);
  const char* repeat_least(const char* at, const char* pattern, const char* item_end);
  const char* open_capture(const char* at, const char* pattern, std::ptrdiff_t length);
  const char* close_capture(const char* at, const char* pattern);
  const char* balanced(const char* at, const char* pattern);
  const char* back_reference(const char* at, char digit);
  const char* frontier(const char* at, const char** pattern);
  void step();

  lua_State* state_;
  const char* begin_;
  const char* end_;
  const char* pattern_;
  int depth_ = 0;
  int steps_ = 0;
  int count_ = 0;
  std::array<Capture, kMaxCaptures> captures_;
};

}  // namespace firedrill::lua
