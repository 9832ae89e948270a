#include "sim/postgres/functions/registry.h"

#include "sim/postgres/catalog/system/system_tables.h"
#include "sim/postgres/functions/session_functions.h"

namespace firedrill::sim::postgres {

const std::vector<FunctionFamily>& function_families() {
  static const std::vector<FunctionFamily> kFamilies = {
      comparison_family(),       integer_family(),  real_family(),    numeric_family(),
      boolean_family(),          text_family(),     pattern_family(), binary_family(),
      datetime_family(),         json_family(),     array_family(),   text_search_family(),
      aggregate_family(),        system_family(),   session_family(), number_format_family(),
      datetime_reading_family(), overlaps_family(), enum_family(),    catalog_family(),
  };
  return kFamilies;
}

}  // namespace firedrill::sim::postgres
