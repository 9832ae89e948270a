#include "tests/conformance/postgres/interleaving_grammar.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::test {

namespace {

using sim::RandomStream;
using Step = Interleaving::Step;

/// Of words in braces, one is drawn: see word().
struct Template {
  unsigned weight = 1;
  std::string_view sql;
};

constexpr auto kReads = std::to_array<Template>({
    {4, "SELECT * FROM p WHERE id = {k}"},
    {2, "SELECT * FROM p ORDER BY id"},
    {2, "SELECT sum(qty) FROM p"},
    {1, "SELECT * FROM p WHERE code = {c}"},
    {1, "SELECT id, qty FROM p WHERE id > {k}"},
    {1, "SELECT id FROM p WHERE qty > {q}"},
    {2, "SELECT count(*) FROM c WHERE p = {k}"},
    {1, "SELECT * FROM c ORDER BY id"},
    {1, "SELECT c.id, p.id FROM c JOIN p ON p.id = c.p WHERE c.id >= {k} ORDER BY 1"},
    {1, "SELECT id, (SELECT count(*) FROM c WHERE c.p = p.id) FROM p WHERE id = {k}"},
});

constexpr auto kWrites = std::to_array<Template>({
    {2, "INSERT INTO p VALUES ({k}, {c}, {q}, '{w}')"},
    {1, "INSERT INTO c (id, p, n) VALUES ({k}, {k}, {q})"},
    {1, "INSERT INTO p SELECT id + 3, code + 30, qty, note FROM p WHERE id = {k}"},
    {1, "INSERT INTO p VALUES ({k}, {c}, {q}) ON CONFLICT DO NOTHING"},
    {2, "INSERT INTO p VALUES ({k}, {c}, {q}) ON CONFLICT (id) DO NOTHING RETURNING id"},
    {2,
     "INSERT INTO p AS x VALUES ({k}, {c}, {q}) ON CONFLICT (id) DO UPDATE"
     " SET qty = x.qty + excluded.qty RETURNING *"},
    {1,
     "INSERT INTO p VALUES ({k}, {c}, {q}) ON CONFLICT (code) DO UPDATE SET note = '{w}'"
     " WHERE p.qty > {q}"},
    {1,
     "INSERT INTO p VALUES ({k}, {c}, 1), ({k}, {c}, 2) ON CONFLICT (id) DO UPDATE"
     " SET qty = excluded.qty"},
    {4, "UPDATE p SET qty = qty + {d} WHERE id = {k}"},
    {3, "UPDATE p SET qty = qty - {d} WHERE id = {k} AND qty >= {d} RETURNING qty"},
    {2, "UPDATE p SET qty = qty - {d} WHERE id = {k}"},
    {2, "UPDATE p SET qty = qty + 1"},
    {2, "UPDATE p SET qty = qty - 1 WHERE qty > {q}"},
    {1, "UPDATE p SET qty = qty + 2 WHERE id >= {k}"},
    {1, "UPDATE p SET qty = qty + 2 WHERE id IN ({k}, {k})"},
    {1, "UPDATE p SET note = '{w}' WHERE qty = {q}"},
    {2, "UPDATE p SET code = {c} WHERE id = {k}"},
    {1, "UPDATE p SET code = NULL WHERE code = {c}"},
    {1, "UPDATE p SET id = {k} WHERE id = {k}"},
    {1, "UPDATE p SET qty = (SELECT count(*) FROM c WHERE c.p = p.id) WHERE id = {k}"},
    {1, "UPDATE p SET qty = (SELECT coalesce(sum(n), 0) FROM c) WHERE id = {k}"},
    {1, "UPDATE p SET note = '{w}' WHERE id IN (SELECT p FROM c WHERE n = {q})"},
    {1, "UPDATE p SET qty = p.qty + c.n FROM c WHERE c.p = p.id AND c.id = {k}"},
    {2, "UPDATE c SET p = {k} WHERE id = {k}"},
    {1, "UPDATE c SET n = n + 1 WHERE p = {k}"},
    {1, "UPDATE c SET n = p.qty FROM p WHERE p.id = c.p AND c.id = {k} RETURNING c.id, c.n"},
    {3, "DELETE FROM p WHERE id = {k}"},
    {1, "DELETE FROM p WHERE qty < {q} RETURNING id"},
    {2, "DELETE FROM c WHERE id = {k}"},
    {1, "DELETE FROM c WHERE p = {k} RETURNING *"},
    {1, "DELETE FROM c USING p WHERE c.p = p.id AND c.id >= {k} AND p.qty > {q}"},
    {1,
     "WITH gone AS (DELETE FROM c WHERE id = {k} RETURNING p) UPDATE p SET qty = qty + 1"
     " WHERE id IN (SELECT p FROM gone)"},
    {1,
     "WITH x AS (UPDATE p SET qty = qty + 1 WHERE id = {k} RETURNING id)"
     " INSERT INTO c (id, p) SELECT {k}, id FROM x"},
});

constexpr auto kLocks = std::to_array<Template>({
    {8, "SELECT * FROM p WHERE id = {k} FOR {m}{y}"},
    {2, "SELECT id, qty FROM p ORDER BY id FOR {m}{y}"},
    {2, "SELECT id FROM p WHERE qty > {q} ORDER BY id LIMIT {n} FOR {m}{y}"},
    {2, "SELECT * FROM c WHERE p = {k} FOR {m}{y}"},
    {1, "SELECT c.id, p.qty FROM c JOIN p ON p.id = c.p WHERE c.id = {k} FOR {m} OF p{y}"},
    {1, "SELECT c.id, p.qty FROM c JOIN p ON p.id = c.p WHERE c.id = {k} FOR {m}"},
});

constexpr auto kOthers = std::to_array<Template>({
    {3,
     "UPDATE o SET done = true WHERE id IN (SELECT id FROM o WHERE NOT done ORDER BY id"
     " LIMIT {n} FOR UPDATE SKIP LOCKED) RETURNING id"},
    {2,
     "UPDATE o SET done = true WHERE id = (SELECT id FROM o WHERE NOT done ORDER BY id"
     " LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *"},
    {1,
     "DELETE FROM o WHERE id IN (SELECT id FROM o ORDER BY id LIMIT {n} FOR UPDATE{y})"
     " RETURNING id"},
    {2, "INSERT INTO o (body) VALUES ({q}) RETURNING id"},
    {1,
     "WITH made AS (UPDATE p SET qty = qty + 1 WHERE id = {k} RETURNING qty)"
     " INSERT INTO o (body) SELECT qty FROM made RETURNING body"},
    {2, "INSERT INTO c (p, n) VALUES ({k}, {q}) RETURNING id"},
    {1, "SELECT nextval('s')"},
    {2, "SELECT pg_advisory_lock({a})"},
    {1, "SELECT pg_advisory_lock_shared({a})"},
    {2, "SELECT pg_advisory_xact_lock({a})"},
    {1, "SELECT pg_advisory_xact_lock_shared({a})"},
    {2, "SELECT pg_try_advisory_xact_lock({a})"},
    {1, "SELECT pg_try_advisory_lock({a})"},
    {2, "SELECT pg_advisory_unlock({a})"},
    {1, "LOCK TABLE {t} IN {l} MODE"},
    {1, "LOCK TABLE {t} IN {l} MODE NOWAIT"},
    {1, "TRUNCATE {u}"},
    {1, "TRUNCATE p CASCADE"},
    {1, "ALTER TABLE {t} ADD COLUMN more int DEFAULT 7"},
    {1, "CREATE UNIQUE INDEX more ON p ({f})"},
    {1, "CREATE INDEX more ON c (n)"},
});

template <std::size_t kSize>
std::string_view one_of(RandomStream& random, const std::array<std::string_view, kSize>& words) {
  return words.at(random.below(words.size()));
}

std::string word(RandomStream& random, char what) {
  const auto number = [&](std::uint64_t below) { return std::to_string(random.below(below)); };
  using Words = std::string_view;
  switch (what) {
    case 'k': {
      const std::uint64_t drawn = random.below(20);
      return std::to_string(drawn < 9 ? 1 : drawn < 15 ? 2 : drawn < 18 ? 3 : 4);
    }
    case 'c': return std::to_string(10 * (1 + random.below(4)));
    case 'q': return number(8);
    case 'd': return std::to_string(1 + random.below(6));
    case 'n': return std::to_string(1 + random.below(2));
    case 'a': return std::to_string(1 + random.below(2));
    case 'w': return std::string(one_of(random, std::array{Words("x"), Words("y")}));
    case 't': return std::string(one_of(random, std::array{Words("p"), Words("c"), Words("o")}));
    case 'u': return std::string(one_of(random, std::array{Words("c"), Words("o")}));
    case 'f': return std::string(one_of(random, std::array{Words("note"), Words("qty")}));
    case 'm':
      return std::string(one_of(random, std::array{Words("UPDATE"), Words("NO KEY UPDATE"),
                                                   Words("SHARE"), Words("KEY SHARE")}));
    case 'y':
      return std::string(one_of(
          random, std::array{Words(""), Words(""), Words(" NOWAIT"), Words(" SKIP LOCKED")}));
    case 'l':
      return std::string(one_of(
          random,
          std::array{Words("ACCESS SHARE"), Words("ROW SHARE"), Words("ROW EXCLUSIVE"),
                     Words("SHARE UPDATE EXCLUSIVE"), Words("SHARE"), Words("SHARE ROW EXCLUSIVE"),
                     Words("EXCLUSIVE"), Words("ACCESS EXCLUSIVE")}));
    default: return "?";
  }
}

std::string filled(RandomStream& random, std::string_view sql) {
  std::string text;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] != '{') {
      text += sql[i];
      continue;
    }
    text += word(random, sql.at(i + 1));
    i += 2;
  }
  return text;
}

