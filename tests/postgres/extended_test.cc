#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/postgres/engine.h"

// The engine's side of the extended protocol and of COPY; tests/postgres_wire has both of them
// beside a real server.
namespace firedrill::test {
namespace {

using namespace sim::postgres;

class Talk {
 public:
  Talk() : session_(engine_.connect(0)) {}

  std::string query(std::string_view sql) {
    engine_.query(session_, sql, ++now_);
    return heard();
  }
  std::string say(ExtendedRequest request) {
    engine_.extended(session_, std::move(request), ++now_);
    return heard();
  }
  std::string heard() {
    std::string text;
    for (const StatementResult& result : engine_.take_results(session_)) {
      for (const Row& row : result.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
          text += engine_.text(session_, result.columns[i], row[i]).value_or("NULL") + "|";
        }
      }
      for (const TypeId type : result.parameters) {
        text += "$" + std::to_string(static_cast<int>(type)) + " ";
      }
      for (const std::string& line : result.copied ? result.copied->lines : Lines()) text += line;
      text += result.error ? result.error->sqlstate : result.is_suspended ? "more" : result.tag;
      text += "\n";
    }
    return text;
  }
  Engine& engine() { return engine_; }
  SessionId session() const { return session_; }
  std::int64_t now() { return ++now_; }

 private:
  using Lines = std::vector<std::string>;
  Engine engine_;
  std::int64_t now_ = 0;
  SessionId session_;
};

ParseRequest parse(std::string statement, std::string sql) {
  return {std::move(statement), std::move(sql), {}};
}
BindRequest bind_to(std::string portal, std::string statement,
                    std::vector<std::optional<std::string>> parameters = {}) {
  return {std::move(portal), std::move(statement), {}, std::move(parameters), {}};
}

TEST(PostgresExtended, AStatementIsParsedBoundAndExecuted) {
  Talk talk;
  EXPECT_EQ(talk.say(parse("s", "select $1 + 1, $2 || 'x'")), "\n");
  EXPECT_EQ(talk.say(DescribeRequest{false, "s"}), "$23 $25 \n");
  EXPECT_EQ(talk.say(bind_to("", "s", {"41", std::nullopt})), "\n");
  EXPECT_EQ(talk.say(ExecuteRequest{"", 0}), "42|NULL|SELECT 1\n");
  EXPECT_EQ(talk.say(SyncRequest{}), "");
  EXPECT_EQ(talk.say(ExecuteRequest{"", 0}), "34000\n");
}

TEST(PostgresExtended, SyncEndsTheTransactionThatTheFirstMessageBegan) {
  Talk talk;
  talk.query("create table t (a int)");
  const SessionId other = talk.engine().connect(talk.now());
  const auto count = [&] {
    talk.engine().query(other, "select from t", talk.now());
    return talk.engine().take_results(other).at(0).rows.size();
  };
  talk.say(parse("s", "insert into t values (1)"));
  talk.say(bind_to("", "s"));
  EXPECT_EQ(talk.say(ExecuteRequest{"", 0}), "INSERT 0 1\n");
  EXPECT_EQ(count(), 0U);
  talk.say(SyncRequest{});
  EXPECT_EQ(count(), 1U);
  talk.say(bind_to("", "s"));
  talk.say(ExecuteRequest{"", 0});
  EXPECT_EQ(talk.say(parse("", "nonsense")), "42601\n");
  talk.say(SyncRequest{});
  EXPECT_EQ(count(), 1U);
}

TEST(PostgresExtended, ASelectSeesWhatThereWasWhenItWasBound) {
  Talk talk;
  talk.query("create table t (a int); insert into t values (1)");
  talk.say(parse("read", "select a from t"));
  talk.say(parse("write", "insert into t values (2)"));
  talk.say(bind_to("before", "read"));
  talk.say(bind_to("", "write"));
  talk.say(ExecuteRequest{"", 0});
  talk.say(bind_to("after", "read"));
  EXPECT_EQ(talk.say(ExecuteRequest{"before", 0}), "1|SELECT 1\n");
  EXPECT_EQ(talk.say(ExecuteRequest{"after", 1}), "1|more\n");
  EXPECT_EQ(talk.say(ExecuteRequest{"after", 0}), "2|SELECT 1\n");
}

TEST(PostgresExtended, APlanFollowsItsTable) {
  Talk talk;
  talk.query("create table t (a int)");
  talk.say(parse("s", "select a from t"));
  talk.say(parse("star", "select * from t"));
  talk.say(SyncRequest{});
  talk.query("alter table t add column b int; insert into t values (1, 2)");
  talk.say(bind_to("", "s"));
  EXPECT_EQ(talk.say(ExecuteRequest{"", 0}), "1|SELECT 1\n");
  EXPECT_EQ(talk.say(bind_to("", "star")), "0A000\n");  // another result than was described
}

TEST(PostgresCopy, DataMayComeInPiecesOfAnySize) {
  const std::string data = "1\tone\\\n two\n2\t\\N\n3\t\\x41.\n\\.\n9\tnever\n";
  for (std::size_t size = 1; size <= data.size(); ++size) {
    Talk talk;
    talk.query("create table t (a int, b text)");
    EXPECT_EQ(talk.query("copy t from stdin"), "");
    ASSERT_TRUE(talk.engine().copy_input(talk.session()));
    EXPECT_EQ(talk.engine().copy_input(talk.session())->columns, 2U);
    for (std::size_t at = 0; at < data.size(); at += size) {
      talk.engine().copy_data(talk.session(), std::string_view(data).substr(at, size), talk.now());
    }
    EXPECT_TRUE(talk.engine().is_busy(talk.session()));
    talk.engine().copy_done(talk.session(), talk.now());
    EXPECT_EQ(talk.heard(), "COPY 3\n");
    EXPECT_EQ(talk.query("copy t to stdout"), "1\tone\\n two\n2\t\\N\n3\tA.\nCOPY 3\n");
    EXPECT_EQ(talk.query("copy t to stdout csv"), "1,\"one\n two\"\n2,\n3,A.\nCOPY 3\n");
  }
}

TEST(PostgresCopy, WhoGoesInItsMiddleLeavesNothing) {
  Talk talk;
  talk.query("create table t (a int)");
  const SessionId other = talk.engine().connect(talk.now());
  talk.engine().query(other, "copy t from stdin", talk.now());
  talk.engine().copy_data(other, "1\n2\n", talk.now());
  talk.engine().disconnect(other, talk.now());
  EXPECT_EQ(talk.query("select count(*) from t"), "0|SELECT 1\n");
  EXPECT_EQ(talk.query("drop table t"), "DROP TABLE\n");
}

}  // namespace
}  // namespace firedrill::test
