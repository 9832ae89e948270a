#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/query/query.h"
#include "sim/postgres/query/resolve.h"

namespace firedrill::sim::postgres {

/// What analysis asks the catalogue, for the session that runs the statement.
class CatalogReader {
 public:
  virtual ~CatalogReader() = default;
  virtual const Types& types() = 0;
  /// Locks it for the rest of the transaction. Throws 42P01. An empty schema: along search_path.
  virtual std::shared_ptr<const Table> open_table(std::string_view schema, std::string_view name,
                                                  LockMode mode, std::int32_t position) = 0;
  virtual std::shared_ptr<const Table> table(Oid oid) = 0;
  /// Views of the catalogue (pg_class, ...) are tables whose rows are made when asked for.
  virtual Oid find_sequence(std::string_view text) = 0;
  /// Of one schema. Null: there is none.
  virtual const TypeInfo* find_type(std::string_view schema, std::string_view name) const = 0;
  virtual bool has_schema(std::string_view name) = 0;
};

enum class Clause : std::uint8_t {
  select,
  where,
  having,
  group_by,
  order_by,
  join_on,
  values,
  insert,
  update,
  returning,
  limit,
  offset,
  filter,
  window,
  aggregate_argument,
  function_in_from,
  check_constraint,
  default_value,
  index_expression,
  index_predicate,
  generated,
  call_argument,
  policy
};

/// A column under the name that a query sees it by.
struct ScopeColumn {
  std::string name;
  Type type;
  std::uint32_t entry = 0;
  std::uint32_t column = 0;
  /// Of FULL JOIN ... USING: where the value comes from if the first has none.
  bool has_second = false;
  std::uint32_t second_entry = 0;
  std::uint32_t second_column = 0;
  Type second_type = {};
};

struct ScopeItem {
  std::string alias;
  std::string schema;
  std::optional<std::uint32_t> entry;  ///< not of joins
  std::vector<ScopeColumn> columns;
  bool is_relation_visible = true;  ///< by alias.column
  bool are_columns_visible = true;  ///< by column
  bool is_lateral_only = false;     ///< seen only from LATERAL
  bool is_lateral_ok = true;
};

/// The names that one query level offers.
struct Scope {
  Scope* outer = nullptr;
  Query* query = nullptr;
  std::vector<ScopeItem> items;
  bool is_hidden =
      false;  ///< the level is there, its columns cannot be seen (WITH, FROM without LATERAL)
  bool lateral = false;  ///< seen from within LATERAL
  struct NamedWindow {
    std::string name;
    const PgQuery__WindowDef* definition;
  };
  std::vector<NamedWindow> windows;
  /// OVER (...) of each of the query's windows: looked at last.
  std::vector<const PgQuery__WindowDef*> overs;
  Clause clause = Clause::select;
  bool has_aggregates = false;
  bool has_windows = false;
};

/// What a statement's parameters are: given, or found out by analysis (unknown until then).
using ParameterTypes = std::vector<TypeId>;

/// Turns what the parser made into a Query: names, types, functions are resolved, by PostgreSQL's
/// rules and with its errors.
class Analyzer {
 public:
  /// `parameters`: null where there can be none, and who names one gets 42P02.
  Analyzer(CatalogReader& catalog, Environment& environment, const ParseTree& tree,
           ParameterTypes* parameters = nullptr)
      : catalog_(catalog), environment_(environment), tree_(tree), parameters_(parameters) {}

  /// A SELECT, VALUES, INSERT, UPDATE or DELETE.
  QueryPtr statement(const PgQuery__Node* node);

  /// An expression over one table's row, which is entry 0: CHECK, DEFAULT, an index's.
  ExpressionPtr table_expression(const StoredExpression& stored, const Table& table, Clause clause);
  /// An expression over nothing: an argument of EXECUTE, LIMIT, a DEFAULT.
  ExpressionPtr lone_expression(const PgQuery__Node* node, Clause clause);
  /// As an assignment to a column does. Throws 42804.
  /// EXECUTE's argument of that number, from 1.
  ExpressionPtr as_argument(ExpressionPtr value, Type type, std::size_t number);
  ExpressionPtr assigned(ExpressionPtr value, Type type, std::string_view column,
                         std::string_view what = "expression", bool says_where = true);
  /// 42804 "argument of CONSTRUCT must be type boolean ...".
  ExpressionPtr as_condition(ExpressionPtr value, std::string_view construct) {
    return as_boolean(std::move(value), construct);
  }

