#include "sim/postgres/engine_cache.h"

namespace firedrill::sim::postgres {

std::shared_ptr<const ParseTree> ParseCache::parsed(std::string_view sql) {
  constexpr std::size_t kMostTexts = 2000;
  constexpr std::size_t kLongest = 10'000;
  constexpr std::size_t kMostBytes = 256 << 10;  // a tree takes fifty times its text
  if (const auto known = trees_.find(sql); known != trees_.end()) return known->second;
  auto tree = std::make_shared<const ParseTree>(sql);
  if (sql.size() > kLongest) return tree;
  if (trees_.size() >= kMostTexts || bytes_ + sql.size() > kMostBytes) {
    trees_.clear();
    bytes_ = 0;
  }
  bytes_ += sql.size();
  trees_.emplace(sql, tree);
  return tree;
}

}  // namespace firedrill::sim::postgres
