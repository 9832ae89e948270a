#include "tests/conformance/postgres/interleavings.h"

#include <poll.h>

#include <algorithm>
#include <deque>
#include <sstream>
#include <utility>

#include "tests/conformance/postgres/serial_orders.h"

namespace firedrill::test {

namespace {

constexpr std::string_view kCoarse =
    "ERROR 40001: could not serialize access due to read/write dependencies";

bool has_coarse_abort(const Views& seen, const Views& expected) {
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i].answers.find(kCoarse) != std::string::npos &&
        expected[i].answers.find(kCoarse) == std::string::npos) {
      return true;
    }
  }
  return false;
}

/// Whether what differs are sessions that fail with 40001 in both, in PostgreSQL since the row has
/// changed: it had doomed who would have made the dependency, whose reads it notes by page.
bool fails_for_the_row(const Views& seen, const Views& expected) {
  constexpr std::string_view kRow = "ERROR 40001: could not serialize access due to concurrent";
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == expected[i]) continue;
    const bool fails = seen[i].answers.starts_with(kRow) &&
                       expected[i].answers.starts_with(kCoarse) && !seen[i].waits &&
                       !expected[i].waits;
    if (!fails) return false;
  }
  return true;
}

/// Whether the model, going so, does what was seen.
bool explains(const ModelRun& other, const ModelRun& expected, const RealRun& run) {
  const std::size_t at = *run.differs_at;
  if (other.actions.size() < at + (at < expected.actions.size() ? 1 : 0)) return false;
  for (std::size_t i = 0; i < at; ++i) {
    if (text_of(other.actions[i].step) != text_of(expected.actions[i].step) ||
        other.actions[i].seen != expected.actions[i].seen) {
      return false;
    }
  }
  if (at == expected.actions.size()) return other.contents == run.contents;
  return text_of(other.actions[at].step) == text_of(expected.actions[at].step) &&
         other.actions[at].seen == run.seen;
}

/// Whether some other order of those who were let go explains what was seen.
bool has_other_order(const Interleaving& interleaving, const ModelRun& expected,
                     const RealRun& run) {
  constexpr int kMost = 200;
  std::deque<std::vector<std::size_t>> left = {{}};
  for (int tried = 0; tried < kMost && !left.empty(); ++tried) {
    const std::vector<std::size_t> orders = left.front();
    left.pop_front();
    const ModelRun other = run_model(interleaving, orders);
    if (!orders.empty() && explains(other, expected, run)) return true;
    const bool is_whole = *run.differs_at >= other.actions.size();
    const std::size_t made = is_whole ? other.sizes.size() : other.actions[*run.differs_at].choices;
    for (std::size_t k = orders.size(); k < made; ++k) {
      for (std::size_t choice = 1; choice < other.sizes[k]; ++choice) {
        std::vector<std::size_t> next(other.orders.begin(),
                                      other.orders.begin() + static_cast<std::ptrdiff_t>(k));
        next.push_back(choice);
        left.push_back(std::move(next));
      }
    }
  }
  return false;
}

/// Whether the model, noting whole pages as PostgreSQL does, does what was seen: there, another one
/// is to fail of those that cannot all commit. What commits has to go one after the other, in both.
bool is_of_pages(const Interleaving& interleaving, const ModelRun& expected, const RealRun& run) {
  const ModelRun other = run_model(interleaving, {}, Notes::pages);
  return other.failure.empty() && explains(other, expected, run) &&
         fits_serial_order(interleaving, expected) != SerialFit::none &&
         fits_serial_order(interleaving, other) != SerialFit::none;
}

std::string difference_text(const Interleaving& interleaving, const ModelRun& expected,
                            const RealRun& run) {
  std::string text = text_of(interleaving) + "--- as it went:\n";
  for (std::size_t i = 0; i < std::min(*run.differs_at + 1, expected.actions.size()); ++i) {
    const ModelRun::Action& action = expected.actions[i];
    text += text_of(action.step) + '\n';
    if (i < *run.differs_at) {
      text += text_of(action.seen);
    } else {
      text += "--- model\n" + text_of(action.seen) + "--- real\n" + text_of(run.seen);
    }
  }
  if (*run.differs_at == expected.actions.size()) {
    text +=
        "--- left in the model\n" + expected.contents + "--- left in the real one\n" + run.contents;
  }
  return text;
}

}  // namespace

std::string InterleavingCounts::summary() const {
  std::ostringstream text;
  text << interleavings << " interleavings compared in " << took.count() << " ms, " << actions
       << " actions, " << waits << " of them waited; " << serializable << " found serializable, "
       << unserializable << " not, on both sides\n"
       << "not compared to their end: " << coarse_aborts << " for an abort of PostgreSQL's alone, "
       << unique_checks << " for one that only a unique check would call for, " << other_reasons
       << " for another reason of a 40001, " << page_notes
       << " for another who fails as pages are noted, " << other_orders
       << " for another order of those let go, " << repeated
       << " that the real ones repeated otherwise\n";
  for (const auto& [word, times] : statements) text << word << ' ' << times << ", ";
  for (const auto& [error, times] : errors) text << error << ' ' << times << ", ";
  text << '\n';
  return text.str();
}

Interleavings::Interleavings(const std::string& server, std::uint32_t lanes) {
  for (std::uint32_t i = 0; i < lanes; ++i) {
    lanes_.push_back({std::make_unique<RealLane>(server, i), nullptr});
  }
}

