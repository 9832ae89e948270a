#include "sim/postgres/storage/predicate_locks.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/postgres/stored_table.h"

namespace firedrill::sim::postgres {
namespace {

constexpr std::uint32_t kIndex = 16385;

/// Serializable transactions on a table with the rows 1, 2, ... by a schedule of words: "b1" begins
/// 1, "o1" begins it read only, "r1x" reads row x by its key, "s1" scans the table, "w1x" updates
/// row x, "i1x" inserts, "d1x" deletes it, "c1" commits.
struct PredicateLocksTest : StoredTable {
  PredicateLocks predicates{storage.transactions};
  std::map<BackendId, Snapshot> snapshots;

  PredicateLocksTest() {
    for (int id = 1; id <= 4; ++id) row(id);
  }

  /// Those that fail, as "c1 commit attempt": the word, and how its reason ends.
  std::string run(const std::string& schedule) {
    std::istringstream words(schedule);
    std::string failures;
    for (std::string word; words >> word;) {
      const BackendId backend = static_cast<BackendId>(word[1] - '0');
      try {
        step(word[0], backend, word.size() > 2 ? word[2] - '0' : 0);
      } catch (const SqlError& error) {
        failures += (failures.empty() ? "" : ", ") + word + ": " + error.sqlstate + " " +
                    error.detail.substr(error.detail.find(": ") + 2);
        give_up(backend);
      }
    }
    return failures;
  }

  /// Numbers are taken at the first write.
  void take_number(BackendId backend) {
    Actor& actor = actors[backend];
    if (actor.top == kNoXid) actor.top = actor.current = storage.begin(backend);
  }

  void give_up(BackendId backend) {
    if (actors[backend].top != kNoXid) storage.transactions.abort(actors[backend].top);
    locks.release_transaction(backend);
    predicates.abort(actors[backend]);
    actors.erase(backend);
  }

  void step(char what, BackendId backend, std::int64_t id) {
    if (what != 'b' && what != 'o' && !actors.contains(backend)) return;
    if (what == 'b' || what == 'o') {
      snapshots[backend] = storage.transactions.snapshot(1);
      actors[backend] = {.backend = backend, .top = kNoXid, .current = kNoXid, .command = 1};
      predicates.begin(backend, snapshots[backend], what == 'o');
      return;
    }
    Actor& actor = actors[backend];
    if (what == 's') {
      predicates.reads_relation(actor, kTable);
      heap.scan_all(snapshots[backend], actor, [&](Version& version, bool is_visible) {
        predicates.reads_row(actor, kTable, version, is_visible);
        return true;
      });
    } else if (what == 'c') {
      predicates.pre_commit(actor);
      if (actor.top != kNoXid) storage.transactions.commit(actor.top);
      locks.release_transaction(backend);
      predicates.commit(actor);
      actors.erase(backend);
    } else if (what == 'i') {
      take_number(backend);
      const Row key{Value::of(id)};
      const NewKey entry{kIndex, &index, &key};
      predicates.writes(actor, kTable, nullptr, {});
      Version& version = heap.insert(actor, key);
      predicates.writes(actor, kTable, nullptr, {&entry, 1});
      index.insert(key, &version);
    } else {
      Version* version = find(backend, id);
      if (what == 'r') return;
      ASSERT_NE(version, nullptr);
      take_number(backend);
      predicates.writes(actor, kTable, version, {});
      if (what == 'w') {
        EXPECT_EQ(heap.update(actor, *version, version->values, RowLockMode::no_key_update,
                              WaitPolicy::skip),
                  Change::done);
      } else {
        EXPECT_EQ(heap.remove(actor, *version, WaitPolicy::skip), Change::done);
      }
    }
  }

  Version* find(BackendId backend, std::int64_t id) {
    const Index::Range range{.prefix = {Value::of(id)}};
    Version* found = nullptr;
    predicates.reads_range(actors[backend], kIndex, range);
    index.scan(range, [&](const Row&, Version* version) {
      const bool is_visible = heap.is_visible(*version, snapshots[backend], actors[backend]);
      predicates.reads_row(actors[backend], kTable, *version, is_visible);
      if (is_visible) found = version;
      return true;
    });
    return found;
  }

