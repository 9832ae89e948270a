#include "sim/postgres/copy.h"

#include <algorithm>

#include "sim/postgres/copy_options.h"
#include "sim/postgres/copy_text.h"
#include "sim/postgres/session.h"
#include "sim/postgres/values/quoting.h"
#include "sim/postgres/values/text_form.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::string_view kBadFormat = "22P04";
using Fields = std::vector<std::optional<std::string>>;

/// What errors show of a line, or of a value.
std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 100;
  return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
}

/// Those that are named, or all that are not generated.
std::vector<std::size_t> copied_columns(const Table& table, NodeList names) {
  std::vector<std::size_t> columns;
  for (const PgQuery__Node* node : names) {
    const std::string name(string_of(node));
    const auto column = table.find_column(name);
    if (!column) {
      fail(sqlstate::kUndefinedColumn,
           "column \"" + name + "\" of relation \"" + table.name + "\" does not exist");
    }
    if (table.columns[*column].generated) {
      throw SqlError{.sqlstate = std::string(sqlstate::kInvalidColumnReference),
                     .message = "column \"" + name + "\" is a generated column",
                     .detail = "Generated columns cannot be used in COPY."};
    }
    if (std::ranges::find(columns, *column) != columns.end()) {
      fail(sqlstate::kDuplicateColumn, "column \"" + name + "\" specified more than once");
    }
    columns.push_back(*column);
  }
  if (!names.empty()) return columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].is_dropped && !table.columns[i].generated) columns.push_back(i);
  }
  return columns;
}

std::string qualified_name(const Table& table) {
  return quote_identifier(table.schema) + "." + quote_identifier(table.name);
}

std::string names_of(const Table& table, const std::vector<std::size_t>& columns) {
  std::string names;
  for (const std::size_t column : columns) {
    if (!names.empty()) names += ", ";
    names += quote_identifier(table.columns[column].name);
  }
  return names;
}

std::string insertion_of(const Table& table, const std::vector<std::size_t>& columns) {
  std::string sql = "INSERT INTO " + qualified_name(table);
  if (columns.empty()) return sql + " DEFAULT VALUES";
  sql += " (" + names_of(table, columns) + ") OVERRIDING SYSTEM VALUE VALUES (";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    sql += (i == 0 ? "$" : ", $") + std::to_string(i + 1);
  }
  return sql + ")";
}

/// By column of the COPY: whether an option names it.
std::vector<bool> named_by(const Table& table, const std::vector<std::size_t>& columns,
                           const std::vector<std::string>& names, std::string_view option) {
  std::vector<bool> named(columns.size(), false);
  for (const std::string& name : names) {
    const auto column = table.find_column(name);
    if (!column) {
      fail(sqlstate::kUndefinedColumn,
           "column \"" + name + "\" of relation \"" + table.name + "\" does not exist");
    }
    const auto at = std::ranges::find(columns, *column);
    if (at == columns.end()) {
      fail(sqlstate::kInvalidColumnReference,
           std::string(option) + " column \"" + name + "\" not referenced by COPY");
    }
    named[static_cast<std::size_t>(at - columns.begin())] = true;
  }
  return named;
}

void check_header(const Table& table, const std::vector<std::size_t>& columns,
                  const CopyOptions& options, const Fields& fields) {
  if (fields.size() != columns.size()) {
    fail(kBadFormat, "wrong number of fields in header line: got " + std::to_string(fields.size()) +
                         ", expected " + std::to_string(columns.size()));
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string& wanted = table.columns[columns[i]].name;
    const std::string place = "column name mismatch in header line field " + std::to_string(i + 1);
    if (!fields[i]) {
      fail(kBadFormat,
           place + ": got null value (\"" + options.null + "\"), expected \"" + wanted + "\"");
    }
    if (*fields[i] != wanted) {
      fail(kBadFormat, place + ": got \"" + *fields[i] + "\", expected \"" + wanted + "\"");
    }
  }
}

}  // namespace

