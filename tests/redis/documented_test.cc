#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "sim/redis/command.h"

namespace firedrill::sim::redis {
namespace {

/// The `words` in backquotes between two headings of docs/redis.md.
std::set<std::string> words_between(const std::string& from, const std::string& until) {
  std::ifstream file(FIREDRILL_SOURCE_DIR "/docs/redis.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  const std::size_t begin = page.find("\n" + from + "\n");
  const std::size_t end = page.find("\n" + until + "\n");
  EXPECT_NE(begin, std::string::npos) << from;
  EXPECT_NE(end, std::string::npos) << until;
  std::set<std::string> words;
  const std::string part = page.substr(begin, end - begin);
  const std::regex quoted("`([a-z_]+)`");
  for (std::sregex_iterator it(part.begin(), part.end(), quoted); it != std::sregex_iterator();
       ++it) {
    words.insert((*it)[1]);
  }
  return words;
}

std::set<std::string> known() {
  std::set<std::string> names;
  for (const CommandSpec* spec : all_commands()) names.emplace(spec->name);
  return names;
}

TEST(Documented, EveryCommandIsInTheTableAndNoOther) {
  EXPECT_EQ(words_between("## Commands", "### Different"), known());
}

TEST(Documented, WhatIsAbsentIsAbsent) {
  for (const std::string& name : words_between("### Absent", "## On a simulated host")) {
    if (name == "help") continue;  // a subcommand
    EXPECT_EQ(find_command(std::string_view(name)), nullptr) << name;
  }
}

}  // namespace
}  // namespace firedrill::sim::redis
