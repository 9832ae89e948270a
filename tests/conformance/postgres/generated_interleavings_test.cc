#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "sim/kernel/random_stream.h"
#include "tests/conformance/postgres/interleaving_grammar.h"
#include "tests/conformance/postgres/interleavings.h"
#include "tests/support/conformance_settings.h"
#include "tests/support/postgres_server.h"

// Generated interleavings of several sessions' statements are given to the simulated PostgreSQL and
// to a real one: who waits, who goes on, what is answered and what is left is compared, after each.
// Each run draws anew, and prints its seed. A long run:
//
//   FIREDRILL_CONFORMANCE_INTERLEAVINGS=20000
//     build/release/tests/conformance/postgres/postgres_conformance_test
//     --gtest_filter='GeneratedInterleavings.*'
//
// FIREDRILL_CONFORMANCE_SEED repeats a run; FIREDRILL_CONFORMANCE_DIFFERENCES=20 goes on until
// there are 20; FIREDRILL_CONFORMANCE_SCRIPT=file compares the one interleaving that is in the
// file.

namespace firedrill::test {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::int64_t kInterleavings = 200;
#else
constexpr std::int64_t kInterleavings = 2'000;
#endif
constexpr std::uint32_t kLanes = 8;

TEST(GeneratedInterleavings, GoAsTheRealOnesDo) {
  const PostgresServer server;
  if (const char* script = std::getenv("FIREDRILL_CONFORMANCE_SCRIPT")) {
    std::ifstream stream(script);
    const Interleaving interleaving =
        read_interleaving(std::string(std::istreambuf_iterator<char>(stream), {}));
    for (const auto& action : run_model(interleaving).actions) {
      std::cout << text_of(action.step) << '\n' << text_of(action.seen);
    }
    Interleavings one(server.connection(), 1);
    const auto difference = one.compare(interleaving);
    EXPECT_FALSE(difference) << *difference;
    return;
  }
  Interleavings comparison(server.connection(), kLanes);
  const std::uint64_t seed = conformance_seed();
  const auto count =
      static_cast<std::uint64_t>(setting("FIREDRILL_CONFORMANCE_INTERLEAVINGS", kInterleavings));
  const std::string repeat = "FIREDRILL_CONFORMANCE_SEED=" + std::to_string(seed) +
                             " FIREDRILL_CONFORMANCE_INTERLEAVINGS=" + std::to_string(count);
  std::cout << "to repeat this run: " << repeat << '\n';
  const auto differences = comparison.compare(
      count, static_cast<std::uint64_t>(setting("FIREDRILL_CONFORMANCE_DIFFERENCES", 1)),
      [&](std::uint64_t number) {
        sim::RandomStream random(sim::stream_seed(seed, "interleaving", number));
        return random.chance(1, 6) ? any_serializable(random) : any_interleaving(random);
      });
  for (const std::string& difference : differences) {
    ADD_FAILURE() << difference << "\nto repeat it: " << repeat;
  }
  std::cout << comparison.counts().summary();
}

}  // namespace
}  // namespace firedrill::test
