#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/catalog/types.h"
#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/value.h"

/// Functions, operators, casts and aggregates: tables of rows, one file for each family. To add
/// one, add a row; analysis (query/) finds it by PostgreSQL's own rules of resolution.
namespace firedrill::sim::postgres {

/// What a function may ask of the session that calls it. Times are microseconds since
/// 2000-01-01 00:00 UTC, PostgreSQL's own epoch.
class Environment {
 public:
  virtual ~Environment() = default;
  virtual const Types& types() const = 0;
  virtual std::int64_t transaction_time() const = 0;
  virtual std::int64_t statement_time() const = 0;
  virtual std::int64_t clock_time() const = 0;
  /// Seconds east of UTC that local times have in this session; and how the zone is named.
  virtual std::int32_t zone_offset() const = 0;
  virtual std::string setting(std::string_view name) const = 0;
  /// From [0, 1): of the session's own stream.
  virtual double random() = 0;
  virtual void seed_random(double seed) = 0;
  /// 16 bytes, as gen_random_uuid() makes them.
  virtual std::string random_uuid() = 0;
  virtual std::string user() const = 0;
  virtual std::string database() const = 0;
  virtual std::int32_t backend() const = 0;
  /// regclass: what a name of a table, an index, ... means, and how it is written. Throws 42P01.
  virtual std::int64_t relation_named(std::string_view) const { unsupported("regclass"); }
  virtual std::string relation_name(std::int64_t) const { unsupported("regclass"); }
};

/// Where a function is called: what analysis found out about it once and for all.
struct CallSite {
  Type result;
  std::vector<Type> arguments;
};

/// One call of a function, or of an operator.
struct Call {
  Environment& environment;
  const CallSite& site;
  std::span<const Value> arguments;

  const Value& operator[](std::size_t index) const { return arguments[index]; }
  std::size_t size() const { return arguments.size(); }
};

using Body = Value (*)(Call&);
/// All that a set-returning function returns; of more than one column: Records.
using SetBody = std::vector<Value> (*)(Call&);

/// Rows of the tables name types as pg_type does ("int4", "_text"), blanks between them.
struct FunctionRow {
  std::string_view name;
  /// "text int4"; a last "variadic any" or "variadic _text" takes the rest.
  std::string_view arguments;
  std::string_view result;
  Body body;
  /// NULL where an argument is NULL, without a call.
  bool is_strict = true;
  /// May give another value for the same arguments, within one statement: never evaluated ahead.
  bool is_volatile = false;
};

struct SetFunctionRow {
  std::string_view name;
  std::string_view arguments;
  std::string_view result;
  SetBody body;
  /// "key text, value jsonb": of Records. "value jsonb": the name of the only column, whose values
  /// are plain. Empty: the only column is named as the function is.
  std::string_view columns = {};
  bool is_strict = true;
};

/// `left` is empty for a prefix operator.
struct OperatorRow {
  std::string_view name;
  std::string_view left;
  std::string_view right;
  std::string_view result;
  Body body;
  /// NULL where an operand is NULL, without a call.
  bool is_strict = true;
};

enum class CastContext : std::uint8_t { implicit, assignment, explicit_only };

/// `body` null: the value is the same in both. Modifiers (varchar(n), ...) are applied by
/// values/modifiers.h, after the cast. Casts to and from text types through text are not listed:
/// they are there for all types.
struct CastRow {
  std::string_view from;
  std::string_view to;
  CastContext context;
  Body body;
};

/// What an aggregate has seen of one group.
class Aggregate {
 public:
  virtual ~Aggregate() = default;
  /// Strict aggregates are not given rows in which an argument is NULL.
  virtual void add(Call& call) = 0;
  virtual Value result(Call& call) = 0;
};

struct AggregateRow {
  std::string_view name;
  std::string_view arguments;
  std::string_view result;
  std::unique_ptr<Aggregate> (*make)();
  bool is_strict = true;
};

/// One family's rows. To be listed in functions/registry.cc.
struct FunctionFamily {
  std::span<const FunctionRow> functions = {};
  std::span<const OperatorRow> operators = {};
  std::span<const CastRow> casts = {};
  std::span<const AggregateRow> aggregates = {};
  std::span<const SetFunctionRow> set_functions = {};
};

}  // namespace firedrill::sim::postgres