  /// What a view selects, its names meaning what they meant when it was made.
  QueryPtr view(const ViewDefinition& definition);
  /// The tables that were read by name so far.
  const std::vector<std::pair<const PgQuery__RangeVar*, Oid>>& names_read() const {
    return names_read_;
  }

  Type type_of(const PgQuery__TypeName* name);
  /// The type of its arrays; 42704 where there is none, as of arrays.
  Type array_of(TypeId element, std::int32_t location);
  /// False where the statement's text must be analysed anew each time ('now'::timestamptz).
  bool is_cacheable() const { return is_cacheable_; }

 private:
  friend class FromAnalyzer;

  // analyze_expression.cc
  ExpressionPtr expression(const PgQuery__Node* node, Scope& scope);
  ExpressionPtr expression_in(const PgQuery__Node* node, Scope& scope, Clause clause);
  ExpressionPtr boolean(const PgQuery__Node* node, Scope& scope, Clause clause);
  ExpressionPtr as_boolean(ExpressionPtr value, std::string_view construct);
  ExpressionPtr constant(const PgQuery__AConst* node);
  ExpressionPtr column_reference(const PgQuery__ColumnRef* node, Scope& scope);
  ExpressionPtr find_column(std::string_view name, Scope& scope, std::int32_t location);
  ExpressionPtr qualified_column(std::string_view schema, std::string_view relation,
                                 std::string_view name, Scope& scope, std::int32_t location);
  /// What a column that is not there may have been meant to be; of `relation`, unless that is
  /// empty.
  static std::string hint_for_column(std::string_view relation, std::string_view name,
                                     const Scope& scope);
  ExpressionPtr reference(const ScopeColumn& column, std::uint32_t level);
  ExpressionPtr whole_row(const ScopeItem& item, Scope& in, std::uint32_t level);
  ExpressionPtr parameter(const PgQuery__ParamRef* node);
  ExpressionPtr operation(const PgQuery__AExpr* node, Scope& scope);
  ExpressionPtr in_list(const PgQuery__AExpr* node, Scope& scope);
  ExpressionPtr between(const PgQuery__AExpr* node, Scope& scope);
  ExpressionPtr array_operation(const PgQuery__AExpr* node, Scope& scope);
  ExpressionPtr row_operation(std::string_view name, ExpressionPtr left, ExpressionPtr right,
                              std::int32_t location);
  ExpressionPtr row_comparison(std::string_view name, std::vector<ExpressionPtr> operands,
                               std::int32_t location);
  ExpressionPtr distinct(const PgQuery__AExpr* node, Scope& scope);
  ExpressionPtr function_call(const PgQuery__FuncCall* node, Scope& scope);
  void check_sequence(std::string_view name, std::span<const ExpressionPtr> arguments);
  ExpressionPtr aggregate_call(const PgQuery__FuncCall* node, const Choice& choice,
                               std::vector<ExpressionPtr> arguments, Scope& scope);
  ExpressionPtr set_call(const Choice& choice, std::vector<ExpressionPtr> arguments, Scope& scope,
                         std::int32_t location);
  void refuse_sets(std::span<ExpressionPtr> parts, std::string_view where);
  void window_frame(const PgQuery__WindowDef& node, WindowFunction& window, Scope& scope);
  void frame_offset(const PgQuery__Node* node, WindowFunction::Bound& bound,
                    const WindowFunction& window, bool is_start, Scope& scope);
  ExpressionPtr window_call(const PgQuery__FuncCall* node, std::string_view name, Scope& scope);
  void window_definitions(Scope& scope);
  void window_definition(const PgQuery__WindowDef& over, WindowFunction& window, Scope& scope);
  void copy_window(const PgQuery__WindowDef& over, const PgQuery__WindowDef& base,
                   WindowFunction from, WindowFunction& window);
  ExpressionPtr case_expression(const PgQuery__CaseExpr* node, Scope& scope);
  ExpressionPtr subquery(const PgQuery__SubLink* node, Scope& scope);
  ExpressionPtr array_constructor(const PgQuery__AArrayExpr* node, Scope& scope, TypeId wanted);
  ExpressionPtr indirection(const PgQuery__AIndirection* node, Scope& scope);
  ExpressionPtr subscripted(ExpressionPtr array, NodeList indices, Scope& scope);
  ExpressionPtr cast(const PgQuery__TypeCast* node, Scope& scope);
  ExpressionPtr value_function(const PgQuery__SQLValueFunction* node);
  ExpressionPtr row_constructor(const PgQuery__RowExpr* node, Scope& scope);
  std::vector<ExpressionPtr> expressions(NodeList nodes, Scope& scope);

