#include <array>
#include <string_view>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

constexpr auto kTemplates = std::to_array<std::string_view>({
    "DEL {<k>}+",
    "UNLINK {<k>}+",
    "EXISTS {<k>}+",
    "TOUCH {<k>}+",
    "TYPE <k>",
    "EXPIRE <k> <t> [<c>] [<c>]",
    "PEXPIRE <k> <tm> [<c>]",
    "EXPIREAT <k> <T> [<c>]",
    "PEXPIREAT <k> <TM> [<c>]",
    "PEXPIRE <k> 3 ~",
    "TTL <k>",
    "PTTL <k>",
    "EXPIRETIME <k>",
    "PEXPIRETIME <k>",
    "PERSIST <k>",
    "RENAME <k> <k>",
    "RENAMENX <k> <k>",
    "COPY <k> <k> [DB <db>] [REPLACE]",
    "MOVE <k> <db>",
    "SWAPDB <db> <db>",
    "RANDOMKEY",
    "KEYS <g>",
    "SCAN 0 COUNT 1000 [MATCH <g>] [TYPE <type>]",
    "SCAN (x|+0| 0|00|''|1.0|18446744073709551616)",
    "SCAN 0 COUNT (x|0|-1|10y|1.0)",
    "SCAN 0 (MATCH|TYPE|COUNT|FOO 1)",
    "OBJECT (ENCODING|REFCOUNT|FREQ) <k>",
    "OBJECT IDLETIME <k>",
    "OBJECT (HELP|FOO|FREQ)",
    "FLUSHDB [<w>|ASYNC|SYNC]",
});

constexpr auto kWords = std::to_array<WordKind>({
    {"<type>", "hash|string|list|set|zset|stream|x|HASH"},
    {"<db>", "1|0|2|-1|16|x|2147483648|9223372036854775808"},
});

constexpr auto kRules = std::to_array<Rule>({
    {"TTL", Likeness::seconds_apart, "the clock of the real one runs on"},
    {"PTTL", Likeness::milliseconds_apart, "the clock of the real one runs on"},
    {"EXPIRETIME", Likeness::seconds_apart, "the clock of the real one runs on"},
    {"PEXPIRETIME", Likeness::milliseconds_apart, "the clock of the real one runs on"},
    {"OBJECT IDLETIME", Likeness::seconds_apart, "the clock of the real one runs on"},
    {"OBJECT REFCOUNT", Likeness::kind,
     "what a running transaction stored is held by its words, too"},
    {"RANDOMKEY", Likeness::drawn_key, "at random"},
    {"KEYS", Likeness::unordered, "the order of keys is that of a hash table"},
    {"SCAN", Likeness::scanned, "the order of keys, and the cursor, are those of a hash table"},
});

}  // namespace

Family key_grammar() {
  return {"keys", kTemplates, kWords, kRules, {}};
}

}  // namespace firedrill::test
