#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <sstream>
#include <string>

#include "tests/conformance/redis/both.h"
#include "tests/conformance/redis/generated.h"

namespace firedrill::test {
namespace {

constexpr int kSequence = 40;

std::int64_t setting(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoll(text);
}

/// Runs sequences of commands, about as many as FIREDRILL_CONFORMANCE_COMMANDS says, drawn from
/// FIREDRILL_CONFORMANCE_SEED.
void compare(const rc::Gen<RedisCommand>& command) {
  BothRedises both;
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.seed = static_cast<std::uint64_t>(setting("FIREDRILL_CONFORMANCE_SEED", 1));
  params.maxSuccess = static_cast<int>(setting("FIREDRILL_CONFORMANCE_COMMANDS", 8000) / kSequence);
  const auto property = [&] {
    const auto drawn =
        *rc::gen::resize(2 * kSequence, rc::gen::container<std::vector<RedisCommand>>(command));
    std::vector<std::vector<std::string>> commands;
    for (const RedisCommand& each : drawn) commands.push_back(each.words);
    both.clear();
    if (const auto difference = both.difference(commands)) RC_FAIL(*difference);
  };
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata{}, params);
  if (result.is<rc::detail::SuccessResult>()) return;
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  FAIL() << text.str();
}

TEST(GeneratedCommands, AnswerAsTheRealOnesDo) {
  compare(any_redis_command());
}

TEST(GeneratedCommands, ScriptsAnswerAsOnTheRealRedis) {
  compare(any_script_call());
}

}  // namespace
}  // namespace firedrill::test
