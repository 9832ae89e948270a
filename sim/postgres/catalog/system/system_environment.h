#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/postgres/catalog/catalog.h"
#include "sim/postgres/functions/function.h"

namespace firedrill::sim::postgres {

/// One session as pg_stat_activity shows it.
struct SessionActivity {
  std::int32_t pid = 0;
  std::string application_name;
  std::string state;
  std::string query;
  std::string wait_event_type;  ///< empty: it does not wait
  std::string wait_event;
  std::int64_t session_start = 0;
  std::optional<std::int64_t> transaction_start;
  std::int64_t query_start = 0;
};

/// What the tables and functions of pg_catalog ask of the session that reads them.
class SystemEnvironment {
 public:
  virtual ~SystemEnvironment() = default;
  virtual const Catalog& catalog() const = 0;
  virtual Catalog::Counts catalog_counts() const = 0;
  /// Whether search_path leads to it by its name alone.
  virtual bool is_visible(std::string_view schema, std::string_view name) const = 0;
  /// In quotes if need be, and with its schema where its name alone does not lead to it.
  virtual std::string visible_name(std::string_view schema, std::string_view name) const = 0;
  /// The schema that new tables go to; nothing: there is none.
  virtual std::optional<std::string> creation_schema() const = 0;
  /// As PostgreSQL would write it; `pretty`: without parentheses that nobody needs.
  virtual std::string expression_text(const StoredExpression& expression, const Table& table,
                                      const Type* assigned_to, bool pretty) = 0;
  virtual std::vector<std::pair<std::string, std::string>> all_settings() const = 0;
  virtual std::vector<SessionActivity> activity() const = 0;
  /// What COMMENT ON has said of it; nothing: nothing.
  virtual std::optional<std::string> comment_on(Oid object, std::int64_t column) const = 0;
};

inline SystemEnvironment& system_of(Call& call) {
  return dynamic_cast<SystemEnvironment&>(call.environment);
}

}  // namespace firedrill::sim::postgres
