#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "sim/postgres/fiber.h"
#include "sim/postgres/query/parse.h"

namespace firedrill::sim::postgres {

/// Parse trees by their texts. Nothing but the text decides what a tree is, and nothing changes a
/// tree: who analyses one only reads it.
class ParseCache {
 public:
  /// Throws as ParseTree does.
  std::shared_ptr<const ParseTree> parsed(std::string_view sql);

 private:
  std::map<std::string, std::shared_ptr<const ParseTree>, std::less<>> trees_;
  std::size_t bytes_ = 0;  ///< of the texts
};

/// See engine.h.
class EngineCache {
 public:
  ParseCache parses;
  Stacks stacks;
};

}  // namespace firedrill::sim::postgres
