#include "sim/redis/server/store.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace firedrill::sim::redis {
namespace {

using Fsync = Config::Fsync;

const WallTime kNow{std::chrono::seconds(1'700'000'000)};

Instant at_ms(std::int64_t ms) {
  return Instant(from_ms(ms));
}

/// A store, and an engine whose effects go into it.
struct Rig {
  explicit Rig(Fsync fsync) : store(Store::Persistence::append_only, fsync) {
    engine.keep_effects(true);
  }

  Store::Flush write(const std::string& key, std::int64_t at) {
    const std::vector<std::string> set = {"SET", key, "v"};
    engine.execute(std::span<const std::string>(set), kNow);
    store.append(engine.take_effects());
    return store.flush(at_ms(at));
  }
  /// How many keys a process would find that starts now.
  std::size_t found() {
    Engine next;
    store.load(next, kNow);
    return next.key_count();
  }

  Engine engine;
  Store store;
};

TEST(Store, AlwaysWaitsForTheDisk) {
  Rig rig(Fsync::always);
  const auto flush = rig.write("a", 10);
  EXPECT_TRUE(flush.fsync_begins);
  EXPECT_TRUE(flush.waits);
  rig.store.end_fsync();
  EXPECT_EQ(rig.store.lose_unsynced(0), 0U);
  EXPECT_EQ(rig.found(), 1U);
}

TEST(Store, EverysecSyncsOnceASecondAndWaitsForNobody) {
  Rig rig(Fsync::everysec);
  EXPECT_TRUE(rig.write("a", 1'010).fsync_begins);
  rig.store.end_fsync();
  const auto again = rig.write("b", 1'500);
  EXPECT_FALSE(again.fsync_begins) << "in the same second";
  EXPECT_FALSE(again.waits);
  EXPECT_TRUE(rig.write("c", 2'000).fsync_begins);
  rig.store.end_fsync();
  rig.write("d", 2'001);
  EXPECT_EQ(rig.store.lose_buffer(), 0U) << "it is written: a kill loses nothing";
  EXPECT_GT(rig.store.lose_unsynced(0), 0U);
  EXPECT_EQ(rig.found(), 3U) << "the last one was not synced";
}

TEST(Store, EverysecPutsWritesOffWhileTheDiskIsBusy) {
  Rig rig(Fsync::everysec);
  ASSERT_TRUE(rig.write("a", 1'000).fsync_begins);
  EXPECT_FALSE(rig.write("b", 1'100).waits);
  EXPECT_TRUE(rig.store.buffered());
  EXPECT_FALSE(rig.write("c", 3'099).waits) << "for up to two seconds";
  const auto last = rig.write("d", 3'100);
  EXPECT_TRUE(last.waits) << "then the write is made, and waits for the disk";
  EXPECT_FALSE(rig.store.buffered());
}

TEST(Store, AKillLosesWhatWasPutOff) {
  Rig rig(Fsync::everysec);
  rig.write("a", 1'000);
  rig.write("b", 1'100);
  EXPECT_GT(rig.store.lose_buffer(), 0U);
  EXPECT_EQ(rig.found(), 1U);
}

TEST(Store, NoLeavesItToTheKernel) {
  Rig rig(Fsync::no);
  EXPECT_FALSE(rig.write("a", 1'000).fsync_begins);
  EXPECT_FALSE(rig.write("b", 9'000).fsync_begins);
  rig.store.lose_unsynced(0);
  EXPECT_EQ(rig.found(), 0U);
}

TEST(Store, SomeOfWhatWasNotSyncedMayBeThereEvenSo) {
  for (const std::size_t percent : {0, 40, 100}) {
    Rig rig(Fsync::no);
    for (int i = 0; i < 10; ++i) rig.write("k" + std::to_string(i), 1'000);
    rig.store.lose_unsynced(percent);
    const std::size_t found = rig.found();
    EXPECT_EQ(found, percent == 0     ? 0U
                     : percent == 100 ? 10U
                                      : 3U)
        << "whole commands: 40 percent of the bytes are four but for the beginning of one";
  }
}

TEST(Store, ASnapshotTakesThePlaceOfTheLog) {
  Rig rig(Fsync::everysec);
  rig.write("a", 1'000);
  rig.store.save(rig.engine.snapshot());
  EXPECT_FALSE(rig.store.unsynced());
  EXPECT_EQ(rig.store.lose_unsynced(0), 0U);
  EXPECT_EQ(rig.found(), 1U);
}

TEST(Store, WithoutPersistenceNothingIsFound) {
  Rig rig(Fsync::everysec);
  rig.store = Store(Store::Persistence::none, Fsync::everysec);
  rig.write("a", 1'000);
  EXPECT_EQ(rig.found(), 0U);
  rig.store = Store(Store::Persistence::snapshots, Fsync::everysec);
  rig.write("b", 1'000);
  rig.store.save(rig.engine.snapshot());
  rig.write("c", 1'100);
  EXPECT_EQ(rig.found(), 2U) << "a and b, as of the snapshot";
}

}  // namespace
}  // namespace firedrill::sim::redis
