#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tests/conformance/postgres/interleaving.h"
#include "tests/conformance/postgres/model_run.h"
#include "tests/conformance/postgres/real_lane.h"

namespace firedrill::test {

/// What has been compared, and what came up meanwhile.
struct InterleavingCounts {
  std::chrono::milliseconds took{};
  std::uint64_t interleavings = 0;
  std::uint64_t actions = 0;
  std::uint64_t waits = 0;
  /// PostgreSQL alone failed a serializable transaction, of whose reads it notes whole pages.
  std::uint64_t coarse_aborts = 0;
  /// The same, and what the model lets commit goes one after the other up to a unique check.
  std::uint64_t unique_checks = 0;
  /// Both failed with 40001, PostgreSQL since the row had changed, as it had doomed another one.
  std::uint64_t other_reasons = 0;
  /// The model does what the real ones did, once it notes pages as they do.
  std::uint64_t page_notes = 0;
  /// Several were let go at once, and another order of them explains what the real ones did.
  std::uint64_t other_orders = 0;
  /// Repeated, the real ones did what the model does.
  std::uint64_t repeated = 0;
  /// Of committed serializable transactions an order was looked for, and found; or not, and the
  /// real ones did the same (unique indexes are looked at as they are now, whatever a snapshot
  /// sees).
  std::uint64_t serializable = 0;
  std::uint64_t unserializable = 0;
  std::map<std::string, std::uint64_t> statements;  ///< by their first word
  std::map<std::string, std::uint64_t> errors;      ///< "ERROR 40001"

  std::string summary() const;
};

/// Gives interleavings to the model and to real sessions, many at once.
///
/// A difference is none where PostgreSQL leaves the order open: where several sessions are let go
/// at once and another order of them gives what the real ones did; or where one of kRepeats more
/// runs on the real server goes as the model's did. And none where PostgreSQL alone fails a
/// serializable transaction (40001, "read/write dependencies"), if what the model lets commit goes
/// one after the other, but for unique checks: sessions/unique_checks.txt shows that PostgreSQL
/// lets these pass, too, where its locks are as fine. And none where the model, noting pages, does
/// what the real ones did, and what commits goes one after the other both so and as it notes rows:
/// another one fails then, or somebody later. And none in why both fail with 40001. In these cases
/// what comes after it in the same interleaving is not compared.
class Interleavings {
 public:
  static constexpr int kRepeats = 6;

  Interleavings(const std::string& server, std::uint32_t lanes);

  /// So many, as drawn, until `most` of them differ: these, as text, with what differs, made small.
  std::vector<std::string> compare(std::uint64_t count, std::size_t most,
                                   const std::function<Interleaving(std::uint64_t)>& draw);
  /// One alone: how it differs, if it does. `repeats`: 0: nothing is left open, either.
  std::optional<std::string> compare(const Interleaving& interleaving, int repeats = kRepeats);
  const InterleavingCounts& counts() const { return counts_; }

 private:
  struct Job {
    Interleaving interleaving;
    ModelRun expected;
    int runs = 0;
  };
  struct Lane {
    std::unique_ptr<RealLane> real;
    std::unique_ptr<Job> job;
  };

  void count(const Job& job);
  bool start_next(Lane& lane);
  void finish(Lane& lane);
  bool is_excused(const Job& job, const RealRun& run);
  bool step_lanes();
  static void wait_for(std::span<const Lane> lanes);
  /// The difference, made small; nothing where it does not come again.
  std::optional<std::string> shrunk(Interleaving interleaving);

  std::vector<Lane> lanes_;
  std::function<std::unique_ptr<Job>()> next_job_;
  std::vector<Interleaving> differing_;
  InterleavingCounts counts_;
};

}  // namespace firedrill::test
