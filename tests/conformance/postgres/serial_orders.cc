#include "tests/conformance/postgres/serial_orders.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace firedrill::test {

namespace {

using Step = Interleaving::Step;

/// What depends on more than rows, or on rows that others hold.
bool is_impure(const std::string& sql) {
  constexpr std::array<std::string_view, 13> kWords = {
      "LOCK",  "advisory", "nextval", "TRUNCATE", "ALTER",         "CREATE",   "INTO o",
      " FOR ", "UPDATE o", "FROM o",  "LIMIT",    "INTO c (p, n)", "ROLLBACK;"};
  return std::ranges::any_of(
      kWords, [&](std::string_view word) { return sql.find(word) != std::string::npos; });
}

struct Transaction {
  std::uint32_t session = 0;
  std::vector<std::string> statements;
  std::string answers;
};

/// The whole of each session, as far as it went before the end; nothing where one is not pure.
std::optional<std::vector<Transaction>> committed(const Interleaving& interleaving,
                                                  const ModelRun& run) {
  std::vector<Transaction> all(interleaving.sessions());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i].session = i;
  for (const ModelRun::Action& action : run.actions) {
    Transaction& own = all[action.step.session];
    const std::string& sql = action.step.sql;
    if (sql.starts_with("ROLLBACK;")) {  // behind its end; but it may have let others go
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (i != action.step.session) all[i].answers += action.seen[i].answers;
      }
      continue;
    }
    if (action.step.kind != Step::Kind::statement || is_impure(sql)) return std::nullopt;
    const bool begins = sql.starts_with("BEGIN ISOLATION LEVEL SERIALIZABLE");
    if (begins != own.statements.empty()) return std::nullopt;
    own.statements.push_back(sql);
    for (std::size_t i = 0; i < all.size(); ++i) all[i].answers += action.seen[i].answers;
  }
  // What failed, and was rolled back to a savepoint, may not fail alone; and PostgreSQL does not
  // note what a failing check of a unique index has read.
  const auto failed = [](const Transaction& each) {
    return each.answers.ends_with("COMMIT\n") && each.answers.find("ERROR") != std::string::npos;
  };
  if (std::ranges::any_of(all, failed)) return std::nullopt;
  std::erase_if(all, [](const Transaction& each) {
    return each.statements.empty() || each.statements.back() != "COMMIT" ||
           !each.answers.ends_with("COMMIT\n");
  });
  return all;
}

/// One that fails, or that takes the other way of ON CONFLICT.
bool meets_unique_check(const std::string& sql, const std::string& answer) {
  return answer.find("ERROR 23505") != std::string::npos ||
         sql.find(" ON CONFLICT ") != std::string::npos;
}

SerialFit serial_fit(const Interleaving& interleaving, const std::vector<Transaction>& order,
                     const std::string& contents) {
  Interleaving serial = interleaving;
  serial.steps.clear();
  for (const Transaction& each : order) {
    for (const std::string& sql : each.statements) {
      serial.steps.push_back({each.session, Step::Kind::statement, sql});
    }
  }
  const ModelRun run = run_model(serial);
  // Until one answers otherwise: each statement has what the same session's next answer was.
  std::map<std::uint32_t, std::string_view> left;
  for (const Transaction& each : order) left[each.session] = each.answers;
  for (std::size_t i = 0; i < serial.steps.size(); ++i) {
    const Step& step = serial.steps[i];
    const std::string& answer = run.actions.at(i).seen.at(step.session).answers;
    std::string_view& expected = left.at(step.session);
    if (!expected.starts_with(answer)) {
      return meets_unique_check(step.sql, answer) ? SerialFit::up_to_a_unique_check
                                                  : SerialFit::none;
    }
    expected.remove_prefix(answer.size());
  }
  return run.contents == contents ? SerialFit::whole : SerialFit::none;
}

}  // namespace

std::optional<SerialFit> fits_serial_order(const Interleaving& interleaving, const ModelRun& run) {
  auto transactions = committed(interleaving, run);
  if (!transactions) return std::nullopt;
  const auto by_session = [](const Transaction& a, const Transaction& b) {
    return a.session < b.session;
  };
  SerialFit best = SerialFit::none;
  do {
    best = std::min(best, serial_fit(interleaving, *transactions, run.contents));
  } while (best != SerialFit::whole &&
           std::ranges::next_permutation(*transactions, by_session).found);
  return best;
}

}  // namespace firedrill::test
