#include "sim/postgres/values/text_form.h"

#include <algorithm>
#include <cstdint>

#include "sim/postgres/catalog/system/system_environment.h"
#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/array_text.h"
#include "sim/postgres/values/binary_text.h"
#include "sim/postgres/values/characters.h"
#include "sim/postgres/values/datetime.h"
#include "sim/postgres/values/json.h"
#include "sim/postgres/values/number_text.h"
#include "sim/postgres/values/numeric.h"
#include "sim/postgres/values/quoting.h"
#include "sim/postgres/values/text_search.h"

namespace firedrill::sim::postgres {

namespace {

/// A name has 63 bytes at most; what is cut is cut between characters.
constexpr std::size_t kMaxNameBytes = 63;

std::string as_name(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && size + character_size(text[size]) <= kMaxNameBytes) {
    size += character_size(text[size]);
  }
  return std::string(text.substr(0, size));
}

bool is_octal(char digit, char last) {
  return digit >= '0' && digit <= last;
}

/// A "char" is kept as its byte, and the byte 0 as no byte; \ooo is how those beyond ASCII are
/// written.
std::string parse_single_char(std::string_view text) {
  if (text.size() == 4 && text[0] == '\\' && is_octal(text[1], '3') && is_octal(text[2], '7') &&
      is_octal(text[3], '7')) {
    const int byte = (text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0');
    return byte == 0 ? "" : std::string(1, static_cast<char>(byte));
  }
  return std::string(text.substr(0, 1));
}

std::string print_single_char(const std::string& text) {
  if (text.empty() || static_cast<unsigned char>(text[0]) < 0x80) return text;
  const auto byte = static_cast<unsigned char>(text[0]);
  std::string shown = "\\";
  for (const unsigned shift : {6U, 3U, 0U})
    shown += static_cast<char>('0' + ((byte >> shift) & 7U));
  return shown;
}

Value parse_label(const TypeInfo& info, std::string_view text) {
  const auto found = std::ranges::find(info.labels, text, &EnumLabel::label);
  if (found == info.labels.end()) {
    fail(sqlstate::kInvalidTextRepresentation,
         "invalid input value for enum " + info.name + ": \"" + std::string(text) + "\"");
  }
  return Value::of(found->oid);
}

std::string print_label(const TypeInfo& info, std::int64_t oid) {
  const auto found = std::ranges::find(info.labels, oid, &EnumLabel::oid);
  check(found != info.labels.end(), "an enum's value is one of its labels");
  return found->label;
}

std::string print_type_name(const Types& types, std::int64_t oid) {
  if (oid == 0) return "-";
  const TypeInfo* info = types.find(static_cast<TypeId>(oid));
  return info != nullptr ? types.title(info->id) : std::to_string(oid);
}

constexpr auto kRegnamespace = static_cast<TypeId>(4089);

std::string print_schema_name(const Environment& environment, std::int64_t oid) {
  const auto* system = dynamic_cast<const SystemEnvironment*>(&environment);
  if (system == nullptr) unsupported("regnamespace");
  for (const auto& schema : system->catalog().schemas(system->catalog_counts())) {
    if (schema.oid == oid) return quote_identifier(schema.name);
  }
  return std::to_string(oid);
}

/// By the name of pg_type, or as SQL spells it.
std::int64_t parse_type_name(const Environment& environment, std::string_view text) {
  if (text == "-") return 0;
  if (!text.empty() && text[0] >= '0' && text[0] <= '9') return parse_oid(text);
  const Types& types = environment.types();
  if (const TypeInfo* info = types.find(text)) return static_cast<std::int64_t>(info->id);
  for (const TypeInfo& info : builtin_types()) {
    if (info.title == text) return static_cast<std::int64_t>(info.id);
  }
  fail(sqlstate::kUndefinedObject, "type \"" + std::string(text) + "\" does not exist");
}

Value parse_json_text(std::string_view text) {
  check_json_text(text);
  return Value::of(text);
}

/// A copy, for g++ 12 takes what is left of a moved variant for uninitialised memory.
Value parse_jsonb(std::string_view text) {
  const Json json = parse_json(text);
  return Value::boxed(json);
}

/// Of a type that has no modifier, or without regard to it.
Value parse_plain(const Environment& environment, const TypeInfo& info, std::string_view text) {
  switch (info.id) {
    case TypeId::boolean: return Value::of(parse_boolean(text));
    case TypeId::bytea: return Value::of(parse_bytea(text));
    case TypeId::single_char: return Value::of(parse_single_char(text));
    case TypeId::name: return Value::of(as_name(text));
    case TypeId::int2: return Value::of(parse_int2(text));
    case TypeId::int4: return Value::of(parse_int4(text));
    case TypeId::int8: return Value::of(parse_int8(text));
    case TypeId::oid: return Value::of(parse_oid(text));
    case TypeId::regtype: return Value::of(parse_type_name(environment, text));
    case TypeId::regclass: {
      const bool is_number = !text.empty() && text[0] >= '0' && text[0] <= '9';
      return is_number ? Value::of(parse_oid(text)) : Value::of(environment.relation_named(text));
    }
    case TypeId::text:
    case TypeId::unknown:
    case TypeId::bpchar:
    case TypeId::varchar: return Value::of(text);
    case TypeId::void_: return Value::of("");
    case TypeId::json: return parse_json_text(text);
    case TypeId::jsonb: return parse_jsonb(text);
    case TypeId::float4: return Value::of(parse_float4(text));
    case TypeId::float8: return Value::of(parse_float8(text));
    case TypeId::numeric: return Value::boxed(parse_numeric(text));
    case TypeId::date: return Value::of(parse_date(text, environment));
    case TypeId::time: return Value::of(parse_time(text));
    case TypeId::timestamp: return Value::of(parse_timestamp(text, environment));
    case TypeId::timestamptz: return Value::of(parse_timestamptz(text, environment));
    case TypeId::interval: return Value::boxed(parse_interval(text));
    case TypeId::uuid: return Value::of(parse_uuid(text));
    case TypeId::tsvector: return Value::boxed(parse_tsvector(text));
    case TypeId::tsquery: return Value::boxed(parse_tsquery(text));
    case TypeId::record:
      fail(sqlstate::kFeatureNotSupported, "input of anonymous composite types is not implemented");
    default: break;
  }
  if (info.is_enum()) return parse_label(info, text);
  if (is_polymorphic(info.id)) {
    fail(sqlstate::kFeatureNotSupported, "cannot accept a value of type " + info.title);
  }
  unsupported("input of type " + info.title);
}

}  // namespace

Value from_text(const Environment& environment, Type type, std::string_view text) {
  check_utf8(text);
  const TypeInfo& info = environment.types().get(type.id);
  if (info.is_array()) return parse_array(environment, type, text);
  Value value = parse_plain(environment, info, text);
  if (type.modifier < 0) return value;
  return apply_modifier(environment, type, std::move(value), false);
}

std::string to_text(const Environment& environment, TypeId type, const Value& value) {
  switch (type) {
    case TypeId::boolean: return value.boolean() ? "t" : "f";
    case TypeId::bytea: return print_bytea(value.text());
    case TypeId::single_char: return print_single_char(value.text());
    case TypeId::int2:
    case TypeId::int4:
    case TypeId::int8:
    case TypeId::oid: return std::to_string(value.integer());
    case TypeId::name:
    case TypeId::text:
    case TypeId::unknown:
    case TypeId::bpchar:
    case TypeId::varchar:
    case TypeId::json: return value.text();
    case TypeId::void_: return "";
    case TypeId::jsonb: return print_json(value.as<Json>());
    case TypeId::float4: return print_float4(value.real());
    case TypeId::float8: return print_float8(value.real());
    case TypeId::numeric: return print_numeric(value.as<Numeric>());
    case TypeId::date: return print_date(value.integer());
    case TypeId::time: return print_time(value.integer());
    case TypeId::timestamp: return print_timestamp(value.integer());
    case TypeId::timestamptz: return print_timestamptz(value.integer(), environment.zone_offset());
    case TypeId::interval: return print_interval(value.as<Interval>());
    case TypeId::uuid: return print_uuid(value.text());
    case TypeId::tsvector: return print_tsvector(value.as<TsVector>());
    case TypeId::tsquery: return print_tsquery(value.as<TsQuery>());
    case TypeId::record: return print_record(environment, value.as<Record>());
    case TypeId::regtype: return print_type_name(environment.types(), value.integer());
    case TypeId::regclass: return environment.relation_name(value.integer());
    default: break;
  }
  if (type == kRegnamespace) return print_schema_name(environment, value.integer());
  const TypeInfo& info = environment.types().get(type);
  if (info.is_enum()) return print_label(info, value.integer());
  if (value.kind() == Kind::array) return print_array(environment, value.as<Array>());
  unsupported("output of type " + info.title);
}

}  // namespace firedrill::sim::postgres
