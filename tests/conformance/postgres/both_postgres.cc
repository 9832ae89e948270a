#include "tests/conformance/postgres/both_postgres.h"

#include <libpq-fe.h>

#include <algorithm>
#include <stdexcept>

namespace firedrill::test {

namespace {

constexpr std::int64_t kNow_us = 653'000'000'000'000;
constexpr std::uint32_t kFirstOfUsers = 16384;
/// Schemas that come and go leave dead rows in the catalogue, through which every look-up goes.
constexpr std::int64_t kClearsBetweenVacuums = 100;

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};

std::string columns_text(const std::vector<std::pair<std::string, std::uint32_t>>& columns) {
  std::string text;
  for (const auto& [name, type] : columns) {
    text += (text.empty() ? "" : " | ") + name + ":" +
            (type < kFirstOfUsers ? std::to_string(type) : "own");
  }
  return text + '\n';
}

std::string rows_text(std::vector<std::string> rows, bool is_ordered) {
  if (!is_ordered) std::ranges::sort(rows);
  std::string text;
  for (const std::string& row : rows) text += row + '\n';
  return text;
}

void add_value(std::string& row, const std::optional<std::string>& value) {
  row += (row.empty() ? "" : " | ") + (value ? "'" + *value + "'" : "NULL");
}

struct ErrorFields {
  std::string sqlstate, message, detail, hint, schema, table, column, type, constraint;
  int position = 0;
};

SeenAnswer seen(const ErrorFields& error) {
  SeenAnswer answer;
  answer.sqlstate = error.sqlstate;
  answer.message = error.message;
  // No two servers number types alike.
  constexpr std::string_view kTypeIsGone = "cache lookup failed for type ";
  if (answer.message.starts_with(kTypeIsGone)) answer.message = kTypeIsGone;
  const auto field = [&](const char* name, const std::string& value) {
    if (!value.empty()) answer.rest += std::string(name) + ": " + value + '\n';
  };
  field("DETAIL", error.detail);
  field("HINT", error.hint);
  field("SCHEMA", error.schema);
  field("TABLE", error.table);
  field("COLUMN", error.column);
  field("TYPE", error.type);
  field("CONSTRAINT", error.constraint);
  if (error.position != 0) answer.position = "POSITION: " + std::to_string(error.position) + '\n';
  answer.text =
      "ERROR " + error.sqlstate + ": " + answer.message + '\n' + answer.rest + answer.position;
  answer.is_refusal = error.sqlstate == "0A000" &&
                      error.message.ends_with("is not supported by the simulated PostgreSQL");
  return answer;
}

}  // namespace

BothPostgres::BothPostgres() : connection_(PQconnectdb(server_.connection().c_str())) {
  if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_));
  PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
  // Whether and when it cleans up decides where new rows go, and so in which order they are found.
  command("ALTER SYSTEM SET autovacuum = off");
  command("SELECT pg_reload_conf()");
  // Checks of foreign keys are in the order of their triggers' names, which end in their oids:
  // which have one length from 100000 on, and are in order.
  command("SELECT count(lo_create(0)) FROM generate_series(1, 84000)");
  command("DELETE FROM pg_largeobject_metadata");
  command("SET synchronous_commit = off");
  command("SET jit = off");
}

BothPostgres::~BothPostgres() {
  PQfinish(connection_);
}

void BothPostgres::command(const char* sql) {
  const std::unique_ptr<PGresult, Clear> result{PQexec(connection_, sql)};
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(std::string(sql) + ": " + PQerrorMessage(connection_));
  }
}

void BothPostgres::clear() {
  if (PQtransactionStatus(connection_) != PQTRANS_IDLE) command("ROLLBACK");
  command("DEALLOCATE ALL");
  command(
      "DROP SCHEMA IF EXISTS s CASCADE; CREATE SCHEMA s; SET search_path = s; DISCARD SEQUENCES");
  if (++cleared_ % kClearsBetweenVacuums == 0) {
    for (const char* table :
         {"pg_class", "pg_attribute", "pg_depend", "pg_type", "pg_index", "pg_constraint",
          "pg_attrdef", "pg_trigger", "pg_shdepend", "pg_namespace", "pg_sequence", "pg_enum"}) {
      command((std::string("VACUUM pg_catalog.") + table).c_str());
    }
  }
  engine_ = std::make_unique<sim::postgres::Engine>();
  session_ = engine_->connect(kNow_us);
  engine_->query(session_, "CREATE SCHEMA s; SET search_path = s", kNow_us);
  engine_->take_results(session_);
}

