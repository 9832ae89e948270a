#include "sim/postgres/storage/unique.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/postgres/stored_table.h"

namespace firedrill::sim::postgres {
namespace {

struct UniqueTest : StoredTable {
  UniqueTest() {
    for (BackendId backend = 1; backend <= 3; ++backend) begin(backend);
  }
};

TEST_F(UniqueTest, ACommittedRowConflicts) {
  row(1);
  insert(1, 1);
  insert(1, 2);
  insert(1, 2);
  EXPECT_EQ(fibers.take_log(), "1 23505, 1 done, 1 23505");
}

TEST_F(UniqueTest, WaitsForWhoInserts) {
  insert(1, 1);
  insert(2, 1);
  insert(3, 1);
  EXPECT_EQ(fibers.take_log(), "1 done, 2 waits, 3 waits");
  abort(1);
  // Both wait for the same transaction; the first who goes on has it.
  EXPECT_EQ(fibers.take_log(), "2 done, 3 waits");
  commit(2);
  EXPECT_EQ(fibers.take_log(), "3 23505");
}

TEST_F(UniqueTest, WaitsForWhoDeletes) {
  Version& version = row(1);
  remove(1, version);
  insert(2, 1);
  EXPECT_EQ(fibers.take_log(), "1 done, 2 waits");
  commit(1);
  EXPECT_EQ(fibers.take_log(), "2 done");
}

TEST_F(UniqueTest, OwnDeletionsDoNotCount) {
  Version& version = row(1);
  remove(1, version);
  insert(1, 1);
  EXPECT_EQ(fibers.take_log(), "1 done, 1 done");
}

TEST_F(UniqueTest, NullsConflictWhereTheyAreEqual) {
  begin(4);
  Version& version = heap.insert(actors[4], {Value()});
  index.insert({Value()}, &version);
  EXPECT_EQ(find_conflict(actors[4], heap, index, {Value()}, nullptr), nullptr);
  EXPECT_EQ(find_conflict(actors[4], heap, index, {Value()}, nullptr, true), &version);
  EXPECT_EQ(find_conflict(actors[4], heap, index, {Value()}, &version, true), nullptr);
}

struct IndexTest : testing::Test {
  BuiltinTypes types;
  std::vector<Version> versions = std::vector<Version>(2000);
  IndexTest() {
    for (std::size_t i = 0; i < versions.size(); ++i) versions[i].number = i + 1;
  }
  static std::string numbers(const Index& index, const Index::Range& range) {
    std::string text;
    index.scan(range, [&](const Row& key, Version* version) {
      text += (text.empty() ? "" : " ") +
              (key[0].is_null() ? "null" : std::to_string(key[0].integer())) + "/" +
              std::to_string(version->number);
      return true;
    });
    return text;
  }
};

TEST_F(IndexTest, RangesOfOneColumn) {
  Index index({{.position = 0, .type = TypeId::int4}}, types);
  for (std::size_t i : {4U, 2U, 3U, 0U, 1U}) index.insert({Value::of(int(i))}, &versions[i]);
  index.insert({Value::of(2)}, &versions[10]);
  index.insert({Value()}, &versions[11]);
  const auto bound = [](int value, bool inclusive) {
    return Index::Bound{Value::of(value), inclusive};
  };
  EXPECT_EQ(numbers(index, {}), "0/1 1/2 2/3 2/11 3/4 4/5 null/12");
  EXPECT_EQ(numbers(index, {.prefix = {Value::of(2)}}), "2/3 2/11");
  EXPECT_EQ(numbers(index, {.prefix = {Value::of(7)}}), "");
  EXPECT_EQ(numbers(index, {.prefix = {Value()}}), "");
  EXPECT_EQ(numbers(index, {.prefix = {Value()}, .nulls_match = true}), "null/12");
  EXPECT_EQ(numbers(index, {.lower = bound(2, true)}), "2/3 2/11 3/4 4/5");
  EXPECT_EQ(numbers(index, {.lower = bound(2, false), .upper = bound(4, false)}), "3/4");
  EXPECT_EQ(numbers(index, {.upper = bound(2, true), .backwards = true}), "2/11 2/3 1/2 0/1");
  index.remove({Value::of(2)}, &versions[2]);
  index.remove({Value::of(2)}, &versions[1]);
  EXPECT_EQ(numbers(index, {.prefix = {Value::of(2)}}), "2/11");
  EXPECT_EQ(index.size(), 6U);
}

TEST_F(IndexTest, DescendingAndSeveralColumns) {
  Index index({{.position = 0, .type = TypeId::int4},
               {.position = 1, .type = TypeId::text, .descending = true, .nulls_first = true}},
              types);
  std::size_t next = 0;
  for (const char* name : {"b", "a", "c"})
    index.insert({Value::of(1), Value::of(name)}, &versions[next++]);
  index.insert({Value::of(1), Value()}, &versions[next++]);
  index.insert({Value::of(0), Value::of("z")}, &versions[next++]);
  EXPECT_EQ(numbers(index, {.prefix = {Value::of(1)}}), "1/4 1/3 1/1 1/2");
  EXPECT_EQ(numbers(index, {.prefix = {Value::of(1)}, .lower = Index::Bound{Value::of("b")}}),
            "1/3 1/1");
  EXPECT_EQ(numbers(index, {.prefix = {Value::of(1), Value::of("c")}}), "1/3");
}

TEST_F(IndexTest, ManyInAnyOrderAndScansThatChangeIt) {
  Index index({{.position = 0, .type = TypeId::int4}}, types);
  for (std::size_t i = 0; i < 2000; ++i) {
    const std::size_t at = i * 7919 % 2000;
    index.insert({Value::of(int(at))}, &versions[at]);
  }
  for (const bool backwards : {false, true}) {
    std::int64_t expected = backwards ? 1999 : 0;
    index.scan({.backwards = backwards}, [&](const Row& key, Version* version) {
      EXPECT_EQ(key[0].integer(), expected);
      expected += backwards ? -1 : 1;
      if (backwards) index.remove({Value::of(int(version->number - 1))}, version);
      return true;
    });
  }
  EXPECT_EQ(index.size(), 0U);
  EXPECT_EQ(numbers(index, {}), "");
}

}  // namespace
}  // namespace firedrill::sim::postgres
