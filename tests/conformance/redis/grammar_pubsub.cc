#include <array>
#include <string_view>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

constexpr auto kTemplates = std::to_array<std::string_view>({
    "PING [<ch>]",
    "SUBSCRIBE {<ch>}+",
    "PSUBSCRIBE {<pat>}+ !",
    "SSUBSCRIBE {<ch>}+",
    "UNSUBSCRIBE {<ch>}+ !",
    "PUNSUBSCRIBE {<pat>}*",
    "SUNSUBSCRIBE {<ch>}+ !",
    "PUBLISH <ch> <v>",
    "PUBLISH <ch> <v>",
    "SPUBLISH <ch> <v>",
    "PUBSUB CHANNELS [<pat>]",
    "PUBSUB NUMSUB {<ch>}*",
    "PUBSUB NUMPAT",
    "PUBSUB SHARDCHANNELS [<pat>]",
    "PUBSUB SHARDNUMSUB {<ch>}*",
    "PUBSUB CHANNELS a b",
});

// Redis goes through channels and patterns in the order of a hash table: at most one pattern
// matches a channel, and UNSUBSCRIBE names its channels.
constexpr auto kWords = std::to_array<WordKind>({
    {"<ch>", "a|ab|b"},
    {"<pat>", "a*|b|[c]*"},
});

constexpr auto kRules = std::to_array<Rule>({
    {"PUBSUB CHANNELS", Likeness::unordered, "in the order of a hash table"},
    {"PUBSUB SHARDCHANNELS", Likeness::unordered, "in the order of a hash table"},
});

}  // namespace

Family pubsub_grammar() {
  return {"publish and subscribe", kTemplates, kWords, kRules, {}};
}

}  // namespace firedrill::test
