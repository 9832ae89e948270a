#include <vector>

#include "tests/postgres_server/database_world.h"

namespace firedrill::sim {
namespace {

using Log = std::vector<std::string>;

/// One who watches the table `t` of two nodes, of which the second follows the first.
class PostgresWatched : public DatabaseWorld {
 protected:
  PostgresWatched() {
    watch(small_.postgres_disk, "first");
    watch(second_, "second");
    second_.follows = &small_.postgres.host();
    small_.postgres_disk.standbys.push_back(&second_);
    standby_ = &small_.add_server<postgres::Server>("postgres-2", second_);
    small_.run_for(from_ms(100));
  }
  ~PostgresWatched() override { standby_->kill(); }

  void watch(postgres::Disk& disk, std::string name) {
    disk.engine->watch("t", {"k", "v"});
    disk.observer = [this, name](const postgres::CommittedRow& row) {
      seen_.push_back(name + text_of(row));
      if (killer_ != nullptr) killer_->kill();
    };
    disk.on_started = [this, &disk, name] {
      std::string text = name + " starts with";
      for (const auto& row : disk.engine->committed_rows("t")) text += text_of(row);
      seen_.push_back(text);
    };
  }
  static std::string text_of(const postgres::CommittedRow& row) {
    return (row.is_deleted ? " -" : " ") + row.cells.at(0).value_or("NULL") + "=" +
           row.cells.at(1).value_or("NULL");
  }
  Log seen() { return std::exchange(seen_, {}); }

  postgres::Disk second_;
  Process* standby_ = nullptr;
  Process* killer_ = nullptr;  ///< what is killed by whoever watches
  Log seen_;
};

TEST_F(PostgresWatched, IsToldOfACommitAsSoonAsItHasHappened) {
  small_.postgres_disk.levers.fsync_stall = from_ms(500);
  two("UPDATE t SET v = 7");
  small_.run_for(from_ms(400));
  EXPECT_EQ(seen(), (Log{}));
  small_.run_for(from_ms(200));
  EXPECT_EQ(seen(), (Log{"first 1=7"}));
}

TEST_F(PostgresWatched, IsToldOfWhatNobodyElseHeardOf) {
  small_.postgres_disk.levers.losing_commit_answers = 1;
  one("UPDATE t SET v = 7");
  EXPECT_EQ(take(), (Log{"unknown: connection reset"}));
  EXPECT_EQ(seen(), (Log{"first 1=7"}));
}

TEST_F(PostgresWatched, ReadsAnewWhatAServerComesBackWith) {
  small_.postgres_disk.engine->configure("synchronous_commit", "off");
  one("UPDATE t SET v = 1");
  small_.run_for(from_ms(500));
  one("INSERT INTO t VALUES (2, 2)");
  EXPECT_EQ(seen(), (Log{"first 1=1", "first 2=2"}));
  small_.postgres.kill();
  small_.postgres.start();
  EXPECT_EQ(seen(), (Log{}));
  small_.run_for(from_ms(1'000));
  EXPECT_EQ(seen(), (Log{"first starts with 1=1"}));
  one("UPDATE t SET v = 3");
  EXPECT_EQ(seen(), (Log{"first 1=3"}));
}

TEST_F(PostgresWatched, HearsOfAStandbyFromItsPromotionOn) {
  one("UPDATE t SET v = 1");
  small_.run_for(from_ms(100));
  small_.postgres.kill();
  small_.run_for(from_ms(10));
  EXPECT_EQ(seen(), (Log{"first 1=1"}));
  second_.server->promote();
  small_.postgres_at.host = &standby_->host();
  EXPECT_EQ(seen(), (Log{"second starts with 1=1"}));
  one("DELETE FROM t");
  EXPECT_EQ(seen(), (Log{"second -1=1"}));
}

TEST_F(PostgresWatched, MayKillTheServerForWhatItSees) {
  killer_ = &small_.postgres;
  one("INSERT INTO t VALUES (2, 2), (3, 3)");
  EXPECT_EQ(take(), (Log{"unknown: connection reset"}));
  EXPECT_EQ(seen(), (Log{"first 2=2"}));
  killer_ = nullptr;
  small_.postgres.start();
  small_.run_for(from_ms(1'000));
  EXPECT_EQ(seen(), (Log{"first starts with 1=0 2=2 3=3"}));
}

}  // namespace
}  // namespace firedrill::sim
