#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/engine.h"

namespace firedrill::sim::postgres {
namespace {

using Told = std::vector<std::string>;

/// A server with a watched table `t (k int primary key, v text, extra int)`, of which k and v are
/// told: "t 1|a", and "t -1|a" once it is gone.
class PostgresWatch : public testing::Test {
 protected:
  PostgresWatch() {
    engine_->watch("t", {"k", "v"});
    run("create table t (k int primary key, v text, extra int default 0)");
    run("create table other (k int primary key)");
    told();
  }

  /// Runs it in the session of that name, to its end or to where it waits.
  void run(std::string_view sql, char name = 'A') {
    if (!sessions_.contains(name)) sessions_[name] = engine_->connect(now_);
    engine_->query(sessions_[name], sql, ++now_);
  }
  static std::string text_of(const CommittedRow& row) {
    std::string text = row.table + (row.is_deleted ? " -" : " ");
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      if (i > 0) text += '|';
      text += row.cells[i].value_or("NULL");
    }
    return text;
  }
  Told told() {
    Told texts;
    const bool has_committed = engine_->has_committed();
    for (const CommittedRow& row : engine_->take_committed()) texts.push_back(text_of(row));
    EXPECT_EQ(has_committed, !texts.empty());
    return texts;
  }
  Told stored(std::string_view table = "t") const {
    Told texts;
    for (const CommittedRow& row : engine_->committed_rows(table)) texts.push_back(text_of(row));
    return texts;
  }
  void recover() {
    engine_ = engine_->recover(engine_->log_flushed());
    sessions_.clear();
  }

