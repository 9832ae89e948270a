#include "cli/run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "cli/input.h"
#include "faults/kinds.h"
#include "faults/validate.h"
#include "properties/shrink.h"
#include "sim/kernel/digest.h"

namespace firedrill {
namespace {

using properties::Judgement;

traces::Scenario scenario(const std::string& design) {
  traces::Scenario loaded = load_scenario("flash-sale");
  loaded.design = design;
  return loaded;
}

std::size_t index_of(std::string_view property) {
  const auto* found = properties::find(property);
  EXPECT_NE(found, nullptr) << property;
  return static_cast<std::size_t>(found - properties::all().data());
}

/// Of runs in which nothing is found: under sanitizers each takes some ten times as long.
constexpr std::uint64_t plenty(std::uint64_t seeds) {
#ifdef __SANITIZE_ADDRESS__
  return seeds / 5;
#else
  return seeds;
#endif
}

/// What breaks in any of that many seeds.
std::set<std::string> broken(const traces::Scenario& scenario, std::uint64_t seeds) {
  std::set<std::string> broken;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const RunResult result = run_case(make_case(scenario, seed));
    for (std::size_t i = 0; i < result.verdicts.size(); ++i) {
      if (result.verdicts[i].judgement == Judgement::violated) {
        broken.emplace(properties::all()[i].name);
      }
    }
  }
  return broken;
}

/// The smallest case in which as-written breaks the property in the same way, found among `seeds`.
std::optional<traces::Case> smallest_story(const traces::Scenario& scenario, std::size_t property,
                                           std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const traces::Case run = make_case(scenario, seed);
    const properties::Verdict verdict = run_case(run).verdicts[property];
    if (verdict.judgement != Judgement::violated) continue;
    const auto fails = [&](const traces::Case& candidate) {
      if (!faults::validate(candidate).empty()) return false;
      const properties::Verdict again = run_case(candidate).verdicts[property];
      return again.judgement == Judgement::violated && again.signature == verdict.signature;
    };
    return properties::shrink(run, fails, 1500).smallest;
  }
  return std::nullopt;
}

TEST(Run, TheSameCaseGivesTheSameHistoryAndDigest) {
  for (const char* design : {"hardened", "as-written"}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const traces::Case run = make_case(scenario(design), seed);
      const RunResult first = run_case(run);
      const RunResult second = run_case(run);
      EXPECT_EQ(first.digest, second.digest);
      EXPECT_EQ(first.history, second.history);
      EXPECT_EQ(first.counts, second.counts);
    }
  }
}

TEST(Run, DifferentSeedsDiffer) {
  std::set<std::uint64_t> digests;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    digests.insert(run_case(make_case(scenario("hardened"), seed)).digest);
  }
  EXPECT_EQ(digests.size(), 50U);
}

/// The digests of fifty seeds of both designs, in one number, kept in a file: Release, Debug and
/// sanitized builds all compare themselves with it, and so with each other.
TEST(Run, EveryBuildGivesTheSameDigests) {
  sim::Digest digest;
  for (const char* design : {"hardened", "as-written"}) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      digest.fold(run_case(make_case(scenario(design), seed)).digest);
    }
  }
  char text[17] = {};
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest.value()));
  const auto file =
      std::filesystem::path(FIREDRILL_SOURCE_DIR) / "tests" / "runner" / "golden_digest.txt";
  std::ifstream in(file);
  std::string golden;
  in >> golden;
  EXPECT_EQ(golden, text) << "If what a run does was changed on purpose, write " << text << " into "
                          << file << " (and run both builds).";
}

TEST(Run, HardenedHoldsAndIsNotVacuous) {
  sim::Counts counts;
  std::vector<std::uint64_t> judged(properties::all().size());
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const RunResult result = run_case(make_case(scenario("hardened"), seed));
    for (const auto& [name, number] : result.counts) counts[name] += number;
    for (std::size_t i = 0; i < judged.size(); ++i) {
      judged[i] += result.verdicts[i].judged;
      EXPECT_NE(result.verdicts[i].judgement, Judgement::violated)
          << properties::all()[i].name << " at seed " << seed << ": " << result.verdicts[i].message;
    }
  }
  for (std::size_t i = 0; i < judged.size(); ++i) {
    EXPECT_GT(judged[i], 0U) << properties::all()[i].name;
  }
  for (const std::string& name : scenario("hardened").require) {
    EXPECT_GT(counts[name], 0U) << name;
  }
}

/// The control: what the article's design breaks, with stories that a person can read.
TEST(Run, AsWrittenBreaksItsPromisesInSmallStories) {
  constexpr std::uint64_t kSeeds = 300;
#ifdef __SANITIZE_ADDRESS__  // a story takes hundreds of runs
  constexpr std::array kBroken = {"no-oversell", "user-cap"};
#else
  constexpr std::array kBroken = {
      "no-oversell",       "no-stock-leak",      "idempotent-api",
      "rate-limit",        "stock-conservation", "user-cap",
      "read-after-accept", "no-lost-order",      "one-effect-per-token"};
#endif
  for (const char* property : kBroken) {
    const auto story = smallest_story(scenario("as-written"), index_of(property), kSeeds);
    ASSERT_TRUE(story.has_value()) << property << " is broken in none of " << kSeeds << " seeds";
    EXPECT_LE(story->orders.size(), 4U) << property << ", seed " << story->seed;
    EXPECT_LE(story->faults.size(), 2U) << property << ", seed " << story->seed;
  }
}

