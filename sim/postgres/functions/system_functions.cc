#include <algorithm>

#include "sim/postgres/catalog/system/system_environment.h"
#include "sim/postgres/functions/families.h"

namespace firedrill::sim::postgres {

namespace {

Value version(Call&) {
  return Value::of("PostgreSQL 15.18 (simulated by Firedrill), deterministic, 64-bit");
}

Value current_database(Call& call) {
  return Value::of(call.environment.database());
}

Value current_user(Call& call) {
  return Value::of(call.environment.user());
}

/// That new tables go to.
Value current_schema(Call& call) {
  const auto* system = dynamic_cast<SystemEnvironment*>(&call.environment);
  if (system == nullptr) return Value::of("public");
  const auto schema = system->creation_schema();
  return schema ? Value::of(*schema) : Value();
}

Value backend_pid(Call& call) {
  return Value::of(call.environment.backend());
}

Value current_setting(Call& call) {
  return Value::of(call.environment.setting(call[0].text()));
}

/// NULL for a parameter that is not there, if so wanted.
Value current_setting_or_null(Call& call) {
  try {
    return current_setting(call);
  } catch (const SqlError& error) {
    if (!call[1].boolean() || error.sqlstate != sqlstate::kUndefinedObject) throw;
    return {};
  }
}

Value pg_typeof(Call& call) {
  return Value::of(static_cast<std::int64_t>(call.site.arguments[0].id));
}

Value num_nulls(Call& call) {
  return Value::of(static_cast<std::int64_t>(
      std::ranges::count_if(call.arguments, [](const Value& value) { return value.is_null(); })));
}

Value num_nonnulls(Call& call) {
  return Value::of(static_cast<std::int64_t>(
      std::ranges::count_if(call.arguments, [](const Value& value) { return !value.is_null(); })));
}

/// There are no comments on anything.
Value no_description(Call&) {
  return {};
}

constexpr FunctionRow kRows[] = {
    {"version", "", "text", version},
    {"current_database", "", "name", current_database},
    {"current_catalog", "", "name", current_database},
    {"current_user", "", "name", current_user},
    {"session_user", "", "name", current_user},
    {"current_role", "", "name", current_user},
    {"user", "", "name", current_user},
    {"current_schema", "", "name", current_schema},
    {"pg_backend_pid", "", "int4", backend_pid},
    {"current_setting", "text", "text", current_setting},
    {"current_setting", "text bool", "text", current_setting_or_null},
    {"pg_typeof", "any", "regtype", pg_typeof, false},
    {"num_nulls", "variadic any", "int4", num_nulls, false},
    {"num_nonnulls", "variadic any", "int4", num_nonnulls, false},
    {"shobj_description", "oid name", "text", no_description},
};

}  // namespace

FunctionFamily system_family() {
  return {.functions = kRows};
}

}  // namespace firedrill::sim::postgres
