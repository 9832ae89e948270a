#include "cli/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "cli/exit_status.h"
#include "cli/input.h"
#include "cli/run.h"
#include "cli/story.h"
#include "cli/sweep.h"
#include "faults/validate.h"
#include "properties/property.h"
#include "properties/shrink.h"

namespace firedrill {

namespace {

using traces::Case;

constexpr std::uint32_t kShrinkRuns = 1500;
constexpr std::size_t kSeedsToShrink = 3;  ///< of each way to break: the smallest story is told
constexpr std::uint32_t kRunsWithoutFaults = 200;

/// One way in which a property broke, over all seeds.
struct Breach {
  std::size_t property = 0;
  std::string signature;
  std::vector<const Finding*> findings;  ///< in order of seeds
};

struct Story {
  std::uint64_t seed = 0;
  Case smallest;
  std::size_t orders_before = 0;
  std::size_t faults_before = 0;
  std::uint32_t runs = 0;
  double seconds = 0;
  RunResult result;
  properties::Verdict verdict;
  std::filesystem::path trace;
};

std::vector<Breach> breaches(const Sweep& sweep) {
  std::map<std::pair<std::size_t, std::string>, std::vector<const Finding*>> by_way;
  for (const Finding& finding : sweep.findings) {
    by_way[{finding.property, finding.verdict.signature}].push_back(&finding);
  }
  std::vector<Breach> all;
  for (auto& [way, findings] : by_way) {
    all.push_back({way.first, way.second, std::move(findings)});
  }
  return all;
}

bool fails(const RunResult& result, std::size_t property, const std::string& signature) {
  const properties::Verdict& verdict = result.verdicts[property];
  return verdict.judgement == properties::Judgement::violated && verdict.signature == signature;
}

Story shrink_one(const traces::Scenario& scenario, const Breach& breach, std::uint64_t seed) {
  const auto begin = std::chrono::steady_clock::now();
  const Case failing = make_case(scenario, seed);
  Runner runner;
  const auto still_fails = [&](const Case& candidate) {
    // A consumer less may leave a fault without its host.
    if (!faults::validate(candidate).empty()) return false;
    return fails(runner.run(candidate), breach.property, breach.signature);
  };
  properties::Shrunk shrunk = properties::shrink(failing, still_fails, kShrinkRuns);
  Story story;
  story.seed = seed;
  story.smallest = std::move(shrunk.smallest);
  story.orders_before = failing.orders.size();
  story.faults_before = failing.faults.size();
  story.runs = shrunk.runs;
  story.result = runner.run(story.smallest);
  story.verdict = story.result.verdicts[breach.property];
  story.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return story;
}

std::size_t weight(const Case& run) {
  return run.orders.size() + 2 * run.faults.size();
}

Story smallest_story(const traces::Scenario& scenario, const Breach& breach) {
  std::optional<Story> best;
  for (std::size_t i = 0; i < std::min(kSeedsToShrink, breach.findings.size()); ++i) {
    Story story = shrink_one(scenario, breach, breach.findings[i]->seed);
    if (!best.has_value() || weight(story.smallest) < weight(best->smallest)) {
      best = std::move(story);
    }
  }
  return std::move(*best);
}

void save(Story& story, const Breach& breach, const std::filesystem::path& directory,
          std::map<std::string, int>& names) {
  const properties::Property& property = properties::all()[breach.property];
  std::string name = fmt::format("{}-{}", property.name, story.seed);
  const int same = ++names[name];
  if (same > 1) name += fmt::format("-{}", same);
  story.trace = directory / (name + ".json");
  traces::write_trace(story.trace,
                      {story.smallest, std::string(property.name), breach.signature,
                       story.verdict.message, story.result.digest, story.result.history});
}

/// How many of the runs hold when the smallest story has no fault, over other schedules.
std::uint32_t held_without_faults(const Case& smallest, const Breach& breach) {
  Runner runner;
  std::uint32_t held = 0;
  Case run = smallest;
  run.faults.clear();
  for (std::uint32_t i = 0; i < kRunsWithoutFaults; ++i) {
    run.seed = smallest.seed + i;
    if (!fails(runner.run(run), breach.property, breach.signature)) ++held;
  }
  return held;
}

void print_story(const Story& story, const Breach& breach, const traces::Scenario& scenario,
                 const CheckOptions& options, std::uint64_t last_seed) {
  const properties::Property& property = properties::all()[breach.property];
  fmt::print("✗ {}   seed {} of {}..{}   {} ({})\n", property.name, story.seed, options.first_seed,
             last_seed, scenario.name, scenario.design);
  const Told told =
      tell(story.smallest, story.result.history, story.verdict.entry, Detail::story, 4);
  fmt::print("  {}   [{}; {} seeds]\n\n", told.with_names(story.verdict.message), breach.signature,
             breach.findings.size());
  fmt::print("  smallest story: {}   (from {} orders, {} faults; {} runs, {:.1f} s)\n",
             size_of(story.smallest), story.orders_before, story.faults_before, story.runs,
             story.seconds);
  fmt::print("{}", told.text);
  if (!story.smallest.faults.empty()) {
    fmt::print("  without the fault{}: holds in {} of {} runs\n",
               story.smallest.faults.size() == 1 ? "" : "s",
               held_without_faults(story.smallest, breach), kRunsWithoutFaults);
  } else {
    fmt::print("  no fault is needed\n");
  }
  fmt::print("\n  again:  ./firedrill replay {}\n\n", story.trace.string());
}

struct Unmet {
  std::vector<std::string> vacuous;  ///< properties that had nothing to judge
  std::vector<std::string> missing;  ///< required counts that stayed at zero
};

Unmet unmet(const traces::Scenario& scenario, const SweepOptions& options, const Sweep& sweep) {
  Unmet result;
  for (std::size_t i = 0; i < sweep.judged.size(); ++i) {
    if (options.properties[i] && sweep.judged[i] == 0) {
      result.vacuous.emplace_back(properties::all()[i].name);
    }
  }
  // What is required is required of the design that the scenario is written for.
  const bool enough = sweep.seeds >= static_cast<std::uint64_t>(scenario.require_over_seeds);
  if (!enough || !options.own_design) return result;
  for (const std::string& name : scenario.require) {
    if (!sweep.counts.contains(name)) result.missing.push_back(name);
  }
  return result;
}

void print_summary(const traces::Scenario& scenario, const SweepOptions& options,
                   const Sweep& sweep, const std::vector<Breach>& broken, const Unmet& lacking) {
  for (std::size_t i = 0; i < sweep.judged.size(); ++i) {
    if (!options.properties[i]) continue;
    std::size_t seeds = 0;
    for (const Breach& breach : broken) {
      if (breach.property == i) seeds += breach.findings.size();
    }
    const char* sign = seeds > 0 ? "✗" : sweep.judged[i] == 0 ? "?" : "✓";
    const std::string tail = seeds > 0              ? fmt::format("   violated in {} seeds", seeds)
                             : sweep.judged[i] == 0 ? "   vacuous: there was nothing to judge"
                                                    : "";
    fmt::print("{} {:<22} {:>12} judged{}\n", sign, properties::all()[i].name, sweep.judged[i],
               tail);
  }
  fmt::print("\nwhat happened, over all seeds\n");
  for (const auto& [name, number] : sweep.counts) fmt::print("  {:<22} {:>12}\n", name, number);
  for (const std::string& name : lacking.missing) {
    fmt::print("  {:<22} {:>12}   never happened, and is required\n", name, 0);
  }
  fmt::print("\n{} seeds of {} ({}) in {:.1f} s: {:.0f} seeds/s, digest {:016x}\n", sweep.seeds,
             scenario.name, scenario.design, sweep.seconds,
             static_cast<double>(sweep.seeds) / std::max(sweep.seconds, 1e-9), sweep.digest);
}

void write_json(const std::filesystem::path& file, const traces::Scenario& scenario,
                const Sweep& sweep, const std::vector<Breach>& broken,
                const std::vector<Story>& stories, const Unmet& lacking) {
  using Json = nlohmann::ordered_json;
  Json violations = Json::array();
  for (std::size_t i = 0; i < stories.size(); ++i) {
    violations.push_back({{"property", properties::all()[broken[i].property].name},
                          {"signature", broken[i].signature},
                          {"seed", stories[i].seed},
                          {"seeds", broken[i].findings.size()},
                          {"scenario", scenario.name},
                          {"design", scenario.design},
                          {"orders", stories[i].smallest.orders.size()},
                          {"faults", stories[i].smallest.faults.size()},
                          {"digest", fmt::format("{:016x}", stories[i].result.digest)},
                          {"trace", stories[i].trace.string()}});
  }
  Json counts = Json::object();
  for (const auto& [name, number] : sweep.counts) counts[name] = number;
  Json vacuous = lacking.vacuous;
  for (const std::string& name : lacking.missing) vacuous.push_back(name);
  const Json all{{"seeds", sweep.seeds},
                 {"seconds", sweep.seconds},
                 {"violations", violations},
                 {"counts", counts},
                 {"vacuous", vacuous},
                 {"nondeterministic", sweep.partings.size()},
                 {"digest", fmt::format("{:016x}", sweep.digest)}};
  std::ofstream out(file);
  out << all.dump(2) << "\n";
  if (!out.flush()) throw traces::InputError(file.string() + ": cannot be written");
}

}  // namespace

int check_command(const CheckOptions& options) {
  traces::Scenario scenario = load_scenario(options.scenario);
  SweepOptions how;
  how.own_design = !options.design.has_value() || *options.design == scenario.design;
  if (options.design.has_value()) scenario.design = *options.design;
  how.first_seed = options.first_seed;
  how.last_seed = options.last_seed;
  how.run_for = options.run_for;
  how.properties = chosen_properties(options.properties);
  how.jobs = options.jobs > 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
  how.shard = options.shard;
  how.shards = options.shards;
  how.verify_determinism = options.verify_determinism;

  const Sweep swept = sweep(scenario, how);
  const std::vector<Breach> broken = breaches(swept);
  std::vector<Story> stories;
  std::map<std::string, int> names;
  for (const Breach& breach : broken) {
    stories.push_back(smallest_story(scenario, breach));
    save(stories.back(), breach, options.out, names);
    print_story(stories.back(), breach, scenario, options, swept.last_seed);
  }
  const Unmet lacking = unmet(scenario, how, swept);
  print_summary(scenario, how, swept, broken, lacking);
  for (const Parting& parting : swept.partings) {
    fmt::print("✗ seed {}: two runs part at step {}\n", parting.seed, parting.step);
  }
  if (options.verify_determinism && swept.partings.empty()) {
    fmt::print("each seed ran twice, with the same digest\n");
  }
  if (options.json.has_value())
    write_json(*options.json, scenario, swept, broken, stories, lacking);

  if (!broken.empty() || !swept.partings.empty()) return kViolated;
  if (swept.seeds == 0 || !lacking.vacuous.empty() || !lacking.missing.empty()) return kUndecided;
  return kHolds;
}

}  // namespace firedrill
