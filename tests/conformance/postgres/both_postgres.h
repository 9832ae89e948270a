#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/postgres/engine.h"
#include "tests/conformance/postgres/generated_grammar.h"
#include "tests/support/postgres_server.h"

struct pg_conn;
struct pg_result;

namespace firedrill::test {

/// What a statement answered, as text: all that a client can see of it.
struct SeenAnswer {
  std::string text = {};
  std::string sqlstate = {};  ///< empty: no error
  std::string message = {};
  std::string position = {};  ///< "", or where the error is
  std::string rest = {};      ///< DETAIL, HINT and the names of things
  bool is_refusal = false;
};

/// The engine beside a real server, each with one session, which are given the same statements.
class BothPostgres {
 public:
  BothPostgres();
  ~BothPostgres();
  BothPostgres(const BothPostgres&) = delete;
  BothPostgres& operator=(const BothPostgres&) = delete;

  /// An empty schema, and a session that remembers nothing, on both sides.
  void clear();
  /// The engine answers; throws what it throws.
  SeenAnswer ask_model(const GeneratedStatement& statement);
  SeenAnswer ask_real(const GeneratedStatement& statement);
  bool model_is_in_transaction() const { return engine_->transaction_status(session_) != 'I'; }

 private:
  SeenAnswer read(const pg_result& result, bool is_ordered) const;
  void command(const char* sql);

  PostgresServer server_;
  pg_conn* connection_ = nullptr;
  std::unique_ptr<sim::postgres::Engine> engine_;
  sim::postgres::SessionId session_ = 0;
  std::int64_t cleared_ = 0;
};

}  // namespace firedrill::test
