#include "system/domain/check.h"

#include <cstdio>
#include <cstdlib>

namespace firedrill {

void check_failed(std::string_view what, std::source_location where) {
  std::fprintf(stderr, "firedrill: broken invariant: %.*s\n  at %s:%u in %s\n",
               static_cast<int>(what.size()), what.data(), where.file_name(), where.line(),
               where.function_name());
  std::fflush(stderr);
  std::abort();
}

}  // namespace firedrill
