// What client libraries see, of a real server and of the model.

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/postgres_wire/pqxx_client.h"
#include "tests/postgres_wire/socket.h"
#include "tests/support/postgres_server.h"

namespace firedrill::test {
namespace {

/// A connection of libpq's, and all that was heard on it.
class Libpq {
 public:
  explicit Libpq(const std::string& connection) : connection_(PQconnectdb(connection.c_str())) {
    PQsetNoticeProcessor(get(), [](void*, const char*) {}, nullptr);
    heard = PQstatus(get()) == CONNECTION_OK ? "connected\n" : PQerrorMessage(get());
  }

  PGconn* get() const { return connection_.get(); }
  void add(PGresult* result) {
    if (result == nullptr) {
      heard += "-\n";
      return;
    }
    heard += PQresStatus(PQresultStatus(result));
    heard += std::string(" ") + PQcmdStatus(result) + " " + PQresultErrorMessage(result);
    for (int i = 0; i < PQnparams(result); ++i) {
      heard += " $" + std::to_string(PQparamtype(result, i));
    }
    for (int i = 0; i < PQnfields(result); ++i) {
      const char* name = PQfname(result, i);  // there is none while COPY goes on
      heard += std::string(" ") + (name == nullptr ? "" : name) + ":" +
               std::to_string(PQftype(result, i)) + "," + std::to_string(PQfmod(result, i)) + "," +
               std::to_string(PQfsize(result, i)) + "," + std::to_string(PQfformat(result, i));
    }
    heard += "\n";
    for (int row = 0; row < PQntuples(result); ++row) {
      for (int i = 0; i < PQnfields(result); ++i) add_value(result, row, i);
      heard += "\n";
    }
    PQclear(result);
  }
  void add_all() {
    while (PGresult* result = PQgetResult(get())) add(result);
    heard += std::string("status ") + std::to_string(PQtransactionStatus(get())) + "\n";
  }

  std::string heard;

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  void add_value(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column) != 0) {
      heard += "NULL|";
      return;
    }
    const auto size = static_cast<std::size_t>(PQgetlength(result, row, column));
    for (const char byte : std::string_view(PQgetvalue(result, row, column), size)) {
      heard += PQfformat(result, column) == 0
                   ? std::string(1, byte)
                   : std::to_string(static_cast<int>(static_cast<unsigned char>(byte))) + ".";
    }
    heard += "|";
  }

  std::unique_ptr<PGconn, Finish> connection_;
};

std::string prepared_statements(const std::string& connection) {
  Libpq client(connection);
  PGconn* pq = client.get();
  client.add(PQexec(pq, "create table pq_t (id int primary key, t text, f float8, b bytea)"));
  const Oid types[] = {23, 0, 0, 17};
  client.add(
      PQprepare(pq, "insert", "insert into pq_t values ($1, $2, $3, $4) returning *", 4, types));
  client.add(PQdescribePrepared(pq, "insert"));
  client.add(PQprepare(pq, "insert", "select 1", 0, nullptr));
  const std::string one = int32(1);
  const std::string real = std::string("\x3f\xf8\0\0\0\0\0\0", 8);
  const std::string bytes = std::string("\0\xff", 2);
  const char* values[] = {one.data(), "text", real.data(), bytes.data()};
  const int lengths[] = {4, 0, 8, 2};
  const int formats[] = {1, 0, 1, 1};
  for (const int result_format : {0, 1, 1}) {
    client.add(PQexecPrepared(pq, "insert", 4, values, lengths, formats, result_format));
  }
  const char* nulls[] = {"2", nullptr, nullptr, nullptr};
  client.add(PQexecPrepared(pq, "insert", 4, nulls, nullptr, nullptr, 1));
  const char* bad[] = {"two", nullptr, nullptr, nullptr};
  client.add(PQexecPrepared(pq, "insert", 4, bad, nullptr, nullptr, 1));
  client.add(PQexecPrepared(pq, "nothing", 0, nullptr, nullptr, nullptr, 0));
  const char* texts[] = {"a", "2024-01-02 03:04:05Z", "unknown"};
  client.add(PQexecParams(pq, "select $1 || 'x', $2::timestamptz, $3", 3, nullptr, texts, nullptr,
                          nullptr, 0));
  client.add(
      PQexecParams(pq, "select * from pq_t order by id", 0, nullptr, nullptr, nullptr, nullptr, 0));
  client.add(PQexec(pq, "alter table pq_t add column more int"));
  client.add(PQprepare(pq, "star", "select * from pq_t order by id", 0, nullptr));
  client.add(PQexec(pq, "alter table pq_t drop column more"));
  client.add(PQexecPrepared(pq, "star", 0, nullptr, nullptr, nullptr, 0));
  client.add(PQexec(pq, "deallocate all"));
  client.add(PQdescribePrepared(pq, "insert"));
  client.add(PQexec(pq, "drop table pq_t"));
  return client.heard;
}

std::string row_by_row(const std::string& connection) {
  Libpq client(connection);
  PGconn* pq = client.get();
  PQsendQuery(pq, "select x from generate_series(1, 3) x; select 'a'; select no_such");
  PQsetSingleRowMode(pq);
  client.add_all();
  const char* three = "3";
  PQsendQueryParams(pq, "select x from generate_series(1, $1::int) x", 1, nullptr, &three, nullptr,
                    nullptr, 1);
  PQsetSingleRowMode(pq);
  client.add_all();
  return client.heard;
}

