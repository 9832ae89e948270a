#include "system/adapters/pqxx_connection.h"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <pqxx/connection_base>
#include <pqxx/connectionpolicy>
#include <pqxx/except>
#include <utility>
#include <vector>

#include "system/adapters/pqxx_dial.h"

namespace firedrill::adapters {

namespace {

using Kind = SqlFailure::Kind;

/// A connection that is there already, and that libpqxx does not make anew where it breaks: what
/// was prepared, and the transaction, would be another's.
class Given : public pqxx::connectionpolicy {
 public:
  explicit Given(PGconn* connection)
      : pqxx::connectionpolicy(std::string()), connection_(connection) {}

  PGconn* get() const { return connection_; }

  handle do_startconnect(handle) override {
    if (connection_ == nullptr || PQstatus(connection_) != CONNECTION_OK) {
      throw pqxx::broken_connection("the connection was lost");
    }
    return connection_;
  }
  handle do_disconnect(handle) noexcept override {
    if (PGconn* connection = std::exchange(connection_, nullptr)) PQfinish(connection);
    return nullptr;
  }

 private:
  PGconn* connection_;
};

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

SqlRows rows_of(const Result& result) {
  const PGresult* rows = result.get();
  const int width = PQnfields(rows);
  std::vector<SqlRows::Cell> cells;
  cells.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(PQntuples(rows)));
  for (int row = 0; row < PQntuples(rows); ++row) {
    for (int column = 0; column < width; ++column) {
      if (PQgetisnull(rows, row, column) != 0) {
        cells.emplace_back();
      } else {
        cells.emplace_back(std::in_place, PQgetvalue(rows, row, column),
                           static_cast<std::size_t>(PQgetlength(rows, row, column)));
      }
    }
  }
  const std::string_view count = PQcmdTuples(result.get());  // empty where none is counted
  std::uint64_t affected = 0;
  std::from_chars(count.data(), count.data() + count.size(), affected);
  return {static_cast<std::size_t>(width), std::move(cells), affected};
}

bool is_value(const Result& result) {
  const auto status = PQresultStatus(result.get());
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

std::string field_of(const Result& result, int code) {
  const char* text = PQresultErrorField(result.get(), code);
  return text == nullptr ? std::string() : std::string(text);
}

bool has_nul(const SqlParameters& parameters) {
  return std::ranges::any_of(parameters, [](const SqlValue& value) {
    return value.text() && value.text()->find('\0') != std::string::npos;
  });
}

/// libpq would end the text at the NUL. The server refuses it, were it sent: so let it refuse.
constexpr std::string_view kRefuseNul = "SELECT convert_from('\\x00', 'UTF8')";

std::vector<const char*> pointers_to(const SqlParameters& parameters) {
  std::vector<const char*> pointers;
  pointers.reserve(parameters.size());
  for (const SqlValue& value : parameters) {
    pointers.push_back(value.text() ? value.text()->c_str() : nullptr);
  }
  return pointers;
}

/// The plan was made for a table that has changed, or somebody has discarded it.
bool is_stale_plan(const SqlAnswer& answer) {
  return !answer && (answer.error().sqlstate == SqlState("0A000") ||
                     answer.error().sqlstate == SqlState("26000"));
}

}  // namespace

class PqxxConnection::Link final : private Given, public pqxx::connection_base {
 public:
  explicit Link(PGconn* connection)
      : Given(connection), pqxx::connection_base(static_cast<Given&>(*this)) {
    try {
      init();
    } catch (...) {
      do_disconnect(nullptr);
      throw;
    }
  }
  ~Link() override { close(); }