std::string from(RandomStream& random, std::span<const Template> templates) {
  std::uint64_t all = 0;
  for (const Template& each : templates) all += each.weight;
  std::uint64_t drawn = random.below(all);
  for (const Template& each : templates) {
    if (drawn < each.weight) return filled(random, each.sql);
    drawn -= each.weight;
  }
  return "";
}

std::string any_statement(RandomStream& random) {
  const std::uint64_t drawn = random.below(100);
  if (drawn < 15) return from(random, kReads);
  if (drawn < 60) return from(random, kWrites);
  if (drawn < 80) return from(random, kLocks);
  return from(random, kOthers);
}

constexpr std::array<std::string_view, 4> kLevels = {"", " ISOLATION LEVEL READ COMMITTED",
                                                     " ISOLATION LEVEL REPEATABLE READ",
                                                     " ISOLATION LEVEL SERIALIZABLE"};

using Texts = std::vector<std::string>;

/// With savepoints now and then.
void add_body(RandomStream& random, Texts& texts, std::string (*statement)(RandomStream&)) {
  bool has_savepoint = false;
  for (std::uint64_t left = 1 + random.below(5); left > 0; --left) {
    if (random.chance(1, 12)) {
      texts.emplace_back("SAVEPOINT a");
      has_savepoint = true;
    }
    texts.push_back(statement(random));
    if (has_savepoint && random.chance(1, 3)) {
      texts.emplace_back(random.chance(2, 3) ? "ROLLBACK TO a" : "RELEASE a");
      has_savepoint = texts.back() != "RELEASE a";
    }
  }
}

