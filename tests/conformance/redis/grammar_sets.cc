#include <array>
#include <string_view>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

constexpr auto kTemplates = std::to_array<std::string_view>({
    "SADD <k> {<m>}+",
    "SADD <k> <m> <f> <m>",
    "SADD <k> {<int>}+",
    "SADD <k> {<#>}30",
    "SADD <k> {<#>}514",
    "SREM <k> {<m>}+",
    "SREM <k> <m> <f>",
    "SREM <k> {<#>}20",
    "SMEMBERS <k>",
    "SISMEMBER <k> <m>",
    "SMISMEMBER <k> {<m>}+",
    "SCARD <k>",
    "SMOVE <k> <k> <m>",
    "SPOP <k> [<few>]",
    "SPOP <k> <few> <n>",
    "SRANDMEMBER <k> [<n>]",
    "SRANDMEMBER <k> <n> <n>",
    "SRANDMEMBER <k> (-9223372036854775808|9223372036854775807|-30|20)",
    "(SINTER|SUNION|SDIFF) {<k>}+",
    "(SINTERSTORE|SUNIONSTORE|SDIFFSTORE) <k> {<k>}+",
    "SINTERCARD #{<k>}+ [LIMIT <n>]",
    "SINTERCARD <n> <k> <k> [LIMIT 1 LIMIT <n>]",
    "SSCAN <k> 0 [MATCH <g>] [COUNT 1000]",
    "SSCAN <k> (0|x) (MATCH|COUNT|COUNT 0|COUNT x|TYPE set)",
    "OBJECT ENCODING <k>",
});

constexpr auto kWords = std::to_array<WordKind>({
    // Where nearly all are popped, Redis makes a new set of the rest, which the model, that is told
    // by SREM what to pop, does not.
    {"<few>", "1|0|2|3|4|-1|x|1000"},
    {"<int>", "5|40|-3|300|-9223372036854775808|9223372036854775807|100000"},
});

constexpr auto kRules = std::to_array<Rule>({
    {"SMEMBERS", Likeness::unordered_hashtable, "the order of a set is that of a hash table"},
    {"SINTER", Likeness::unordered, "the order of a set is that of a hash table"},
    {"SUNION", Likeness::unordered, "the order of a set is that of a hash table"},
    {"SDIFF", Likeness::unordered, "the order of a set is that of a hash table"},
    {"SSCAN", Likeness::scanned, "the order of a set is that of a hash table"},
    {"SPOP", Likeness::taken, "at random"},
    {"SRANDMEMBER", Likeness::drawn, "at random"},
});

}  // namespace

Family set_grammar() {
  return {"sets", kTemplates, kWords, kRules, {}};
}

}  // namespace firedrill::test
