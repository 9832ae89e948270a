#include <gtest/gtest.h>

#include <string_view>
#include <variant>
#include <vector>

#include "system/adapters/pqxx_answer.h"

namespace firedrill::adapters {

namespace {

using Kind = SqlFailure::Kind;

constexpr SqlStage kInTransaction = SqlStage::in_transaction;
constexpr SqlStage kAlone = SqlStage::alone;
constexpr SqlStage kCommitting = SqlStage::committing;

/// What the caller is told, in short: "refused: reset", "unknown: timed out", "refused: 23505".
std::string told(SqlStage stage, const SqlFailure& failure) {
  const auto ending = classify(stage, failure);
  if (const auto* unknown = std::get_if<Unknown>(&ending)) {
    return "unknown: " + std::string(to_string(unknown->why));
  }
  const Refused& refused = std::get<Refused>(ending);
  EXPECT_EQ(refused.message, failure.message);
  EXPECT_EQ(refused.why == Why::by_server, refused.sqlstate != SqlState());
  if (refused.why == Why::by_server) return "refused: " + std::string(refused.sqlstate.text());
  return "refused: " + std::string(to_string(refused.why));
}

SqlFailure answered(std::string_view sqlstate) {
  return {Kind::answered, SqlState(sqlstate), "so it said"};
}

struct Case {
  SqlFailure failure;
  std::string_view in_transaction;
  std::string_view alone;
  std::string_view committing;
};

TEST(PqxxAnswer, ClassifiesEachFailureAtEachStage) {
  const std::vector<Case> cases = {
      {answered("23505"), "refused: 23505", "refused: 23505", "refused: 23505"},
      {answered("40001"), "refused: 40001", "refused: 40001", "refused: 40001"},
      {answered("40P01"), "refused: 40P01", "refused: 40P01", "refused: 40P01"},
      {answered("25P02"), "refused: 25P02", "refused: 25P02", "refused: 25P02"},
      {answered("57014"), "refused: 57014", "refused: 57014", "refused: 57014"},
      // The server lives and says so: of its own commands, or of a connection that it made.
      {answered("08P01"), "refused: 08P01", "refused: 08P01", "refused: 08P01"},
      {answered("08006"), "refused: 08006", "refused: 08006", "refused: 08006"},
      // It does not know.
      {answered("08007"), "refused: 08007", "unknown: connection reset",
       "unknown: connection reset"},
      {answered("40003"), "refused: 40003", "unknown: connection reset",
       "unknown: connection reset"},
      // Its last words, as it ends the connection.
      {{Kind::broken, SqlState("57P01"), "terminating"},
       "refused: connection reset",
       "unknown: connection reset",
       "unknown: connection reset"},
      {{Kind::broken, SqlState("23505"), "and then it broke"},
       "refused: connection reset",
       "unknown: connection reset",
       "unknown: connection reset"},
      {{Kind::broken, {}, "EOF"},
       "refused: connection reset",
       "unknown: connection reset",
       "unknown: connection reset"},
      {{Kind::broken, {}, "lost before", false},
       "refused: connection reset",
       "refused: connection reset",
       "refused: connection reset"},
      {{Kind::timed_out, {}, ""}, "refused: timed out", "unknown: timed out", "unknown: timed out"},
      {{Kind::timed_out, {}, "", false},
       "refused: timed out",
       "refused: timed out",
       "refused: timed out"},
      {{Kind::no_connection, {}, "nobody there"},
       "refused: connection refused",
       "refused: connection refused",
       "refused: connection refused"},
      {{Kind::no_connection, SqlState("53300"), "too many"},
       "refused: 53300",
       "refused: 53300",
       "refused: 53300"},
      {{Kind::no_connection, SqlState("57P03"), "starting up"},
       "refused: 57P03",
       "refused: 57P03",
       "refused: 57P03"},
      {{Kind::closed, {}, "", false}, "refused: closed", "refused: closed", "refused: closed"},
  };
  for (const Case& each : cases) {
    const std::string which = std::to_string(static_cast<int>(each.failure.kind)) + " " +
                              std::string(each.failure.sqlstate.text()) +
                              (each.failure.sent ? "" : ", not sent");
    EXPECT_EQ(told(kInTransaction, each.failure), each.in_transaction) << which;
    EXPECT_EQ(told(kAlone, each.failure), each.alone) << which;
    EXPECT_EQ(told(kCommitting, each.failure), each.committing) << which;
  }
}

TEST(PqxxAnswer, ReadsTheTextOfAnError) {
  struct Text {
    std::string_view text;
    std::string_view sqlstate;
    std::string_view message;
  };
  for (const Text& each : std::vector<Text>{
           {"ERROR:  23505: duplicate key value\nDETAIL:  Key (id)=(1)\nLOCATION:  x, y.c:1\n",
            "23505", "duplicate key value"},
           {"FEHLER:  42P01: Relation \u00bbx\u00ab existiert nicht\n", "42P01",
            "Relation \u00bbx\u00ab existiert nicht"},
           {"connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  53300: sorry, too "
            "many clients already\nLOCATION:  InitProcess\n",
            "53300", "sorry, too many clients already"},
           {"ERROR:  XX000: found:  12345: again\n", "XX000", "found:  12345: again"},
           {"connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the "
            "server running?\n",
            "", "connection to server at \"127.0.0.1\", port 1 failed: Connection refused"},
           {"server closed the connection unexpectedly\n\tThis probably means\n", "",
            "server closed the connection unexpectedly"},
           {"ERROR:  no: code\n", "", "ERROR:  no: code"},
           {"ERROR:  23505", "", "ERROR:  23505"},
           {"", "", ""},
       }) {
    const SqlErrorText parsed = SqlErrorText::parse(each.text);
    EXPECT_EQ(parsed.sqlstate.text(), each.sqlstate) << each.text;
    EXPECT_EQ(parsed.message, each.message) << each.text;
  }
}

}  // namespace

}  // namespace firedrill::adapters
