// The program as its users see it: what it prints, what it writes, how it ends.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Ran {
  int status = -1;
  std::string output;  ///< both streams
};

class Cli : public testing::Test {
 protected:
  Cli() : directory_(fs::temp_directory_path() / ("firedrill-cli-" + std::to_string(getpid()))) {
    fs::create_directories(directory_);
  }
  ~Cli() override { fs::remove_all(directory_); }

  /// Runs the program in a directory of its own.
  Ran run(const std::string& arguments) const {
    const std::string command =
        "cd '" + directory_.string() + "' && '" FIREDRILL_PROGRAM "' " + arguments + " 2>&1";
    Ran ran;
    FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 4096> buffer{};
    while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) {
      ran.output.append(buffer.data(), got);
    }
    const int status = pclose(pipe);
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
  }

  Json json(const std::string& name) const { return Json::parse(text(directory_ / name)); }

  static std::string text(const fs::path& file) {
    std::ifstream in(file);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }

  /// The default scenario with a change, as a file in the directory.
  void write_scenario(const std::string& name, const Json::json_pointer& where,
                      const Json& value) const {
    const fs::path source =
        fs::path(FIREDRILL_SOURCE_DIR) / "traces" / "scenarios" / "flash-sale.json";
    Json scenario = Json::parse(text(source));
    scenario[where] = value;
    std::ofstream(directory_ / name) << scenario.dump(1);
  }

  fs::path directory_;
};

TEST_F(Cli, CheckHoldsOnHardened) {
  const Ran ran = run("check --seeds 1..60 --json out.json");
  EXPECT_EQ(ran.status, 0) << ran.output;
  const Json out = json("out.json");
  EXPECT_EQ(out["seeds"], 60);
  EXPECT_TRUE(out["violations"].empty());
  EXPECT_GT(out["counts"]["orders:accepted"], 0);
  EXPECT_EQ(out["digest"].get<std::string>().size(), 16U);
}

TEST_F(Cli, CheckFailsOnAsWrittenAndItsTracesReplay) {
#ifdef __SANITIZE_ADDRESS__  // a story takes hundreds of runs
  const Ran ran =
      run("check --design as-written --seeds 1..20 --property no-oversell --json out.json");
#else
  const Ran ran = run("check --design as-written --seeds 1..60 --json out.json");
#endif
  EXPECT_EQ(ran.status, 1) << ran.output;
  EXPECT_NE(ran.output.find("✗ no-oversell"), std::string::npos) << ran.output;
  EXPECT_NE(ran.output.find("smallest story:"), std::string::npos);
  EXPECT_NE(ran.output.find("again:  ./firedrill replay traces/found/"), std::string::npos);
  const Json out = json("out.json");
  ASSERT_FALSE(out["violations"].empty());
  for (const Json& violation : out["violations"]) {
    const Ran again = run("replay " + violation["trace"].get<std::string>());
    EXPECT_EQ(again.status, 1) << again.output;
    EXPECT_NE(again.output.find("the same run as was recorded"), std::string::npos) << again.output;
    EXPECT_NE(again.output.find(violation["property"].get<std::string>() + " fails as recorded"),
              std::string::npos)
        << again.output;
    EXPECT_NE(again.output.find(violation["digest"].get<std::string>()), std::string::npos);
  }
}

TEST_F(Cli, TheDigestIsTheSameForAnyNumberOfJobs) {
  EXPECT_EQ(run("check --seeds 1..40 --jobs 1 --json a.json").status, 0);
  EXPECT_EQ(run("check --seeds 1..40 --jobs 5 --json b.json").status, 0);
  EXPECT_EQ(json("a.json")["digest"], json("b.json")["digest"]);
  EXPECT_EQ(json("a.json")["counts"], json("b.json")["counts"]);
}

TEST_F(Cli, ShardsShareTheSeeds) {
  EXPECT_EQ(run("check --seeds 1..41 --shard 1/3 --json a.json").status, 0);
  EXPECT_EQ(run("check --seeds 1..41 --shard 2/3 --json b.json").status, 0);
  EXPECT_EQ(run("check --seeds 1..41 --shard 3/3 --json c.json").status, 0);
  EXPECT_EQ(json("a.json")["seeds"], 14);
  EXPECT_EQ(json("b.json")["seeds"], 14);
  EXPECT_EQ(json("c.json")["seeds"], 13);
}