  // coerce.cc
  ExpressionPtr coerced(ExpressionPtr value, Type type, CastContext context, std::int32_t location);
  ExpressionPtr coerced_or_null(ExpressionPtr& value, Type type, CastContext context);
  ExpressionPtr call_function(std::string_view name, std::vector<ExpressionPtr> arguments,
                              std::int32_t location);
  ExpressionPtr call_operator(std::string_view name, std::vector<ExpressionPtr> arguments,
                              std::int32_t location);
  ExpressionPtr made_call(const Choice& choice, std::vector<ExpressionPtr> arguments,
                          std::int32_t location);
  void unify(std::vector<ExpressionPtr*> values, std::string_view construct);
  TypeId common(std::span<ExpressionPtr* const> values, std::string_view construct);
  [[noreturn]] void no_function(std::string_view name, std::span<const ExpressionPtr> arguments,
                                ChoiceError error, std::int32_t location, std::string hint = "");
  [[noreturn]] void no_operator(std::string_view name, std::span<const ExpressionPtr> arguments,
                                ChoiceError error, std::int32_t location);

  // analyze_select.cc
  QueryPtr select(const PgQuery__SelectStmt* node, Scope* outer, bool keeps_unknown = false);
  QueryPtr set_operation(const PgQuery__SelectStmt* node, Scope* outer);
  QueryPtr values(const PgQuery__SelectStmt* node, Scope* outer);
  void with(const PgQuery__WithClause* clause, Query& query, Scope& scope);
  void common_table(const PgQuery__CommonTableExpr* node, bool recursive, Query& query,
                    Scope& scope);
  void recursive_table(const PgQuery__CommonTableExpr* node, Query& query, Scope& scope);
  void targets(NodeList nodes, Query& query, Scope& scope, std::vector<Target>& into);
  void star(const PgQuery__ColumnRef* node, Scope& scope, std::vector<Target>& into);
  std::size_t target_for(const PgQuery__Node* node, Query& query, Scope& scope,
                         std::string_view clause, bool prefers_input);
  std::size_t group_key(const PgQuery__Node* node, Query& query, Scope& scope);

  // analyze_grouping_sets.cc
  void group_by(const PgQuery__SelectStmt* node, Query& query, Scope& scope);
  std::vector<std::vector<std::size_t>> grouping_sets(const PgQuery__Node* node, Query& query,
                                                      Scope& scope);
  ExpressionPtr grouping_call(const PgQuery__GroupingFunc* node, Scope& scope);
  ExpressionPtr ordered_set_call(const PgQuery__FuncCall* node, std::string_view name,
                                 Scope& scope);

  // analyze_select.cc
  void order_by(NodeList nodes, Query& query, Scope& scope);
  void distinct(const PgQuery__SelectStmt* node, Query& query, Scope& scope);
  void limit(const PgQuery__SelectStmt* node, Query& query, Scope& scope);
  void locking(NodeList nodes, Query& query, Scope& scope);
  void settle_unknowns(Query& query);

  // analyze_from.cc
  FromNodePtr from_list(NodeList nodes, Scope& scope);
  FromNodePtr from_item(const PgQuery__Node* node, Scope& scope, std::vector<ScopeItem>& items);
  FromNodePtr from_table(const PgQuery__RangeVar* node, Scope& scope,
                         std::vector<ScopeItem>& items);
  std::shared_ptr<const Table> table_named(const PgQuery__RangeVar* node);
  void expand_view(RangeEntry& entry, const PgQuery__RangeVar* node);
  std::unique_ptr<RangeEntry> system_entry(const PgQuery__RangeVar* node);
  void name_set_columns(const SetFunctionRow& function, RangeEntry& entry);
  FromNodePtr from_subquery(const PgQuery__RangeSubselect* node, Scope& scope,
                            std::vector<ScopeItem>& items);
  FromNodePtr from_function(const PgQuery__RangeFunction* node, Scope& scope,
                            std::vector<ScopeItem>& items);
  FromNodePtr from_join(const PgQuery__JoinExpr* node, Scope& scope, std::vector<ScopeItem>& items);
  bool from_cte(const PgQuery__RangeVar* node, Scope& scope, std::vector<ScopeItem>& items,
                std::uint32_t entry);
  ScopeItem item_of(RangeEntry& entry, std::uint32_t number, const PgQuery__Alias* alias);
  void add_items(Scope& scope, std::vector<ScopeItem> items, bool lateral);

