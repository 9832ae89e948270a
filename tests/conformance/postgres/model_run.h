#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/conformance/postgres/interleaving.h"
#include "tests/support/postgres_client.h"

namespace firedrill::test {

/// What one session shows after a step: all that it has answered since, and whether it waits.
struct SessionView {
  std::string answers;
  bool waits = false;
  bool operator==(const SessionView&) const = default;
};
using Views = std::vector<SessionView>;  ///< by session

std::string text_of(const Views& views);
/// As describe() has it, but for what no two servers number alike: processes, transactions.
std::string answers_text(std::vector<PostgresResult> results, const std::string& sql);

/// An interleaving as it went in the model: what is given to the real server, and expected of it.
struct ModelRun {
  struct Action {
    Interleaving::Step step;
    Views seen;
    std::size_t choices = 0;  ///< of `orders`, made until then
  };
  std::vector<Action> actions;
  std::string contents;
  /// Of how many one was chosen, each time that several were let go at once; and which.
  std::vector<std::size_t> sizes;
  std::vector<std::size_t> orders;
  /// What the model refused, or did not survive; empty: nothing.
  std::string failure;
};

/// What the model notes of what serializable transactions read.
enum class Notes : std::uint8_t { rows_and_keys, pages };

/// `orders`: which goes on first of several that were let go; beyond its end: the first.
ModelRun run_model(const Interleaving& interleaving, const std::vector<std::size_t>& orders = {},
                   Notes notes = Notes::rows_and_keys);

}  // namespace firedrill::test
