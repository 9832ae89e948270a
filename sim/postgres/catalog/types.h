#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/values/value.h"

namespace firedrill::sim::postgres {

/// PostgreSQL's own oids (pg_type.dat), so that drivers know them. A type that a user made has one
/// from 16384 on.
enum class TypeId : std::uint32_t {
  none = 0,
  boolean = 16,
  bytea = 17,
  single_char = 18,  ///< "char"
  name = 19,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  text = 25,
  oid = 26,
  json = 114,
  float4 = 700,
  float8 = 701,
  unknown = 705,
  macaddr = 829,  ///< there for its functions' names alone: no value of it is read
  bpchar = 1042,
  varchar = 1043,
  date = 1082,
  time = 1083,
  timestamp = 1114,
  timestamptz = 1184,
  interval = 1186,
  numeric = 1700,
  regclass = 2205,
  regtype = 2206,
  record = 2249,
  any = 2276,
  anyarray = 2277,
  void_ = 2278,
  anyelement = 2283,
  anynonarray = 2776,
  uuid = 2950,
  anyenum = 3500,
  tsvector = 3614,
  tsquery = 3615,
  jsonb = 3802,
  anycompatible = 5077,
  anycompatiblearray = 5078,
  // Arrays of them.
  bool_array = 1000,
  bytea_array = 1001,
  char_array = 1002,
  name_array = 1003,
  int2_array = 1005,
  int4_array = 1007,
  text_array = 1009,
  bpchar_array = 1014,
  varchar_array = 1015,
  int8_array = 1016,
  float4_array = 1021,
  float8_array = 1022,
  oid_array = 1028,
  timestamp_array = 1115,
  date_array = 1182,
  time_array = 1183,
  timestamptz_array = 1185,
  interval_array = 1187,
  json_array = 199,
  numeric_array = 1231,
  record_array = 2287,
  uuid_array = 2951,
  jsonb_array = 3807,
  tsvector_array = 3643,
  tsquery_array = 3645,
  regclass_array = 2210,
  regtype_array = 2211,
};

/// A type as a column or an expression has it: with what stands in parentheses after it, as
/// PostgreSQL encodes that (varchar(n): n + 4; numeric(p, s): (p << 16 | s) + 4); -1: nothing.
struct Type {
  TypeId id = TypeId::none;
  std::int32_t modifier = -1;
  bool operator==(const Type&) const = default;
};

/// One label of an enum, in the order of its type.
struct EnumLabel {
  std::int64_t oid = 0;  ///< the value
  std::string label;
};

struct TypeInfo {
  TypeId id = TypeId::none;
  std::string name;   ///< as in pg_type: "int4", "_text"
  std::string title;  ///< as SQL spells it: "integer", "text[]"
  char category = 'U';
  bool is_preferred = false;
  TypeId element = TypeId::none;  ///< of an array
  TypeId array = TypeId::none;    ///< the type of its arrays
  std::int16_t length = -1;       ///< as in pg_type: bytes; -1: varies
  Kind kind = Kind::null;         ///< how its values are kept
  std::vector<EnumLabel> labels = {};

  bool is_array() const { return element != TypeId::none; }
  bool is_enum() const { return category == 'E'; }
};

/// Those that are built in. Null: no such type.
const TypeInfo* builtin_type(TypeId id);
const TypeInfo* builtin_type(std::string_view name);
std::span<const TypeInfo> builtin_types();

/// All types that a statement can see.
class Types {
 public:
  virtual ~Types() = default;
  /// Null: no such type.
  virtual const TypeInfo* find(TypeId id) const = 0;
  virtual const TypeInfo* find(std::string_view name) const = 0;
  const TypeInfo& get(TypeId id) const;
  /// "character varying(10)", as format_type() writes it.
  std::string title(Type type) const;
  std::string title(TypeId id) const { return title(Type{id, -1}); }
};

/// Any of the pseudo-types that stand for others: any, anyelement, anyarray, ...
bool is_polymorphic(TypeId id);

}  // namespace firedrill::sim::postgres