  // analyze_modify.cc
  QueryPtr insert(const PgQuery__InsertStmt* node, Scope* outer);
  QueryPtr update(const PgQuery__UpdateStmt* node, Scope* outer);
  QueryPtr remove(const PgQuery__DeleteStmt* node, Scope* outer);
  std::vector<std::size_t> insert_columns(const PgQuery__InsertStmt* node, const Table& table);
  QueryPtr insert_values(const PgQuery__SelectStmt* node, const Table& table,
                         const std::vector<std::size_t>& columns, Scope& scope, NodeList names);
  void insert_source(const PgQuery__InsertStmt* node, Query& query, Scope& scope,
                     const std::vector<std::size_t>& columns);
  void on_conflict(const PgQuery__OnConflictClause* node, Query& query, Scope& scope);
  std::vector<std::uint32_t> arbiters(const PgQuery__InferClause* node, const Table& table);
  std::vector<Modification::Assignment> assignments(NodeList nodes, Scope& scope,
                                                    const Table& table);
  ExpressionPtr assigned_part(const PgQuery__MultiAssignRef& part, Scope& scope);
  /// What PostgreSQL finds only when the whole statement is analysed: the first one is reported.
  void refuse_when_rewritten(SqlError error) {
    if (!rewrite_error_) rewrite_error_ = std::move(error);
  }
  ExpressionPtr element_assignment(const PgQuery__ResTarget* target, const Column& column,
                                   ExpressionPtr before, Scope& scope);
  /// What its planner finds: after that.
  void refuse_when_planned(SqlError error) {
    if (!plan_error_) plan_error_ = std::move(error);
  }
  void returning(NodeList nodes, Query& query, Scope& scope);
  ScopeItem target_table(const PgQuery__RangeVar* node, Query& query);
  void row_rules(Modification& modification);
  ExpressionPtr default_of(const Table& table, std::size_t column);

  // grouping.cc
  void apply_grouping(Query& query, Scope& scope);
  void apply_windows(Query& query);

  std::int32_t position(std::int32_t location) const { return tree_.position(location); }
  const Types& types() { return catalog_.types(); }
  LockMode lock_mode_of(const PgQuery__RangeVar* node);

  CatalogReader& catalog_;
  Environment& environment_;
  const ParseTree& tree_;
  ParameterTypes* parameters_;
  bool is_cacheable_ = true;
  std::optional<SqlError> rewrite_error_;
  /// Types of parameters as they were when an expression was looked at first, for when it is looked
  /// at again; null: as they are.
  const ParameterTypes* frozen_parameters_ = nullptr;
  std::optional<SqlError> plan_error_;
  /// FOR UPDATE clauses of the SELECT whose FROM is being analysed.
  NodeList locking_clauses_;
  std::vector<std::pair<const PgQuery__RangeVar*, Oid>> names_read_;
  const ViewDefinition* view_ = nullptr;  ///< which is being expanded
  std::uint32_t depth_ = 0;
};

/// ASC or DESC, and where NULLs go: by default they are greater than all else.
struct Ordering {
  bool descending = false;
  bool nulls_first = false;
};
Ordering ordering_of(const PgQuery__SortBy& sort);

/// Of the targets, those that are part of the result.
std::size_t visible_targets(const Query& query);

/// The operands of a call.
template <class... Parts>
std::vector<ExpressionPtr> list_of(Parts... parts) {
  std::vector<ExpressionPtr> list;
  (list.push_back(std::move(parts)), ...);
  return list;
}

/// The word NULL.
inline bool is_null_constant(const PgQuery__Node* node) {
  return node->node_case == PG_QUERY__NODE__NODE_A_CONST && node->a_const->isnull;
}

/// The name that a column of a result gets: ?column?, where there is none better.
std::string name_of_target(const PgQuery__Node* node);

std::uint32_t add_entry(Query& query, std::unique_ptr<RangeEntry> entry);

}  // namespace firedrill::sim::postgres
