#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>

#include "cli/bench.h"
#include "cli/check.h"
#include "cli/exit_status.h"
#include "cli/list.h"
#include "cli/postgres_server.h"
#include "cli/redis_server.h"
#include "cli/replay.h"
#include "cli/serve.h"
#include "traces/scenario.h"

namespace firedrill {
namespace {

/// "7" or "1..2000" into the two ends.
void parse_seeds(const std::string& text, CheckOptions& options) {
  const auto fail = [&]() -> std::uint64_t {
    throw traces::InputError("--seeds " + text +
                             ": expected A..B with 1 <= A <= B, such as 1..2000");
  };
  const auto number = [&](const std::string& part) -> std::uint64_t {
    if (part.empty() || part.size() > 18 ||
        part.find_first_not_of("0123456789") != std::string::npos) {
      return fail();
    }
    return std::stoull(part);
  };
  const std::size_t dots = text.find("..");
  options.first_seed = number(text.substr(0, dots));
  options.last_seed =
      dots == std::string::npos ? options.first_seed : number(text.substr(dots + 2));
  if (options.first_seed == 0 || options.first_seed > options.last_seed) fail();
}

/// "2/8"
void parse_shard(const std::string& text, CheckOptions& options) {
  unsigned shard = 0;
  unsigned shards = 0;
  int end = 0;
  const int read = std::sscanf(text.c_str(), "%4u/%4u%n", &shard, &shards, &end);
  if (read != 2 || static_cast<std::size_t>(end) != text.size() || shard < 1 || shard > shards) {
    throw traces::InputError("--shard " + text + ": expected I/N with 1 <= I <= N, such as 2/8");
  }
  options.shard = shard;
  options.shards = shards;
}

/// "60s", "2m"
void parse_duration(const std::string& text, CheckOptions& options) {
  unsigned number = 0;
  char unit = 0;
  int end = 0;
  const int read = std::sscanf(text.c_str(), "%6u%c%n", &number, &unit, &end);
  const bool known = unit == 's' || unit == 'm' || unit == 'h';
  if (read != 2 || static_cast<std::size_t>(end) != text.size() || !known || number == 0) {
    throw traces::InputError("--for " + text +
                             ": expected a length of time, such as 60s, 5m or 1h");
  }
  options.run_for = std::chrono::seconds(number * (unit == 's' ? 1 : unit == 'm' ? 60 : 3600));
}

bool is_command(const CLI::App& app, const std::string& name) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  return std::any_of(commands.begin(), commands.end(),
                     [&](const CLI::App* command) { return command->get_name() == name; });
}

CLI::Validator designs() {
  return CLI::IsMember({"as-written", "hardened"});
}

int run(int argc, char** argv) {
  CLI::App app{
      "Runs a flash-sale service graph in a deterministic world, breaks the world on purpose, and "
      "says which promise broke.",
      "firedrill"};
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 every property holds; 1 a property is violated; 2 wrong usage or input;\n"
      "3 undecided (vacuous, or out of budget).\n\n"
      "Examples:\n"
      "  firedrill check\n"
      "  firedrill check --design as-written --seeds 1..2000\n"
      "  firedrill replay traces/found/no-oversell-412.json --verbose\n"
      "  firedrill bench kernel");

  CheckOptions check;
  std::string seeds;
  std::string shard;
  std::string duration;
  auto* check_app =
      app.add_subcommand("check", "runs a scenario over many seeds and judges every promise");
  check_app
      ->add_option("scenario", check.scenario, "a file, or a name of `firedrill list scenarios`")
      ->capture_default_str();
  auto* seeds_option =
      check_app->add_option("--seeds", seeds, "A..B: which seeds (default 1..2000)");
  check_app->add_option("--for", duration, "as many seeds as fit into this time: 60s, 5m, 1h")
      ->excludes(seeds_option);
  check_app
      ->add_option("--design", check.design, "as-written or hardened (default: the scenario's)")
      ->check(designs());
  check_app->add_option("--property", check.properties, "only this promise; may be given again");
  check_app->add_option("--jobs", check.jobs, "threads (default: one for each core)")
      ->check(CLI::Range(1, 1024));
  check_app->add_option("--shard", shard, "I/N: the I-th of N machines that share the seeds");
  check_app->add_flag("--verify-determinism", check.verify_determinism,
                      "runs each seed twice and names the first step where two runs part");
  check_app->add_option("--out", check.out, "where failing traces are written")
      ->capture_default_str();
  check_app->add_option("--json", check.json, "writes the results to this file");
  check_app->footer(
      "Examples:\n"
      "  firedrill check                                   the default scenario, hardened\n"
      "  firedrill check --design as-written               see it fail\n"
      "  firedrill check flash-sale --for 60s --json out.json\n"
      "  firedrill check --property no-oversell --seeds 412");

