#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/query/parse.h"
#include "sim/postgres/storage/heap.h"
#include "sim/postgres/storage/write_ahead_log.h"

namespace firedrill::sim::postgres {

using Oid = std::uint32_t;

struct Column {
  std::string name;
  Type type;
  bool not_null = false;
  bool is_dropped = false;
  StoredExpression default_value = {};
  StoredExpression generated = {};
  char identity = '\0';  ///< 'a' always, 'd' by default
  Oid sequence = 0;      ///< of identity and serial
  /// Of rows that are older than the column.
  Value missing = {};
  std::string comment = {};
};

struct Constraint {
  enum class Kind : std::uint8_t { check, primary_key, unique, foreign_key };
  enum class Action : std::uint8_t { no_action, restrict, cascade, set_null, set_default };
  Kind kind = Kind::check;
  Oid oid = 0;
  std::string name;
  std::vector<std::size_t> columns;
  StoredExpression expression = {};  ///< CHECK
  bool is_deferrable = false;
  bool is_initially_deferred = false;
  Oid index = 0;  ///< primary_key, unique: its own; foreign_key: the one referred to
  // foreign_key
  Oid referred = 0;
  std::vector<std::size_t> referred_columns = {};
  Action on_update = Action::no_action;
  Action on_delete = Action::no_action;
  std::vector<std::size_t> set_columns = {};  ///< ON DELETE SET NULL (a, b)
  bool match_full = false;
};

struct TableIndex {
  Oid oid = 0;
  std::string name;
  bool is_unique = false;
  bool is_primary = false;
  bool is_constraint = false;
  bool nulls_not_distinct = false;
  bool is_deferrable = false;  ///< of such a constraint: checked after the statement, or later
  struct Part {
    std::int32_t column = -1;  ///< -1: an expression
    StoredExpression expression = {};
    Type type = {};
    bool descending = false;
    bool nulls_first = false;
    std::string name = {};  ///< of an expression
  };
  std::vector<Part> parts;
  std::vector<std::size_t> included;
  StoredExpression condition = {};
  std::shared_ptr<Index> entries;
  /// Made where versions that somebody may still see had been replaced with keys that are others
  /// here: by whom (PostgreSQL's indcheckxmin). No statement uses it that began before he had
  /// ended.
  Xid usable_after = kNoXid;

  bool is_usable(Xid began_with) const {
    return usable_after == kNoXid || began_with == kNoXid || usable_after < began_with;
  }
};

/// What a view selects; its columns are those of the table that it is kept as.
struct ViewDefinition {
  std::shared_ptr<const ParseTree> tree;  ///< owns the node
  const PgQuery__SelectStmt* query = nullptr;
  /// What it reads: tables, and of them which columns.
  std::vector<std::pair<Oid, std::size_t>> uses;
  /// Which table each name in it meant when it was made: search_path may have changed, and names.
  std::vector<std::pair<const PgQuery__RangeVar*, Oid>> names;
};

/// A table as one state of the catalogue has it: never changed, but replaced by another with the
/// same oid. Rows and index entries are shared by all these.
struct Table {
  Oid oid = 0;
  std::string schema;
  std::string name;
  std::vector<Column> columns;  ///< those that were dropped stay, as their values do
  std::vector<Constraint> constraints;
  std::vector<TableIndex> indexes;
  std::shared_ptr<Heap> heap;
  bool is_temporary = false;
  std::string comment = {};
  std::shared_ptr<const ViewDefinition> view = nullptr;  ///< null: a table; else it has no heap

  std::optional<std::size_t> find_column(std::string_view wanted) const;
};

struct SequenceDefinition {
  TypeId type = TypeId::int8;
  std::int64_t start = 1;
  std::int64_t increment = 1;
  std::int64_t minimum = 1;
  std::int64_t maximum = INT64_MAX;
  std::int64_t cache = 1;
  bool cycles = false;
};

/// Numbers that are given out belong to no transaction: what is shared here is not undone.
struct Sequence {
  Oid oid = 0;
  std::string schema;
  std::string name;
  SequenceDefinition definition;
  Oid owner_table = 0;
  std::size_t owner_column = 0;
  struct State {
    State(std::int64_t last, bool called)
        : last_value(last), is_called(called), logged{last, called} {}
    std::int64_t last_value = 1;
    bool is_called = false;
    LoggedSequence logged;        ///< what recovery finds
    std::uint32_t log_count = 0;  ///< so many numbers until it is logged again
  };
  std::shared_ptr<State> state;
};

}  // namespace firedrill::sim::postgres
