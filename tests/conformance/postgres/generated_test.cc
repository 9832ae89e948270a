#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <string>

#include "tests/conformance/postgres/generated_comparison.h"
#include "tests/conformance/postgres/generated_grammar.h"
#include "tests/conformance/postgres/generated_templates.h"
#include "tests/support/conformance_settings.h"

// Generated scripts are run by the simulated PostgreSQL and by a real one, and all that they answer
// and hold is compared. Each run draws anew, and prints its seed. A run of 200,000 statements:
//
//   FIREDRILL_CONFORMANCE_STATEMENTS=200000
//     build/release/tests/conformance/postgres/postgres_conformance_test
//     --gtest_filter='GeneratedStatements.*'
//
// FIREDRILL_CONFORMANCE_SEED repeats a run; FIREDRILL_CONFORMANCE_DIFFERENCES=20 goes on after a
// difference until it has met that many kinds of them, and counts each kind;
// FIREDRILL_CONFORMANCE_REPORT names a file for what was written, by construct;
// FIREDRILL_CONFORMANCE_SCRIPT names one for the script that runs, should the test itself end.

namespace firedrill::test {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::int64_t kStatements = 500;
#else
constexpr std::int64_t kStatements = 2'000;
#endif
constexpr std::size_t kLength = 45;

void keep(const GeneratedComparison::Script& script) {
  const char* path = std::getenv("FIREDRILL_CONFORMANCE_SCRIPT");
  if (path == nullptr) return;
  std::ofstream(path) << GeneratedComparison::text_of(script, {});
}

void tell(const StatementGrammar& grammar, const GeneratedComparison& comparison) {
  std::uint64_t failed = 0;
  std::string states;
  for (const auto& [state, times] : comparison.errors()) {
    failed += times;
    states += " " + state + ": " + std::to_string(times);
  }
  std::cout << comparison.compared() << " statements compared, " << failed << " of them errors; "
            << comparison.tables() << " tables compared\n  errors:" << states << '\n';
  for (const auto& [rule, times] : comparison.allowed()) {
    std::cout << "  allowed: " << rule << ": " << times << '\n';
  }
  for (const auto& [message, times] : comparison.refusals()) {
    std::cout << "  refused: " << message << ": " << times << '\n';
  }
  std::size_t reached = 0;
  for (const ExpressionTemplate& each : expression_templates()) {
    reached += grammar.constructs().count("expression " + std::string(each.pattern));
  }
  std::cout << "  expressions reached: " << reached << " of " << expression_templates().size()
            << '\n';
  std::string others;
  for (const auto& [construct, times] : grammar.constructs()) {
    if (construct.starts_with("expression ")) continue;
    others += (others.empty() ? "  " : ", ") + construct + ": " + std::to_string(times);
  }
  std::cout << others << '\n';
  if (const char* path = std::getenv("FIREDRILL_CONFORMANCE_REPORT")) {
    std::ofstream report(path);
    for (const auto& [construct, times] : grammar.constructs()) {
      report << times << ' ' << construct << '\n';
    }
  }
}

TEST(GeneratedStatements, AnswerAsTheRealOnesDo) {
  const auto statements =
      static_cast<std::uint64_t>(setting("FIREDRILL_CONFORMANCE_STATEMENTS", kStatements));
  const auto wanted = static_cast<std::size_t>(setting("FIREDRILL_CONFORMANCE_DIFFERENCES", 1));
  const std::uint64_t first = conformance_seed();
  const std::string repeat = "FIREDRILL_CONFORMANCE_SEED=" + std::to_string(first) +
                             " FIREDRILL_CONFORMANCE_STATEMENTS=" + std::to_string(statements);
  std::cout << "to repeat this run: " << repeat << '\n';
  StatementGrammar grammar(first);
  GeneratedComparison comparison;
  std::map<std::string, std::uint64_t> kinds;
  while (comparison.compared() < statements && kinds.size() < wanted) {
    const GeneratedComparison::Script script = grammar.script(kLength);
    keep(script);
    const auto difference = comparison.run(script, true);
    if (!difference || ++kinds[difference->kind] > 1) continue;
    const auto small = comparison.smaller(script, *difference);
    const auto again = comparison.run(small, false);
    ADD_FAILURE() << difference->kind << '\n'
                  << GeneratedComparison::text_of(small, again ? *again : *difference)
                  << (again ? "" : "it does not come again\n") << "to repeat it: " << repeat;
  }
  for (const auto& [kind, times] : kinds) std::cout << times << " x " << kind << '\n';
  tell(grammar, comparison);
}

}  // namespace
}  // namespace firedrill::test
