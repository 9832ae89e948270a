#include "sim/postgres/extended.h"

#include <algorithm>
#include <array>

#include "sim/postgres/query/statement_kind.h"
#include "sim/postgres/session.h"
#include "sim/postgres/values/binary_form.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kProtocolViolation = "08P01";

/// "SELECT 5" with another count.
std::string with_count(const std::string& tag, std::size_t count) {
  const std::size_t blank = tag.rfind(' ');
  return tag.substr(0, blank + 1) + std::to_string(count);
}

/// Of statement and parameter number i: 0 where all are text, the only one, or its own.
std::int16_t format_of(const std::vector<std::int16_t>& formats, std::size_t index) {
  if (formats.empty()) return kTextFormat;
  return formats.size() == 1 ? formats[0] : formats.at(index);
}

void check_format(std::int16_t format) {
  if (format == kTextFormat || format == kBinaryFormat) return;
  fail(sqlstate::kInvalidParameterValue, "unsupported format code: " + std::to_string(format));
}

bool changes_in_with(const Query& query) {
  return std::ranges::any_of(query.ctes, [](const CommonTable& table) {
    return table.query->command != Query::Command::select;
  });
}

bool same_types(const std::vector<OutputColumn>& a, const std::vector<OutputColumn>& b) {
  return std::ranges::equal(a, b, [](const OutputColumn& left, const OutputColumn& right) {
    return left.type == right.type && left.name == right.name;
  });
}

std::vector<OutputColumn> output_of(const Query& query) {
  const bool gives_rows =
      query.command == Query::Command::select || !query.modification->returning.empty();
  return gives_rows ? query.output() : std::vector<OutputColumn>{};
}

}  // namespace

void Session::run(const ExtendedRequest& request) {
  statement_time_ = clock_time();
  statement_began_ = shared_.now;
  StatementResult result;
  try {
    std::visit([&](const auto& each) { handle(each, result); }, request);
  } catch (const SqlError& error) {
    std::vector<Notice> notices = std::move(result.notices);
    result = {};
    result.notices = std::move(notices);
    result.error = error;
    fail_transaction();
  }
  for (Notice& notice : std::exchange(notices_, {})) result.notices.push_back(std::move(notice));
  if (!std::holds_alternative<SyncRequest>(request) || result.error) {
    results.push_back(std::move(result));
  }
}

void Session::refuse(const SqlError& error) {
  results.emplace_back().error = error;
  fail_transaction();
}

/// `is_bare`: with no parameters, which a failed transaction could not read.
void Session::require_healthy(const PgQuery__Node* statement, bool is_bare) const {
  if (!has_failed_ || statement == nullptr || (ends_transaction(statement) && is_bare)) return;
  fail(sqlstate::kInFailedSqlTransaction,
       "current transaction is aborted, commands ignored until end of transaction block");
}

std::shared_ptr<Prepared> Session::find_prepared(const std::string& name) const {
  if (name.empty()) {
    if (unnamed_ == nullptr) fail("26000", "unnamed prepared statement does not exist");
    return unnamed_;
  }
  const auto found = named_.find(name);
  if (found == named_.end()) fail("26000", "prepared statement \"" + name + "\" does not exist");
  return found->second;
}

std::shared_ptr<Session::Portal> Session::find_portal(const std::string& name) const {
  const auto found = portals_.find(name);
  if (found == portals_.end()) fail("34000", "portal \"" + name + "\" does not exist");
  return found->second;
}

/// Locks what it reads and writes, and analyses it anew where the catalogue has changed.
void Session::refresh(Prepared& prepared) {
  if (prepared.query == nullptr) return;
  if (lock_again(prepared)) return;
  const std::vector<OutputColumn> before = output_of(*prepared.query);
  Prepared fresh;
  fresh.tree = prepared.tree;
  fresh.statement = prepared.statement;
  fresh.declared = prepared.declared;
  fresh.parameters = prepared.parameters;
  analyze(fresh);
  if (!same_types(before, output_of(*fresh.query))) {
    fail(sqlstate::kFeatureNotSupported, "cached plan must not change result type");
  }
  prepared = std::move(fresh);
}

std::vector<OutputColumn> Session::columns_of(Prepared& prepared) {
  if (prepared.query != nullptr) return output_of(*prepared.query);
  if (prepared.statement == nullptr) return {};
  StatementResult shown;
  switch (prepared.statement->node_case) {
    case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
      show(*prepared.statement->variable_show_stmt, shown);
      return shown.columns;
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT: return explained_columns();
    case PG_QUERY__NODE__NODE_EXECUTE_STMT:
      return columns_of(*find_prepared(prepared.statement->execute_stmt->name));
    default: return {};
  }
}

// --- Parse ---------------------------------------------------------------------------------------

