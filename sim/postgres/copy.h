#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace firedrill::sim::postgres {

/// What a COPY ... FROM STDIN wants.
struct CopyInput {
  std::size_t columns = 0;
};

/// What a COPY ... TO STDOUT gives: lines, each with its end.
struct CopyOutput {
  std::size_t columns = 0;
  std::vector<std::string> lines;
};

}  // namespace firedrill::sim::postgres