TEST_F(Cli, VerifiesDeterminism) {
  const Ran ran = run("check --seeds 1..30 --verify-determinism");
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_NE(ran.output.find("each seed ran twice, with the same digest"), std::string::npos);
}

TEST_F(Cli, RunsForATime) {
  const Ran ran = run("check --for 1s --json out.json");
  EXPECT_NE(ran.status, 1) << ran.output;
  EXPECT_GT(json("out.json")["seeds"], 0);
}

TEST_F(Cli, OnePropertyAlone) {
  const Ran ran = run("check --design as-written --seeds 1..5 --property user-cap");
  EXPECT_EQ(ran.status, 1) << ran.output;
  EXPECT_EQ(ran.output.find("no-oversell"), std::string::npos) << ran.output;
}

TEST_F(Cli, NothingToJudgeIsUndecided) {
  write_scenario("cold.json", "/faults"_json_pointer, Json::array());
  // A count that is required and never comes, over enough seeds.
  Json scenario = json("cold.json");
  scenario["require"] = {"orders:accepted", "orders:moonlit"};
  scenario["require_over_seeds"] = 10;
  std::ofstream(directory_ / "cold.json") << scenario.dump(1);
  const Ran ran = run("check cold.json --seeds 1..10 --json out.json");
  EXPECT_EQ(ran.status, 3) << ran.output;
  EXPECT_NE(ran.output.find("orders:moonlit"), std::string::npos);
  EXPECT_EQ(json("out.json")["vacuous"], Json::array({"orders:moonlit"}));
}

TEST_F(Cli, BadInputIsOneLineAndStatusTwo) {
  write_scenario("bad.json", "/sale/stock"_json_pointer, "ten");
  struct Bad {
    const char* arguments;
    const char* says;
  };
  for (const Bad& bad : {
           Bad{"check bad.json", "/sale/stock"},
           Bad{"check missing.json", "no such file"},
           Bad{"check --seeds 9..1", "expected A..B"},
           Bad{"check --seeds ten", "expected A..B"},
           Bad{"check --shard 3/2", "expected I/N"},
           Bad{"check --for ever", "expected a length of time"},
           Bad{"check --property no-such", "expected one of no-oversell"},
           Bad{"check --design better", "as-written"},
           Bad{"replay flash-sale", "--seed"},
           Bad{"replay nothing.json", "no such file"},
           Bad{"bench nothing", "expected one of kernel"},
           Bad{"list nothing", "scenarios"},
           Bad{"serve --role order --redis http://x", "--redis"},
           Bad{"serve --role order --postgres redis://x", "--postgres"},
           Bad{"serve", "--role"},
           Bad{"dance", "dance"},
           Bad{"", "subcommand"},
       }) {
    const Ran ran = run(bad.arguments);
    EXPECT_EQ(ran.status, 2) << bad.arguments << "\n" << ran.output;
    EXPECT_NE(ran.output.find(bad.says), std::string::npos) << bad.arguments << "\n" << ran.output;
  }
}

TEST_F(Cli, ATraceIsCheckedBeforeItRuns) {
  ASSERT_EQ(run("replay flash-sale --seed 7 --design as-written --save trace.json").status, 1);
  Json trace = json("trace.json");
  ASSERT_FALSE(trace["run"]["faults"].empty());
  trace["run"]["faults"][0]["subject"] = "nobody";
  std::ofstream(directory_ / "trace.json") << trace.dump(1);
  const Ran ran = run("replay trace.json");
  EXPECT_EQ(ran.status, 2) << ran.output;
  EXPECT_NE(ran.output.find("there is no host nobody"), std::string::npos) << ran.output;
}

TEST_F(Cli, ListsWhatThereIs) {
  EXPECT_NE(run("list scenarios").output.find("flash-sale"), std::string::npos);
  EXPECT_NE(run("list properties").output.find("no-oversell"), std::string::npos);
  EXPECT_NE(run("list faults").output.find("reply-lost"), std::string::npos);
  EXPECT_NE(run("list benchmarks").output.find("hot-path"), std::string::npos);
  EXPECT_EQ(run("--help").status, 0);
  EXPECT_EQ(run("check --help").status, 0);
}

}  // namespace
