#include "tests/fuzz/postgres_inputs.h"

#include <algorithm>
#include <vector>

#include "tests/postgres_wire/frames.h"

namespace firedrill::fuzz {

namespace {

const std::vector<std::string> kDefinitions = {
    "create table t (id int primary key, a int, b text, c numeric(8,2), d timestamptz)",
    "create table u (id serial primary key, t int references t (id) on delete cascade, x text[])",
    "create table v (k text unique, j jsonb, check (k <> 'no'), g int generated always as (1) "
    "stored)",
    "create index on t (a) where a > 1",
    "create unique index t_b on t (b)",
    "create index on v (lower(k))",
    "alter table t add column e int default 5",
    "alter table t drop column e",
    "alter table v add primary key (k)",
    "create sequence s start 5 increment by 2",
    "create type mood as enum ('sad', 'ok')",
    "drop table if exists u, v",
    "drop table t cascade",
    "truncate t, u",
    "create schema if not exists s1",
};

const std::vector<std::string> kStatements = {
    "insert into t values (1, 2, 'x', 1.50, now()) on conflict (id) do update set a = t.a + 1",
    "insert into t (id, a) select x, x * 2 from (values (1), (2), (3)) as w (x) on conflict do "
    "nothing",
    "insert into u (t, x) values (1, '{a,b}') returning *",
    "insert into v values ('k', '{\"a\": [1, 2, null]}')",
    "update t set a = a + 1, b = b || 'y' where id in (1, 2) returning id, a",
    "update t set a = u.id from u where u.t = t.id",
    "delete from t where a > 100 returning *",
    "delete from u using t where t.id = u.t and t.a is null",
    "select * from t order by id desc nulls last limit 2 offset 1",
    "select a, count(*), sum(c) filter (where a > 1) from t group by a having count(*) > 0",
    "select t.id, u.x[1] from t left join u on u.t = t.id where t.b like 'x%' for update of t skip "
    "locked",
    "select row_number() over (partition by a order by id), lag(a) over (order by id) from t",
    "select distinct on (a) a, b from t order by a, id",
    "with w as (select 1 as x union all select 2) select * from w full join t on t.id = w.x",
    "with d as (delete from u returning t) select count(*) from d",
    "select exists (select 1 from t where id = 1), (select max(a) from t), 1 = any (select id from "
    "t)",
    "select j -> 'a' -> 0, j ->> 'a', j @> '{\"a\": []}' from v",
    "select case when 1 = 2 then 'a' else coalesce(null, 'b') end, nullif(1, 1), greatest(1, 2)",
    "select array[1, 2, null] || 3, '{1,2}'::int[] && array[2], array_agg(a order by id) from t",
    "select 'a' ~ '^[a-c]+$', regexp_replace('abc', 'b', 'x'), split_part('a,b', ',', 2)",
    "select '2024-02-29'::date + interval '1 year', date_trunc('hour', now()), extract(dow from "
    "now())",
    "select 1.5::numeric(3,1) * 2, 7 / 2, 7 % 2, -7.5::float8, 'nan'::float8, round(2.5)",
    "select to_tsvector('simple', 'a b') @@ 'a & b', cast('12' as int), 'ok'::text::bytea",
    "select nextval('s'), currval('s'), setval('s', 10)",
    "select 1 / 0",
    "select nothing",
    "values (1, 'a'), (2, null)",
    "table t",
    "begin",
    "begin isolation level serializable",
    "start transaction read only",
    "commit",
    "rollback",
    "savepoint p",
    "rollback to savepoint p",
    "release p",
    "lock table t in share mode",
    "select pg_advisory_lock(1)",
    "select pg_try_advisory_xact_lock(2), pg_advisory_unlock_all()",
    "set application_name to 'me'",
    "set local search_path to s1, public",
    "show timezone",
    "reset all",
    "prepare q (int) as select $1 + 1",
    "execute q (2)",
    "deallocate all",
    "discard all",
    "vacuum t",
    "copy t (id, b) from stdin",
    "copy t from stdin with (format csv, header, null 'nil')",
    "copy (select * from t) to stdout (format csv, force_quote *)",
    "copy v to stdout",
    "select $1::int + 1, $2, $1",
    "insert into t (id, b) values ($1, $2)",
    "select * from t where id = $1 and b = any ($2)",
};

const std::vector<std::string> kTokens = {
    "select",       "from",     "where",  "(",      ")",          ",",
    "null",         "*",        "1",      "-1",     "''",         "'x'",
    "$1",           "$3",       "::int",  "::text", "::date",     "+",
    "||",           "=",        "and",    "not",    "in",         "is",
    "as",           "on",       "t",      "u.t",    "a",          "id",
    "order",        "by",       "limit",  "union",  "all",        "case",
    "end",          "array",    "[",      "]",      "cast",       "row",
    "over",         "default",  "using",  "join",   "values",     ";",
    "0.5",          "1e3",      "'{}'",   "true",   "b",          "x",
    "--",           "/*",       "$$",     "\"",     "'",          "\\",
    "count(",       "max(",     "::mood", "'1'",    "2147483647", "-32769",
    "'2024-13-01'", "E'\\x41'",
};

std::vector<std::string> tokens_of(const std::string& sql) {
  std::vector<std::string> tokens(1);
  for (const char letter : sql) {
    if (letter == ' ') {
      tokens.emplace_back();
    } else {
      tokens.back() += letter;
    }
  }
  return tokens;
}

std::string joined(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += (text.empty() ? "" : " ") + token;
  return text;
}

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : dice_(seed) {}