  ReplayOptions replay;
  auto* replay_app = app.add_subcommand("replay", "runs one case again and tells what happened");
  replay_app->add_option("input", replay.input, "a trace; or a scenario, with --seed")->required();
  replay_app->add_option("--seed", replay.seed, "of a scenario")->check(CLI::PositiveNumber);
  replay_app->add_option("--design", replay.design, "of a scenario")->check(designs());
  replay_app->add_flag("--verbose", replay.verbose, "tells every call, effect and fault");
  replay_app->add_option("--save", replay.save, "writes the run to this file, as a trace");
  replay_app->footer(
      "Examples:\n"
      "  firedrill replay traces/found/no-oversell-412.json\n"
      "  firedrill replay flash-sale --seed 412 --design as-written --verbose");

  std::string what;
  auto* list_app = app.add_subcommand("list", "lists what there is");
  list_app->add_option("what", what, "scenarios, properties, faults or benchmarks")
      ->required()
      ->check(CLI::IsMember({"scenarios", "properties", "faults", "benchmarks"}));

  std::vector<std::string> benchmarks;
  std::optional<std::filesystem::path> bench_json;
  auto* bench_app = app.add_subcommand("bench", "measures");
  bench_app->add_option("names", benchmarks,
                        "which (default: all; see `firedrill list benchmarks`)");
  bench_app->add_option("--json", bench_json, "writes the figures to this file");

  ServeOptions serve;
  auto* serve_app = app.add_subcommand("serve", "runs services for real");
  add_serve_options(*serve_app, serve);

  RedisServerOptions redis_server;
  auto* redis_app = app.add_subcommand("redis-server", "serves the simulated Redis on a real port");
  add_redis_server_options(*redis_app, redis_server);

  PostgresServerOptions postgres_server;
  auto* postgres_app =
      app.add_subcommand("postgres-server", "serves the simulated PostgreSQL on a real port");
  add_postgres_server_options(*postgres_app, postgres_server);

  if (argc > 1 && argv[1][0] != '-' && !is_command(app, argv[1])) {
    throw traces::InputError(
        std::string(argv[1]) +
        ": expected check, replay, list, bench, serve, redis-server or postgres-server (see: "
        "firedrill --help)");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kHolds : kBadInput;
  }
  if (check_app->parsed()) {
    if (!seeds.empty()) parse_seeds(seeds, check);
    if (!shard.empty()) parse_shard(shard, check);
    if (!duration.empty()) parse_duration(duration, check);
    return check_command(check);
  }
  if (replay_app->parsed()) return replay_command(replay);
  if (list_app->parsed()) return list_command(what);
  if (bench_app->parsed()) return bench_command(benchmarks, bench_json);
  if (postgres_app->parsed()) return postgres_server_command(postgres_server);
  if (redis_app->parsed()) return redis_server_command(redis_server);
  return serve_command(serve);
}

}  // namespace
}  // namespace firedrill

int main(int argc, char** argv) {
  try {
    return firedrill::run(argc, argv);
  } catch (const firedrill::traces::InputError& error) {
    std::fprintf(stderr, "firedrill: %s\n", error.what());
    return firedrill::kBadInput;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "firedrill: %s\n", error.what());
    return firedrill::kBadInput;
  }
}
