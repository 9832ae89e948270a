#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/postgres/generated_schema.h"
#include "tests/conformance/postgres/generated_text.h"

namespace firedrill::test {

/// One statement, and how it is to be given.
struct GeneratedStatement {
  std::string text;          ///< with marks
  bool is_extended = false;  ///< by the extended protocol, with these parameters as texts
  std::vector<std::optional<std::string>> parameters = {};
  bool is_ordered = false;  ///< its rows come in one order only
};

/// A column as an expression may call it.
struct VisibleColumn {
  std::string text;
  Sort sort = Sort::i4;
};

/// What an expression may use where it stands.
struct ExpressionScope {
  std::vector<VisibleColumn> columns = {};
  /// Where aggregates may stand: what they may aggregate. `columns` are the keys of groups.
  const ExpressionScope* aggregated = nullptr;
  /// ORDER BY this is an order of all rows; empty: no window functions here.
  std::string window_order = {};
  bool has_subqueries = true;
  /// What is computed may fail: for where nobody can tell whether it is computed at all, it may
  /// not.
  bool may_fail = false;
};

/// A query as a text, with what its columns are: c1, c2, ...
struct GeneratedQuery {
  std::string text = {};
  std::vector<Sort> sorts = {};
  bool is_ordered = false;
};

/// Writes statements: over what the statements before have made, and right most of the time.
class StatementGrammar {
 public:
  explicit StatementGrammar(std::uint64_t seed) : draw_(seed) {}

  /// Statements to be run one after the other in an empty schema.
  std::vector<GeneratedStatement> script(std::size_t length);
  /// How often each construct was written.
  const std::map<std::string, std::uint64_t>& constructs() const { return constructs_; }

 private:
  // generated_expressions.cc
  std::string expression(Sort sort, const ExpressionScope& scope, int depth);
  std::string leaf(Sort sort, const ExpressionScope& scope);
  std::string from_template(Sort sort, const ExpressionScope& scope, int depth);
  std::string filled(std::string_view pattern, Sort sort, const ExpressionScope& scope, int depth);
  std::string general(Sort sort, const ExpressionScope& scope, int depth);
  std::string condition(const ExpressionScope& scope, int depth);
  std::string literal(Sort sort);
  std::string mistaken(Sort sort, const ExpressionScope& scope);

  // generated_calls.cc
  std::string aggregate(Sort sort, const ExpressionScope& scope, int depth);
  std::string window(Sort sort, const ExpressionScope& scope);
  std::string scalar_subquery(Sort sort, const ExpressionScope& scope);
  std::string subquery_condition(const ExpressionScope& scope, int depth);

  // generated_queries.cc
  GeneratedQuery query(const std::vector<Sort>& sorts, const ExpressionScope* outer, int depth);
  GeneratedQuery plain_query(const std::vector<Sort>& sorts, const ExpressionScope* outer,
                             int depth);
  GeneratedQuery grouped_query(const std::vector<Sort>& sorts, const ExpressionScope* outer,
                               int depth);
  GeneratedQuery distinct_query(const ExpressionScope* outer);
  GeneratedQuery set_query(const ExpressionScope* outer, int depth);
  GeneratedQuery values_query(const std::vector<Sort>& sorts);
  GeneratedQuery with_query(int depth);
  std::string from(ExpressionScope& scope, const ExpressionScope* outer, int depth);
  std::string from_item(ExpressionScope& scope, const ExpressionScope* outer, int depth);
  std::string join(std::string left, ExpressionScope& scope, int depth);
  std::string tail(const GeneratedQuery& query, bool& is_ordered);
  std::vector<Sort> some_sorts(std::size_t most);
  std::string alias();
  GeneratedStatement select_statement();

  // generated_changes.cc
  GeneratedStatement insert_statement();
  GeneratedStatement update_statement();
  GeneratedStatement delete_statement();
  GeneratedStatement truncate_statement();
  std::string insert_text();
  std::string update_text();
  std::string delete_text();
  std::string on_conflict(const GeneratedTable& table);
  std::string returning(const GeneratedTable& table, const std::string& name);
  std::string assignments(const GeneratedTable& table, const ExpressionScope& scope, bool one_row);
  std::string stored_value(const GeneratedColumn& column, const ExpressionScope& scope);
  std::string row_values(const std::vector<const GeneratedColumn*>& columns);
  ExpressionScope scope_of(const GeneratedTable& table, const std::string& name) const;

  // generated_definitions.cc
  void define_schema(std::vector<GeneratedStatement>& into);
  GeneratedStatement create_table();
  std::string column_definition(GeneratedTable& table, GeneratedColumn& column);
  std::string table_constraints(GeneratedTable& table);
  std::string reference(const GeneratedTable& table, const GeneratedColumn& column);
  GeneratedStatement create_index();
  GeneratedStatement alter_table();
  GeneratedStatement drop_something();
  GeneratedStatement sequence_statement();
  std::string new_name(std::string_view stem);

  // generated_statements.cc
  GeneratedStatement any_statement();
  GeneratedStatement transaction_statement();
  GeneratedStatement prepared_statement();
  GeneratedStatement with_parameters();
  void spoil(GeneratedStatement& statement);
  GeneratedTable& any_table() { return draw_.pick(schema_.tables); }
  const GeneratedColumn& any_column(const GeneratedTable& table) {
    return draw_.pick(table.columns);
  }
  void count(std::string_view construct) { ++constructs_[std::string(construct)]; }

  Draw draw_;
  GeneratedSchema schema_;
  std::map<std::string, std::uint64_t> constructs_;
  bool is_mistaken_ = false;  ///< this statement is to have something wrong in it
  int aliases_ = 0;           ///< in this statement
  bool is_open_ = false;      ///< a transaction
  std::vector<std::string> savepoints_;
  GeneratedSchema before_;  ///< the transaction
  struct Prepared {
    std::string name;
    std::vector<Sort> parameters;
  };
  std::vector<Prepared> prepared_;
  /// Where literals become parameters: their sorts, and their texts.
  bool takes_parameters_ = false;
  bool casts_parameters_ = false;
  std::vector<Sort> parameter_sorts_;
  std::vector<std::optional<std::string>> parameter_texts_;
};

}  // namespace firedrill::test
