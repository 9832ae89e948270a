#include "cli/replay.h"

#include <fmt/format.h>

#include "cli/exit_status.h"
#include "cli/input.h"
#include "cli/run.h"
#include "cli/story.h"
#include "properties/property.h"

namespace firedrill {

namespace {

using properties::Judgement;

void print_verdicts(const RunResult& result, const Told& told) {
  const auto all = properties::all();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const properties::Verdict& verdict = result.verdicts[i];
    const char* sign = verdict.judgement == Judgement::violated  ? "✗"
                       : verdict.judgement == Judgement::vacuous ? "?"
                                                                 : "✓";
    fmt::print("{} {:<22} {}\n", sign, all[i].name,
               verdict.judgement == Judgement::violated ? told.with_names(verdict.message)
                                                        : fmt::format("{} judged", verdict.judged));
  }
}

/// The first violated property; none where all hold.
std::optional<std::size_t> first_violated(const RunResult& result) {
  for (std::size_t i = 0; i < result.verdicts.size(); ++i) {
    if (result.verdicts[i].judgement == Judgement::violated) return i;
  }
  return std::nullopt;
}

int tell_run(const traces::Case& run, const RunResult& result, std::optional<std::size_t> broken,
             const ReplayOptions& options) {
  std::optional<std::size_t> mark;
  if (broken.has_value()) mark = result.verdicts[*broken].entry;
  const Told told =
      tell(run, result.history, mark, options.verbose ? Detail::all : Detail::story, 2);
  fmt::print("{}\n", told.text);
  print_verdicts(result, told);
  fmt::print("\n{}, {} steps, {} messages, digest {:016x}\n", size_of(run), result.steps,
             result.messages, result.digest);
  if (options.save.has_value()) {
    traces::Trace trace{run, {}, {}, {}, result.digest, result.history};
    if (broken.has_value()) {
      trace.property = properties::all()[*broken].name;
      trace.signature = result.verdicts[*broken].signature;
      trace.message = result.verdicts[*broken].message;
    }
    traces::write_trace(*options.save, trace);
    fmt::print("written to {}\n", options.save->string());
  }
  return first_violated(result).has_value() ? kViolated : kHolds;
}

int replay_trace(const std::filesystem::path& file, const ReplayOptions& options) {
  const traces::Trace trace = load_trace(file);
  const RunResult result = run_case(trace.run);
  std::optional<std::size_t> property;
  if (const auto* named = properties::find(trace.property)) {
    property = static_cast<std::size_t>(named - properties::all().data());
  }
  const int status = tell_run(trace.run, result, property, options);
  if (result.digest == trace.digest) {
    fmt::print("the same run as was recorded, to the last step\n");
  } else {
    fmt::print("not the run that was recorded (digest {:016x}): the code has changed since\n",
               trace.digest);
  }
  if (!property.has_value()) return status;
  const properties::Verdict& verdict = result.verdicts[*property];
  const bool same =
      verdict.judgement == Judgement::violated && verdict.signature == trace.signature;
  if (same) {
    fmt::print("{} fails as recorded: {}\n", trace.property, verdict.message);
  } else if (verdict.judgement == Judgement::violated) {
    fmt::print("{} fails in another way than recorded: {} (was: {})\n", trace.property,
               verdict.signature, trace.signature);
  } else {
    fmt::print("{} does not fail any more (was: {})\n", trace.property, trace.message);
  }
  return status;
}

}  // namespace

int replay_command(const ReplayOptions& options) {
  const std::filesystem::path file = find_input(options.input);
  if (traces::is_trace(file)) {
    if (options.seed.has_value() || options.design.has_value()) {
      throw traces::InputError("--seed and --design: a trace has its own; they go with a scenario");
    }
    return replay_trace(file, options);
  }
  if (!options.seed.has_value()) {
    throw traces::InputError(file.string() + ": this is a scenario: replay it with --seed S");
  }
  traces::Scenario scenario = load_scenario(options.input);
  if (options.design.has_value()) scenario.design = *options.design;
  const traces::Case run = make_case(scenario, *options.seed);
  const RunResult result = run_case(run);
  return tell_run(run, result, first_violated(result), options);
}

}  // namespace firedrill
