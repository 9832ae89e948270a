#include "sim/postgres/query/volatility.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace firedrill::sim::postgres {

namespace {

/// Functions all of which are stable or volatile, by name, in order.
constexpr auto kByName = std::to_array<std::string_view>({
    "array_to_json",
    "array_to_string",
    "clock_timestamp",
    "col_description",
    "concat",
    "concat_ws",
    "convert_from",
    "convert_to",
    "current_database",
    "current_date",
    "current_schema",
    "current_setting",
    "current_user",
    "currval",
    "enum_first",
    "enum_last",
    "enum_range",
    "format",
    "format_type",
    "gen_random_uuid",
    "json_build_array",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "lastval",
    "localtime",
    "localtimestamp",
    "make_timestamptz",
    "nextval",
    "now",
    "obj_description",
    "random",
    "row_to_json",
    "session_user",
    "set_config",
    "setseed",
    "setval",
    "statement_timestamp",
    "to_char",
    "to_date",
    "to_json",
    "to_jsonb",
    "to_number",
    "transaction_timestamp",
    "txid_current",
    "version",
});

bool is_zoned(TypeId id) {
  return id == TypeId::timestamptz;
}
bool is_date(TypeId id) {
  return id == TypeId::date || id == TypeId::timestamp;
}

/// Whether reading or printing it depends on settings of the session.
bool is_text_form_stable(const Types& types, TypeId id) {
  const TypeInfo& info = types.get(id);
  return info.is_array() || info.is_enum() || is_zoned(id) || is_date(id) || id == TypeId::time ||
         id == TypeId::interval || id == TypeId::record || id == TypeId::regclass ||
         id == TypeId::regtype;
}

bool is_call_immutable(const FunctionCall& call, const Types& types) {
  const std::string_view name = call.name();
  if (call.is_volatile() || std::ranges::binary_search(kByName, name)) return false;
  if (name.starts_with("pg_") || name.starts_with("txid_")) return false;
  const auto& given = call.site().arguments;
  const auto has = [&](auto&& rule) {
    return std::ranges::any_of(given, [&](Type type) { return rule(type.id); });
  };
  const bool zoned = has(is_zoned);
  if (name == "age" && given.size() == 1) return false;
  if (name == "quote_literal" || name == "quote_nullable") {
    return !is_text_form_stable(types, given[0].id);  // as its cast to text, which it is made of
  }
  if (name == "to_timestamp" && given.size() == 2) return false;
  if (name == "||") {
    // Of a text and something else: as its cast to text is.
    const bool text = has([](TypeId id) { return id == TypeId::text; });
    const bool array = has([&](TypeId id) { return types.get(id).is_array(); });
    return !text || array || !has([&](TypeId id) { return is_text_form_stable(types, id); });
  }
  if (name == "+" || name == "-") {
    return !zoned || !has([](TypeId id) { return id == TypeId::interval; });
  }
  if (name == "timestamptz") return !has(is_date);
  // With a time zone beside one without: comparisons; parts of it: in the session's zone.
  const bool is_comparison =
      name == "=" || name == "<>" || name.starts_with('<') || name.starts_with('>');
  if (is_comparison) return !zoned || !has(is_date);
  if (name == "date" || name == "time" || name == "timestamp" || name == "date_part" ||
      name == "date_trunc" || name == "extract") {
    return !zoned;
  }
  if (name == "overlaps") {
    return !zoned || !has([](TypeId id) { return id == TypeId::interval; });
  }
  if (name == "to_tsvector" || name.ends_with("to_tsquery")) return given.size() > 1;
  return true;
}

}  // namespace

bool is_immutable_itself(const Expression& part, const Types& types) {
  if (const auto* call = dynamic_cast<const FunctionCall*>(&part))
    return is_call_immutable(*call, types);
  if (dynamic_cast<const TextCast*>(&part) != nullptr) {
    return !is_text_form_stable(types, part.type.id) &&
           !is_text_form_stable(types, part.children[0]->type.id);
  }
  if (const auto* array = dynamic_cast<const ArrayCast*>(&part)) {
    return is_immutable(*array->element, types);
  }
  if (const auto* compared = dynamic_cast<const ArrayComparison*>(&part)) {
    return is_immutable(*compared->comparison, types);
  }
  return dynamic_cast<const NextValue*>(&part) == nullptr;
}

bool is_immutable(Expression& expression, const Types& types) {
  if (expression.is_always_null()) return true;
  if (!is_immutable_itself(expression, types)) return false;
  for (ExpressionPtr& child : expression.children) {
    if (child != nullptr && !is_immutable(*child, types)) return false;
  }
  return true;
}

}  // namespace firedrill::sim::postgres
