#include <array>
#include <string_view>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

constexpr auto kTemplates = std::to_array<std::string_view>({
    "ZADD <k> {<s> <m>}+",
    "ZADD <k> [<c>] [<c>] [CH] {<s> <m>}+",
    "ZADD <k> [<c>] INCR <s> <m>",
    "ZADD <k> INCR <s> <m> <s> <m>",
    "ZADD <k> <s> <m> <s>",
    "ZADD <k> {0 <m><#>}20",
    "ZADD <big> {<#> <m><#>}150",
    "ZADD <big> 0 'a member that is longer than sixty-four bytes, so that it needs a skip list'",
    "ZADD <big> {<s> <m>}+",
    "ZADD lex {0 <m><#>}150 !",
    "ZADD lex {0 <m>}+ !",
    "ZINCRBY <k> <s> <m>",
    "ZREM (<k>|<big>) {<m>}+",
    "ZCARD <k>",
    "ZSCORE (<k>|<big>) <m>",
    "ZMSCORE <k> {<m>}+",
    "ZRANK (<k>|<big>) <m>",
    "ZREVRANK (<k>|<big>) <m>",
    "ZCOUNT (<k>|<big>) <b> <b>",
    "ZLEXCOUNT (<k>|lex) <l> <l>",
    "ZRANGE (<k>|<big>) <n> <n> [WITHSCORES] [REV] [LIMIT <n> <n>]",
    "ZRANGE (<k>|<big>) <b> <b> BYSCORE [WITHSCORES] [REV] [LIMIT <n> <n>]",
    "ZRANGE (<k>|lex) <l> <l> BYLEX [WITHSCORES] [REV] [LIMIT <n> <n>]",
    "ZRANGE <k> <n> <n> <w>",
    "ZRANGE <k> <n> <n> (REV REV|BYLEX BYSCORE|BYLEX BYLEX|LIMIT 1)",
    "ZRANGESTORE <big> (<k>|<big>) <n> <n> [REV] [LIMIT <n> <n>]",
    "ZRANGESTORE <big> (<k>|<big>) <b> <b> BYSCORE [REV] [LIMIT <n> <n>]",
    "ZRANGESTORE lex lex <l> <l> BYLEX [REV] [LIMIT <n> <n>]",
    "ZRANGESTORE <k> <k> 0 -1 WITHSCORES",
    "ZREVRANGE (<k>|<big>) <n> <n> [WITHSCORES]",
    "(ZRANGEBYSCORE|ZREVRANGEBYSCORE) (<k>|<big>) <b> <b> [WITHSCORES] [LIMIT <n> <n>]",
    "(ZRANGEBYLEX|ZREVRANGEBYLEX) (<k>|lex) <l> <l> [LIMIT <n> <n>]",
    "ZRANGEBYLEX <k> - + WITHSCORES",
    "ZREMRANGEBYSCORE (<k>|<big>) <b> <b>",
    "ZREMRANGEBYRANK (<k>|<big>) <n> <n>",
    "ZREMRANGEBYLEX (<k>|lex) <l> <l>",
    "(ZPOPMIN|ZPOPMAX) (<k>|<big>) [<n>]",
    "ZMPOP #{<k>}+ <where> [COUNT <n>]",
    "ZMPOP <n> <k> <k> <where> [COUNT <n>]",
    "ZMPOP 1 <k> MIN COUNT 1 COUNT 1",
    "(BZPOPMIN|BZPOPMAX) {<k>}+ <wait> !",
    "BZMPOP <wait> #{<k>}+ <where> [COUNT <n>] !",
    "BZPOPMIN {<k>}+ 0.003 ~",
    "BZMPOP 0.003 #{<k>}+ MAX ~",
    "(ZUNION|ZINTER) #{<k>}+ [WEIGHTS {<s>}=] [AGGREGATE <how>] [WITHSCORES]",
    "(ZUNION|ZINTER) <n> <k> <k> [WEIGHTS <s> <s>] [WITHSCORES]",
    "ZDIFF #{<k>}+ [WITHSCORES]",
    "ZDIFF 1 <k> (WEIGHTS 1|AGGREGATE SUM|LIMIT 1)",
    "(ZUNIONSTORE|ZINTERSTORE) <k> #{<k>}+ [WEIGHTS {<s>}=] [AGGREGATE <how>]",
    "(ZUNIONSTORE|ZINTERSTORE|ZDIFFSTORE) <big> 2 <big> (<k>|<big>)",
    "(ZUNION|ZINTER|ZDIFF) 2 <big> (<k>|<big>) [WITHSCORES]",
    "(ZUNIONSTORE|ZINTERSTORE|ZDIFFSTORE) <k> #{<k>}+ [WITHSCORES]",
    "ZDIFFSTORE <k> #{<k>}+",
    "ZINTERCARD #{<k>}+ [LIMIT <n>]",
    "ZINTERCARD #{<k>}+ (WEIGHTS 1|AGGREGATE SUM|WITHSCORES)",
    "ZRANDMEMBER (<k>|<big>) [<n> [WITHSCORES]]",
    "ZRANDMEMBER <k> (x|-9223372036854775808|9223372036854775807|1 foo|1 WITHSCORES 2)",
    "ZRANDMEMBER <k> (4611686018427387904|-4611686018427387904) WITHSCORES",
    "ZSCAN (<k>|<big>) <cursor> [MATCH <g>] [COUNT <n>]",
    "ZSCAN <k> 0 (foo|MATCH|COUNT|TYPE zset)",
    "SADD <k> {<m>}+",
    "OBJECT ENCODING (<k>|<big>)",
    "MULTI",
    "EXEC",
    "DEL (<k>|<big>|lex)",
});

constexpr auto kWords = std::to_array<WordKind>({
    // Where Redis keeps a table and a skip list. Ranges by member are defined only where all scores
    // are one and the same; in a listpack they are at least the same each time.
    {"<big>", "big|bigger"},
    {"<l>", "-|+|[m|(m|[n|(o|[|(|[-|m|x|"},  // bounds of members
    {"<b>", "0|(0|1|(1.5|-inf|+inf|(inf|-2|x|1000|| 1|1e999|(|nan|0x10"},
    {"<where>", "MIN|MAX|min|Max|x"},
    {"<how>", "SUM|MIN|MAX|sum|x"},
    {"<wait>", "0|100|x|-1|1e2|inf|nan|-0.0001"},
    {"<cursor>", "0|00|+0| 0|x|"},
});

constexpr auto kRules = std::to_array<Rule>({
    {"ZRANDMEMBER", Likeness::drawn, "at random"},
    {"ZSCAN", Likeness::scanned, "the order of a skip list's table"},
});

}  // namespace

Family sorted_set_grammar() {
  return {"sorted sets", kTemplates, kWords, kRules, {}};
}

}  // namespace firedrill::test