/// A store that forgets sells twice: by a failover, by a loss of power, and by nothing else here.
TEST(Run, AsWrittenOversellsWhenRedisForgets) {
  const std::pair<const char*, const char*> cases[] = {{"redis-failover", "redis-failover"},
                                                       {"redis-power-loss", "redis-power-loss"}};
  for (const auto& [name, kind] : cases) {
    traces::Scenario forgets = load_scenario(name);
    forgets.design = "as-written";
    const auto story = smallest_story(forgets, index_of("no-oversell"), 300);
    ASSERT_TRUE(story.has_value()) << name;
    EXPECT_LE(story->orders.size(), 3U) << name << ", seed " << story->seed;
    ASSERT_EQ(story->faults.size(), 1U) << name << ", seed " << story->seed;
    EXPECT_EQ(story->faults[0].kind, kind);

    traces::Scenario remembers = forgets;
    remembers.faults.clear();
    EXPECT_FALSE(smallest_story(remembers, index_of("no-oversell"), plenty(300)).has_value())
        << name;
  }
}

/// What a second store is for: Redis may lose what it has acknowledged, by a failover, with the
/// power, or by coming back empty.
TEST(Run, HardenedRemembersWhatRedisForgets) {
  traces::Scenario forgets = load_scenario("redis-forgets");
  EXPECT_EQ(forgets.design, "hardened");
  EXPECT_EQ(broken(forgets, plenty(300)), (std::set<std::string>{}));
}

/// More than a hundred events of one partition fail: the article's poller comes to no others.
TEST(Run, WhatFailsHoldsUpOthersAsWritten) {
  traces::Scenario scenario = load_scenario("leader-lost");
  EXPECT_EQ(scenario.design, "hardened");
  EXPECT_EQ(broken(scenario, plenty(40)), (std::set<std::string>{}));

  scenario.design = "as-written";
  const std::size_t starves = index_of("no-starvation");
  std::uint64_t seed = 1;
  traces::Case run = make_case(scenario, seed);
  while (seed <= 200 && run_case(run).verdicts[starves].judgement != Judgement::violated) {
    run = make_case(scenario, ++seed);
  }
  ASSERT_LE(seed, 200U) << "it is broken in none of them";
  run.faults.clear();
  EXPECT_NE(run_case(run).verdicts[starves].judgement, Judgement::violated);
}

/// What no service can mend: a database that loses what it has acknowledged. What was published
/// tells of the order, and its client knows it. What one transaction keeps together is lost
/// together.
TEST(Run, HardenedNeedsADatabaseThatKeepsWhatItAcknowledged) {
  for (const char* name : {"postgres-failover", "postgres-power-loss"}) {
    traces::Scenario loses = load_scenario(name);
    EXPECT_EQ(loses.design, "hardened");
    const std::set<std::string> found = broken(loses, 200);
    for (const char* property : {"no-ghost-events", "no-lost-order", "read-after-accept"}) {
      EXPECT_TRUE(found.contains(property)) << name << ": " << property;
    }
    for (const char* property : {"outbox-atomic", "legal-transitions", "published-is-durable",
                                 "outbox-at-least-once", "stock-conservation"}) {
      EXPECT_FALSE(found.contains(property)) << name << ": " << property;
    }

    traces::Scenario keeps = loses;
    keeps.postgres.synchronous_commit = {"on"};
    keeps.postgres.synchronous_standby = {"yes"};
    EXPECT_TRUE(broken(keeps, plenty(200)).empty()) << name;
  }
}

TEST(Run, ATraceThatWasWrittenRunsAgainAsItDid) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("firedrill-run-test-" + std::to_string(::getpid()) + ".json");
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const traces::Case run = make_case(scenario("as-written"), seed);
    const RunResult result = run_case(run);
    traces::write_trace(file, {run, "", "", "", result.digest, result.history});
    const traces::Trace read = load_trace(file);
    EXPECT_EQ(read.run, run);
    const RunResult again = run_case(read.run);
    EXPECT_EQ(again.digest, read.digest);
    EXPECT_EQ(again.history, read.history);
  }
  std::filesystem::remove(file);
}

/// Stories that were found and are kept: each breaks its promise in as-written as it did, and the
/// same events find hardened unbroken.
TEST(Run, GoldenTracesStillTellTheirStories) {
  std::size_t traces = 0;
  const auto folder = std::filesystem::path(FIREDRILL_SOURCE_DIR) / "traces" / "golden";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename());
    ++traces;
    traces::Trace trace = load_trace(entry.path());
    const properties::Verdict verdict = run_case(trace.run).verdicts.at(index_of(trace.property));
    EXPECT_EQ(verdict.judgement, Judgement::violated);
    EXPECT_EQ(verdict.signature, trace.signature);

    trace.run.design = "hardened";
    const RunResult hardened = run_case(trace.run);
    for (std::size_t i = 0; i < hardened.verdicts.size(); ++i) {
      EXPECT_NE(hardened.verdicts[i].judgement, Judgement::violated)
          << properties::all()[i].name << ": " << hardened.verdicts[i].message;
    }
  }
  EXPECT_GE(traces, 7U);
}

TEST(Run, TheTrailNamesEachStep) {
  const traces::Case run = make_case(scenario("hardened"), 1);
  std::vector<std::uint64_t> trail;
  const RunResult result = run_case(run, &trail);
  EXPECT_EQ(trail.size(), result.steps);
  EXPECT_EQ(trail.back(), result.digest);
}

}  // namespace
}  // namespace firedrill
