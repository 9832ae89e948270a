#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::test {

/// Statements of several sessions, in the order in which they are given; a session that waits is
/// passed over until it is let go.
///
/// As text, a line each: "A: sql"; "A! cancel", "A! disconnect"; "A! pause 100" lets as many
/// milliseconds pass (though A may have ended, or wait); what makes the tables is said by
/// the session S, before, and what shows what is left in them by E, at the end.
struct Interleaving {
  static constexpr std::uint32_t kMostSessions = 4;

  struct Step {
    enum class Kind : std::uint8_t { statement, cancel, disconnect, pause };
    std::uint32_t session = 0;
    Kind kind = Kind::statement;
    std::string sql = {};  ///< pause: how long
  };
  std::vector<std::string> setup;
  std::vector<Step> steps;
  std::vector<std::string> contents;

  std::uint32_t sessions() const;
};

std::string name_of(std::uint32_t session);
std::string text_of(const Interleaving::Step& step);
std::string text_of(const Interleaving& interleaving);
/// Lines that begin with "--" are comments.
Interleaving read_interleaving(std::string_view text);

/// The same with less: whole sessions, then runs of steps, then single ones; larger cuts first.
std::vector<Interleaving> smaller(const Interleaving& interleaving);

}  // namespace firedrill::test
