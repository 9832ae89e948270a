#include "system/adapters/pqxx_answer.h"

#include <algorithm>

namespace firedrill::adapters {

namespace {

using Kind = SqlFailure::Kind;

/// transaction_resolution_unknown and statement_completion_unknown.
bool leaves_open(SqlState state) {
  return state == SqlState("08007") || state == SqlState("40003");
}

Why why_of(const SqlFailure& failure) {
  switch (failure.kind) {
    case Kind::answered: return Why::by_server;
    case Kind::no_connection: return failure.sqlstate == SqlState() ? Why::refused : Why::by_server;
    case Kind::broken: return Why::reset;
    case Kind::timed_out: return Why::timed_out;
    case Kind::closed: return Why::closed;
  }
  return Why::reset;
}

bool may_last(const SqlFailure& failure) {
  switch (failure.kind) {
    case Kind::answered: return leaves_open(failure.sqlstate);
    case Kind::no_connection: return false;
    default: return failure.sent;
  }
}

bool is_code(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

std::variant<Refused, Unknown> classify(SqlStage stage, SqlFailure failure) {
  Why why = why_of(failure);
  if (stage != SqlStage::in_transaction && may_last(failure)) {
    return Unknown{why == Why::by_server ? Why::reset : why};
  }
  // A SQLSTATE is an answer. The last words of a connection that broke are none.
  const SqlState state = why == Why::by_server ? failure.sqlstate : SqlState();
  return Refused{why, state, std::move(failure.message)};
}

SqlErrorText SqlErrorText::parse(std::string_view text) {
  constexpr std::string_view kAfterSeverity = ":  ";
  constexpr std::size_t kCode = 5;
  SqlErrorText parsed;
  for (std::size_t at = text.find(kAfterSeverity); at != std::string_view::npos;
       at = text.find(kAfterSeverity, at + 1)) {
    const std::string_view rest = text.substr(at + kAfterSeverity.size());
    if (rest.size() < kCode + 2 || rest.substr(kCode, 2) != ": ") continue;
    if (!is_code(rest.substr(0, kCode))) continue;
    parsed.sqlstate = SqlState(rest);
    text = rest.substr(kCode + 2);
    break;
  }
  parsed.message = text.substr(0, text.find('\n'));
  return parsed;
}

}  // namespace firedrill::adapters
