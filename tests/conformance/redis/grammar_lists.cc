#include <array>
#include <string_view>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

constexpr auto kTemplates = std::to_array<std::string_view>({
    "(LPUSH|RPUSH|LPUSHX|RPUSHX) <k> {<v>}+",
    "(LPUSH|RPUSH) <k> {<e>}+",
    "(LPUSH|RPUSH) <k> {<e>}30",
    "(LPOP|RPOP) <k> [<n>]",
    "LLEN <k>",
    "LRANGE <k> <n> <n>",
    "LINDEX <k> <n>",
    "LSET <k> <n> <e>",
    "LINSERT <k> (BEFORE|AFTER|before|x) <e> <e>",
    "LREM <k> <n> <e>",
    "LREM <k> <i> <e>",
    "LTRIM <k> <n> <n>",
    "LPOS <k> <e> [RANK <n>] [COUNT <n>] [MAXLEN <n>]",
    "LPOS <k> <e> (RANK 0|RANK|COUNT -1|MAXLEN -1|RANK -1 COUNT 0|foo 1)",
    "LMOVE <k> <k> <end> <end>",
    "RPOPLPUSH <k> <k>",
    "LMPOP #{<k>}+ <end> [COUNT <n>]",
    "LMPOP <n> <k> <k> <end> [COUNT <n>]",
    "LMPOP 1 <k> LEFT COUNT 1 COUNT 1",
    "(BLPOP|BRPOP) {<k>}+ <wait> !",
    "BLMOVE <k> <k> <end> <end> <wait> !",
    "BRPOPLPUSH <k> <k> <wait> !",
    "BLMPOP <wait> #{<k>}+ <end> [COUNT <n>] !",
    "BLPOP {<k>}+ 0.003 ~",
    "BLMOVE <k> <k> LEFT RIGHT 0.003 ~",
    "BRPOPLPUSH <k> <k> 0.003 ~",
    "BLMPOP 0.003 #{<k>}+ LEFT ~",
    "MULTI",
    "EXEC",
    "(RPUSH|LPUSH) <k> {<e>}+",
    "(RPUSH|LPUSH) <k> {<e>}+",
    "OBJECT ENCODING <k>",
});

constexpr auto kWords = std::to_array<WordKind>({
    {"<e>", "x|y|z|10|"},  // few, so that they come several times
    {"<end>", "LEFT|RIGHT|left|Right|x"},
    {"<wait>", "0|100|x|-1|1e2|inf|nan|9223372036854775|9223372036854776|-0.0001| 1|"},
});

}  // namespace

Family list_grammar() {
  return {"lists", kTemplates, kWords, {}, {}};
}

}  // namespace firedrill::test
