#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/redis/both.h"

namespace firedrill::test {
namespace {

/// The scripts of a file in lua/, one a line; a pilcrow in one is a line's end. What begins with ##
/// is a remark.
std::vector<std::string> read_scripts(const std::string& name) {
  constexpr std::string_view kPilcrow = "\u00B6";
  std::ifstream file(FIREDRILL_SOURCE_DIR "/tests/conformance/redis/lua/" + name);
  EXPECT_TRUE(file.is_open()) << name;
  std::vector<std::string> scripts;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("##")) continue;
    for (auto at = line.find(kPilcrow); at != line.npos; at = line.find(kPilcrow, at)) {
      line.replace(at, kPilcrow.size(), "\n");
    }
    scripts.push_back(line);
  }
  return scripts;
}

void compare(BothRedises& both, const std::vector<std::string>& scripts) {
  for (const std::string& script : scripts) {
    const auto answers = both.ask({"EVAL", script, "0"});
    EXPECT_EQ(answers.model, answers.real) << script;
  }
}

class LuaScripts : public testing::TestWithParam<const char*> {};

TEST_P(LuaScripts, AnswerAsInTheRealRedis) {
  BothRedises both;
  const auto scripts = read_scripts(std::string(GetParam()) + ".txt");
  EXPECT_GT(scripts.size(), 50U);
  compare(both, scripts);
}

INSTANTIATE_TEST_SUITE_P(Files, LuaScripts,
                         testing::Values("base", "cjson", "libraries", "packing", "redis", "resp3",
                                         "string", "syntax"),
                         [](const auto& each) { return std::string(each.param); });

TEST(LuaInResp3, AnswersAsInTheRealRedis) {
  BothRedises both;
  both.ask({"HELLO", "3"});
  compare(both, read_scripts("resp3.txt"));
}

TEST(LuaSettings, GoWithTheScripts) {
  // SCRIPT FLUSH makes a new Lua.
  BothRedises both;
  compare(both, {"return cjson.encode_number_precision(3)", "return cjson.encode(1/3)"});
  both.ask({"SCRIPT", "FLUSH"});
  compare(both, {"return cjson.encode(1/3)", "return math.random(1000)"});
}

TEST(LuaReadOnly, ScriptsThatDeclareNoWritesMayRunReadOnly) {
  BothRedises both;
  for (const char* script :
       {"return redis.call('GET', 'k')", "return redis.call('SET', 'k', 'v')",
        "#!lua\nreturn redis.call('GET', 'k')", "#!lua flags=no-writes\nreturn 1",
        "#!lua flags=no-writes\nreturn redis.call('SET', 'k', 'v')",
        "#!lua flags=allow-oom\nreturn 1"}) {
    const auto answers = both.ask({"EVAL_RO", script, "0"});
    EXPECT_EQ(answers.model, answers.real) << script;
  }
}

}  // namespace
}  // namespace firedrill::test
