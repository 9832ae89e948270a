#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/postgres/generated_text.h"

namespace firedrill::test {

/// The types that generated statements know, by the names that templates of expressions use.
enum class Sort {
  i2,
  i4,
  i8,
  num,
  f8,
  boolean,
  text,
  vc,
  bc,
  bytea,
  uuid,
  tstz,
  ts,
  date,
  iv,
  jsonb,
  i4s,
  texts,
  mood
};
inline constexpr std::size_t kSorts = 19;

std::string_view name_of(Sort sort);
/// As SQL spells it: "numeric(8,2)".
std::string_view type_of(Sort sort);
std::optional<Sort> sort_named(std::string_view name);
Sort any_sort(Draw& draw);

/// Constants of a type, as SQL; equal ones look alike, so that it does not show which of two that
/// are equal was taken.
std::string typed_literal(Draw& draw, Sort sort);
/// The same without quotes or a type: what a parameter is given.
std::string raw_literal(Draw& draw, Sort sort);

struct GeneratedColumn {
  std::string name;
  Sort sort = Sort::i4;
  bool not_null = false;
  bool is_generated = false;
  bool is_identity = false;
  bool has_default = false;
  bool is_unique = false;
  bool is_reference = false;
};

/// As the statements so far would have made it, had none of them failed.
struct GeneratedTable {
  std::string name;
  std::vector<GeneratedColumn> columns;
  std::vector<std::string> key;                   ///< the columns of its primary key
  std::vector<std::vector<std::string>> uniques;  ///< without the primary key
  std::vector<std::string> constraints;
  std::vector<std::string> indexes;
};

struct GeneratedSchema {
  std::vector<GeneratedTable> tables;
  std::vector<std::string> sequences;
  int made_names = 0;
};

}  // namespace firedrill::test
