#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/postgres/query/analyzer.h"

/// "Perhaps you meant to reference the column ...": as searchRangeTableForCol() looks for it.
namespace firedrill::sim::postgres {

namespace {

constexpr std::size_t kFarthest = 3;

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t i = 0; i <= b.size(); ++i) row[i] = i;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      const std::size_t changed = corner + (a[i - 1] == b[k - 1] ? 0 : 1);
      corner = row[k];
      row[k] = std::min({row[k] + 1, row[k - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

struct Near {
  std::string table;
  std::string column;
};

class Search {
 public:
  explicit Search(std::string_view wanted) : wanted_(wanted) {}

  void look_at(const std::string& table, const std::string& column, std::size_t penalty) {
    if (penalty > least_ || column.empty()) return;
    std::size_t apart = distance(column, wanted_);
    if (apart > wanted_.size() / 2) return;
    apart += penalty;
    if (apart < least_) {
      least_ = apart;
      first_ = {table, column};
      second_.reset();
    } else if (apart == least_) {
      if (second_) {  // too many
        first_.reset();
        second_.reset();
        least_ = apart == 0 ? 0 : apart - 1;
      } else if (first_) {
        second_ = {table, column};
      } else if (least_ <= kFarthest) {
        first_ = {table, column};
      }
    }
  }

  std::string hint() const {
    const auto quoted = [](const Near& near) {
      return "the column \"" + near.table + "." + near.column + "\"";
    };
    if (!first_) return "";
    return "Perhaps you meant to reference " + quoted(*first_) +
           (second_ ? " or " + quoted(*second_) : "") + ".";
  }

 private:
  std::string_view wanted_;
  std::size_t least_ = kFarthest + 1;
  std::optional<Near> first_;
  std::optional<Near> second_;
};

}  // namespace

std::string Analyzer::hint_for_column(std::string_view relation, std::string_view name,
                                      const Scope& scope) {
  Search search(name);
  for (const Scope* at = &scope; at != nullptr; at = at->outer) {
    const Query& query = *at->query;
    for (std::size_t i = 0; i < query.range.size(); ++i) {
      const RangeEntry& entry = *query.range[i];
      const bool is_own = query.command == Query::Command::insert && i == Modification::kExcluded;
      if (is_own && query.modification &&
          query.modification->on_conflict == Modification::OnConflict::none) {
        continue;
      }
      const std::size_t penalty = relation.empty() ? 0 : distance(relation, entry.name);
      for (std::size_t column = 0; column < entry.columns.size(); ++column) {
        const bool is_dropped = entry.table != nullptr && column < entry.table->columns.size() &&
                                entry.table->columns[column].is_dropped;
        if (is_dropped) continue;
        if (entry.columns[column].name == name && penalty == 0) {
          return "There is a column named \"" + std::string(name) + "\" in table \"" + entry.name +
                 "\", but it cannot be referenced from this part of the query.";
        }
        search.look_at(entry.name, entry.columns[column].name, penalty);
      }
    }
  }
  return search.hint();
}

}  // namespace firedrill::sim::postgres
