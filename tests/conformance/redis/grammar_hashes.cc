#include <array>
#include <string_view>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

constexpr auto kTemplates = std::to_array<std::string_view>({
    "HSET <k> {<f> <v>}+",
    "HSET <k> <f> <v> <f>",
    "HMSET <k> {<f> <v>}+",
    "HSETNX <k> <f> <v>",
    "HGET <k> <f>",
    "HMGET <k> {<f>}+",
    "HGETALL <k>",
    "HKEYS <k>",
    "HVALS <k>",
    "HINCRBY <k> <f> <i>",
    "HINCRBYFLOAT <k> <f> <real>",
    "HDEL <k> {<f>}+",
    "HEXISTS <k> <f>",
    "HSTRLEN <k> <f>",
    "HLEN <k>",
    "HRANDFIELD <k> [<n>]",
    "HRANDFIELD <k> <n> (WITHVALUES|withvalues|foo)",
    "HRANDFIELD <k> (-9223372036854775808|9223372036854775807) [WITHVALUES]",
    "HSCAN <k> 0 [MATCH <g>] [COUNT 1000]",
    "HSCAN <k> (0|x) (MATCH|COUNT|COUNT 0|COUNT x|TYPE hash)",
    "HSET <k> {<#> <v>}513",
    "HSET <k> <f> <big>",
    "HSETNX <k> <big> <v>",
    "HINCRBY <k> <big> 1",
    "HDEL <k> {<#>}100",
    "HSET <k> {<#> x}130",
    "OBJECT ENCODING <k>",
});

constexpr auto kWords = std::to_array<WordKind>({
    {"<real>", "1.5|-3|0.1|3e2|inf|-inf|nan|x|1e4000|-0.1| 1|0x10|1e-20|0"},
    // What is the longest that a listpack takes, and one more.
    {"<big>",
     "0123456789012345678901234567890123456789012345678901234567890123|"
     "01234567890123456789012345678901234567890123456789012345678901234"},
});

constexpr auto kRules = std::to_array<Rule>({
    {"HGETALL", Likeness::unordered_hashtable, "the order of a large hash is that of a hash table"},
    {"HKEYS", Likeness::unordered_hashtable, "the order of a large hash is that of a hash table"},
    {"HSCAN", Likeness::scanned, "the order of a large hash is that of a hash table"},
    {"HRANDFIELD", Likeness::drawn, "at random"},
    {"HVALS", Likeness::unordered_hashtable, "the order of a large hash is that of a hash table"},
});

}  // namespace

Family hash_grammar() {
  return {"hashes", kTemplates, kWords, kRules, {}};
}

}  // namespace firedrill::test