  /// The next schedule finds the rows as they were.
  void restore_rows() {
    begin(90);
    Actor& actor = actors[90];
    ++actor.command;
    const Snapshot now = storage.transactions.snapshot(actor.command);
    heap.scan(now, actor, [&](Version& version) {
      EXPECT_EQ(heap.remove(actor, version, WaitPolicy::skip), Change::done);
      return true;
    });
    commit(90);
    for (int id = 1; id <= 4; ++id) row(id);
  }
};

TEST_F(PredicateLocksTest, Schedules) {
  constexpr const char* kPivotWrite = "40001 Canceled on identification as a pivot, during write.";
  constexpr const char* kPivotCommit =
      "40001 Canceled on identification as a pivot, during commit attempt.";
  const std::vector<std::pair<std::string, std::string>> cases{
      // Nothing in common.
      {"b1 b2 r11 w12 r23 w24 c1 c2", ""},
      {"b1 r11 w12 c1 b2 r22 w21 c2", ""},
      // Write skew: who commits second fails.
      {"b1 b2 r11 r22 w12 w21 c1 c2", "c2: " + std::string(kPivotCommit)},
      {"b1 b2 s1 s2 w11 w22 c2 c1", "c1: " + std::string(kPivotCommit)},
      // ... or at its write, after the other has committed.
      {"b1 b2 r11 r12 r21 r22 w11 c1 w22 c2", "w22: " + std::string(kPivotWrite)},
      // One rw-conflict alone is fine.
      {"b1 b2 r11 w21 c2 w13 c1", ""},
      {"b1 b2 r11 w21 c1 c2", ""},
      // Phantoms: both look for a key, both insert the other's.
      {"b1 b2 r17 r28 i18 i27 c1 c2", "c2: " + std::string(kPivotCommit)},
      {"b1 b2 r17 r28 i15 i26 c1 c2", ""},
      {"b1 b2 s1 s2 i15 i26 c1 c2", "c2: " + std::string(kPivotCommit)},
      // The read only anomaly: 3 sees what 2 wrote, but not 1, which read before 2.
      {"b1 r11 r12 b2 w22 c2 b3 r31 r32 c3 w11 c1", "w11: " + std::string(kPivotWrite)},
      {"b1 r11 r12 b2 w22 c2 o3 r31 r32 c3 w11 c1", "w11: " + std::string(kPivotWrite)},
      // 3 began before 2 committed: all of them have an order (3, 1, 2).
      {"b1 r11 r12 b2 w22 o3 c2 r31 c3 w11 c1", ""},
  };
  for (const auto& [schedule, failures] : cases) {
    EXPECT_EQ(run(schedule), failures) << schedule;
    EXPECT_EQ(predicates.size(), 0U) << "left of " << schedule;
    restore_rows();
  }
}

TEST_F(PredicateLocksTest, PagesAreCoarser) {
  const std::string fails =
      "c2: 40001 Canceled on identification as a pivot, during commit attempt.";
  const std::vector<std::pair<std::string, std::string>> cases{
      // An index has one leaf: what neither has looked for there is in what both have read.
      {"b1 b2 r17 r28 i15 i26 c1 c2", fails},
      // Two rows of a table are noted one by one, more of them as their page.
      {"b1 b2 r11 r13 r22 r24 w13 w24 c1 c2", ""},
      {"b1 b2 r11 r12 r13 r21 r22 r24 w13 w24 c1 c2", fails},
  };
  for (const auto& [schedule, failures] : cases) {
    EXPECT_EQ(run(schedule), "") << schedule;
    restore_rows();
  }
  predicates.note_pages();
  for (const auto& [schedule, failures] : cases) {
    EXPECT_EQ(run(schedule), failures) << schedule;
    EXPECT_EQ(predicates.size(), 0U) << "left of " << schedule;
    restore_rows();
  }
}

TEST_F(PredicateLocksTest, AReadOnlyTransactionAloneIsNotNoted) {
  run("o1");
  EXPECT_FALSE(predicates.is_tracked(1));
  run("b2 o3");
  EXPECT_TRUE(predicates.is_tracked(3));
  run("r31 c2 r32");
  EXPECT_FALSE(predicates.is_tracked(3)) << "found safe";
}

TEST_F(PredicateLocksTest, TheErrorIsPostgreSqls) {
  run("b1 b2 r11 r22 w12 w21 c1");
  try {
    step('c', 2, 0);
    FAIL();
  } catch (const SqlError& error) {
    EXPECT_EQ(error.sqlstate, "40001");
    EXPECT_EQ(error.message,
              "could not serialize access due to read/write dependencies among transactions");
    EXPECT_EQ(error.detail,
              "Reason code: Canceled on identification as a pivot, during commit attempt.");
    EXPECT_EQ(error.hint, "The transaction might succeed if retried.");
  }
}

}  // namespace
}  // namespace firedrill::sim::postgres
