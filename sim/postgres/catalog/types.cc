#include "sim/postgres/catalog/types.h"

#include <algorithm>
#include <array>
#include <utility>

namespace firedrill::sim::postgres {

namespace {

using enum TypeId;

struct Base {
  TypeId id;
  TypeId array;
  const char* name;
  const char* title;
  char category;
  bool is_preferred;
  std::int16_t length;
  Kind kind;
};

constexpr auto kBases = std::to_array<Base>({
    {boolean, bool_array, "bool", "boolean", 'B', true, 1, Kind::boolean},
    {bytea, bytea_array, "bytea", "bytea", 'U', false, -1, Kind::text},
    {single_char, char_array, "char", "\"char\"", 'Z', false, 1, Kind::text},
    {name, name_array, "name", "name", 'S', false, 64, Kind::text},
    {int8, int8_array, "int8", "bigint", 'N', false, 8, Kind::integer},
    {int2, int2_array, "int2", "smallint", 'N', false, 2, Kind::integer},
    {int4, int4_array, "int4", "integer", 'N', false, 4, Kind::integer},
    {text, text_array, "text", "text", 'S', true, -1, Kind::text},
    {oid, oid_array, "oid", "oid", 'N', true, 4, Kind::integer},
    {json, json_array, "json", "json", 'U', false, -1, Kind::text},
    {float4, float4_array, "float4", "real", 'N', false, 4, Kind::real},
    {float8, float8_array, "float8", "double precision", 'N', true, 8, Kind::real},
    {unknown, none, "unknown", "unknown", 'X', false, -2, Kind::text},
    {macaddr, none, "macaddr", "macaddr", 'U', false, 6, Kind::text},
    {bpchar, bpchar_array, "bpchar", "character", 'S', false, -1, Kind::text},
    {varchar, varchar_array, "varchar", "character varying", 'S', false, -1, Kind::text},
    {date, date_array, "date", "date", 'D', false, 4, Kind::integer},
    {time, time_array, "time", "time without time zone", 'D', false, 8, Kind::integer},
    {timestamp, timestamp_array, "timestamp", "timestamp without time zone", 'D', false, 8,
     Kind::integer},
    {timestamptz, timestamptz_array, "timestamptz", "timestamp with time zone", 'D', true, 8,
     Kind::integer},
    {interval, interval_array, "interval", "interval", 'T', true, 16, Kind::interval},
    {numeric, numeric_array, "numeric", "numeric", 'N', false, -1, Kind::numeric},
    {regclass, regclass_array, "regclass", "regclass", 'N', false, 4, Kind::integer},
    {regtype, regtype_array, "regtype", "regtype", 'N', false, 4, Kind::integer},
    {static_cast<TypeId>(4089), static_cast<TypeId>(4090), "regnamespace", "regnamespace", 'N',
     false, 4, Kind::integer},
    {record, record_array, "record", "record", 'P', false, -1, Kind::record},
    {any, none, "any", "\"any\"", 'P', false, 4, Kind::null},
    {anyarray, none, "anyarray", "anyarray", 'P', false, -1, Kind::array},
    {void_, none, "void", "void", 'P', false, 4, Kind::text},
    {anyelement, none, "anyelement", "anyelement", 'P', false, 4, Kind::null},
    {anynonarray, none, "anynonarray", "anynonarray", 'P', false, 4, Kind::null},
    {uuid, uuid_array, "uuid", "uuid", 'U', false, 16, Kind::text},
    {anyenum, none, "anyenum", "anyenum", 'P', false, 4, Kind::integer},
    {tsvector, tsvector_array, "tsvector", "tsvector", 'U', false, -1, Kind::ts_vector},
    {tsquery, tsquery_array, "tsquery", "tsquery", 'U', false, -1, Kind::ts_query},
    {jsonb, jsonb_array, "jsonb", "jsonb", 'U', false, -1, Kind::json},
    {anycompatible, none, "anycompatible", "anycompatible", 'P', false, 4, Kind::null},
    {anycompatiblearray, none, "anycompatiblearray", "anycompatiblearray", 'P', false, -1,
     Kind::array},
});

std::vector<TypeInfo> all_builtin() {
  std::vector<TypeInfo> types;
  for (const Base& base : kBases) {
    types.push_back({.id = base.id,
                     .name = base.name,
                     .title = base.title,
                     .category = base.category,
                     .is_preferred = base.is_preferred,
                     .array = base.array,
                     .length = base.length,
                     .kind = base.kind});
    if (base.array == none) continue;
    types.push_back({.id = base.array,
                     .name = std::string("_") + base.name,
                     .title = std::string(base.title) + "[]",
                     .category = base.id == record ? 'P' : 'A',
                     .element = base.id,
                     .kind = Kind::array});
  }
  std::ranges::sort(types, {}, &TypeInfo::id);
  return types;
}

const std::vector<TypeInfo>& builtin() {
  static const std::vector<TypeInfo> kTypes = all_builtin();
  return kTypes;
}

std::string with_modifier(std::string_view title, Type type) {
  const std::int32_t modifier = type.modifier;
  const auto in_parentheses = [&](const std::string& inner) {
    // timestamp(3) with time zone: after the first word.
    const std::size_t blank = type.id == TypeId::varchar ? std::string_view::npos : title.find(' ');
    std::string text(title.substr(0, blank));
    text += "(" + inner + ")";
    if (blank != std::string_view::npos) text += title.substr(blank);
    return text;
  };
  switch (type.id) {
    case TypeId::varchar:
    case TypeId::bpchar: return in_parentheses(std::to_string(modifier - 4));
    case TypeId::numeric: {
      const std::int32_t packed = modifier - 4;
      const std::int32_t scale = ((packed & 0x7ff) ^ 1024) - 1024;
      return in_parentheses(std::to_string((packed >> 16) & 0xffff) + "," + std::to_string(scale));
    }
    case TypeId::time:
    case TypeId::timestamp:
    case TypeId::timestamptz: return in_parentheses(std::to_string(modifier));
    default: return std::string(title);
  }
}

}  // namespace

std::span<const TypeInfo> builtin_types() {
  return builtin();
}

const TypeInfo* builtin_type(TypeId id) {
  const auto found = std::ranges::lower_bound(builtin(), id, {}, &TypeInfo::id);
  return found != builtin().end() && found->id == id ? &*found : nullptr;
}

const TypeInfo* builtin_type(std::string_view name) {
  const auto found = std::ranges::find(builtin(), name, &TypeInfo::name);
  return found != builtin().end() ? &*found : nullptr;
}

const TypeInfo& Types::get(TypeId id) const {
  const TypeInfo* info = find(id);
  check(info != nullptr, "the type is in the catalogue");
  return *info;
}

std::string Types::title(Type type) const {
  const TypeInfo& info = get(type.id);
  if (type.modifier < 0) return info.title;
  if (info.is_array()) return title(Type{info.element, type.modifier}) + "[]";
  return with_modifier(info.title, type);
}

bool is_polymorphic(TypeId id) {
  return id == any || id == anyarray || id == anyelement || id == anynonarray || id == anyenum ||
         id == anycompatible || id == anycompatiblearray;
}

}  // namespace firedrill::sim::postgres
