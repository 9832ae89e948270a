#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "sim/postgres/engine.h"
#include "tests/conformance/postgres/answer.h"
#include "tests/conformance/postgres/script.h"
#include "tests/support/postgres_client.h"
#include "tests/support/postgres_server.h"

namespace firedrill::test {

namespace {

const std::filesystem::path kScripts =
    std::filesystem::path(FIREDRILL_SOURCE_DIR) / "tests/conformance/postgres/scripts";

/// Where known differences may stand.
bool is_known(const std::filesystem::path& script) {
  return script.filename().string().starts_with("known_");
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Each statement goes to the real server and to the engine, to one session of each.
class PostgresScripts : public testing::TestWithParam<std::filesystem::path> {
 protected:
  static void SetUpTestSuite() { server = std::make_unique<PostgresServer>(); }
  static void TearDownTestSuite() {
    server.reset();
    std::cout << compared << " statements compared; " << refused << " more refused by the model\n";
  }

  void run(const ScriptStatement& statement) {
    const std::vector<PostgresResult> real = client_.query(statement.text);
    const std::vector<PostgresResult> model = ask_engine(engine_, session_, statement.text);
    if (is_refusal(model)) {
      ++refused;
      std::cout << where(statement) << "refused: " << model.back().error->message << '\n';
      EXPECT_EQ(statement.known_difference, "") << where(statement) << "this is refused instead";
      return;
    }
    ++compared;
    judge(statement, describe(real, statement.text), describe(model, statement.text));
  }

 private:
  static std::string where(const ScriptStatement& statement) {
    return GetParam().filename().string() + ":" + std::to_string(statement.line) + ": ";
  }

  static void judge(const ScriptStatement& statement, const std::string& real,
                    const std::string& model) {
    if (statement.known_difference.empty()) {
      EXPECT_TRUE(model == real) << where(statement) << statement.text << "\n--- model\n"
                                 << model << "--- real\n"
                                 << real;
    } else {
      EXPECT_TRUE(is_known(GetParam())) << where(statement) << "belongs into known_*.sql";
      EXPECT_NE(model, real) << where(statement) << "does not differ any more";
    }
  }

  static std::unique_ptr<PostgresServer> server;
  static std::size_t compared;
  static std::size_t refused;

  PostgresClient client_{server->connection()};
  sim::postgres::Engine engine_;
  sim::postgres::SessionId session_ = engine_.connect(0);
};

std::unique_ptr<PostgresServer> PostgresScripts::server;
std::size_t PostgresScripts::compared = 0;
std::size_t PostgresScripts::refused = 0;

TEST_P(PostgresScripts, AnswerTheSame) {
  for (const ScriptStatement& statement : read_script(content_of(GetParam()))) run(statement);
}

INSTANTIATE_TEST_SUITE_P(, PostgresScripts, testing::ValuesIn(scripts_in(kScripts)),
                         [](const auto& script) { return script.param.stem().string(); });

}  // namespace

}  // namespace firedrill::test
