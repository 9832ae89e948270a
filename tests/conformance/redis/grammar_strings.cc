#include <array>
#include <string_view>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

constexpr auto kTemplates = std::to_array<std::string_view>({
    "GET <k>",
    "SET <k> <v>",
    "set <k> <v>",
    "SET <k> <v> [NX|XX] [GET] [EX <t>|PX <tm>|EXAT <T>|PXAT <TM>|KEEPTTL]",
    "SET <k> <v> <w> <w>",
    "SET <k> <v> (EX <t> EX <t>|PX <tm> EX <t>|EX <t> KEEPTTL|GET GET)",
    "SET <k> <v> PX 3 ~",
    "SETNX <k> <v>",
    "SETEX <k> <t> <v>",
    "PSETEX <k> <tm> <v> !",
    "GETSET <k> <v>",
    "GETDEL <k>",
    "GETEX <k> [EX <t>|PX <tm>|EXAT <T>|PXAT <TM>|PERSIST]",
    "GETEX <k> (EX <t> EX <t>|PX <tm> EX <t>|EX <t> PERSIST|PERSIST PERSIST|KEEPTTL|GET)",
    "GETEX <k> PX 3 ~",
    "MGET {<k>}+",
    "MSET {<k> <v>}+",
    "MSET <k> <v> <k>",
    "MSETNX {<k> <v>}+",
    "MSETNX <k> <v> <k>",
    "STRLEN <k>",
    "APPEND <k> <v>",
    "SETRANGE <k> <offset> <v>",
    "(GETRANGE|SUBSTR) <k> <n> <n>",
    "GETRANGE <k> (-3|3|x|9223372036854775807) (-1|-9223372036854775808|5|1.0)",
    "INCR <k>",
    "DECR <k>",
    "INCRBY <k> <i>",
    "DECRBY <k> <i>",
    "INCRBYFLOAT <k> <real>",
    "LCS <k> <k> [LEN|IDX] [MINMATCHLEN <n>] [WITHMATCHLEN]",
    "LCS <k> <k> (IDX LEN|IDX IDX WITHMATCHLEN|MINMATCHLEN|foo)",
    "SET <k> (ohmytext|mynewtext|abcbdab|bdcaba)",
    "OBJECT (ENCODING|REFCOUNT) <k>",
});

constexpr auto kWords = std::to_array<WordKind>({
    {"<offset>", "0|1|3|-1|x|30|536870912|9223372036854775807"},
    {"<real>",
     "1.5|-3|0.1|3e2|inf|-inf|nan|x|1e4000|-0.1| 1|0x10|1e-20|0|1e18|-0.30000000000000004|5."},
});

}  // namespace

Family string_grammar() {
  return {"strings", kTemplates, kWords, {}, {}};
}

}  // namespace firedrill::test