Texts any_transaction(RandomStream& random, std::string_view level) {
  Texts texts;
  if (random.chance(1, 5)) {
    for (std::uint64_t left = 1 + random.below(3); left > 0; --left) {
      texts.push_back(any_statement(random));
    }
    return texts;
  }
  texts.push_back("BEGIN" + std::string(level) + (random.chance(1, 30) ? " READ ONLY" : ""));
  add_body(random, texts, any_statement);
  texts.emplace_back(random.chance(3, 4) ? "COMMIT" : "ROLLBACK");
  return texts;
}

/// The sessions' texts, each in its order, one session after the other as drawn.
std::vector<Step> mixed(RandomStream& random, std::vector<Texts> sessions) {
  std::vector<Step> steps;
  std::vector<std::uint32_t> turns;
  for (std::uint32_t i = 0; i < sessions.size(); ++i) {
    turns.insert(turns.end(), sessions[i].size(), i);
  }
  std::vector<std::size_t> next(sessions.size());
  while (!turns.empty()) {
    const auto turn = turns.begin() + static_cast<std::ptrdiff_t>(random.below(turns.size()));
    const std::uint32_t session = *turn;
    turns.erase(turn);
    steps.push_back({session, Step::Kind::statement, sessions[session][next[session]++]});
  }
  return steps;
}

