#include "sim/postgres/values/quoting.h"

#include <algorithm>
#include <array>

namespace firedrill::sim::postgres {

namespace {

/// All keywords but the unreserved ones, sorted.
constexpr auto kKeywords = std::to_array<std::string_view>({"all",
                                                            "analyse",
                                                            "analyze",
                                                            "and",
                                                            "any",
                                                            "array",
                                                            "as",
                                                            "asc",
                                                            "asymmetric",
                                                            "authorization",
                                                            "between",
                                                            "bigint",
                                                            "binary",
                                                            "bit",
                                                            "boolean",
                                                            "both",
                                                            "case",
                                                            "cast",
                                                            "char",
                                                            "character",
                                                            "check",
                                                            "coalesce",
                                                            "collate",
                                                            "collation",
                                                            "column",
                                                            "concurrently",
                                                            "constraint",
                                                            "create",
                                                            "cross",
                                                            "current_catalog",
                                                            "current_date",
                                                            "current_role",
                                                            "current_schema",
                                                            "current_time",
                                                            "current_timestamp",
                                                            "current_user",
                                                            "dec",
                                                            "decimal",
                                                            "default",
                                                            "deferrable",
                                                            "desc",
                                                            "distinct",
                                                            "do",
                                                            "else",
                                                            "end",
                                                            "except",
                                                            "exists",
                                                            "extract",
                                                            "false",
                                                            "fetch",
                                                            "float",
                                                            "for",
                                                            "foreign",
                                                            "freeze",
                                                            "from",
                                                            "full",
                                                            "grant",
                                                            "greatest",
                                                            "group",
                                                            "grouping",
                                                            "having",
                                                            "ilike",
                                                            "in",
                                                            "initially",
                                                            "inner",
                                                            "inout",
                                                            "int",
                                                            "integer",
                                                            "intersect",
                                                            "interval",
                                                            "into",
                                                            "is",
                                                            "isnull",
                                                            "join",
                                                            "lateral",
                                                            "leading",
                                                            "least",
                                                            "left",
                                                            "like",
                                                            "limit",
                                                            "localtime",
                                                            "localtimestamp",
                                                            "national",
                                                            "natural",
                                                            "nchar",
                                                            "none",
                                                            "normalize",
                                                            "not",
                                                            "notnull",
                                                            "null",
                                                            "nullif",
                                                            "numeric",
                                                            "offset",
                                                            "on",
                                                            "only",
                                                            "or",
                                                            "order",
                                                            "out",
                                                            "outer",
                                                            "overlaps",
                                                            "overlay",
                                                            "placing",
                                                            "position",
                                                            "precision",
                                                            "primary",
                                                            "real",
                                                            "references",
                                                            "returning",
                                                            "right",
                                                            "row",
                                                            "select",
                                                            "session_user",
                                                            "setof",
                                                            "similar",
                                                            "smallint",
                                                            "some",
                                                            "substring",
                                                            "symmetric",
                                                            "table",
                                                            "tablesample",
                                                            "then",
                                                            "time",
                                                            "timestamp",
                                                            "to",
                                                            "trailing",
                                                            "treat",
                                                            "trim",
                                                            "true",
                                                            "union",
                                                            "unique",
                                                            "user",
                                                            "using",
                                                            "values",
                                                            "varchar",
                                                            "variadic",
                                                            "verbose",
                                                            "when",
                                                            "where",
                                                            "window",
                                                            "with",
                                                            "xmlattributes",
                                                            "xmlconcat",
                                                            "xmlelement",
                                                            "xmlexists",
                                                            "xmlforest",
                                                            "xmlnamespaces",
                                                            "xmlparse",
                                                            "xmlpi",
                                                            "xmlroot",
                                                            "xmlserialize",
                                                            "xmltable"});

bool is_plain(std::string_view identifier) {
  const auto is_first = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || letter == '_';
  };
  const auto is_next = [&](char letter) {
    return is_first(letter) || (letter >= '0' && letter <= '9');
  };
  return !identifier.empty() && is_first(identifier[0]) &&
         std::ranges::all_of(identifier, is_next) &&
         !std::ranges::binary_search(kKeywords, identifier);
}

void append_doubled(std::string& quoted, std::string_view text, std::string_view doubled) {
  for (char letter : text) {
    if (doubled.find(letter) != std::string_view::npos) quoted += letter;
    quoted += letter;
  }
}

}  // namespace

std::string quote_identifier(std::string_view identifier) {
  if (is_plain(identifier)) return std::string(identifier);
  std::string quoted = "\"";
  append_doubled(quoted, identifier, "\"");
  return quoted + "\"";
}

std::string quote_literal(std::string_view text) {
  std::string quoted = text.find('\\') == std::string_view::npos ? "'" : "E'";
  append_doubled(quoted, text, "'\\");
  return quoted + "'";
}

}  // namespace firedrill::sim::postgres