/// Reads lines into rows, and remembers where it is, for errors.
class Session::CopyReader {
 public:
  CopyReader(Session& session, std::shared_ptr<const Table> table, std::vector<std::size_t> columns,
             const CopyOptions& options)
      : session_(session),
        table_(std::move(table)),
        columns_(std::move(columns)),
        options_(options),
        force_not_null_(named_by(*table_, columns_, options.force_not_null, "FORCE_NOT_NULL")),
        force_null_(named_by(*table_, columns_, options.force_null, "FORCE_NULL")),
        lines_(options, [&](std::string& data) { return session_.more_copy_data(data); }) {}

  /// Until the data ends; `store` gets each row's values.
  std::uint64_t read(const std::function<void(std::vector<Value>)>& store) {
    std::uint64_t count = 0;
    try {
      if (options_.header != CopyOptions::Header::none) {
        next_line();
        has_line_ = true;  // where there is none, it is empty
        if (options_.header == CopyOptions::Header::match) {
          check_header(*table_, columns_, options_, copy_fields(options_, line_));
        }
      }
      while (next_line()) {
        store(values_of(copy_fields(options_, line_)));
        ++count;
      }
    } catch (SqlError& error) {
      if (error.context.empty()) error.context = place(error.sqlstate);
      throw;
    }
    return count;
  }

 private:
  bool next_line() {
    has_line_ = false;
    has_line_ = lines_.next(line_);
    return has_line_;
  }

  /// Duplicates are found when the line has been let go of.
  std::string place(std::string_view state) const {
    std::string text = "COPY " + table_->name + ", line " + std::to_string(lines_.number());
    if (column_ != nullptr) {
      return text + ", column " + column_->name + ": " +
             (value_ ? "\"" + shortened(*value_) + "\"" : "null input");
    }
    if (!has_line_ || state == sqlstate::kUniqueViolation) return text;
    return text + ": \"" + shortened(line_) + "\"";
  }

  std::vector<Value> values_of(Fields fields) {
    if (!columns_.empty() && fields.size() > columns_.size()) {
      fail(kBadFormat, "extra data after last expected column");
    }
    std::vector<Value> values;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Column& column = table_->columns[columns_[i]];
      if (i >= fields.size()) {
        fail(kBadFormat, "missing data for column \"" + column.name + "\"");
      }
      if (options_.is_csv && !fields[i] && force_not_null_[i]) fields[i] = options_.null;
      if (options_.is_csv && force_null_[i] && fields[i] == options_.null) fields[i].reset();
      if (!fields[i]) {
        values.emplace_back();
        continue;
      }
      column_ = &column;
      value_ = std::move(fields[i]);
      values.push_back(from_text(session_, column.type, *value_));
      column_ = nullptr;
    }
    return values;
  }

  Session& session_;
  std::shared_ptr<const Table> table_;
  std::vector<std::size_t> columns_;
  const CopyOptions& options_;
  std::vector<bool> force_not_null_;
  std::vector<bool> force_null_;
  CopyLines lines_;
  std::string line_;
  bool has_line_ = false;
  const Column* column_ = nullptr;  ///< whose value is being read
  std::optional<std::string> value_;
};

void Session::await_copy_data() {
  while (copy_feed_.bytes.empty() && !copy_feed_.failure && !copy_feed_.is_done) {
    shared_.copy_waiter->await_copy(actor_.backend);
  }
}

bool Session::more_copy_data(std::string& data) {
  await_copy_data();
  if (!copy_feed_.bytes.empty()) {
    data += copy_feed_.bytes;
    copy_feed_.bytes.clear();
    return true;
  }
  if (copy_feed_.failure) throw SqlError(*copy_feed_.failure);
  return false;
}

