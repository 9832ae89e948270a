#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/postgres/query/parse.h"

namespace firedrill::sim::postgres {

/// What stands after WITH of a COPY.
struct CopyOptions {
  enum class Header : std::uint8_t { none, line, match };
  bool is_csv = false;
  char delimiter = '\t';
  std::string null = "\\N";
  Header header = Header::none;
  char quote = '"';
  char escape = '"';
  bool freezes = false;
  bool quotes_all = false;  ///< FORCE_QUOTE *
  // Columns' names.
  std::vector<std::string> force_quote;
  std::vector<std::string> force_not_null;
  std::vector<std::string> force_null;
};

/// Throws 22023, 42601, 0A000 as PostgreSQL does.
CopyOptions copy_options_of(const ParseTree& tree, const PgQuery__CopyStmt& node);

}  // namespace firedrill::sim::postgres
