#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/postgres/catalog/tables.h"
#include "sim/postgres/query/expression.h"
#include "sim/postgres/sql_error.h"
#include "sim/postgres/storage/locks.h"

namespace firedrill::sim::postgres {

class SetResult;
struct Query;
using QueryPtr = std::unique_ptr<Query>;

struct OutputColumn {
  std::string name;
  Type type;
  // Of which table's column it is, for drivers; 0: of none.
  std::uint32_t table = 0;
  std::int16_t column = 0;
};

/// FOR UPDATE and its like, on one entry.
struct RowLocking {
  RowLockMode mode = RowLockMode::update;
  WaitPolicy policy = WaitPolicy::block;
};

/// One thing that rows come from.
struct RangeEntry {
  enum class Kind : std::uint8_t { table, subquery, function, values, cte, single_row };
  Kind kind = Kind::table;
  std::string name;         ///< as it is called in this query
  std::string schema = {};  ///< under which it may be called, too
  std::vector<OutputColumn> columns;
  bool is_lateral = false;
  std::shared_ptr<const Table> table = nullptr;
  QueryPtr subquery = nullptr;
  // A function in FROM.
  std::vector<ExpressionPtr> arguments = {};
  const SetFunctionRow* set_function = nullptr;
  ExpressionPtr scalar = nullptr;  ///< a function that returns one value, as one row
  CallSite site = {};
  bool has_ordinality = false;
  bool has_records = false;  ///< what the function returns is spread over several columns
  std::vector<std::vector<ExpressionPtr>> rows = {};  ///< VALUES
  // A common table expression: `cte` of the query `cte_level` levels out.
  std::uint32_t cte_level = 0;
  std::size_t cte = 0;
  bool is_recursive = false;
  std::optional<RowLocking> locking = {};
};

struct FromNode;
using FromNodePtr = std::unique_ptr<FromNode>;

/// The tree of FROM: entries at its leaves.
struct FromNode {
  enum class Join : std::uint8_t { none, inner, left, right, full };
  Join join = Join::none;
  std::uint32_t entry = 0;  ///< of a leaf
  FromNodePtr left;
  FromNodePtr right;
  ExpressionPtr condition;             ///< null: true
  std::vector<std::uint32_t> entries;  ///< all below
};

FromNodePtr make_leaf(std::uint32_t entry);
FromNodePtr make_join(FromNode::Join join, FromNodePtr left, FromNodePtr right,
                      ExpressionPtr condition = nullptr);

struct Target {
  ExpressionPtr expression;
  std::string name;
  bool is_hidden = false;  ///< for sorting, or the like: not part of the result
  std::uint32_t table = 0;
  std::int16_t column = 0;
};

struct SortKey {
  std::size_t target = 0;
  bool descending = false;
  bool nulls_first = false;
};

struct WindowFunction {
  enum class Kind : std::uint8_t {
    row_number,
    rank,
    dense_rank,
    percent_rank,
    cume_dist,
    ntile,
    lag,
    lead,
    first_value,
    last_value,
    nth_value,
    aggregate
  };
  Kind kind = Kind::row_number;
  bool is_unused = false;  ///< NULL, then: nobody reads it
  std::unique_ptr<AggregateCall> aggregate;
  std::vector<ExpressionPtr> arguments;
  ExpressionPtr filter;
  Type type;
  std::vector<ExpressionPtr> partition;
  struct Order {
    ExpressionPtr expression;
    bool descending = false;
    bool nulls_first = false;
  };
  std::vector<Order> order;
  enum class Mode : std::uint8_t { range, rows, groups };
  Mode mode = Mode::range;
  /// Where the frame begins, or ends.
  struct Bound {
    enum class Kind : std::uint8_t { unbounded, current_row, preceding, following };
    Kind kind = Kind::unbounded;
    ExpressionPtr offset = nullptr;  ///< of preceding and following: the same for all rows
    /// RANGE with an offset: whether a value (column 0 of entry 0) is within it of the current
    /// row's (column 1), the offset being column 2.
    ExpressionPtr within = nullptr;
  };
  Bound start = {};
  Bound end = {Bound::Kind::current_row};
  enum class Exclusion : std::uint8_t { none, current_row, group, ties };
  Exclusion exclusion = Exclusion::none;
  bool grows_only() const {
    return start.kind == Bound::Kind::unbounded && exclusion == Exclusion::none &&
           (end.kind == Bound::Kind::unbounded || end.kind == Bound::Kind::current_row);
  }
};

struct CommonTable {
  std::string name;
  QueryPtr query;
  bool is_recursive = false;
  bool is_materialized = false;  ///< as AS MATERIALIZED says
  bool is_inlined = false;       ///< read once, and taken for a subquery there
  bool is_unread = false;        ///< nothing of it is asked for: not run, if it is a SELECT
  std::vector<OutputColumn> columns;
};

/// What an INSERT, UPDATE or DELETE does to its table, besides its rows' source.
struct Modification {
  static constexpr std::uint32_t kRow = 0;  ///< the entry of the table: of the new row, for INSERT
  static constexpr std::uint32_t kExcluded = 1;  ///< INSERT: of EXCLUDED
  static constexpr std::uint32_t kSource = 2;    ///< INSERT: of what is inserted
  std::shared_ptr<const Table> table;
  struct Assignment {
    std::size_t column = 0;
    ExpressionPtr value;
  };
  /// INSERT: by column of the table, over the source's row; null: the default.
  std::vector<ExpressionPtr> values;
  std::vector<Assignment> assignments;  ///< UPDATE
  enum class OnConflict : std::uint8_t { none, nothing, update };
  OnConflict on_conflict = OnConflict::none;
  std::vector<std::uint32_t> arbiters;  ///< oids of unique indexes; empty: all
  std::vector<Assignment> conflict_assignments;
  ExpressionPtr conflict_condition;
  // Computed for each new row, in a frame whose entry kRow is the row.
  std::vector<ExpressionPtr> defaults;   ///< by column; null: NULL
  std::vector<ExpressionPtr> generated;  ///< by column; null: not generated
  std::vector<ExpressionPtr> checks;     ///< by constraint of the table; null: no CHECK
  struct IndexKey {
    std::vector<ExpressionPtr> parts;  ///< null: a column
    ExpressionPtr condition;           ///< null: all rows are in it
  };
  std::vector<IndexKey> indexes;  ///< by index of the table
  std::vector<Target> returning;
};

struct FromPlan;

/// A SELECT, VALUES, INSERT, UPDATE or DELETE, analysed: the plan of which query/execute.h runs.
struct Query {
  enum class Command : std::uint8_t { select, insert, update, remove };
  Command command = Command::select;