  std::string make() {
    std::string input;
    add(input, 0,
        test::query("create table t (id int primary key, a int, b text, c numeric(8,2), d "
                    "timestamptz); create sequence s"));
    for (std::size_t steps = 10 + dice_.below(40); steps > 0; --steps) {
      std::string bytes = message();
      while (dice_.one_in(2)) bytes += message();
      if (dice_.one_in(12)) bytes = spoiled(std::move(bytes));
      add(input, static_cast<unsigned>(dice_.below(256)), bytes);
    }
    return input;
  }

 private:
  static void add(std::string& input, unsigned what, std::string bytes) {
    bytes.resize(std::min<std::size_t>(bytes.size(), 0xffff));
    input += static_cast<char>(what);
    input += static_cast<char>(bytes.size() & 0xffU);
    input += static_cast<char>(bytes.size() >> 8U);
    input += bytes;
  }

  std::string right_sql() { return dice_.pick(dice_.one_in(4) ? kDefinitions : kStatements); }

  std::string sql() {
    std::string text = right_sql();
    if (dice_.one_in(3)) text = mutated(text);
    while (dice_.one_in(6)) text += "; " + (dice_.one_in(3) ? mutated(right_sql()) : right_sql());
    return text;
  }

  std::string mutated(const std::string& text) {
    std::vector<std::string> tokens = tokens_of(text);
    do {
      const auto at = static_cast<std::ptrdiff_t>(dice_.below(tokens.size()));
      switch (dice_.below(6)) {
        case 0: tokens.erase(tokens.begin() + at); break;
        case 1: tokens.insert(tokens.begin() + at, dice_.pick(kTokens)); break;
        case 2: tokens[static_cast<std::size_t>(at)] = dice_.pick(kTokens); break;
        case 3: std::swap(tokens[static_cast<std::size_t>(at)], tokens.front()); break;
        case 4: {  // the beginning of one, and the end of another
          const std::vector<std::string> other = tokens_of(right_sql());
          tokens.resize(static_cast<std::size_t>(at));
          const auto from = static_cast<std::ptrdiff_t>(dice_.below(other.size()));
          tokens.insert(tokens.end(), other.begin() + from, other.end());
          break;
        }
        default: tokens.insert(tokens.begin() + at, "(" + dice_.pick(kStatements) + ")"); break;
      }
    } while (!tokens.empty() && dice_.one_in(3));
    return joined(tokens);
  }

  std::string name() { return dice_.pick(std::vector<std::string>{"", "", "a", "b"}); }

  std::vector<int> formats() {
    std::vector<int> codes;
    while (dice_.one_in(3)) codes.push_back(static_cast<int>(dice_.below(dice_.one_in(9) ? 3 : 2)));
    return codes;
  }

  test::Parameters parameters() {
    test::Parameters made;
    for (std::size_t count = dice_.below(4); count > 0; --count) {
      switch (dice_.below(5)) {
        case 0: made.emplace_back(); break;
        case 1: made.emplace_back(test::int32(static_cast<std::int64_t>(dice_.below(9)))); break;
        case 2: made.emplace_back("{1,2}"); break;
        case 3: made.emplace_back(noise(dice_.below(20))); break;
        default: made.emplace_back(std::to_string(dice_.below(9))); break;
      }
    }
    return made;
  }

  std::string noise(std::size_t size) {
    std::string bytes;
    while (bytes.size() < size) bytes += static_cast<char>(dice_.below(256));
    return bytes;
  }

  std::string copy_line() {
    return dice_.pick(std::vector<std::string>{"1\tx\n", "2\t\\N\n", "3\t\\x41\\.\n", "\\.\n", "4",
                                               "5,\"q\"\"\n", "7\ty\r\n", "\n", "id,b\n",
                                               "8\tx\ty\n"});
  }

  std::string message() {
    using namespace test;
    switch (dice_.below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: return query(sql());
      case 5:
        return parse("", sql()) + bind_portal("", "", parameters(), formats(), formats()) +
               describe('P', "") + execute("", static_cast<int>(dice_.below(3))) + sync();
      case 6: {
        std::vector<std::uint32_t> types;
        while (dice_.one_in(3)) {
          types.push_back(
              dice_.pick(std::vector<std::uint32_t>{0, 23, 25, 1009, 1700, 869, 16400}));
        }
        return parse(name(), sql(), types);
      }
      case 7: return bind_portal(name(), name(), parameters(), formats(), formats());
      case 8: return describe(dice_.one_in(2) ? 'S' : 'P', name());
      case 9: return execute(name(), static_cast<int>(dice_.below(4)) - 1);
      case 10: return close(dice_.one_in(2) ? 'S' : 'P', name());
      case 11: return sync();
      case 12: return test::message('d', dice_.one_in(9) ? noise(20) : copy_line());
      case 13:
        return test::message(dice_.one_in(3) ? 'f' : 'c', dice_.one_in(3) ? "x" + noise(1) : "");
      case 14: return test::message('H');
      default: return dice_.one_in(20) ? test::message('X') : sync() + sync();
    }
  }

  std::string spoiled(std::string bytes) {
    switch (dice_.below(4)) {
      case 0: bytes[dice_.below(bytes.size())] = static_cast<char>(dice_.below(256)); break;
      case 1: bytes.resize(dice_.below(bytes.size())); break;
      case 2: bytes.insert(dice_.below(bytes.size()), noise(1 + dice_.below(4))); break;
      default: bytes = noise(dice_.below(40)); break;
    }
    return bytes;
  }

  Dice dice_;
};

}  // namespace

std::string make_postgres_input(std::uint64_t seed) {
  return Maker(seed).make();
}

}  // namespace firedrill::fuzz