void Interleavings::count(const Job& job) {
  ++counts_.interleavings;
  counts_.actions += job.expected.actions.size();
  for (const ModelRun::Action& action : job.expected.actions) {
    const std::string text = text_of(action.step).substr(3);
    ++counts_.statements[text.substr(0, text.find_first_of(" ;"))];
    counts_.waits += action.seen.at(action.step.session).waits ? 1 : 0;
    for (const SessionView& view : action.seen) {
      std::istringstream lines(view.answers);
      for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("ERROR")) ++counts_.errors[line.substr(0, 11)];
      }
    }
  }
}

bool Interleavings::is_excused(const Job& job, const RealRun& run) {
  if (is_of_pages(job.interleaving, job.expected, run)) {
    ++counts_.page_notes;
    return true;
  }
  const std::size_t at = *run.differs_at;
  if (at < job.expected.actions.size() &&
      fails_for_the_row(run.seen, job.expected.actions[at].seen)) {
    ++counts_.other_reasons;
    return true;
  }
  if (at < job.expected.actions.size() &&
      has_coarse_abort(run.seen, job.expected.actions[at].seen)) {
    const std::optional<SerialFit> fits = fits_serial_order(job.interleaving, job.expected);
    if (fits == SerialFit::none) return false;
    ++(fits == SerialFit::up_to_a_unique_check ? counts_.unique_checks : counts_.coarse_aborts);
    return true;
  }
  if (has_other_order(job.interleaving, job.expected, run)) {
    ++counts_.other_orders;
    return true;
  }
  return false;
}

bool Interleavings::start_next(Lane& lane) {
  lane.job = next_job_();
  if (lane.job == nullptr) return false;
  lane.real->start(lane.job->interleaving, lane.job->expected);
  return true;
}

void Interleavings::finish(Lane& lane) {
  const RealRun run = lane.real->take_run();
  Job& job = *lane.job;
  ++job.runs;
  if (!run.differs_at) {
    if (job.runs > 1) ++counts_.repeated;
    if (const auto fits = fits_serial_order(job.interleaving, job.expected)) {
      ++(fits == SerialFit::whole ? counts_.serializable : counts_.unserializable);
    }
  } else if (!is_excused(job, run)) {
    if (job.runs <= kRepeats) {
      lane.real->start(job.interleaving, job.expected);
      return;
    }
    differing_.push_back(job.interleaving);
  }
  lane.job = nullptr;
}

/// Sleeps until something has come from the real server.
void Interleavings::wait_for(std::span<const Lane> lanes) {
  std::vector<pollfd> sockets;
  for (const Lane& lane : lanes) {
    for (const int socket : lane.real->sockets()) sockets.push_back({socket, POLLIN, 0});
  }
  constexpr int kMost_ms = 100;
  ::poll(sockets.data(), sockets.size(), kMost_ms);
}

/// False: nothing is left to do.
bool Interleavings::step_lanes() {
  bool any = false;
  bool all_wait = true;
  for (Lane& lane : lanes_) {
    if (lane.job == nullptr && !start_next(lane)) continue;
    any = true;
    if (!lane.real->advance()) continue;
    finish(lane);
    all_wait = false;
  }
  if (any && all_wait) wait_for(lanes_);
  return any;
}

std::vector<std::string> Interleavings::compare(
    std::uint64_t count_wanted, std::size_t most,
    const std::function<Interleaving(std::uint64_t)>& draw) {
  std::vector<std::string> differences;
  std::uint64_t drawn = 0;
  next_job_ = [&]() -> std::unique_ptr<Job> {
    while (drawn < count_wanted && differing_.size() + differences.size() < most) {
      auto job = std::make_unique<Job>();
      job->interleaving = draw(drawn++);
      job->expected = run_model(job->interleaving);
      count(*job);
      const std::string& failure = job->expected.failure;
      if (failure.empty()) return job;
      differences.push_back(text_of(job->interleaving) + "--- the model: " + failure);
    }
    return nullptr;
  };
  do {
    const auto began = std::chrono::steady_clock::now();
    while (step_lanes()) {
    }
    counts_.took += std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    for (Interleaving& each : std::exchange(differing_, {})) {
      if (auto difference = shrunk(std::move(each))) {
        differences.push_back(std::move(*difference));
      } else {
        ++counts_.repeated;  // alone, on a server that does nothing else, it goes as the model does
      }
    }
  } while (drawn < count_wanted && differences.size() < most);
  return differences;
}

std::optional<std::string> Interleavings::compare(const Interleaving& interleaving, int repeats) {
  ModelRun expected = run_model(interleaving);
  if (!expected.failure.empty()) return text_of(interleaving) + "--- model: " + expected.failure;
  Lane& lane = lanes_.front();
  std::string text;
  for (int i = 0; i <= repeats; ++i) {
    lane.real->start(interleaving, expected);
    while (!lane.real->advance()) {
    }
    const RealRun run = lane.real->take_run();
    const Job job{interleaving, expected, 0};
    if (!run.differs_at || (repeats > 0 && is_excused(job, run))) return std::nullopt;
    text = difference_text(interleaving, expected, run);
  }
  return text;
}

std::optional<std::string> Interleavings::shrunk(Interleaving interleaving) {
  std::optional<std::string> last = compare(interleaving);
  if (!last) return std::nullopt;
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    for (const Interleaving& candidate : smaller(interleaving)) {
      const std::optional<std::string> difference = compare(candidate, 1);
      if (!difference) continue;
      last = difference;
      interleaving = candidate;
      goes_on = true;
      break;
    }
  }
  return last;
}

}  // namespace firedrill::test