  std::vector<CommonTable> ctes;
  std::vector<std::unique_ptr<RangeEntry>> range;
  FromNodePtr from;  ///< null: one row of nothing
  ExpressionPtr where;
  std::vector<Target> targets;

  bool is_grouped = false;
  std::vector<ExpressionPtr> group_keys;
  /// GROUPING SETS, ROLLUP, CUBE: by which keys each groups, the others being NULL there; while it
  /// is analysed, by which targets. What grouping makes of rows: the keys, the aggregates, and then
  /// the bits of the keys that are left out.
  bool has_grouping_sets = false;
  std::vector<std::vector<std::size_t>> grouping_sets;
  std::vector<std::unique_ptr<AggregateCall>> aggregates;
  ExpressionPtr having;

  std::vector<WindowFunction> windows;
  /// What the targets need of a row once windows are computed: the row that RowReferences read is
  /// these, then the windows' values.
  std::vector<ExpressionPtr> captured;
  std::vector<SetResult*> sets;  ///< within the targets

  bool is_distinct = false;
  std::vector<std::size_t> distinct_on;  ///< targets
  std::vector<SortKey> sort;
  ExpressionPtr limit;
  ExpressionPtr offset;
  bool with_ties = false;

  enum class SetOperation : std::uint8_t { none, set_union, intersect, except };
  SetOperation set_operation = SetOperation::none;
  bool set_all = false;
  QueryPtr left;
  QueryPtr right;

  std::optional<Modification> modification;
  bool locks_rows = false;
  std::size_t width = 0;  ///< of the result: targets that are not hidden

  /// What PostgreSQL's planner fails with: when the statement runs.
  std::optional<SqlError> plan_error;

  /// compute_constants() found no error, and what is known depends on no parameter but for NULLs.
  mutable bool has_sound_constants = false;

  /// How FROM and WHERE are run (query/plan.h): made when the query first runs.
  mutable std::shared_ptr<const FromPlan> plan;

  std::vector<OutputColumn> output() const;
};

/// (SELECT ...) in an expression.
class Subquery final : public Expression {
 public:
  enum class Kind : std::uint8_t { scalar, exists, any, all, array, row_compare };
  Subquery(Kind kind, Type of, QueryPtr query);
  Value compute(const Frame& frame) const override;
  void describe(std::string& text) const override;
  Kind kind;
  QueryPtr query;
  /// Reads nothing of the queries around it but common tables: it runs once in a statement, when it
  /// is first asked.
  bool is_independent() const;
  /// row_compare: (...) = (SELECT ...); with NULL among what is compared.
  bool compares_equal() const;
  bool compares_null() const;
  /// any, all: compares the left side (of this level, evaluated with the frame) with a row of the
  /// subquery, which is entry 0 of a frame within.
  ExpressionPtr comparison;
  std::size_t column = 0;  ///< scalar: of the subquery's row, which

 private:
  mutable std::optional<bool> is_independent_;
};

// What stands in a RowReference's level until its place in the row is known.
inline constexpr std::uint32_t kWindowMark = 0xffff'ffff;
inline constexpr std::uint32_t kGroupMark = 0xffff'fffe;
inline constexpr std::uint32_t kAggregateMark = 0xffff'fffd;

/// All expressions of a query, those of its subqueries and of subqueries within expressions
/// included, with how many queries further in they are.
void walk_deep(ExpressionPtr& expression, std::uint32_t depth,
               const std::function<bool(ExpressionPtr&, std::uint32_t depth)>& visit);
void walk(Query& query, std::uint32_t depth,
          const std::function<bool(ExpressionPtr&, std::uint32_t depth)>& visit);

}  // namespace firedrill::sim::postgres
