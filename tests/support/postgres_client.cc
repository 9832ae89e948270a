#include "tests/support/postgres_client.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace firedrill::test {

namespace {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};

PostgresError error_of(const PGresult& result) {
  const auto field = [&](int code) {
    const char* text = PQresultErrorField(&result, code);
    return std::string(text == nullptr ? "" : text);
  };
  return {.sqlstate = field(PG_DIAG_SQLSTATE),
          .message = field(PG_DIAG_MESSAGE_PRIMARY),
          .detail = field(PG_DIAG_MESSAGE_DETAIL),
          .hint = field(PG_DIAG_MESSAGE_HINT),
          .position = std::atoi(field(PG_DIAG_STATEMENT_POSITION).c_str())};
}

void read_rows(const PGresult& result, PostgresResult& into) {
  const int columns = PQnfields(&result);
  for (int column = 0; column < columns; ++column) {
    into.names.emplace_back(PQfname(&result, column));
    into.types.push_back(PQftype(&result, column));
  }
  for (int row = 0; row < PQntuples(&result); ++row) {
    auto& values = into.rows.emplace_back(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(&result, row, column) != 0) continue;
      values[static_cast<std::size_t>(column)] = PQgetvalue(&result, row, column);
    }
  }
}

}  // namespace

void PostgresClient::Finish::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

PostgresClient::PostgresClient(const std::string& connection)
    : connection_(PQconnectdb(connection.c_str())),
      notices_(std::make_unique<std::vector<PostgresNotice>>()) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) broken();
  const auto receive = [](void* to, const PGresult* notice) {
    static_cast<std::vector<PostgresNotice>*>(to)->push_back(
        {PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED), error_of(*notice)});
  };
  PQsetNoticeReceiver(connection_.get(), receive, notices_.get());
}

std::vector<PostgresResult> PostgresClient::query(const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) broken();
  std::vector<PostgresResult> results;
  while (const std::unique_ptr<PGresult, Clear> result{PQgetResult(connection_.get())}) {
    results.push_back(read(*result));
  }
  if (PQstatus(connection_.get()) != CONNECTION_OK) broken();
  if (results.empty()) return results;
  results.front().notices = std::exchange(*notices_, {});
  struct Free {
    void operator()(PGnotify* notification) const { PQfreemem(notification); }
  };
  while (const std::unique_ptr<PGnotify, Free> each{PQnotifies(connection_.get())}) {
    results.back().notifications.push_back({each->relname, each->extra});
  }
  return results;
}

PostgresResult PostgresClient::read(const pg_result& result) const {
  PostgresResult read;
  switch (PQresultStatus(&result)) {
    case PGRES_EMPTY_QUERY: break;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      read.tag = PQcmdStatus(const_cast<PGresult*>(&result));
      read_rows(result, read);
      break;
    case PGRES_FATAL_ERROR: read.error = error_of(result); break;
    default: throw std::runtime_error("an answer that this client does not know");
  }
  return read;
}

void PostgresClient::broken() const {
  throw std::runtime_error(std::string("PostgreSQL: ") + PQerrorMessage(connection_.get()));
}

}  // namespace firedrill::test
