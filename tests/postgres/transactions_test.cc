#include "sim/postgres/storage/transactions.h"

#include <gtest/gtest.h>

namespace firedrill::sim::postgres {
namespace {

using State = Transactions::State;

TEST(Transactions, BeginAndEnd) {
  Transactions transactions;
  EXPECT_EQ(transactions.next(), kFirstXid);
  const Xid first = transactions.begin();
  const Xid second = transactions.begin();
  EXPECT_EQ(first, kFirstXid);
  EXPECT_EQ(second, kFirstXid + 1);
  EXPECT_EQ(transactions.oldest_running(), first);
  transactions.commit(first);
  transactions.abort(second);
  EXPECT_EQ(transactions.state(first), State::committed);
  EXPECT_EQ(transactions.state(second), State::aborted);
  EXPECT_EQ(transactions.state(kNoXid), State::aborted);
  EXPECT_EQ(transactions.oldest_running(), transactions.next());
}

TEST(Transactions, SubtransactionsEndWithTheirs) {
  Transactions transactions;
  const Xid top = transactions.begin();
  const Xid released = transactions.begin(top);
  const Xid undone = transactions.begin(top);
  const Xid within = transactions.begin(undone);
  const Xid other = transactions.begin();
  EXPECT_EQ(transactions.top_of(within), top);
  transactions.abort(undone);
  EXPECT_EQ(transactions.state(within), State::aborted);
  EXPECT_EQ(transactions.state(released), State::in_progress);
  transactions.commit(top);
  EXPECT_EQ(transactions.state(released), State::committed);
  EXPECT_EQ(transactions.state(undone), State::aborted);
  EXPECT_EQ(transactions.state(other), State::in_progress);
}

TEST(Transactions, SnapshotsAreOfTheMomentTheyAreTaken) {
  Transactions transactions;
  const Xid ended = transactions.begin();
  const Xid running = transactions.begin();
  const Xid also_ended = transactions.begin();
  const Xid last = transactions.begin();
  transactions.commit(ended);
  transactions.commit(also_ended);
  const Snapshot snapshot = transactions.snapshot(7);
  transactions.commit(running);
  EXPECT_EQ(snapshot.command, 7U);
  EXPECT_EQ(snapshot.xmin, running);
  EXPECT_EQ(snapshot.xmax, last);
  EXPECT_EQ(snapshot.in_progress, std::vector<Xid>{running});
  EXPECT_FALSE(Transactions::is_running_in(snapshot, ended));
  EXPECT_TRUE(Transactions::is_running_in(snapshot, running));
  EXPECT_FALSE(Transactions::is_running_in(snapshot, also_ended));
  EXPECT_TRUE(Transactions::is_running_in(snapshot, last));
  EXPECT_TRUE(Transactions::is_running_in(snapshot, last + 1));
}

}  // namespace
}  // namespace firedrill::sim::postgres
