#include "tests/conformance/redis/rules.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace firedrill::test {
namespace {

using Kind = RedisReply::Kind;

RedisReply list(const std::vector<std::string>& words, Kind kind = Kind::array) {
  std::vector<RedisReply> items;
  for (const std::string& word : words) items.push_back(RedisReply::bulk(word));
  return RedisReply::with_items(kind, std::move(items));
}

RedisReply scan(const std::string& cursor, const std::vector<std::string>& items) {
  return RedisReply::array({RedisReply::bulk(cursor), list(items)});
}

bool are_alike(Likeness likeness, const RedisReply& model, const RedisReply& real,
               const Surroundings& surroundings = {},
               const std::vector<std::string>& words = {"CMD", "key"}) {
  const Rule rule{"CMD", likeness, ""};
  return alike(model, real, &rule, words, surroundings);
}

TEST(Rules, WithoutOneRepliesAreEqual) {
  EXPECT_TRUE(alike(list({"a"}), list({"a"}), nullptr, {"CMD"}, {}));
  EXPECT_FALSE(alike(list({"a", "b"}), list({"b", "a"}), nullptr, {"CMD"}, {}));
  EXPECT_FALSE(alike(RedisReply::nil(), RedisReply::nil_array(), nullptr, {"CMD"}, {}));
}

TEST(Rules, AnyOrder) {
  EXPECT_TRUE(are_alike(Likeness::unordered, list({"a", "b"}), list({"b", "a"})));
  EXPECT_FALSE(are_alike(Likeness::unordered, list({"a", "b"}), list({"b", "b"})));
  EXPECT_FALSE(are_alike(Likeness::unordered, list({"a"}), list({"a"}, Kind::set)));
  const Surroundings listpack{};
  const Surroundings hashtable{.known = true, .hashtable = true, .members = {}, .pairs = {}};
  const auto both = [](const Surroundings& at) {
    return are_alike(Likeness::unordered_hashtable, list({"f", "1", "g", "2"}),
                     list({"g", "2", "f", "1"}), at, {"HGETALL", "key"});
  };
  EXPECT_FALSE(both(listpack));
  EXPECT_TRUE(both(hashtable));
  EXPECT_FALSE(are_alike(Likeness::unordered_hashtable, list({"f", "1", "g", "2"}),
                         list({"f", "2", "g", "1"}), hashtable, {"HGETALL", "key"}));
}

TEST(Rules, Scans) {
  EXPECT_TRUE(are_alike(Likeness::scanned, scan("0", {"a", "b"}), scan("0", {"b", "a"})));
  EXPECT_FALSE(are_alike(Likeness::scanned, scan("0", {"a", "b"}), scan("0", {"b"})));
  EXPECT_TRUE(are_alike(Likeness::scanned, scan("0", {"a", "b"}), scan("7", {"b"})));
  const auto from = [](const std::string& cursor) {
    return are_alike(Likeness::scanned, scan("0", {"a", "b"}), scan("0", {"b"}), {},
                     {"SCAN", cursor});
  };
  EXPECT_FALSE(from("0"));
  EXPECT_FALSE(from("+0"));
  EXPECT_TRUE(from("2"));
}

TEST(Rules, Times) {
  const auto number = [](std::int64_t value) { return RedisReply::of(value); };
  EXPECT_TRUE(are_alike(Likeness::seconds_apart, number(100), number(101)));
  EXPECT_FALSE(are_alike(Likeness::seconds_apart, number(100), number(200)));
  EXPECT_FALSE(are_alike(Likeness::seconds_apart, number(-1), number(-2)));
  EXPECT_FALSE(are_alike(Likeness::seconds_apart, number(-1), number(0)));
  EXPECT_TRUE(are_alike(Likeness::milliseconds_apart, number(100), number(20'000)));
  EXPECT_FALSE(are_alike(Likeness::milliseconds_apart, number(100), number(40'000)));
}

TEST(Rules, Draws) {
  const Surroundings at{
      .known = true, .hashtable = false, .members = {"a", "b"}, .pairs = {"a 1", "b 2"}};
  const auto drawn = [&](const RedisReply& model, const RedisReply& real,
                         const std::vector<std::string>& words) {
    return are_alike(Likeness::drawn, model, real, at, words);
  };
  EXPECT_TRUE(drawn(RedisReply::bulk("a"), RedisReply::bulk("b"), {"CMD", "k"}));
  EXPECT_FALSE(drawn(RedisReply::bulk("a"), RedisReply::bulk("c"), {"CMD", "k"}));
  EXPECT_FALSE(drawn(RedisReply::bulk("c"), RedisReply::bulk("a"), {"CMD", "k"}));
  EXPECT_FALSE(drawn(list({"a", "b"}), list({"b", "b"}), {"CMD", "k", "2"}));
  EXPECT_TRUE(drawn(list({"a", "b"}), list({"b", "b"}), {"CMD", "k", "-2"}));
  EXPECT_FALSE(drawn(list({"a", "b"}), list({"b"}), {"CMD", "k", "-2"}));
  EXPECT_TRUE(drawn(list({"a", "1"}), list({"b", "2"}), {"CMD", "k", "1", "WITHVALUES"}));
  EXPECT_FALSE(drawn(list({"a", "1"}), list({"b", "1"}), {"CMD", "k", "1", "WITHVALUES"}));
  EXPECT_TRUE(are_alike(Likeness::drawn_key, RedisReply::bulk("a"), RedisReply::bulk("b"), at));
  EXPECT_FALSE(are_alike(Likeness::drawn_key, RedisReply::bulk("a"), RedisReply::nil(), at));
}

TEST(Rules, Shapes) {
  EXPECT_TRUE(are_alike(Likeness::shape, list({"a"}), list({"b"})));
  EXPECT_FALSE(are_alike(Likeness::shape, list({"a"}), list({"b", "c"})));
  EXPECT_TRUE(are_alike(Likeness::kind, list({"a"}), list({"b", "c"})));
  EXPECT_FALSE(are_alike(Likeness::kind, RedisReply::error("ERR a"), RedisReply::error("ERR b")));
}

TEST(Rules, AreFoundByNameAndSubcommand) {
  const std::vector<Rule> rules = {{"GET", Likeness::kind, ""}, {"CONFIG GET", Likeness::kind, ""}};
  EXPECT_NE(rule_for(rules, {"get", "x"}), nullptr);
  EXPECT_NE(rule_for(rules, {"config", "get", "x"}), nullptr);
  EXPECT_EQ(rule_for(rules, {"CONFIG", "SET", "x"}), nullptr);
}

TEST(Rules, TheClockIsBlanked) {
  constexpr std::int64_t kNow_ms = 1'760'000'000'000;
  const auto blanked = [](const std::string& text) {
    RedisReply reply = RedisReply::bulk(text);
    blank_clock(reply, kNow_ms);
    return reply.text == "<clock>";
  };
  EXPECT_TRUE(blanked("1760000000123"));
  EXPECT_TRUE(blanked("1760000000123-7"));
  EXPECT_TRUE(blanked("1760000000"));
  EXPECT_TRUE(blanked("1760000000123456"));
  for (const char* other :
       {"", "x", "9223372036854775807", "1700000000000", "4000000000", "1-1", "1760000000123 x"}) {
    EXPECT_FALSE(blanked(other)) << other;
  }
}

}  // namespace
}  // namespace firedrill::test
