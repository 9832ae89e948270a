#include <array>
#include <string_view>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

constexpr auto kTemplates = std::to_array<std::string_view>({
    "MULTI",
    "MULTI",
    "EXEC",
    "EXEC",
    "DISCARD",
    "WATCH {<k>}+",
    "UNWATCH",
});

}  // namespace

Family transaction_grammar() {
  return {"transactions", kTemplates, {}, {}, {}};
}

}  // namespace firedrill::test
