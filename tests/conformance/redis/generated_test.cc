#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

#include "sim/redis/command.h"
#include "tests/conformance/redis/comparison.h"
#include "tests/conformance/redis/coverage.h"
#include "tests/conformance/redis/grammar.h"
#include "tests/conformance/redis/sequence.h"
#include "tests/support/conformance_settings.h"

// Generated commands are given to the simulated Redis and to a real one, and all that they answer
// and hold is compared. Each run draws anew, and prints its seed. A run of a million commands, with
// the whole report in a file:
//
//   FIREDRILL_CONFORMANCE_COMMANDS=1000000 FIREDRILL_CONFORMANCE_REPORT=report.txt
//     build/release/tests/conformance/redis/redis_conformance_test --gtest_filter='Generated*'
//
// FIREDRILL_CONFORMANCE_SEED repeats a run; FIREDRILL_CONFORMANCE_FAMILY ("streams") gives commands
// of one family only; FIREDRILL_CONFORMANCE_DIFFERENCES=20 goes on after a difference, without the
// command to which it is due, up to 20 times.

namespace firedrill::test {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::int64_t kCommands = 20'000;
#else
constexpr std::int64_t kCommands = 100'000;
#endif

/// Of the family that is asked for, if one is.
rc::Gen<Sequence> sequences(const Grammar& grammar) {
  const char* wanted = std::getenv("FIREDRILL_CONFORMANCE_FAMILY");
  if (wanted == nullptr) return any_sequence(grammar);
  for (std::size_t i = 0; i < grammar.families().size(); ++i) {
    if (grammar.families()[i].name == wanted) return any_sequence(grammar, i);
  }
  throw std::invalid_argument(std::string("FIREDRILL_CONFORMANCE_FAMILY: there is no family ") +
                              wanted);
}

void tell(const Coverage& coverage) {
  std::cout << coverage.summary();
  if (const char* path = std::getenv("FIREDRILL_CONFORMANCE_REPORT")) {
    std::ofstream(path) << coverage.report();
  }
}

/// Runs about so many commands. What differs, made small; nothing where nothing does.
std::optional<std::string> run(Comparison& comparison, const rc::Gen<Sequence>& sequence,
                               std::uint64_t seed, std::int64_t commands) {
  rc::detail::TestParams params;
  params.seed = seed;
  params.maxSuccess = static_cast<int>(commands / static_cast<std::int64_t>(kUsualLength) + 1);
  comparison.go_on_counting();
  std::optional<std::string> first;
  const auto property = [&] {
    const auto difference = comparison.difference(*sequence);
    if (!difference) return;
    if (!first) first = difference;
    comparison.stop_counting();  // the rest of the run only makes it smaller
    RC_FAIL(*difference);
  };
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata{}, params);
  if (result.is<rc::detail::SuccessResult>()) return std::nullopt;
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  if (text.str().find("no exceptions thrown") != std::string::npos) {
    text << "\nIt does not come again. What came was:\n" << *first;
  }
  return text.str();
}

TEST(GeneratedCommands, AreAllInTheModel) {
  const Grammar grammar;
  for (std::size_t i = 0; i < grammar.size(); ++i) {
    const std::string name = grammar.command(i, {}).words[0];
    if (name == "NOSUCH") continue;
    EXPECT_NE(sim::redis::find_command(upper(name)), nullptr) << grammar.label(i);
  }
}

/// Runs the commands that are asked for, and complains.
void compare(Comparison& comparison, const Grammar& grammar, std::int64_t otherwise) {
  const std::int64_t commands = setting("FIREDRILL_CONFORMANCE_COMMANDS", otherwise);
  const std::int64_t differences = setting("FIREDRILL_CONFORMANCE_DIFFERENCES", 1);
  const std::uint64_t first = conformance_seed();
  const std::string repeat = "FIREDRILL_CONFORMANCE_SEED=" + std::to_string(first) +
                             " FIREDRILL_CONFORMANCE_COMMANDS=" + std::to_string(commands);
  std::cout << "to repeat this run: " << repeat << '\n';
  for (std::int64_t i = 0; i < differences; ++i) {
    const auto difference =
        run(comparison, sequences(grammar), first + static_cast<std::uint64_t>(i), commands);
    if (!difference) break;
    ADD_FAILURE() << *difference << "\nto repeat it: " << repeat;
    comparison.mute_last();
  }
}

TEST(GeneratedCommands, AnswerAsTheRealOnesDo) {
  const Grammar grammar;
  Coverage coverage(grammar);
  Comparison comparison(grammar, coverage);
  compare(comparison, grammar, kCommands);
  tell(coverage);
}

TEST(GeneratedCommands, TellReplicasWhatTheRealOnesDo) {
  const Grammar grammar;
  Coverage coverage(grammar);
  Comparison comparison(grammar, coverage);
  comparison.compare_effects();
  compare(comparison, grammar, kCommands / 5);
}

}  // namespace
}  // namespace firedrill::test