void Session::copy_from(const PgQuery__CopyStmt& node, const CopyOptions& options,
                        const std::shared_ptr<const Table>& table, StatementResult& result) {
  const std::vector<std::size_t> columns = copied_columns(*table, {node.attlist, node.n_attlist});
  if (node.where_clause != nullptr) unsupported("COPY FROM ... WHERE");
  Prepared insertion;
  insertion.tree = shared_.parses.parsed(insertion_of(*table, columns));
  insertion.statement = insertion.tree->statements()[0]->stmt;
  for (const std::size_t column : columns) {
    insertion.parameters.push_back(table->columns[column].type.id);
  }
  analyze(insertion);
  begin_writing("COPY FROM");
  const Snapshot snapshot = statement_snapshot();
  copy_feed_ = {};
  CopyReader reader(*this, table, columns, options);
  copy_input_ = CopyInput{.columns = columns.size()};
  struct Finish {
    std::optional<CopyInput>& input;
    ~Finish() { input.reset(); }
  } finish{copy_input_};
  // Rows that are there already cannot be frozen; the client hears it once it is sending.
  if (options.freezes && table->heap->size() > 0) {
    await_copy_data();
    fail(sqlstate::kObjectNotInPrerequisiteState,
         "cannot perform COPY FREEZE because the table was not created or truncated in the current "
         "subtransaction");
  }
  const std::uint64_t count = reader.read([&](std::vector<Value> values) {
    Execution execution(*this, snapshot, std::move(values));
    execution.run(*insertion.query, nullptr, [](Row&) { return true; });
  });
  result.tag = "COPY " + std::to_string(count);
}

void Session::copy_to(const std::shared_ptr<const ParseTree>& tree, const PgQuery__Node* query,
                      const CopyOptions& options, StatementResult& result) {
  Prepared source;
  source.tree = tree;
  source.statement = query;
  source.takes_parameters = false;
  analyze(source);
  StatementResult made;
  run_query(source, {}, made);
  if (!made.returns_rows) {
    fail(sqlstate::kFeatureNotSupported, "COPY query must have a RETURNING clause");
  }
  std::vector<bool> quoted(made.columns.size(), options.quotes_all);
  for (const std::string& name : options.force_quote) {
    const auto found = std::ranges::find(made.columns, name, &OutputColumn::name);
    if (found == made.columns.end()) {
      fail(sqlstate::kUndefinedColumn, "column \"" + name + "\" does not exist");
    }
    quoted[static_cast<std::size_t>(found - made.columns.begin())] = true;
  }
  CopyOutput output{.columns = made.columns.size(), .lines = {}};
  const auto add = [&](const auto& value_at, bool is_header) {
    std::string line;
    for (std::size_t i = 0; i < made.columns.size(); ++i) {
      if (i > 0) line += options.delimiter;
      append_copy_field(options, line, value_at(i), quoted[i] && !is_header,
                        made.columns.size() == 1);
    }
    output.lines.push_back(line + "\n");
  };
  if (options.header != CopyOptions::Header::none) {
    add([&](std::size_t i) { return std::optional(made.columns[i].name); }, true);
  }
  for (const Row& row : made.rows) {
    add(
        [&](std::size_t i) -> std::optional<std::string> {
          if (row[i].is_null()) return std::nullopt;
          return to_text(*this, made.columns[i].type.id, row[i]);
        },
        false);
  }
  result.copied = std::move(output);
  result.tag = "COPY " + std::to_string(made.rows.size());
}

void Session::copy(const std::shared_ptr<const ParseTree>& tree, const PgQuery__CopyStmt& node,
                   StatementResult& result) {
  if (node.filename[0] != '\0' || node.is_program) unsupported("COPY with a file or a program");
  if (node.relation == nullptr) {
    copy_to(tree, node.query, copy_options_of(*tree, node), result);
    return;
  }
  const auto table = open_table(node.relation->schemaname, node.relation->relname,
                                node.is_from ? LockMode::row_exclusive : LockMode::access_share, 0);
  if (node.is_from) {
    if (is_read_only_) begin_writing("COPY FROM");  // refuses it
    copy_from(node, copy_options_of(*tree, node), table, result);
    return;
  }
  const CopyOptions options = copy_options_of(*tree, node);
  const std::vector<std::size_t> columns = copied_columns(*table, {node.attlist, node.n_attlist});
  const auto reading = shared_.parses.parsed("SELECT " + names_of(*table, columns) + " FROM " +
                                             qualified_name(*table));
  copy_to(reading, reading->statements()[0]->stmt, options, result);
}

}  // namespace firedrill::sim::postgres
