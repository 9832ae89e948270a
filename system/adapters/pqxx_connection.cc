#include "system/adapters/pqxx_connection.h"

#include <libpq-fe.h>

#include <algorithm>
#include <exception>
#include <pqxx/connection_base>
#include <pqxx/connectionpolicy>
#include <pqxx/nontransaction>
#include <pqxx/prepared_statement>
#include <pqxx/result>
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

SqlRows rows_of(const pqxx::result& result) {
  const auto width = static_cast<std::size_t>(result.columns());
  std::vector<SqlRows::Cell> cells;
  cells.reserve(width * result.size());
  for (const auto& row : result) {
    for (const auto& field : row) {
      if (field.is_null()) {
        cells.emplace_back();
      } else {
        cells.emplace_back(std::in_place, field.c_str(), field.size());
      }
    }
  }
  return {width, std::move(cells), static_cast<std::uint64_t>(result.affected_rows())};
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
    transaction.emplace(*this);
  }
  ~Link() {
    transaction.reset();
    close();
  }

  PGconn* raw() const { return Given::get(); }

  /// No transaction: what one may ask of a connection is asked of these.
  std::optional<pqxx::nontransaction> transaction;
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

template <class Ask>
SqlAnswer PqxxConnection::ask(Ask ask) {
  if (!alive() || breaker_.hung_up()) {
    out_of_step_ = true;
    return std::unexpected(SqlFailure{Kind::broken, {}, "the connection was lost before", false});
  }
  try {
    return rows_of(ask());
  } catch (const pqxx::pqxx_exception& problem) {
    SqlErrorText text = SqlErrorText::parse(problem.base().what());
    out_of_step_ = text.sqlstate == SqlState();
    const Kind kind = alive() ? Kind::answered : Kind::broken;
    return std::unexpected(SqlFailure{kind, text.sqlstate, std::move(text.message)});
  }
}

const std::string& PqxxConnection::name_of(std::string_view text) {
  if (const auto known = names_.find(text); known != names_.end()) return known->second;
  const auto added = names_.emplace(text, "s" + std::to_string(next_name_++)).first;
  link_->prepare(added->second, added->first);
  return added->second;
}

SqlAnswer PqxxConnection::run(std::string_view text, const SqlParameters& parameters) {
  if (has_nul(parameters)) return run_script(kRefuseNul);
  SqlAnswer answer = ask([&] {
    const auto pointers = pointers_to(parameters);
    return link_->transaction->exec_prepared(name_of(text),
                                             pqxx::prepare::make_dynamic_params(pointers));
  });
  // Prepared under another name the next time.
  if (is_stale_plan(answer)) names_.erase(names_.find(text));
  return answer;
}

SqlAnswer PqxxConnection::run_script(std::string_view text) {
  return ask([&] { return link_->transaction->exec(std::string(text)); });
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
