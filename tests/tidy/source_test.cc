#include "tests/tidy/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firedrill::tidy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(TakeApart, SeparatesCommentsFromCode) {
  const Parts parts = take_apart("int a;  // rand()\n/* rand() */ int b;\n");
  EXPECT_THAT(parts.code, Not(HasSubstr("rand")));
  EXPECT_THAT(parts.code, HasSubstr("int b;"));
  EXPECT_THAT(parts.comments, HasSubstr("// rand()"));
  EXPECT_THAT(parts.comments, HasSubstr("/* rand() */"));
}

TEST(TakeApart, BlanksWhatIsQuoted) {
  const Parts parts =
      take_apart(R"code(f("rand() \" rand()", R"x(rand() ")" )x", '"'); srand();)code");
  EXPECT_EQ(parts.code.find("rand()"), parts.code.find("srand()") + 1);
  EXPECT_THAT(parts.comments, Not(HasSubstr("rand")));
}

TEST(TakeApart, KeepsDigitSeparatorsAsCode) {
  const Parts parts = take_apart("int a = 1'000; rand(); int b = 2'000;");
  EXPECT_THAT(parts.code, HasSubstr("rand()"));
}

TEST(TakeApart, KeepsSizeAndLines) {
  const std::string text = "#include \"a.h\"\n/* a\nb */ \"x\"\n'y' // z";
  const Parts parts = take_apart(text);
  EXPECT_EQ(parts.code.size(), text.size());
  EXPECT_EQ(lines_of(parts.code).size(), 4U);
  EXPECT_EQ(lines_of(parts.comments).size(), 4U);
}

TEST(TakeApart, EndsWithWhatIsLeftOpen) {
  EXPECT_EQ(take_apart("a /* b").code, "a     ");
  EXPECT_EQ(take_apart("a \"b").code.size(), 4U);
  EXPECT_EQ(take_apart("a R\"(b").code.size(), 6U);
}

TEST(Includes, AreFoundOutsideCommentsAlone) {
  const auto includes =
      includes_of(take_apart("#include \"a/b.h\"\n// #include \"no.h\"\n#  include <vector>  // "
                             "why\nf(\"#include <x>\");\n"));
  ASSERT_EQ(includes.size(), 2U);
  EXPECT_EQ(includes[0].path, "a/b.h");
  EXPECT_TRUE(includes[0].quoted);
  EXPECT_EQ(includes[1].path, "vector");
  EXPECT_FALSE(includes[1].quoted);
  EXPECT_EQ(includes[1].line, 3U);
}

TEST(Text, Pieces) {
  EXPECT_THAT(lines_of("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_THAT(split("a, b ,,c", ','), ElementsAre("a", "b", "", "c"));
  EXPECT_EQ(trim(" \t x y \n"), "x y");
  EXPECT_EQ(line_at("a\nb\nc", 2), 2U);
  EXPECT_EQ(to_string({"a.h", 3, "tab", "a tab"}), "a.h:3: [tab] a tab");
  EXPECT_EQ(to_string({"a.h", 0, "name", "bad"}), "a.h: [name] bad");
}

TEST(Paths, Parts) {
  EXPECT_TRUE(is_within("a/b/c.h", "a/b"));
  EXPECT_FALSE(is_within("a/bc.h", "a/b"));
  EXPECT_FALSE(is_within("a/b", "a/b"));
  EXPECT_EQ(folder_of("a/b/c.h"), "a/b");
  EXPECT_EQ(folder_of("c.h"), "");
  EXPECT_EQ(name_of("a/b/c.h"), "c.h");
}

}  // namespace
}  // namespace firedrill::tidy
