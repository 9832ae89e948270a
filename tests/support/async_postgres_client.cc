#include "tests/support/async_postgres_client.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <stdexcept>

namespace firedrill::test {

namespace {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};

std::string field(const PGresult& result, int code) {
  const char* text = PQresultErrorField(&result, code);
  return text == nullptr ? "" : text;
}

PostgresError error_of(const PGresult& result) {
  return {.sqlstate = field(result, PG_DIAG_SQLSTATE),
          .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
          .detail = field(result, PG_DIAG_MESSAGE_DETAIL),
          .hint = field(result, PG_DIAG_MESSAGE_HINT),
          .position = std::atoi(field(result, PG_DIAG_STATEMENT_POSITION).c_str())};
}

PostgresResult read_result(PGresult& result) {
  PostgresResult read;
  switch (PQresultStatus(&result)) {
    case PGRES_EMPTY_QUERY: return read;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK: break;
    default: read.error = error_of(result); return read;
  }
  read.tag = PQcmdStatus(&result);
  const int columns = PQnfields(&result);
  for (int column = 0; column < columns; ++column) {
    read.names.emplace_back(PQfname(&result, column));
    read.types.push_back(PQftype(&result, column));
  }
  for (int row = 0; row < PQntuples(&result); ++row) {
    auto& values = read.rows.emplace_back(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(&result, row, column) != 0) continue;
      values[static_cast<std::size_t>(column)] = PQgetvalue(&result, row, column);
    }
  }
  return read;
}

}  // namespace

void AsyncPostgresClient::Finish::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

AsyncPostgresClient::AsyncPostgresClient(const std::string& connection)
    : connection_(PQconnectdb(connection.c_str())) {
  if (is_broken()) {
    throw std::runtime_error(std::string("PostgreSQL: ") + PQerrorMessage(connection_.get()));
  }
  PQsetNoticeReceiver(connection_.get(), hear, this);
}

AsyncPostgresClient::~AsyncPostgresClient() = default;

int AsyncPostgresClient::socket() const {
  return PQsocket(connection_.get());
}

int AsyncPostgresClient::backend() const {
  return PQbackendPID(connection_.get());
}

bool AsyncPostgresClient::is_broken() const {
  return PQstatus(connection_.get()) != CONNECTION_OK;
}

void AsyncPostgresClient::send(const std::string& sql) {
  is_busy_ = PQsendQuery(connection_.get(), sql.c_str()) != 0;
  is_waiting_ = false;
}

bool AsyncPostgresClient::read() {
  const std::size_t heard_before = heard_;
  const bool was_busy = is_busy_;
  const bool is_over = PQconsumeInput(connection_.get()) == 0;
  // This takes notices, too, where nothing is asked.
  while (PQisBusy(connection_.get()) == 0 && is_busy_) {
    const std::unique_ptr<PGresult, Clear> result{PQgetResult(connection_.get())};
    ++heard_;
    if (result == nullptr) {
      is_busy_ = is_waiting_ = false;
    } else {
      results_.push_back(read_result(*result));
    }
  }
  if (is_over) is_busy_ = false;
  return heard_ != heard_before || is_busy_ != was_busy;
}

/// ProcSleep() tells, once it has looked for a deadlock, and when it has slept for the last time.
void AsyncPostgresClient::hear(void* self, const PGresult* notice) {
  auto& client = *static_cast<AsyncPostgresClient*>(self);
  ++client.heard_;
  const std::string severity = field(*notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == "WARNING" || severity == "NOTICE") {
    client.notices_.push_back({severity, error_of(*notice)});
  }
  if (severity == "FATAL") client.results_.push_back(read_result(const_cast<PGresult&>(*notice)));
  if (severity != "LOG") return;
  const std::string message = field(*notice, PG_DIAG_MESSAGE_PRIMARY);
  if (message.find(" still waiting for ") != std::string::npos) client.is_waiting_ = true;
  if (message.find(" acquired ") != std::string::npos) client.is_waiting_ = false;
}

}  // namespace firedrill::test
