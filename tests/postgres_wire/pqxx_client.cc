#include "tests/postgres_wire/pqxx_client.h"

#include <pqxx/pqxx>

namespace firedrill::test {

std::string run_pqxx(const std::string& connection) {
  std::string heard;
  const auto add = [&](const pqxx::result& result) {
    for (const auto& row : result) {
      for (const auto& field : row)
        heard += field.is_null() ? "NULL|" : field.as<std::string>() + "|";
      heard += "\n";
    }
    heard += std::to_string(result.affected_rows()) + "\n";
  };
  pqxx::connection client(connection);
  heard += std::to_string(client.protocol_version()) + "\n";
  {
    pqxx::work work(client);
    add(work.exec("drop table if exists pqxx_t"));
    add(work.exec("create table pqxx_t (id int primary key, name text, price numeric(8, 2))"));
    add(work.exec_params("insert into pqxx_t values ($1, $2, $3)", 1, "one", 1.5));
    work.commit();
  }
  client.prepare("insert", "insert into pqxx_t values ($1, $2, $3) returning id");
  client.prepare("find", "select * from pqxx_t where id = $1");
  {
    pqxx::work work(client);
    add(work.exec_prepared("insert", 2, "two", 2.25));
    add(work.exec_prepared("insert", 3, nullptr, nullptr));
    add(work.exec_prepared("find", 3));
    add(work.exec_prepared("find", 2));
    work.commit();
  }
  try {
    pqxx::work work(client);
    add(work.exec_prepared("insert", 1, "again", 0));
  } catch (const pqxx::unique_violation& error) {
    heard += std::string(error.sqlstate()) + " " + error.what() + "\n";
  }
  {
    pqxx::work work(client);
    pqxx::stream_to stream(work, "pqxx_t");
    for (int i = 10; i < 13; ++i) stream << std::make_tuple(i, "many\t\\", i * 2);
    stream.complete();
    add(work.exec("select * from pqxx_t order by id"));
    work.commit();
  }
  {
    pqxx::nontransaction work(client);
    pqxx::pipeline pipeline(work);
    const auto first = pipeline.insert("select 1");
    const auto second = pipeline.insert("select 2");
    add(pipeline.retrieve(second));
    add(pipeline.retrieve(first));
  }
  try {
    pqxx::work work(client);
    add(work.exec("select * from pqxx_nothing"));
  } catch (const pqxx::undefined_table& error) {
    heard += std::string(error.what()) + "\n";
  }
  pqxx::work work(client);
  add(work.exec("drop table pqxx_t"));
  work.commit();
  return heard;
}

}  // namespace firedrill::test