  PGconn* raw() const { return Given::get(); }
};

PqxxConnection::PqxxConnection(PqxxBreaker& breaker, std::unique_ptr<Link> link)
    : breaker_(breaker), link_(std::move(link)) {}

PqxxConnection::~PqxxConnection() {
  link_.reset();
  breaker_.let_go();
}

std::expected<std::unique_ptr<PqxxConnection>, SqlFailure> PqxxConnection::connect(
    const PqxxOptions& options, PqxxBreaker& breaker) {
  const auto dialled = dial(options, breaker);
  if (!dialled) return std::unexpected(dialled.error());
  const SqlFailure lost{Kind::no_connection, {}, "the connection was lost at once", false};
  try {
    std::unique_ptr<PqxxConnection> connection(
        new PqxxConnection(breaker, std::make_unique<Link>(*dialled)));
    const bool held = breaker.hold(PQsocket(connection->link_->raw()));
    if (held && connection->set_up(options)) return connection;
  } catch (const pqxx::pqxx_exception&) {
  }
  return std::unexpected(lost);
}

bool PqxxConnection::set_up(const PqxxOptions& options) {
  const auto ms = std::to_string(std::max<std::int64_t>(to_ms(options.client_check), 1));
  // Before PostgreSQL 14, and where the system cannot do so, the server does not look.
  const SqlAnswer checked = run_script("SET client_connection_check_interval = " + ms);
  const SqlAnswer done = run_script(
      "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; "
      "SET bytea_output = 'hex'; SET extra_float_digits = 1");
  return done.has_value() && alive();
}

/// libpqxx keeps the connection, and statements go past it: 6.4 never frees the result of one whose
/// connection breaks (it asks for the encoding first, and that throws), and nobody else may make a
/// pqxx::result of one.
template <class Send>
SqlAnswer PqxxConnection::ask(Send send) {
  if (!alive() || breaker_.hung_up()) {
    out_of_step_ = true;
    return std::unexpected(SqlFailure{Kind::broken, {}, "the connection was lost before", false});
  }
  const Result result(send(link_->raw()));
  if (is_value(result)) return rows_of(result);
  const SqlState state(field_of(result, PG_DIAG_SQLSTATE));
  std::string message = field_of(result, PG_DIAG_MESSAGE_PRIMARY);
  if (state == SqlState()) {
    out_of_step_ = true;  // libpq's own, or COPY, which is no statement here
    message = SqlErrorText::parse(PQerrorMessage(link_->raw())).message;
  }
  return std::unexpected(
      SqlFailure{alive() ? Kind::answered : Kind::broken, state, std::move(message)});
}

SqlAnswer PqxxConnection::prepare(std::string_view text) {
  const std::string whole(text);
  const std::string name = "s" + std::to_string(next_name_++);
  SqlAnswer prepared = ask([&](PGconn* connection) {
    return PQprepare(connection, name.c_str(), whole.c_str(), 0, nullptr);
  });
  if (prepared) names_.emplace(whole, name);
  return prepared;
}

SqlAnswer PqxxConnection::run(std::string_view text, const SqlParameters& parameters) {
  if (has_nul(parameters)) return run_script(kRefuseNul);
  if (!names_.contains(text)) {
    if (SqlAnswer prepared = prepare(text); !prepared) return prepared;
  }
  const auto known = names_.find(text);
  const auto pointers = pointers_to(parameters);
  SqlAnswer answer = ask([&](PGconn* connection) {
    return PQexecPrepared(connection, known->second.c_str(), static_cast<int>(pointers.size()),
                          pointers.data(), nullptr, nullptr, 0);
  });
  if (is_stale_plan(answer)) names_.erase(known);  // prepared under another name the next time
  return answer;
}

SqlAnswer PqxxConnection::run_script(std::string_view text) {
  return ask([whole = std::string(text)](PGconn* connection) {
    return PQexec(connection, whole.c_str());
  });
}

SqlAnswer PqxxConnection::commit() {
  if (PQtransactionStatus(link_->raw()) != PQTRANS_INERROR) return run_script("COMMIT");
  SqlAnswer undone = run_script("ROLLBACK");
  if (!undone) {
    undone.error().sent = false;  // whatever became of it: nothing lasts
    return undone;
  }
  return std::unexpected(
      SqlFailure{Kind::answered, SqlState("25P02"), "rolled back: a statement before had failed"});
}

bool PqxxConnection::alive() const {
  if (out_of_step_ || link_->raw() == nullptr) return false;
  if (PQstatus(link_->raw()) != CONNECTION_OK) return false;
  const auto state = PQtransactionStatus(link_->raw());
  return state == PQTRANS_IDLE || state == PQTRANS_INTRANS || state == PQTRANS_INERROR;
}

bool PqxxConnection::in_transaction() const {
  return alive() && PQtransactionStatus(link_->raw()) != PQTRANS_IDLE;
}

}  // namespace firedrill::adapters
