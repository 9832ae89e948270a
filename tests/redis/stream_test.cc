#include "sim/redis/stream.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace firedrill::sim::redis {
namespace {

using Fields = std::vector<std::string_view>;

constexpr StreamNodeLimits kNodes{.entries = 3, .bytes = 0};

void append(Stream& stream, StreamId id, const Fields& fields = {"f", "v"},
            const StreamNodeLimits& limits = kNodes) {
  stream.append(id, fields.data(), fields.size(), limits);
}

std::string ids(const Stream& stream, StreamId first = {}, StreamId last = StreamId::max(),
                bool reverse = false) {
  std::string text;
  stream.visit(first, last, reverse, [&](const Stream::Entry& entry) {
    text += (text.empty() ? "" : " ") + entry.id().text();
    return true;
  });
  return text;
}

Stream stream_of(std::uint64_t entries) {
  Stream stream;
  for (std::uint64_t i = 1; i <= entries; ++i) append(stream, {i, 0});
  return stream;
}

TEST(Stream, GivesBackWhatWasAppended) {
  Stream stream;
  const Fields fields = {"op", "", "a\0b", "value"};
  append(stream, {1, 5}, fields);
  append(stream, {2, 0}, {"op", "1", "a\0b", "2"});
  append(stream, {2, 1}, {"other", "3"});
  EXPECT_EQ(stream.find({1, 5})->fields(), fields);
  EXPECT_EQ(stream.find({2, 0})->fields(), (Fields{"op", "1", "a\0b", "2"}));
  EXPECT_EQ(stream.find({2, 1})->fields(), (Fields{"other", "3"}));
  EXPECT_FALSE(stream.find({2, 2}));
  EXPECT_EQ(stream.last_id().text(), "2-1");
  EXPECT_EQ(stream.first_id().text(), "1-5");
  EXPECT_EQ(stream.entries_added(), 3U);
}

TEST(Stream, IsVisitedBothWays) {
  const Stream stream = stream_of(7);
  EXPECT_EQ(ids(stream), "1-0 2-0 3-0 4-0 5-0 6-0 7-0");
  EXPECT_EQ(ids(stream, {2, 1}, {5, 0}), "3-0 4-0 5-0");
  EXPECT_EQ(ids(stream, {2, 1}, {5, 9}, true), "5-0 4-0 3-0");
  EXPECT_EQ(ids(stream, {8, 0}), "");
  EXPECT_EQ(ids(stream, {}, {0, 9}, true), "");
}

TEST(Stream, ADeletedEntryLeavesItsNodeWhenAllAreDeleted) {
  Stream stream = stream_of(7);
  EXPECT_EQ(stream.node_count(), 3U);
  EXPECT_TRUE(stream.erase({4, 0}));
  EXPECT_FALSE(stream.erase({4, 0}));
  EXPECT_TRUE(stream.erase({5, 0}));
  EXPECT_EQ(stream.node_count(), 3U);
  EXPECT_TRUE(stream.erase({6, 0}));
  EXPECT_EQ(stream.node_count(), 2U);
  EXPECT_EQ(ids(stream), "1-0 2-0 3-0 7-0");
  EXPECT_EQ(stream.max_deleted_id().text(), "6-0");
  EXPECT_TRUE(stream.erase({1, 0}));
  EXPECT_EQ(stream.first_id().text(), "2-0");
}

TEST(Stream, DeletedEntriesCountAgainstTheNodesSize) {
  Stream stream = stream_of(2);
  stream.erase({2, 0});
  append(stream, {3, 0});
  EXPECT_EQ(stream.node_count(), 1U);
  append(stream, {4, 0});
  EXPECT_EQ(stream.node_count(), 2U);
}

TEST(Stream, TrimsExactly) {
  Stream stream = stream_of(7);
  EXPECT_EQ(stream.trim({.by = StreamTrim::By::length, .length = 2}), 5U);
  EXPECT_EQ(ids(stream), "6-0 7-0");
  EXPECT_EQ(stream.first_id().text(), "6-0");
  EXPECT_EQ(stream.oldest_id().text(), "4-0");  // it is still in memory
  EXPECT_TRUE(stream.max_deleted_id().is_zero());
  EXPECT_EQ(stream.trim({.by = StreamTrim::By::id, .min_id = {7, 0}}), 1U);
  EXPECT_EQ(ids(stream), "7-0");
}

TEST(Stream, TrimsWholeNodesWhereItNeedNotBeExact) {
  const auto left = [](StreamTrim how) {
    Stream stream = stream_of(7);
    how.approximately = true;
    stream.trim(how);
    return stream.size();
  };
  using By = StreamTrim::By;
  EXPECT_EQ(left({.by = By::length, .length = 5}), 7U);
  EXPECT_EQ(left({.by = By::length, .length = 4}), 4U);
  EXPECT_EQ(left({.by = By::length, .length = 0}), 0U);
  EXPECT_EQ(left({.by = By::length, .limit = 5, .length = 0}), 4U);
  EXPECT_EQ(left({.by = By::id, .min_id = {3, 0}}), 7U);
  EXPECT_EQ(left({.by = By::id, .min_id = {4, 0}}), 4U);
}

TEST(Stream, BeginsANodeWhenTheOldOneIsFull) {
  // A listpack of 7 bytes, counts and fields take 7 + 4 + 2 + 3 + 2; each entry of a one byte value
  // 2 + 2 + 2 + 3 + 2.
  Stream stream;
  const StreamNodeLimits limits{.entries = 0, .bytes = 42};
  append(stream, {1, 0}, {"f", "v"}, limits);  // 29
  append(stream, {1, 1}, {"f", "v"}, limits);  // 29 + 2 < 42: 40
  EXPECT_EQ(stream.node_count(), 1U);
  append(stream, {1, 2}, {"f", "v"}, limits);  // 40 + 2 >= 42
  EXPECT_EQ(stream.node_count(), 2U);
}

TEST(Stream, CountsTheNodesOfTheTree) {
  Stream stream;
  EXPECT_EQ(stream.tree_size(), 1U);
  const StreamNodeLimits each{.entries = 1, .bytes = 0};
  append(stream, {1, 0}, {"f", "v"}, each);
  EXPECT_EQ(stream.tree_size(), 2U);  // its 16 bytes, and the end
  append(stream, {1, 1}, {"f", "v"}, each);
  EXPECT_EQ(stream.tree_size(), 4U);  // 15 bytes, where they part, and two ends
  append(stream, {2, 0}, {"f", "v"}, each);
  EXPECT_EQ(stream.tree_size(), 8U);
}

TEST(Stream, ACopyHasItsOwnGroups) {
  Stream stream = stream_of(2);
  StreamGroup& group = stream.groups().try_emplace("g", StreamId{}, 0).first->second;
  group.assign({1, 0}, group.add_consumer("alice", 5));
  Stream copy(stream);
  StreamGroup& copied = *copy.find_group("g");
  EXPECT_EQ(copied.find_pending({1, 0})->consumer, copied.find_consumer("alice"));
  copied.assign({1, 0}, copied.add_consumer("bob", 6));
  EXPECT_EQ(copied.find_consumer("alice")->pending.size(), 0U);
  EXPECT_EQ(group.find_consumer("alice")->pending.size(), 1U);
  EXPECT_EQ(copied.erase_consumer("bob"), 1U);
  EXPECT_TRUE(copied.pending().empty());
}

TEST(StreamId, IsReadAsRedisReadsIt) {
  const auto read = [](std::string_view text) {
    const auto id = parse_stream_id(text, 9);
    return id ? id->text() : "no id";
  };
  EXPECT_EQ(read("5-3"), "5-3");
  EXPECT_EQ(read("5"), "5-9");
  EXPECT_EQ(read("+5-007"), "5-7");
  EXPECT_EQ(read(" 5-3"), "5-3");
  EXPECT_EQ(read("5--0"), "5-0");
  EXPECT_EQ(read(std::string_view("5-3\0x", 5)), "5-3");
  EXPECT_EQ(read("18446744073709551615-18446744073709551615"), StreamId::max().text());
  for (const char* text :
       {"", "-", "+", "5-", "-5", "5--1", "5 -3", "x", "5-3-1", "5-*", "18446744073709551616"}) {
    EXPECT_EQ(read(text), "no id") << text;
  }
  EXPECT_FALSE(parse_stream_id(std::string(128, '0')));
}

// --- Against a map -------------------------------------------------------------------------------

struct Step {
  enum class Kind { append, erase, trim_length, trim_id };
  Kind kind;
  std::uint64_t number;
};

void showValue(const Step& step, std::ostream& out) {
  constexpr const char* kNames[] = {"append", "erase", "trim to length", "trim to id"};
  out << kNames[static_cast<int>(step.kind)] << " " << step.number;
}

rc::Gen<std::vector<Step>> steps() {
  const auto step =
      rc::gen::map(rc::gen::pair(rc::gen::inRange(0, 12), rc::gen::inRange(1, 60)),
                   [](const std::pair<int, int>& draw) {
                     const auto [kind, number] = draw;
                     return Step{kind < 8 ? Step::Kind::append : static_cast<Step::Kind>(kind - 8),
                                 static_cast<std::uint64_t>(number)};
                   });
  return rc::gen::resize(300, rc::gen::container<std::vector<Step>>(step));
}

RC_GTEST_PROP(StreamProperty, FollowsAMap, ()) {
  Stream stream;
  std::map<StreamId, std::string> model;
  std::uint64_t next = 1;
  for (const Step& step : *steps()) {
    switch (step.kind) {
      case Step::Kind::append: {
        const std::string value = std::to_string(step.number);
        append(stream, {next, step.number}, {step.number % 2 == 0 ? "even" : "odd", value});
        model[{next++, step.number}] = value;
        break;
      }
      case Step::Kind::erase: {
        const auto at = model.lower_bound({step.number, 0});
        if (at == model.end()) break;
        RC_ASSERT(stream.erase(at->first));
        model.erase(at);
        break;
      }
      case Step::Kind::trim_length:
        stream.trim({.by = StreamTrim::By::length, .length = step.number});
        while (model.size() > step.number) model.erase(model.begin());
        break;
      case Step::Kind::trim_id:
        stream.trim({.by = StreamTrim::By::id, .min_id = {step.number, 0}});
        model.erase(model.begin(), model.lower_bound({step.number, 0}));
        break;
    }
    RC_ASSERT(stream.size() == model.size());
    RC_ASSERT(stream.first_id() == (model.empty() ? StreamId{} : model.begin()->first));
  }
  auto expected = model.begin();
  stream.visit({}, StreamId::max(), false, [&](const Stream::Entry& entry) {
    RC_ASSERT(entry.id() == expected->first);
    RC_ASSERT(entry.fields()[1] == expected->second);
    ++expected;
    return true;
  });
  RC_ASSERT(expected == model.end());
  if (!model.empty()) RC_ASSERT(stream.last_entry_id() == model.rbegin()->first);
}

}  // namespace
}  // namespace firedrill::sim::redis