std::string pipelines(const std::string& connection) {
  Libpq client(connection);
  PGconn* pq = client.get();
  client.add(PQexec(pq, "create table pq_p (id int primary key)"));
  client.heard += std::to_string(PQenterPipelineMode(pq)) + "\n";
  const std::vector<const char*> ids = {"1", "2", "2", "3"};
  PQsendPrepare(pq, "insert", "insert into pq_p values ($1) returning id", 0, nullptr);
  PQsendDescribePrepared(pq, "insert");
  for (const char* id : ids) {  // the third fails, and takes all with it
    PQsendQueryPrepared(pq, "insert", 1, &id, nullptr, nullptr, 0);
  }
  PQpipelineSync(pq);
  const char* four = "4";
  PQsendQueryPrepared(pq, "insert", 1, &four, nullptr, nullptr, 1);
  PQsendQueryParams(pq, "select count(*) from pq_p", 0, nullptr, nullptr, nullptr, nullptr, 0);
  PQpipelineSync(pq);
  PQsendQueryParams(pq, "begin", 0, nullptr, nullptr, nullptr, nullptr, 0);
  PQsendQueryParams(pq, "select nonsense", 0, nullptr, nullptr, nullptr, nullptr, 0);
  PQpipelineSync(pq);
  PQsendQueryParams(pq, "select 1", 0, nullptr, nullptr, nullptr, nullptr, 0);
  PQpipelineSync(pq);
  PQsendQueryParams(pq, "rollback", 0, nullptr, nullptr, nullptr, nullptr, 0);
  PQpipelineSync(pq);
  for (int nothings = 0, syncs = 0; syncs < 5 && nothings < 100;) {
    PGresult* result = PQgetResult(pq);
    if (result == nullptr) ++nothings;
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) ++syncs;
    client.add(result);
  }
  client.heard += std::to_string(PQexitPipelineMode(pq)) + "\n";
  client.add(PQexec(pq, "select * from pq_p"));
  client.add(PQexec(pq, "drop table pq_p"));
  return client.heard;
}

std::string copies(const std::string& connection) {
  Libpq client(connection);
  PGconn* pq = client.get();
  client.add(PQexec(pq, "create table pq_c (id int primary key, t text)"));
  const auto put = [&](const char* sql, const std::vector<std::string>& data, const char* failure) {
    client.add(PQexec(pq, sql));
    for (const std::string& each : data) {
      client.heard +=
          std::to_string(PQputCopyData(pq, each.data(), static_cast<int>(each.size()))) + "\n";
    }
    client.heard += std::to_string(PQputCopyEnd(pq, failure)) + "\n";
    client.add_all();
  };
  put("copy pq_c from stdin", {"1\ta\n", "2\t\\N\n"}, nullptr);
  put("copy pq_c from stdin", {"3\ta\n", "4\tb\n"}, "no more");
  put("copy pq_c from stdin", {"3\ta\n", "four\tb\n", std::string(100'000, 'x')}, nullptr);
  client.add(PQexec(pq, "copy pq_c to stdout"));
  char* line = nullptr;
  while (PQgetCopyData(pq, &line, 0) > 0) {
    client.heard += line;
    PQfreemem(line);
  }
  client.add_all();
  client.add(PQexec(pq, "drop table pq_c"));
  return client.heard;
}

/// A statement that waits, and is canceled.
std::string cancellation(const std::string& connection) {
  Libpq holder(connection);
  Libpq client(connection);
  holder.add(PQexec(holder.get(), "select pg_advisory_lock(7)"));
  PQsendQuery(client.get(), "select pg_advisory_lock(7)");
  PGcancel* cancel = PQgetCancel(client.get());
  // It may come before the statement: then there is nothing to cancel yet.
  char problem[256] = {};
  while (PQisBusy(client.get()) != 0) {
    PQcancel(cancel, problem, sizeof problem);
    PQconsumeInput(client.get());
  }
  PQfreeCancel(cancel);
  client.add_all();
  client.add(PQexec(client.get(), "select 'alive'"));
  return client.heard;
}

class Clients : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    real = std::make_unique<PostgresServer>();
    model = std::make_unique<PostgresWire>();
  }
  static void TearDownTestSuite() {
    model.reset();
    real.reset();
  }
  static void compare(std::string (*run)(const std::string&)) {
    const std::string expected = run(real->connection());
    EXPECT_GT(expected.size(), 20U);
    EXPECT_EQ(run(model->connection()), expected);
  }
  static std::unique_ptr<PostgresServer> real;
  static std::unique_ptr<PostgresWire> model;
};

std::unique_ptr<PostgresServer> Clients::real;
std::unique_ptr<PostgresWire> Clients::model;

TEST_F(Clients, LibpqPreparesStatements) {
  compare(prepared_statements);
}
TEST_F(Clients, LibpqReadsRowByRow) {
  compare(row_by_row);
}
TEST_F(Clients, LibpqPipelines) {
  compare(pipelines);
}
TEST_F(Clients, LibpqCopies) {
  compare(copies);
}
TEST_F(Clients, LibpqCancels) {
  compare(cancellation);
}
TEST_F(Clients, Libpqxx) {
  compare(run_pqxx);
}

}  // namespace
}  // namespace firedrill::test
