#include "tests/conformance/redis/grammar.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace firedrill::test {
namespace {

using Choices = std::vector<std::uint32_t>;

constexpr auto kWords = std::to_array<WordKind>({
    {"<x>", "x1|x2|"},
    {"<whole>", "a|b c", '\0'},
});

/// The words of a template, by these choices after those of the spoiling.
std::string filled(std::string_view text, const Choices& choices = {}) {
  const auto templates = std::to_array<std::string_view>({text});
  const Grammar grammar({{"test", templates, kWords, {}, {}}});
  Choices all(5);
  all.insert(all.end(), choices.begin(), choices.end());
  std::string result;
  for (const std::string& word : grammar.command(0, all).words) {
    result += (result.empty() ? "" : " ") + (word.empty() ? "''" : word);
  }
  return result;
}

TEST(Grammar, FillsTemplates) {
  EXPECT_EQ(filled("GET key"), "GET key");
  EXPECT_EQ(filled("GET <x>"), "GET x1");
  EXPECT_EQ(filled("GET <x>", {1}), "GET x2");
  EXPECT_EQ(filled("GET <x>", {2}), "GET ''");
  EXPECT_EQ(filled("GET p:<x>:q <=x>", {1}), "GET p:x2:q x2");
  EXPECT_EQ(filled("EVAL <whole>", {7}), "EVAL a|b c");
  EXPECT_EQ(filled("A 'b [c]' ''"), "A b [c] ''");
  EXPECT_EQ(filled("XREAD > ~ <k"), "XREAD > ~ <k");
}

TEST(Grammar, ChoosesAmongAlternatives) {
  EXPECT_EQ(filled("(A|B C) D"), "A D");
  EXPECT_EQ(filled("(A|B C) D", {1}), "B C D");
  EXPECT_EQ(filled("S [A|B C] D"), "S D");
  EXPECT_EQ(filled("S [A|B C] D", {1}), "S D");
  EXPECT_EQ(filled("S [A|B C] D", {2}), "S A D");
  EXPECT_EQ(filled("S [A|B C] D", {3}), "S B C D");
  EXPECT_EQ(filled("S [A [B]]", {1, 1}), "S A B");
}

TEST(Grammar, OptionalGroupsChangePlaces) {
  EXPECT_EQ(filled("S [A] [B] E", {0, 1, 1}), "S A B E");
  EXPECT_EQ(filled("S [A] [B] E", {3, 0, 1, 1}), "S B A E");
}

TEST(Grammar, Repeats) {
  EXPECT_EQ(filled("D {<x>}+"), "D x1");
  EXPECT_EQ(filled("D {<x>}+", {2, 0, 1, 0}), "D x1 x2 x1");
  EXPECT_EQ(filled("D {<x>}*"), "D");
  EXPECT_EQ(filled("H {f<#> v}4"), "H f0 v f1 v f2 v f3 v");
  EXPECT_EQ(filled("Z #{<x>}+ [W {1}=]", {1, 0, 1, 1}), "Z 2 x1 x2 W 1 1");
}

TEST(Grammar, RefusesWhatIsMalformed) {
  for (const char* text : {"A [B", "A (B", "A {B}", "A {B", "A B]", "A <nosuch>", "A 'b", "A 'b'c",
                           "A | B", "A <=nosuch>"}) {
    EXPECT_THROW(filled(text), std::invalid_argument) << text;
  }
}

TEST(Grammar, SpoilsOneInTen) {
  const auto templates = std::to_array<std::string_view>({"SET <x> v", "SET <x> v !", "SET <x> ~"});
  const Grammar grammar({{"test", templates, kWords, {}, {}}});
  int spoilt = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const Choices choices = {i, i / 10, i / 60, i / 7, i / 3};
    const auto command = grammar.command(0, choices);
    spoilt += command.spoilt;
    if (!command.spoilt) {
      EXPECT_EQ(command.words.size(), 3U);
    }
    EXPECT_FALSE(grammar.command(1, choices).spoilt);
    EXPECT_FALSE(grammar.command(2, choices).spoilt);
  }
  EXPECT_EQ(spoilt, 100);
  EXPECT_TRUE(grammar.command(2, {}).time_passes);
}

TEST(Grammar, NamesCommandsAndOptions) {
  const auto templates = std::to_array<std::string_view>(
      {"set <x> [NX|XX] {<x>}+", "CONFIG GET <x>", "EVAL <whole> 0", "(LPUSH|RPUSH) <x>"});
  const Grammar grammar({{"test", templates, kWords, {}, {}}});
  EXPECT_EQ(grammar.label(0), "SET");
  EXPECT_EQ(grammar.label(1), "CONFIG GET");
  EXPECT_EQ(grammar.label(2), "EVAL <whole>");
  EXPECT_EQ(grammar.label(3), "LPUSH|RPUSH");
  ASSERT_EQ(grammar.options(0), 3U);
  EXPECT_EQ(grammar.option(0, 1), "XX");
  EXPECT_EQ(grammar.command(0, Choices{0, 0, 0, 0, 0, 0, 3, 1}).options,
            (std::vector<std::size_t>{1, 2}));
}

TEST(Grammar, OfAllFamiliesIsWellFormed) {
  const Grammar grammar;
  EXPECT_GT(grammar.size(), 100U);
}

}  // namespace
}  // namespace firedrill::test
