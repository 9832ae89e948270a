#include "tests/conformance/postgres/generated_schema.h"

#include <algorithm>
#include <array>

namespace firedrill::test {

namespace {

struct SortRow {
  std::string_view name;
  std::string_view type;
  std::string_view cast;
  std::array<std::string_view, 10> values;
};

constexpr std::array<SortRow, kSorts> kRows = {{
    {"i2", "smallint", "smallint", {"0", "1", "2", "3", "5", "7", "10", "-4", "42", "-32768"}},
    {"i4", "integer", "integer", {"0", "1", "2", "3", "4", "6", "-1", "17", "99", "2147483647"}},
    {"i8", "bigint", "bigint", {"0", "1", "2", "8", "-3", "100", "64", "5000000000", "12", "-77"}},
    {"num",
     "numeric(8,2)",
     "numeric(8,2)",
     {"0.00", "1.00", "1.50", "-2.25", "10.10", "3.33", "999999.99", "0.01", "7.00", "-0.50"}},
    {"f8",
     "double precision",
     "double precision",
     {"0", "1", "1.5", "-2.25", "0.125", "3", "100", "-0.5", "1024", "7.75"}},
    {"bool", "boolean", "boolean", {"t", "f", "true", "false", "t", "f", "t", "f", "t", "f"}},
    {"text",
     "text",
     "text",
     {"", "a", "b", "abc", "Ab c", "x_y%z", "hello world", "zz", "\xc3\xa9t\xc3\xa9", "12"}},
    {"vc",
     "varchar(12)",
     "varchar(12)",
     {"a", "b", "red", "green", "Blue", "a b", "x%", "", "c-d", "longer one"}},
    {"bc", "char(4)", "char(4)", {"a", "b", "ab", "abcd", "x y", "", "Q", "zz", "1234", "B"}},
    {"bytea",
     "bytea",
     "bytea",
     {"\\x", "\\x00", "\\x01ff", "\\xdeadbeef", "abc", "\\x61", "\\x6162", "z", "\\x7f80",
      "\\x0a0b0c"}},
    {"uuid",
     "uuid",
     "uuid",
     {"00000000-0000-0000-0000-000000000000", "11111111-2222-3333-4444-555555555555",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12",
      "ffffffff-ffff-ffff-ffff-ffffffffffff", "12345678-1234-1234-1234-123456789abc",
      "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002",
      "00000000-0000-0000-0000-000000000003", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a13"}},
    {"tstz",
     "timestamptz",
     "timestamptz",
     {"2020-01-01 00:00:00+00", "2020-02-29 12:30:00+00", "1999-12-31 23:59:59+00",
      "2021-06-15 08:00:00.5+02", "2000-01-01 00:00:00+00", "2024-03-10 10:10:10+00",
      "1970-01-01 00:00:00+00", "2020-01-01 00:00:01+00", "2022-11-05 17:45:00-05",
      "2020-12-31 00:00:00+00"}},
    {"ts",
     "timestamp",
     "timestamp",
     {"2020-01-01 00:00:00", "2020-02-29 12:30:00", "1999-12-31 23:59:59", "2021-06-15 08:00:00.25",
      "2000-01-01 00:00:00", "2024-03-10 10:10:10", "1970-01-01 00:00:00", "2020-01-01 00:00:01",
      "2022-11-05 17:45:00", "2020-12-31 00:00:00"}},
    {"date",
     "date",
     "date",
     {"2020-01-01", "2020-02-29", "1999-12-31", "2021-06-15", "2000-01-01", "2024-03-10",
      "1970-01-01", "2023-10-09", "2022-11-05", "2020-12-31"}},
    {"iv",
     "interval",
     "interval",
     {"0", "1 day", "2 days 03:00:00", "1 mon", "1 year 2 mons", "00:00:01.5", "-3 days",
      "05:30:00", "10 days", "-00:10:00"}},
    {"jsonb",
     "jsonb",
     "jsonb",
     {"null", "1", "\"s\"", "{}", "[]", "{\"a\": 1}", "{\"a\": {\"b\": [1, 2]}, \"c\": \"x\"}",
      "[1, \"two\", null, true]", "{\"a\": null, \"b\": false}", "[{\"a\": 2}, {\"b\": 3}]"}},
    {"i4s",
     "integer[]",
     "integer[]",
     {"{}", "{1}", "{1,2}", "{3,NULL,5}", "{2,1}", "{1,1,2}", "{{1,2},{3,4}}", "{0}", "{-1,7}",
      "{10,20,30}"}},
    {"texts",
     "text[]",
     "text[]",
     {"{}", "{a}", "{a,b}", "{b,NULL}", "{\"x y\",z}", "{\"\"}", "{NULL}", "{abc,ab,a}", "{b,a}",
      "{\"q\\\"t\"}"}},
    {"mood",
     "mood",
     "mood",
     {"sad", "ok", "happy", "sad", "ok", "happy", "very happy", "ok", "sad", "happy"}},
}};

const SortRow& row_of(Sort sort) {
  return kRows.at(static_cast<std::size_t>(sort));
}

std::string quoted(std::string_view text) {
  std::string quotes = "'";
  for (const char c : text) quotes += c == '\'' ? std::string("''") : std::string(1, c);
  return quotes + "'";
}

}  // namespace

std::string_view name_of(Sort sort) {
  return row_of(sort).name;
}
std::string_view type_of(Sort sort) {
  return row_of(sort).type;
}

std::optional<Sort> sort_named(std::string_view name) {
  const auto* found = std::ranges::find(kRows, name, &SortRow::name);
  if (found == kRows.end()) return std::nullopt;
  return static_cast<Sort>(found - kRows.begin());
}

Sort any_sort(Draw& draw) {
  return static_cast<Sort>(draw.below(kSorts));
}

std::string raw_literal(Draw& draw, Sort sort) {
  // The last of numbers is at the edge of its type: seldom, for sums of them fail.
  const auto& values = row_of(sort).values;
  return std::string(values.at(draw.one_in(6) ? draw.below(10) : draw.below(9)));
}

std::string typed_literal(Draw& draw, Sort sort) {
  const std::string raw = raw_literal(draw, sort);
  const bool is_plain = sort == Sort::i4 || sort == Sort::num;
  if (is_plain && draw.percent(80)) return raw[0] == '-' ? "(" + raw + ")" : raw;
  if (sort == Sort::boolean && draw.percent(70)) return raw[0] == 't' ? "true" : "false";
  const bool is_text = sort == Sort::text || sort == Sort::vc;
  if (is_text && draw.percent(70)) return quoted(raw);
  if (draw.one_in(12)) return quoted(raw);
  if (draw.one_in(4)) return "CAST(" + quoted(raw) + " AS " + std::string(row_of(sort).cast) + ")";
  return quoted(raw) + "::" + std::string(row_of(sort).cast);
}

}  // namespace firedrill::test