SeenAnswer BothPostgres::ask_model(const GeneratedStatement& statement) {
  const std::string sql = without_marks(statement.text);
  if (statement.is_extended) {
    engine_->execute(session_, sql, statement.parameters, kNow_us);
  } else {
    engine_->query(session_, sql, kNow_us);
  }
  if (engine_->is_busy(session_)) throw std::runtime_error("the engine waits for nobody");
  const auto results = engine_->take_results(session_);
  if (results.empty()) return {.text = "nothing\n"};
  const sim::postgres::StatementResult& result = results.back();
  if (result.error) {
    const sim::postgres::SqlError& error = *result.error;
    return seen({error.sqlstate, error.message, error.detail, error.hint, error.schema, error.table,
                 error.column, error.data_type, error.constraint, error.position});
  }
  SeenAnswer answer;
  if (result.returns_rows) {
    std::vector<std::pair<std::string, std::uint32_t>> columns;
    for (const auto& column : result.columns) {
      columns.emplace_back(column.name, static_cast<std::uint32_t>(column.type.id));
    }
    std::vector<std::string> rows;
    for (const auto& values : result.rows) {
      std::string& row = rows.emplace_back();
      for (std::size_t i = 0; i < result.columns.size(); ++i) {
        add_value(row, engine_->text(session_, result.columns[i], values.at(i)));
      }
    }
    answer.text = columns_text(columns) + rows_text(std::move(rows), statement.is_ordered);
  }
  answer.text += result.tag + '\n';
  return answer;
}

SeenAnswer BothPostgres::ask_real(const GeneratedStatement& statement) {
  const std::string sql = without_marks(statement.text);
  std::vector<const char*> values;
  for (const auto& each : statement.parameters) values.push_back(each ? each->c_str() : nullptr);
  const std::unique_ptr<PGresult, Clear> result{
      statement.is_extended
          ? PQexecParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                         values.data(), nullptr, nullptr, 0)
          : PQexec(connection_, sql.c_str())};
  if (PQstatus(connection_) != CONNECTION_OK) {
    throw std::runtime_error("the real server is gone at: " + sql);
  }
  return read(*result, statement.is_ordered);
}

SeenAnswer BothPostgres::read(const pg_result& result, bool is_ordered) const {
  if (PQresultStatus(&result) == PGRES_FATAL_ERROR) {
    const auto field = [&](int code) {
      const char* text = PQresultErrorField(&result, code);
      return std::string(text == nullptr ? "" : text);
    };
    return seen({field(PG_DIAG_SQLSTATE), field(PG_DIAG_MESSAGE_PRIMARY),
                 field(PG_DIAG_MESSAGE_DETAIL), field(PG_DIAG_MESSAGE_HINT),
                 field(PG_DIAG_SCHEMA_NAME), field(PG_DIAG_TABLE_NAME), field(PG_DIAG_COLUMN_NAME),
                 field(PG_DIAG_DATATYPE_NAME), field(PG_DIAG_CONSTRAINT_NAME),
                 std::atoi(field(PG_DIAG_STATEMENT_POSITION).c_str())});
  }
  SeenAnswer answer;
  if (PQresultStatus(&result) == PGRES_TUPLES_OK) {
    std::vector<std::pair<std::string, std::uint32_t>> columns;
    for (int i = 0; i < PQnfields(&result); ++i) {
      columns.emplace_back(PQfname(&result, i), PQftype(&result, i));
    }
    std::vector<std::string> rows;
    for (int i = 0; i < PQntuples(&result); ++i) {
      std::string& row = rows.emplace_back();
      for (int k = 0; k < PQnfields(&result); ++k) {
        add_value(row, PQgetisnull(&result, i, k) != 0
                           ? std::nullopt
                           : std::optional<std::string>(PQgetvalue(&result, i, k)));
      }
    }
    answer.text = columns_text(columns) + rows_text(std::move(rows), is_ordered);
  }
  answer.text += std::string(PQcmdStatus(const_cast<PGresult*>(&result))) + '\n';
  return answer;
}

}  // namespace firedrill::test