void set_up(RandomStream& random, Interleaving& made) {
  constexpr std::array<std::string_view, 5> kActions = {"NO ACTION", "RESTRICT", "CASCADE",
                                                        "SET NULL", "SET DEFAULT"};
  const auto action = [&] { return std::string(one_of(random, kActions)); };
  made.setup = {
      "CREATE TABLE p (id int PRIMARY KEY, code int UNIQUE, qty int NOT NULL CHECK (qty >= 0),"
      " note text)",
      "CREATE TABLE c (id serial PRIMARY KEY, p int DEFAULT 1 REFERENCES p ON DELETE " + action() +
          " ON UPDATE " + action() + ", n int DEFAULT 0)",
      "CREATE TABLE o (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"
      " done boolean NOT NULL DEFAULT false, body int)",
      "CREATE SEQUENCE s",
      "INSERT INTO p VALUES (1, 10, 9), (2, 20, 6), (3, 30, 3)",
      "INSERT INTO c VALUES (1, 1, 1), (2, 2, 2)",
      "INSERT INTO o (body) VALUES (1), (2), (3)"};
  if (random.chance(1, 3)) made.setup.emplace_back("CREATE INDEX ON c (p)");
  made.contents = {"SELECT * FROM p ORDER BY id", "SELECT * FROM c ORDER BY id",
                   "SELECT * FROM o ORDER BY id", "SELECT nextval('s')"};
}

std::uint64_t number_of_sessions(RandomStream& random) {
  return 2 + (random.chance(1, 2) ? 1 : 0) + (random.chance(1, 5) ? 1 : 0);
}

void add_accident(RandomStream& random, std::vector<Step>& steps, Step::Kind kind) {
  const auto place = steps.begin() + static_cast<std::ptrdiff_t>(random.below(steps.size()));
  steps.insert(place, {place->session, kind});
}

std::string any_pure(RandomStream& random) {
  return random.chance(2, 5) ? from(random, kReads) : from(random, kWrites);
}

}  // namespace

Interleaving any_interleaving(RandomStream& random) {
  Interleaving made;
  set_up(random, made);
  const std::string_view common = kLevels.at(random.chance(3, 5) ? 0 : 1 + random.below(3));
  const bool is_mixed = random.chance(1, 4);
  std::vector<Texts> sessions;
  for (std::uint64_t left = number_of_sessions(random); left > 0; --left) {
    sessions.push_back(any_transaction(random, is_mixed ? one_of(random, kLevels) : common));
  }
  made.steps = mixed(random, std::move(sessions));
  if (random.chance(1, 15)) add_accident(random, made.steps, Step::Kind::disconnect);
  if (random.chance(1, 4)) {  // most find nothing to cancel
    for (int i = 0; i < 4; ++i) add_accident(random, made.steps, Step::Kind::cancel);
  }
  return made;
}

Interleaving any_serializable(RandomStream& random) {
  Interleaving made;
  set_up(random, made);
  std::vector<Texts> sessions;
  for (std::uint64_t left = number_of_sessions(random); left > 0; --left) {
    Texts texts = {"BEGIN ISOLATION LEVEL SERIALIZABLE"};
    if (random.chance(1, 8)) texts[0] += " READ ONLY";
    add_body(random, texts, any_pure);
    texts.emplace_back("COMMIT");
    sessions.push_back(std::move(texts));
  }
  made.steps = mixed(random, std::move(sessions));
  return made;
}

}  // namespace firedrill::test
