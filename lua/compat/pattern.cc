#include "lua/compat/pattern.h"

#include <cctype>
#include <cstring>

#include "lua/compat/sandbox.h"
#include "lua/compat/support.h"

namespace firedrill::lua {

namespace {

constexpr char kEscape = '%';
constexpr int kStepsToReport = 1000;

int code(char c) {
  return static_cast<unsigned char>(c);
}

/// %a, %D and so on; any other letter stands for itself.
bool in_class(char c, char name) {
  const int value = code(c);
  bool member = false;
  switch (std::tolower(code(name))) {
    case 'a': member = std::isalpha(value) != 0; break;
    case 'c': member = std::iscntrl(value) != 0; break;
    case 'd': member = std::isdigit(value) != 0; break;
    case 'l': member = std::islower(value) != 0; break;
    case 'p': member = std::ispunct(value) != 0; break;
    case 's': member = std::isspace(value) != 0; break;
    case 'u': member = std::isupper(value) != 0; break;
    case 'w': member = std::isalnum(value) != 0; break;
    case 'x': member = std::isxdigit(value) != 0; break;
    case 'z': member = c == '\0'; break;
    default: return name == c;
  }
  return std::isupper(code(name)) ? !member : member;
}

/// Whether `c` is in the set that begins with the '[' at `set` and whose ']' is at `closing`.
bool in_set(char c, const char* set, const char* closing) {
  const bool negated = set[1] == '^';
  const char* at = set + (negated ? 2 : 1);
  for (; at < closing; ++at) {
    if (*at == kEscape) {
      ++at;
      if (in_class(c, *at)) return !negated;
    } else if (at[1] == '-' && at + 2 < closing) {
      if (code(*at) <= code(c) && code(c) <= code(at[2])) return !negated;
      at += 2;
    } else if (*at == c) {
      return !negated;
    }
  }
  return negated;
}

}  // namespace

void Matcher::step() {
  if (++steps_ < kStepsToReport) return;
  steps_ = 0;
  Sandbox::of(state_).charge(state_, kStepsToReport);
}

const char* Matcher::match(const char* at) {
  count_ = 0;
  depth_ = 0;
  return run(at, pattern_);
}

const char* Matcher::item_end(const char* pattern) {
  const char first = *pattern++;
  if (first == kEscape) {
    if (*pattern == '\0') luaL_error(state_, "malformed pattern (ends with '%%')");
    return pattern + 1;
  }
  if (first != '[') return pattern;
  if (*pattern == '^') ++pattern;
  do {  // a ']' that comes first is a member
    if (*pattern == '\0') luaL_error(state_, "malformed pattern (missing ']')");
    if (*pattern++ == kEscape && *pattern != '\0') ++pattern;
  } while (*pattern != ']');
  return pattern + 1;
}

bool Matcher::matches_item(const char* at, const char* pattern, const char* item_end) {
  step();
  if (at >= end_) return false;
  switch (*pattern) {
    case '.': return true;
    case kEscape: return in_class(*at, pattern[1]);
    case '[': return in_set(*at, pattern, item_end - 1);
    default: return *pattern == *at;
  }
}

const char* Matcher::run(const char* at, const char* pattern) {
  // 5.1 knows no bound, and may crash.
  if (++depth_ > kMaxDepth) luaL_error(state_, "pattern too complex");
  const char* result = nullptr;
  for (;;) {
    if (*pattern == '\0') {
      result = at;
      break;
    }
    bool handled = false;
    result = run_special(at, pattern, &handled, &pattern);
    if (handled) {
      if (result == nullptr || pattern == nullptr) break;
      at = result;  // goes on behind a %b, %f or %1
      continue;
    }
    const char* const item = item_end(pattern);
    if (*item == '?') {
      if (matches_item(at, pattern, item)) {
        result = run(at + 1, item + 1);
        if (result != nullptr) break;
      }
      pattern = item + 1;
      continue;
    }
    if (*item == '*') {
      result = repeat_most(at, pattern, item);
      break;
    }
    if (*item == '+') {
      result = matches_item(at, pattern, item) ? repeat_most(at + 1, pattern, item) : nullptr;
      break;
    }
    if (*item == '-') {
      result = repeat_least(at, pattern, item);
      break;
    }
    if (!matches_item(at, pattern, item)) {
      result = nullptr;
      break;
    }
    ++at;
    pattern = item;
  }
  --depth_;
  return result;
}

/// Captures, anchors, and what begins with '%' and is no class. `next_pattern` is where to go on
/// behind it; null where the result is the whole match's.
const char* Matcher::run_special(const char* at, const char* pattern, bool* handled,
                                 const char** next_pattern) {
  *handled = true;
  const char* const rest = pattern + 2;
  switch (*pattern) {
    case '(':
      *next_pattern = nullptr;
      return pattern[1] == ')' ? open_capture(at, rest, kPosition)
                               : open_capture(at, pattern + 1, kUnfinished);
    case ')': *next_pattern = nullptr; return close_capture(at, pattern + 1);
    case '$':
      if (pattern[1] != '\0') break;
      *next_pattern = nullptr;
      return at == end_ ? at : nullptr;
    case kEscape:
      if (pattern[1] == 'b') {
        *next_pattern = pattern + 4;
        return balanced(at, rest);
      }
      if (pattern[1] == 'f') {
        *next_pattern = rest;
        return frontier(at, next_pattern);
      }
      if (std::isdigit(code(pattern[1]))) {
        *next_pattern = rest;
        return back_reference(at, pattern[1]);
      }
      break;
    default: break;
  }
  *handled = false;
  return nullptr;
}

const char* Matcher::repeat_most(const char* at, const char* pattern, const char* item_end) {
  std::ptrdiff_t count = 0;
  while (matches_item(at + count, pattern, item_end)) ++count;
  for (; count >= 0; --count) {
    if (const char* result = run(at + count, item_end + 1)) return result;
  }
  return nullptr;
}

const char* Matcher::repeat_least(const char* at, const char* pattern, const char* item_end) {
  for (;; ++at) {
    if (const char* result = run(at, item_end + 1)) return result;
    if (!matches_item(at, pattern, item_end)) return nullptr;
  }
}

const char* Matcher::open_capture(const char* at, const char* pattern, std::ptrdiff_t length) {
  if (count_ >= kMaxCaptures) luaL_error(state_, "too many captures");
  captures_[static_cast<std::size_t>(count_++)] = {at, length};
  const char* result = run(at, pattern);
  if (result == nullptr) --count_;
  return result;
}

const char* Matcher::close_capture(const char* at, const char* pattern) {
  int open = count_ - 1;
  while (open >= 0 && captures_[static_cast<std::size_t>(open)].length != kUnfinished) --open;
  if (open < 0) luaL_error(state_, "invalid pattern capture");
  Capture& capture = captures_[static_cast<std::size_t>(open)];
  capture.length = at - capture.start;
  const char* result = run(at, pattern);
  if (result == nullptr) capture.length = kUnfinished;
  return result;
}

/// `pattern` is at the two characters behind %b.
const char* Matcher::balanced(const char* at, const char* pattern) {
  if (pattern[0] == '\0' || pattern[1] == '\0') luaL_error(state_, "unbalanced pattern");
  if (at >= end_ || *at != pattern[0]) return nullptr;
  for (int depth = 1; ++at < end_;) {
    step();
    if (*at == pattern[1]) {
      if (--depth == 0) return at + 1;
    } else if (*at == pattern[0]) {
      ++depth;
    }
  }
  return nullptr;
}

/// `pattern` is behind %f, and moves behind the set.
const char* Matcher::frontier(const char* at, const char** pattern) {
  const char* const set = *pattern;
  if (*set != '[') luaL_error(state_, "missing '[' after '%%f' in pattern");
  *pattern = item_end(set);
  const char before = at == begin_ ? '\0' : at[-1];
  const bool begins = !in_set(before, set, *pattern - 1) && in_set(*at, set, *pattern - 1);
  return begins ? at : nullptr;
}

const char* Matcher::back_reference(const char* at, char digit) {
  const int index = digit - '1';
  if (index < 0 || index >= count_ ||
      captures_[static_cast<std::size_t>(index)].length == kUnfinished) {
    luaL_error(state_, "invalid capture index");
  }
  const Capture& capture = captures_[static_cast<std::size_t>(index)];
  // A position as a length is larger than any rest, as in C.
  const auto length = static_cast<std::size_t>(capture.length);
  if (static_cast<std::size_t>(end_ - at) < length) return nullptr;
  return std::memcmp(capture.start, at, length) == 0 ? at + length : nullptr;
}

void Matcher::push_capture(int index, const char* start, const char* end) {
  if (index >= count_) {
    if (index != 0) luaL_error(state_, "invalid capture index");
    lua_pushlstring(state_, start, static_cast<std::size_t>(end - start));
    return;
  }
  const Capture& capture = captures_[static_cast<std::size_t>(index)];
  if (capture.length == kUnfinished) luaL_error(state_, "unfinished capture");
  if (capture.length == kPosition) {
    push_whole(state_, capture.start - begin_ + 1);
  } else {
    lua_pushlstring(state_, capture.start, static_cast<std::size_t>(capture.length));
  }
}

int Matcher::push_captures(const char* start, const char* end) {
  const int count = count_ == 0 && start != nullptr ? 1 : count_;
  luaL_checkstack(state_, count, "too many captures");
  for (int i = 0; i < count; ++i) push_capture(i, start, end);
  return count;
}

}  // namespace firedrill::lua
