#include "cli/sweep.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "cli/run.h"
#include "sim/kernel/digest.h"

namespace firedrill {

namespace {

using SteadyClock = std::chrono::steady_clock;

double since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

/// One line on a terminal that is written over; silent elsewhere.
class Progress {
 public:
  explicit Progress(std::uint64_t total) : total_(total), shown_(isatty(STDERR_FILENO) == 1) {}

  void update(std::uint64_t done, std::size_t violations, double seconds) {
    if (!shown_ || seconds < next_) return;
    next_ = seconds + 0.2;
    const std::string of = total_ == 0 ? "" : fmt::format(" of {}", total_);
    fmt::print(stderr, "\r{} seeds{}  {:.0f}/s  {} violations \x1b[K", done, of,
               static_cast<double>(done) / std::max(seconds, 0.001), violations);
    std::fflush(stderr);
  }
  void finish() const {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
  }

 private:
  std::uint64_t total_;
  bool shown_;
  double next_ = 0.3;
};

/// The first step after which two runs of a case differ; 0 where they do not, this time.
std::uint64_t first_difference(const traces::Case& run) {
  std::vector<std::uint64_t> a;
  std::vector<std::uint64_t> b;
  run_case(run, &a);
  run_case(run, &b);
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (i >= a.size() || i >= b.size() || a[i] != b[i]) return i + 1;
  }
  return 0;
}

class Sweeper {
 public:
  Sweeper(const traces::Scenario& scenario, const SweepOptions& options)
      : scenario_(scenario), options_(options), begin_(SteadyClock::now()) {
    result_.judged.resize(properties::all().size());
    next_seed_ = options.first_seed;
    while (!mine(next_seed_)) ++next_seed_;
    if (!options.run_for.has_value() && options.last_seed >= next_seed_) {
      total_ = (options.last_seed - next_seed_) / options.shards + 1;
    }
  }

  Sweep run() {
    Progress progress(total_);
    progress_ = &progress;
    {
      std::vector<std::jthread> workers;
      for (unsigned i = 0; i < options_.jobs; ++i) workers.emplace_back([this] { work(); });
    }
    progress.finish();
    finish();
    return std::move(result_);
  }

 private:
  bool mine(std::uint64_t seed) const { return (seed - 1) % options_.shards == options_.shard - 1; }

  bool more(std::uint64_t seed) const {
    if (options_.run_for.has_value())
      return since(begin_) < static_cast<double>(options_.run_for->count());
    return seed <= options_.last_seed;
  }

  void work() {
    Runner runner;
    while (true) {
      const std::uint64_t seed = next_seed_.fetch_add(options_.shards);
      if (!more(seed)) return;
      const traces::Case run = make_case(scenario_, seed);
      RunResult result = runner.run(run);
      std::optional<Parting> parting;
      if (options_.verify_determinism && runner.run(run).digest != result.digest) {
        parting = Parting{seed, first_difference(run)};
      }
      const std::lock_guard lock(mutex_);
      take(seed, run, std::move(result));
      if (parting.has_value()) result_.partings.push_back(*parting);
    }
  }

  void take(std::uint64_t seed, const traces::Case& run, RunResult result) {
    ++result_.seeds;
    digests_.emplace_back(seed, result.digest);
    for (const auto& [name, number] : result.counts) result_.counts[name] += number;
    for (std::size_t i = 0; i < result.verdicts.size(); ++i) {
      if (!options_.properties[i]) continue;
      result_.judged[i] += result.verdicts[i].judged;
      if (result.verdicts[i].judgement != properties::Judgement::violated) continue;
      result_.findings.push_back({seed, i, std::move(result.verdicts[i])});
    }
    result_.messages += result.messages;
    result_.simulated_ms += static_cast<std::uint64_t>(to_ms(run.length));
    progress_->update(result_.seeds, result_.findings.size(), since(begin_));
  }

  /// Brings what came in any order into the order of the seeds.
  void finish() {
    std::sort(digests_.begin(), digests_.end());
    sim::Digest digest;
    for (const auto& [seed, value] : digests_) {
      digest.fold(seed);
      digest.fold(value);
    }
    result_.digest = digest.value();
    if (!digests_.empty()) result_.last_seed = digests_.back().first;
    std::sort(result_.findings.begin(), result_.findings.end(),
              [](const Finding& a, const Finding& b) {
                return std::pair(a.seed, a.property) < std::pair(b.seed, b.property);
              });
    std::sort(result_.partings.begin(), result_.partings.end(),
              [](const Parting& a, const Parting& b) { return a.seed < b.seed; });
    result_.seconds = since(begin_);
  }

  const traces::Scenario& scenario_;
  const SweepOptions& options_;
  SteadyClock::time_point begin_;
  std::uint64_t total_ = 0;
  std::atomic<std::uint64_t> next_seed_;
  Progress* progress_ = nullptr;
  std::mutex mutex_;
  Sweep result_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> digests_;
};

}  // namespace

Sweep sweep(const traces::Scenario& scenario, const SweepOptions& options) {
  return Sweeper(scenario, options).run();
}

}  // namespace firedrill