  std::unique_ptr<Engine> engine_ = std::make_unique<Engine>();
  std::map<char, SessionId> sessions_;
  std::int64_t now_ = 1;
};

TEST_F(PostgresWatch, TellsWhatEachCommitChangedInItsOrder) {
  run("insert into t values (1, 'a'), (2, null)");
  EXPECT_EQ(told(), (Told{"t 1|a", "t 2|NULL"}));
  run("update t set v = 'b' where k = 2");
  run("delete from t where k = 1");
  run("insert into other values (1)");
  EXPECT_EQ(told(), (Told{"t 2|b", "t -1|a"}));
  EXPECT_EQ(told(), (Told{}));
  EXPECT_EQ(stored(), (Told{"t 2|b"}));
}

TEST_F(PostgresWatch, TellsNothingBeforeTheCommitAndThenEachRowOnceAsItStandsInTheEnd) {
  run("insert into t values (1, 'a'), (2, 'a')");
  told();
  run("begin");
  run("insert into t values (3, 'first')");
  run("update t set v = 'b' where k = 2");
  run("update t set v = 'c'");
  run("delete from t where k = 1");
  run("insert into t values (1, 'again'), (4, 'never seen')");
  run("delete from t where k = 4");
  EXPECT_EQ(told(), (Told{}));
  EXPECT_EQ(stored(), (Told{"t 1|a", "t 2|a"}));
  run("commit");
  EXPECT_EQ(told(), (Told{"t 3|c", "t 2|c", "t -1|a", "t 1|again"}));
}

TEST_F(PostgresWatch, TellsTheLastCellsThatOthersSawOfADeletedRow) {
  run("insert into t values (1, 'a')");
  told();
  run("begin; update t set v = 'b', k = 7; delete from t; commit");
  EXPECT_EQ(told(), (Told{"t -1|a"}));
}

TEST_F(PostgresWatch, TellsNothingOfWhatWasRolledBack) {
  run("insert into t values (1, 'a'), (2, 'a')");
  told();
  run("begin");
  run("update t set v = 'b'");
  run("rollback");
  run("insert into t values (3, 'c'), (1, 'twice')");  // fails as a whole
  run("begin");
  run("savepoint s");
  run("update t set v = 'undone'");
  run("insert into t values (4, 'undone')");
  run("rollback to s");
  run("update t set v = 'kept' where k = 2");
  run("savepoint s");
  run("update t set v = 'released' where k = 1");
  run("release s");
  run("savepoint s");
  run("delete from t");
  run("rollback to s");
  EXPECT_EQ(told(), (Told{}));
  run("commit");
  EXPECT_EQ(told(), (Told{"t 2|kept", "t 1|released"}));
}

TEST_F(PostgresWatch, MayForgetVersionsThatASavepointUndid) {
  run("insert into t select i, 'a' from generate_series(1, 300) i");
  told();
  run("begin");
  run("savepoint s");
  for (int i = 0; i < 3; ++i) run("update t set v = v || 'b'");
  run("rollback to s");
  for (int i = 0; i < 300; ++i) run("insert into other values (" + std::to_string(i) + ")", 'B');
  run("update t set v = 'c' where k = 300");
  run("commit");
  EXPECT_EQ(told(), (Told{"t 300|c"}));
}

TEST_F(PostgresWatch, TellsWhatCascadesAndCopies) {
  run("create table parent (k int primary key)");
  run("alter table t add foreign key (extra) references parent on delete cascade");
  run("insert into parent values (0)");
  run("copy t (k, v) from stdin");
  engine_->copy_data(sessions_.at('A'), "5\tx\n", ++now_);
  engine_->copy_done(sessions_.at('A'), ++now_);
  EXPECT_EQ(told(), (Told{"t 5|x"}));
  run("delete from parent");
  EXPECT_EQ(told(), (Told{"t -5|x"}));
}

TEST_F(PostgresWatch, TellsWhatTruncateAndDropTakeAway) {
  run("insert into t values (1, 'a'), (2, 'a'), (3, 'a')");
  told();
  run("begin; delete from t where k = 3; truncate t; rollback");
  EXPECT_EQ(told(), (Told{}));
  run("begin");
  run("update t set v = 'b' where k = 2");
  run("insert into t values (4, 'never seen')");
  run("truncate t");
  run("insert into t values (1, 'new')");
  run("commit");
  EXPECT_EQ(told(), (Told{"t -2|a", "t -1|a", "t -3|a", "t 1|new"}));
  run("drop table t");
  EXPECT_EQ(told(), (Told{"t -1|new"}));
  EXPECT_EQ(stored(), (Told{}));
}

TEST_F(PostgresWatch, TellsWhenACommitIsDurableAndNotBefore) {
  engine_->keep_log();
  engine_->require_standby(true, ++now_);
  run("insert into t values (1, 'a')");
  EXPECT_EQ(told(), (Told{}));
  engine_->flushed(engine_->log_end(), ++now_);
  EXPECT_EQ(told(), (Told{}));
  EXPECT_EQ(stored(), (Told{}));
  engine_->acknowledged(engine_->log_end(), ++now_);
  EXPECT_EQ(told(), (Told{"t 1|a"}));
  run("set synchronous_commit = off");
  run("insert into t values (2, 'b')");
  EXPECT_EQ(told(), (Told{"t 2|b"}));
}

TEST_F(PostgresWatch, TellsOfACommitWhoseClientHasGone) {
  engine_->keep_log();
  run("insert into t values (1, 'a')");
  engine_->disconnect(sessions_.at('A'), ++now_);
  engine_->flushed(engine_->log_end(), ++now_);
  EXPECT_EQ(told(), (Told{"t 1|a"}));
}

TEST_F(PostgresWatch, IsGoneOnWithByTheServerThatComesBack) {
  engine_->keep_log();
  run("set synchronous_commit = off");
  run("insert into t values (1, 'a'), (2, 'a')");
  run("update t set v = 'b' where k = 1");
  engine_->flushed(engine_->log_end(), ++now_);
  run("delete from t where k = 2");
  recover();
  EXPECT_EQ(told(), (Told{}));
  EXPECT_EQ(stored(), (Told{"t 2|a", "t 1|b"}));
  run("set synchronous_commit = off");
  run("update t set v = 'c' where k = 2");
  EXPECT_EQ(told(), (Told{"t 2|c"}));
}

TEST_F(PostgresWatch, KnowsSchemasAndColumnsThatAreNotThereYet) {
  engine_->watch("orders.outbox", {"late", "id", "at"});
  run("create table outbox (id int)");
  run("insert into outbox values (1)");
  EXPECT_EQ(told(), (Told{}));
  EXPECT_EQ(stored("orders.outbox"), (Told{}));
  run("create schema orders");
  run("create table orders.outbox (id int, at timestamptz)");
  run("insert into orders.outbox values (1, '2020-01-01')");
  run("alter table orders.outbox add column late bool");
  run("update orders.outbox set late = true");
  EXPECT_EQ(told(), (Told{"orders.outbox NULL|1|2020-01-01 00:00:00+00",
                          "orders.outbox t|1|2020-01-01 00:00:00+00"}));
  engine_->watch("orders.outbox", {"id"});
  run("update orders.outbox set late = true");
  EXPECT_EQ(told(), (Told{"orders.outbox 1"}));
}

}  // namespace
}  // namespace firedrill::sim::postgres
