#include "tests/tidy/checkout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/tidy/tree.h"

namespace firedrill::tidy {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& file) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << "text\n";
}

TEST(Checkout, ReadsOursAlone) {
  const fs::path root = fs::path(testing::TempDir()) / "firedrill tidy checkout";
  fs::remove_all(root);
  for (const char* file : {"a/b.cc", "run", ".ci/run", "build/x.cc", ".git/x.cc", ".hidden/x.cc",
                           "traces/found/x.md", "traces/x.json", "a/build/c.h"}) {
    write(root / file);
  }
  const std::vector<File> files = read_checkout(root);
  std::vector<std::string> paths;
  for (const File& file : files) paths.push_back(file.path);
  EXPECT_EQ(paths,
            (std::vector<std::string>{".ci/run", "a/b.cc", "a/build/c.h", "run", "traces/x.json"}));
  EXPECT_EQ(files.front().text, "text\n");
  EXPECT_EQ(files.back().text, "");
  fs::remove_all(root);
}

TEST(Checkout, TheRealTreeIsTidy) {
  const std::vector<File> files = read_checkout(FIREDRILL_SOURCE_DIR);
  const auto is_this = [](const File& file) { return file.path == "tests/tidy/checkout_test.cc"; };
  ASSERT_TRUE(std::ranges::any_of(files, is_this)) << "this is not the checkout";
  std::string report;
  for (const Finding& finding : check_tree(files)) report += to_string(finding) + "\n";
  EXPECT_TRUE(report.empty()) << report;
}

}  // namespace
}  // namespace firedrill::tidy
