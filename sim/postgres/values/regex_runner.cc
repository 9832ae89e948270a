#include <algorithm>
#include <limits>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/regex_matcher.h"

namespace firedrill::sim::postgres {

namespace {

/// About a second's work. The server has no such limit; its automata are built once and are faster.
constexpr std::uint64_t kMaxSteps = 100'000'000;
constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

}  // namespace

/// The states in which the automaton is, each with where its thread began: the least, if there are
/// several.
struct RegexRunner::Threads {
  explicit Threads(const RegexProgram& program) : origins(program.states.size(), kNone) {}
  void clear() {
    for (std::uint32_t state : states) origins[state] = kNone;
    states.clear();
  }
  std::vector<std::uint32_t> states;
  std::vector<std::size_t> origins;
};

void RegexRunner::step(std::uint64_t count) {
  steps_ += count;
  if (steps_ > kMaxSteps) {
    fail(sqlstate::kStatementTooComplex,
         "a regular expression takes more steps than the simulated PostgreSQL allows");
  }
}

bool RegexRunner::is_word(std::size_t at) const {
  return at < text_.size() && is_word_character(text_[at]);
}

bool RegexRunner::holds(const RegexProgram& program, const RegexProgram::State& state,
                        std::size_t at) {
  const bool is_begin = at == 0;
  const bool is_end = at == text_.size();
  const bool word_before = !is_begin && is_word(at - 1);
  const auto looks_behind = [&] {
    for (std::size_t begin = at + 1; begin-- > 0;) {
      if (matches(program.looks[state.index], begin, at)) return true;
    }
    return false;
  };
  const auto looks_ahead = [&] {
    return !ends(program.looks[state.index], at, text_.size()).empty();
  };
  switch (state.assertion) {
    case Assertion::line_begin: return is_begin;
    case Assertion::line_end: return is_end;
    case Assertion::line_begin_or_newline: return is_begin || text_[at - 1] == U'\n';
    case Assertion::line_end_or_newline: return is_end || text_[at] == U'\n';
    case Assertion::word_begin: return !word_before && is_word(at);
    case Assertion::word_end: return word_before && !is_word(at);
    case Assertion::word_boundary: return word_before != is_word(at);
    case Assertion::no_word_boundary: return word_before == is_word(at);
    case Assertion::look_ahead: return looks_ahead();
    case Assertion::no_look_ahead: return !looks_ahead();
    case Assertion::look_behind: return looks_behind();
    case Assertion::no_look_behind: return !looks_behind();
  }
  return false;
}

/// Adds the state, and all that it leads to without a character.
void RegexRunner::follow(const RegexProgram& program, Threads& threads, std::uint32_t state,
                         std::size_t origin, std::size_t at) {
  const std::size_t base = pending_.size();
  pending_.push_back(state);
  while (pending_.size() > base) {
    const std::uint32_t current = pending_.back();
    pending_.pop_back();
    step();
    if (threads.origins[current] <= origin) continue;
    if (threads.origins[current] == kNone) threads.states.push_back(current);
    threads.origins[current] = origin;
    const RegexProgram::State& found = program.states[current];
    switch (found.op) {
      case RegexProgram::Op::split: pending_.push_back(found.other); [[fallthrough]];
      case RegexProgram::Op::jump: pending_.push_back(found.next); break;
      case RegexProgram::Op::assertion:
        if (holds(program, found, at)) pending_.push_back(found.next);
        break;
      default: break;
    }
  }
}

std::vector<std::size_t> RegexRunner::ends(const RegexProgram& program, std::size_t begin,
                                           std::size_t limit) {
  std::vector<std::size_t> found;
  Threads now(program);
  Threads later(program);
  step(program.states.size());
  const auto accepting = static_cast<std::uint32_t>(program.states.size() - 1);
  follow(program, now, 0, 0, begin);
  for (std::size_t at = begin; !now.states.empty(); ++at) {
    if (now.origins[accepting] != kNone) found.push_back(at);
    if (at >= limit) break;
    for (std::uint32_t index : now.states) {
      const RegexProgram::State& state = program.states[index];
      step();
      if (state.op != RegexProgram::Op::characters) continue;
      if (program.sets[state.index].contains(text_[at])) {
        follow(program, later, state.next, 0, at + 1);
      }
    }
    now.clear();
    std::swap(now, later);
  }
  return found;
}

bool RegexRunner::matches(const RegexProgram& program, std::size_t begin, std::size_t end) {
  const std::vector<std::size_t> found = ends(program, begin, end);
  return !found.empty() && found.back() == end;
}

std::optional<std::size_t> RegexRunner::leftmost(const RegexProgram& program, std::size_t start) {
  std::size_t best = kNone;
  Threads now(program);
  Threads later(program);
  const auto accepting = static_cast<std::uint32_t>(program.states.size() - 1);
  for (std::size_t at = start;; ++at) {
    if (best == kNone) follow(program, now, 0, at, at);
    best = std::min(best, now.origins[accepting]);
    if (at >= text_.size() || now.states.empty()) break;
    for (std::uint32_t index : now.states) {
      const RegexProgram::State& state = program.states[index];
      step();
      // One that began later than a match did cannot be the leftmost.
      if (state.op != RegexProgram::Op::characters || now.origins[index] >= best) continue;
      if (program.sets[state.index].contains(text_[at])) {
        follow(program, later, state.next, now.origins[index], at + 1);
      }
    }
    now.clear();
    std::swap(now, later);
  }
  if (best == kNone) return std::nullopt;
  return best;
}

}  // namespace firedrill::sim::postgres