void Session::handle(const ParseRequest& request, StatementResult&) {
  if (request.statement.empty()) unnamed_.reset();
  begin();
  check_utf8(request.sql);
  auto prepared = std::make_shared<Prepared>();
  prepared->tree = shared_.parses.parsed(request.sql);
  const auto statements = prepared->tree->statements();
  if (statements.size() > 1) {
    fail(sqlstate::kSyntaxError, "cannot insert multiple commands into a prepared statement");
  }
  if (!statements.empty()) prepared->statement = statements[0]->stmt;
  require_healthy(prepared->statement);
  for (std::size_t i = 0; i < request.parameter_types.size(); ++i) {
    const auto type = static_cast<TypeId>(request.parameter_types[i]);
    const bool is_open = type == TypeId::none || type == TypeId::unknown;
    if (!is_open && find(type) == nullptr) {
      unsupported("parameter $" + std::to_string(i + 1) + " of type " +
                  std::to_string(request.parameter_types[i]));
    }
    prepared->parameters.push_back(is_open ? TypeId::unknown : type);
  }
  prepared->declared = prepared->parameters;
  if (prepared->statement != nullptr && is_query(prepared->statement)) analyze(*prepared);
  if (request.statement.empty()) {
    unnamed_ = std::move(prepared);
  } else if (!named_.emplace(request.statement, std::move(prepared)).second) {
    fail("42P05", "prepared statement \"" + request.statement + "\" already exists");
  }
}

// --- Bind ----------------------------------------------------------------------------------------

Value Session::read_parameter(const BindRequest& request, std::size_t index, TypeId type) const {
  const auto& given = request.parameters[index];
  if (!given) return {};
  const std::int16_t format = format_of(request.parameter_formats, index);
  const std::string number = std::to_string(index + 1);
  try {
    check_format(format);
    if (format == kTextFormat) return from_text(*this, Type{type, -1}, *given);
    BinaryReader bytes(*given);
    Value value = from_binary(*this, Type{type, -1}, bytes);
    if (bytes.left() > 0) {
      fail("22P03", "incorrect binary data format in bind parameter " + number);
    }
    return value;
  } catch (SqlError& error) {
    const bool is_read = format == kTextFormat && error.sqlstate != "22021";
    error.context =
        (request.portal.empty() ? "unnamed portal" : "portal \"" + request.portal + "\"") +
        " parameter $" + number + (is_read ? " = '...'" : "");
    throw;
  }
}

void Session::handle(const BindRequest& request, StatementResult&) {
  begin();
  auto portal = std::make_shared<Portal>();
  portal->prepared = find_prepared(request.statement);
  Prepared& prepared = *portal->prepared;
  const std::size_t given = request.parameters.size();
  const auto bind_message = [](std::string rest) {
    fail(kProtocolViolation, "bind message " + std::move(rest));
  };
  if (request.parameter_formats.size() > 1 && request.parameter_formats.size() != given) {
    bind_message("has " + std::to_string(request.parameter_formats.size()) +
                 " parameter formats but " + std::to_string(given) + " parameters");
  }
  if (given != prepared.parameters.size()) {
    bind_message("supplies " + std::to_string(given) + " parameters, but prepared statement \"" +
                 request.statement + "\" requires " + std::to_string(prepared.parameters.size()));
  }
  require_healthy(prepared.statement, given == 0);
  if (request.portal.empty()) {
    portals_.erase("");
  } else if (portals_.contains(request.portal)) {
    fail("42P03", "cursor \"" + request.portal + "\" already exists");
  }
  for (std::size_t i = 0; i < given; ++i) {
    portal->parameters.push_back(read_parameter(request, i, prepared.parameters[i]));
  }
  refresh(prepared);
  portal->columns = columns_of(prepared);
  if (request.result_formats.size() > 1 &&
      request.result_formats.size() != portal->columns.size()) {
    bind_message("has " + std::to_string(request.result_formats.size()) +
                 " result formats but query has " + std::to_string(portal->columns.size()) +
                 " columns");
  }
  for (std::size_t i = 0; i < portal->columns.size(); ++i) {
    const std::int16_t format = format_of(request.result_formats, i);
    const TypeId type = portal->columns[i].type.id;
    if (format == kBinaryFormat && !has_binary_form(*this, type)) {
      unsupported("binary output of type " + title(type));
    }
    portal->formats.push_back(format);
  }
  if (prepared.query != nullptr && prepared.query->command == Query::Command::select &&
      !changes_in_with(*prepared.query)) {
    portal->snapshot = statement_snapshot();
  }
  portal->depth = savepoints_.size();
  portals_[request.portal] = std::move(portal);
}

// --- Describe, Close -----------------------------------------------------------------------------

void Session::handle(const DescribeRequest& request, StatementResult& result) {
  begin();
  if (request.is_portal) {
    const std::shared_ptr<Portal> portal = find_portal(request.name);
    if (!portal->columns.empty()) require_healthy(portal->prepared->statement, false);
    result.columns = portal->columns;
    result.formats = portal->formats;
  } else {
    const std::shared_ptr<Prepared> prepared = find_prepared(request.name);
    result.columns = columns_of(*prepared);
    if (!result.columns.empty()) require_healthy(prepared->statement, false);
    refresh(*prepared);
    result.parameters = prepared->parameters;
    result.formats.assign(result.columns.size(), kTextFormat);
  }
  result.returns_rows = !result.columns.empty();
}

