#include "tests/conformance/postgres/answer.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace firedrill::test {

namespace {

using sim::postgres::Engine;
using sim::postgres::SessionId;
using sim::postgres::StatementResult;

/// 2020-09-13; scripts have no use for it but that it stands still.
constexpr std::int64_t kNow_us = 653'000'000'000'000;
constexpr std::uint32_t kFirstOfUsers = 16384;

PostgresError in_client_form(const sim::postgres::SqlError& error) {
  return {.sqlstate = error.sqlstate,
          .message = error.message,
          .detail = error.detail,
          .hint = error.hint,
          .position = error.position};
}

PostgresResult in_client_form(const Engine& engine, SessionId session,
                              const StatementResult& result) {
  PostgresResult form;
  form.tag = result.tag;
  if (result.error) {
    form.error = in_client_form(*result.error);
    return form;
  }
  if (!result.returns_rows) return form;
  for (const auto& column : result.columns) {
    form.names.push_back(column.name);
    form.types.push_back(static_cast<std::uint32_t>(column.type.id));
  }
  for (const auto& row : result.rows) {
    auto& texts = form.rows.emplace_back();
    for (std::size_t i = 0; i < result.columns.size(); ++i) {
      texts.push_back(engine.text(session, result.columns[i], row.at(i)));
    }
  }
  return form;
}

/// Whether ORDER BY stands outside of all parentheses.
bool orders_rows(std::string_view sql) {
  std::string outside;
  int depth = 0;
  for (const char c : sql) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (depth == 0) outside += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return outside.find("ORDER BY") != std::string::npos;
}

std::string describe_columns(const PostgresResult& result) {
  std::string text;
  for (std::size_t i = 0; i < result.names.size(); ++i) {
    const std::uint32_t type = result.types.at(i);
    text += (i == 0 ? "" : " | ") + result.names[i] + ":" +
            (type < kFirstOfUsers ? std::to_string(type) : "own");
  }
  return text;
}

std::vector<std::string> describe_rows(const PostgresResult& result, bool in_order) {
  std::vector<std::string> lines;
  for (const auto& row : result.rows) {
    std::string& line = lines.emplace_back();
    for (const auto& value : row) {
      line += (&value == row.data() ? "" : " | ") + (value ? "'" + *value + "'" : "NULL");
    }
  }
  if (!in_order) std::ranges::sort(lines);
  return lines;
}

std::string describe(std::string_view severity, const PostgresError& error) {
  std::string text = std::string(severity) + " " + error.sqlstate + ": " + error.message + '\n';
  if (!error.detail.empty()) text += "DETAIL: " + error.detail + '\n';
  return text;
}

std::string describe(const PostgresResult& result, bool in_order) {
  std::string text;
  for (const PostgresNotice& notice : result.notices) {
    text += describe(notice.severity, notice.message);
  }
  if (result.error) return text + describe("ERROR", *result.error);
  if (!result.names.empty()) text += describe_columns(result) + '\n';
  for (const std::string& line : describe_rows(result, in_order)) text += line + '\n';
  text += result.tag + '\n';
  for (const PostgresNotification& each : result.notifications) {
    text += "NOTIFICATION " + each.channel + " '" + each.payload + "'\n";
  }
  return text;
}

}  // namespace

std::vector<PostgresResult> ask_engine(Engine& engine, SessionId session, std::string_view sql) {
  engine.query(session, sql, kNow_us);
  if (engine.is_busy(session)) throw std::runtime_error("the engine waits for nobody");
  return take_answers(engine, session);
}

std::vector<PostgresResult> take_answers(Engine& engine, SessionId session) {
  std::vector<PostgresResult> results;
  for (const StatementResult& result : engine.take_results(session)) {
    results.push_back(in_client_form(engine, session, result));
    for (const auto& notice : result.notices) {
      results.front().notices.push_back({notice.severity, in_client_form(notice.message)});
    }
  }
  if (results.empty()) return results;
  for (const auto& each : engine.take_notifications(session)) {
    results.back().notifications.push_back({each.channel, each.payload});
  }
  return results;
}

std::string describe(const std::vector<PostgresResult>& results, std::string_view sql) {
  std::string text;
  for (const PostgresResult& result : results) text += describe(result, orders_rows(sql));
  return text;
}

bool is_refusal(const std::vector<PostgresResult>& results) {
  return !results.empty() && results.back().error && results.back().error->sqlstate == "0A000" &&
         results.back().error->message.ends_with("is not supported by the simulated PostgreSQL");
}

}  // namespace firedrill::test
