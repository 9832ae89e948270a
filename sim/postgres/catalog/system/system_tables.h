#pragma once

#include <memory>
#include <string_view>

#include "sim/postgres/catalog/tables.h"
#include "sim/postgres/functions/function.h"

namespace firedrill::sim::postgres {

/// A table of pg_catalog: its rows are made when somebody reads it, by a function of no arguments.
/// Null: there is none of that name.
const SetFunctionRow* find_system_table(std::string_view schema, std::string_view name);

/// A view of pg_catalog or information_schema, as the text of its query. Empty: there is none.
std::string_view find_system_view(std::string_view schema, std::string_view name);

/// The oid of a table of the catalogue itself; 0: it has none that is known here.
Oid system_table_oid(std::string_view name);
std::string_view system_table_name(Oid oid);

/// format_type(), pg_get_indexdef(), pg_table_is_visible(), ...
FunctionFamily catalog_family();

}  // namespace firedrill::sim::postgres
