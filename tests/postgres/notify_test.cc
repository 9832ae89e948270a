#include <gtest/gtest.h>

#include "tests/postgres/script.h"

namespace firedrill::test {

namespace {

TEST(PostgresNotify, CommitsSendAndTransactionsReadAfterwards) {
  EXPECT_EQ(answers(R"(
A: listen c
B: begin
B: notify c, 'one'
A: begin
B: commit
A: select 1
B: notify c, 'two'
A: commit
)"),
            R"(A: LISTEN
B: BEGIN
B: NOTIFY
A: BEGIN
B: COMMIT
A: 1
A: SELECT 1
B: NOTIFY
A: COMMIT
A: hears c 'one' from 2
A: hears c 'two' from 2
)");
}

TEST(PostgresNotify, OrderIsThatOfCommits) {
  EXPECT_EQ(answers(R"(
A: listen c
B: begin
B: notify c, 'begun first'
C: notify c, 'ended first'
B: commit
)"),
            R"(A: LISTEN
B: BEGIN
B: NOTIFY
A: hears c 'ended first' from 3
C: NOTIFY
A: hears c 'begun first' from 2
B: COMMIT
)");
}

TEST(PostgresNotify, WhoStopsListeningInItsTransactionHearsNothing) {
  EXPECT_EQ(answers(R"(
A: listen c
A: listen d
A: begin
A: unlisten c
B: notify c
B: notify d
A: commit
B: notify c
)"),
            R"(A: LISTEN
A: LISTEN
A: BEGIN
A: UNLISTEN
B: NOTIFY
B: NOTIFY
A: COMMIT
A: hears d '' from 2
B: NOTIFY
)");
}

TEST(PostgresNotify, WhoListensAlreadyHearsWhatWasSentBeforeItsCommit) {
  EXPECT_EQ(answers(R"(
A: listen c
A: begin
A: listen d
B: notify d, 'early'
A: commit
)"),
            R"(A: LISTEN
A: BEGIN
A: LISTEN
B: NOTIFY
A: COMMIT
A: hears d 'early' from 2
)");
}

}  // namespace

}  // namespace firedrill::test