void Session::handle(const CloseRequest& request, StatementResult&) {
  if (request.is_portal) {
    portals_.erase(request.name);
  } else if (request.name.empty()) {
    unnamed_.reset();
  } else {
    named_.erase(request.name);
  }
}

void Session::close_portals_within(std::size_t depth) {
  std::erase_if(portals_, [&](const auto& each) { return each.second->depth >= depth; });
}

// --- Execute -------------------------------------------------------------------------------------

/// To its end, whatever the limit: rows that are not asked for yet are kept. What goes wrong after
/// as many rows as are asked for is kept, too.
void Session::run_portal(Portal& portal, std::int32_t most_rows) {
  Prepared& prepared = *portal.prepared;
  StatementResult made;
  if (prepared.query == nullptr) {
    execute(prepared.tree, prepared.statement, made, nullptr);
    if (made.returns_rows && portal.columns.empty()) {
      unsupported("this statement by the extended protocol");
    }
  } else {
    refresh(prepared);
    try {
      run_query(prepared, portal.parameters, made, std::exchange(portal.snapshot, std::nullopt));
    } catch (const SqlError& error) {
      if (most_rows <= 0 || made.rows.size() < static_cast<std::size_t>(most_rows)) throw;
      portal.failure = error;
    }
  }
  if (is_open_) {
    run_row_events();
    ++actor_.command;
  }
  portal.ran = std::move(made);
}

void Session::hand_out(Portal& portal, std::int32_t most_rows, StatementResult& result) {
  StatementResult& ran = *portal.ran;
  const std::size_t left = ran.rows.size() - portal.given;
  const std::size_t count =
      most_rows <= 0 ? left : std::min(left, static_cast<std::size_t>(most_rows));
  result.notices = std::exchange(ran.notices, {});
  result.copied = std::exchange(ran.copied, std::nullopt);
  result.columns = portal.columns;
  result.formats = portal.formats;
  result.returns_rows = ran.returns_rows;
  const auto first = ran.rows.begin() + static_cast<std::ptrdiff_t>(portal.given);
  std::move(first, first + static_cast<std::ptrdiff_t>(count), std::back_inserter(result.rows));
  portal.given += count;
  if (portal.failure && (most_rows <= 0 || count < static_cast<std::size_t>(most_rows))) {
    result.error = portal.failure;
    fail_transaction();
    return;
  }
  result.is_suspended =
      ran.returns_rows && most_rows > 0 && count == static_cast<std::size_t>(most_rows);
  if (result.is_suspended) return;
  const bool counts = portal.prepared->query != nullptr && ran.returns_rows;
  result.tag = counts ? with_count(ran.tag, count) : ran.tag;
}

void Session::handle(const ExecuteRequest& request, StatementResult& result) {
  const std::shared_ptr<Portal> portal = find_portal(request.portal);
  if (portal->prepared->statement == nullptr) return;
  begin();
  require_healthy(portal->prepared->statement);
  for (const std::int16_t format : portal->formats) check_format(format);
  if (!portal->ran) {
    run_portal(*portal, request.most_rows);
  } else if (!portal->ran->returns_rows) {
    fail(sqlstate::kObjectNotInPrerequisiteState,
         "portal \"" + request.portal + "\" cannot be run");
  }
  hand_out(*portal, request.most_rows, result);
  is_pipelined_ = is_open_ && !in_block_;
}

// --- Sync ----------------------------------------------------------------------------------------

void Session::handle(const SyncRequest&, StatementResult&) {
  is_pipelined_ = false;
  if (!in_block_) commit();
}

// --- Parameters that clients are told ------------------------------------------------------------

void Session::set_parameter(std::string_view name, std::string_view value) {
  set_setting(name, value);
}

std::vector<std::pair<std::string, std::string>> Session::changed_parameters() {
  static constexpr std::array<std::string_view, 13> kTold = {"application_name",
                                                             "client_encoding",
                                                             "DateStyle",
                                                             "default_transaction_read_only",
                                                             "in_hot_standby",
                                                             "integer_datetimes",
                                                             "IntervalStyle",
                                                             "is_superuser",
                                                             "server_encoding",
                                                             "server_version",
                                                             "session_authorization",
                                                             "standard_conforming_strings",
                                                             "TimeZone"};
  std::vector<std::pair<std::string, std::string>> changed;
  if (told_ == settings_) return changed;
  const auto value_in = [](const Settings& settings, const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? nullptr : &found->second;
  };
  for (const std::string_view each : kTold) {
    const std::string name(each);
    const std::string* now = value_in(settings_, name);
    const std::string* before = told_ ? value_in(*told_, name) : nullptr;
    const bool is_same = now == nullptr || before == nullptr ? now == before : *now == *before;
    if (!told_ || !is_same) changed.emplace_back(name, setting(name));
  }
  told_ = settings_;
  return changed;
}

}  // namespace firedrill::sim::postgres
