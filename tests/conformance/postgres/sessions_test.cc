#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "tests/conformance/postgres/interleavings.h"
#include "tests/support/postgres_server.h"

// Interleavings written by hand: what generated ones have found, each as a line or a few; and what
// only time brings about.
namespace firedrill::test {
namespace {

std::vector<std::filesystem::path> all() {
  std::vector<std::filesystem::path> files;
  const auto folder =
      std::filesystem::path(FIREDRILL_SOURCE_DIR) / "tests/conformance/postgres/sessions";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

class PostgresSessionScripts : public testing::TestWithParam<std::filesystem::path> {
 protected:
  static void SetUpTestSuite() {
    server = std::make_unique<PostgresServer>();
    interleavings = std::make_unique<Interleavings>(server->connection(), 1);
  }
  static void TearDownTestSuite() {
    interleavings.reset();
    server.reset();
  }

  static std::unique_ptr<PostgresServer> server;
  static std::unique_ptr<Interleavings> interleavings;
};

std::unique_ptr<PostgresServer> PostgresSessionScripts::server;
std::unique_ptr<Interleavings> PostgresSessionScripts::interleavings;

TEST_P(PostgresSessionScripts, GoTheSame) {
  std::ifstream stream(GetParam());
  const Interleaving script =
      read_interleaving(std::string(std::istreambuf_iterator<char>(stream), {}));
  const auto difference = interleavings->compare(script, 0);
  EXPECT_FALSE(difference) << *difference;
}

INSTANTIATE_TEST_SUITE_P(, PostgresSessionScripts, testing::ValuesIn(all()),
                         [](const auto& script) { return script.param.stem().string(); });

}  // namespace
}  // namespace firedrill::test
