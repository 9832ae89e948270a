#include "sim/postgres/storage/heap.h"

#include <gtest/gtest.h>

#include "tests/postgres/stored_table.h"

namespace firedrill::sim::postgres {
namespace {

using HeapTest = StoredTable;

TEST_F(HeapTest, SnapshotsSeeWhatHadCommitted) {
  row(1);
  begin(1);
  begin(2);
  heap.insert(actors[1], {Value::of(2)});
  const Snapshot before = storage.transactions.snapshot(0);
  EXPECT_EQ(visible(2, before), "1");
  commit(1);
  EXPECT_EQ(visible(2, before), "1");
  EXPECT_EQ(visible(2, storage.transactions.snapshot(0)), "1 2");
}

TEST_F(HeapTest, CommandsSeeEarlierOnes) {
  Version& version = row(1);
  begin(1);
  update(1, version);
  Actor& actor = actors[1];
  EXPECT_EQ(visible(1, storage.transactions.snapshot(actor.command)), "1");
  EXPECT_TRUE(heap.is_visible(version, storage.transactions.snapshot(actor.command), actor));
  EXPECT_FALSE(heap.is_visible(version, storage.transactions.snapshot(actor.command + 1), actor));
  EXPECT_TRUE(
      heap.is_visible(*version.newer, storage.transactions.snapshot(actor.command + 1), actor));
}

TEST_F(HeapTest, WhatASavepointUndidIsNotSeen) {
  Version& version = row(1);
  begin(1);
  savepoint(1);
  remove(1, version);
  heap.insert(actors[1], {Value::of(2)});
  EXPECT_EQ(visible(1, storage.transactions.snapshot(9)), "2");
  rollback_to_savepoint(1);
  EXPECT_EQ(visible(1, storage.transactions.snapshot(9)), "1");
  commit(1);
  begin(2);
  EXPECT_EQ(visible(2, storage.transactions.snapshot(9)), "1");
}

TEST_F(HeapTest, VacuumTakesWhatNobodySees) {
  Version& version = row(1);
  begin(1);
  const Snapshot old = storage.transactions.snapshot(0);
  begin(2);
  update(2, version);
  commit(2);
  begin(2);
  update(2, *version.newer);
  abort(2);
  std::size_t gone = 0;
  const auto count = [&](Version&) { ++gone; };
  heap.vacuum(old.xmin, count);
  EXPECT_EQ(gone, 1U) << "what was undone";
  EXPECT_EQ(visible(1, old), "1");
  commit(1);
  heap.vacuum(storage.transactions.oldest_running(), count);
  EXPECT_EQ(gone, 2U);
  EXPECT_EQ(heap.size(), 1U);
  EXPECT_EQ(heap.changes_since_vacuum(), 0U);
}

TEST_F(HeapTest, ScansGoOnWhileTheHeapChanges) {
  for (int id = 1; id <= 6; ++id) row(id);
  begin(1);
  const Snapshot snapshot = storage.transactions.snapshot(0);
  std::string seen;
  heap.scan(snapshot, actors[1], [&](Version& version) {
    const std::int64_t id = version.values[0].integer();
    seen += std::to_string(id);
    if (id == 2) {
      begin(2);
      heap.insert(actors[2], {Value::of(7)});
      abort(2);
      heap.vacuum(snapshot.xmin, [](Version&) {});
    }
    return id != 5;
  });
  EXPECT_EQ(seen, "12345");
}

}  // namespace
}  // namespace firedrill::sim::postgres
