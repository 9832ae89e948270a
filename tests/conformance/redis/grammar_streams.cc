#include <array>
#include <string_view>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

constexpr auto kTemplates = std::to_array<std::string_view>({
    "XADD <k> <id> {<f> <v>}+",
    "XADD <k> [NOMKSTREAM] [MAXLEN [=|~] <n> [LIMIT <n>]|MINID [=|~] <id> [LIMIT <n>]] <id> "
    "{<f> <v>}+",
    "XADD <k> MAXLEN 1 MINID 1 * <f> <v>",
    "XADD <k> LIMIT <n> * <f> <v>",
    "XADD <k> <id> <f> <v> <f>",
    "XADD <k> * <f> <v>",
    "XADD <k> <next> <f> <v>",
    "XADD <k> <next> <f> <v> g <v>",
    "XADD <k> * {<f> <v>}30",
    "XADD <k> [MAXLEN ~ <n>] <next> {<f> 'a value that is longer than most values are'}20",
    "XTRIM <k> (MAXLEN [=|~] <n>|MINID [=|~] <id>) [LIMIT <n>]",
    "XTRIM <k> (LIMIT <n>|MAXLEN 1 MINID 1|foo)",
    "XLEN <k>",
    "(XRANGE|XREVRANGE) <k> <r> <r> [COUNT <n>]",
    "XDEL <k> {<id>}+",
    "XDEL <k> {<low>}+",
    "XSETID <k> <id> [ENTRIESADDED <n>] [MAXDELETEDID <id>]",
    "XSETID <k> 7-7",
    "XREAD [COUNT <n>] STREAMS <k> <after>",
    "XREAD [COUNT <n>] STREAMS <k> <k> <after> <after>",
    "XREAD STREAMS <k> <k> <after>",
    "XREAD (NOACK|GROUP g c|foo) STREAMS <k> <after>",
    "XREAD [COUNT <n>] BLOCK <wait> STREAMS <k> <then> !",
    "XREAD BLOCK <wait> STREAMS <own> <own> $ <then> !",
    "XREAD BLOCK 3 STREAMS <own> $ ~",
    "XADD <own> (1-1|2-1|5-*|7-*|8-1) <f> <v>",
    "XDEL <own> <low>",
    "(DEL|XLEN|GET) <own>",
    "SET <own> x",
    "XGROUP CREATE <k> <G> <from> [MKSTREAM] [ENTRIESREAD <n>]",
    "XGROUP CREATE <k> <G> <from> [MKSTREAM]",
    "XGROUP SETID <k> <G> <from> [ENTRIESREAD <n>]",
    "XGROUP DESTROY <k> <G>",
    "(XGROUP CREATECONSUMER|XGROUP DELCONSUMER) <k> <G> <C>",
    "XGROUP (HELP|foo|CREATE)",
    "XREADGROUP GROUP <G> <C> [COUNT <n>] [NOACK] STREAMS <k> <new>",
    "XREADGROUP GROUP <G> <C> COUNT <n> STREAMS <k> >",
    "XREADGROUP GROUP <G> <C> [NOACK] STREAMS <k> <k> <new> <new>",
    "XREADGROUP GROUP <G> <C> [COUNT <n>] [NOACK] BLOCK <wait> STREAMS <k> > !",
    "XREADGROUP GROUP <G> <C> BLOCK <wait> STREAMS <k> <k> > <new> !",
    "XREADGROUP GROUP <G> <C> BLOCK 3 STREAMS <k> > ~",
    "XREADGROUP [COUNT <n>] [NOACK] STREAMS <k> <k> <k> <k> <k>",
    "XACK <k> <G> {<id>}+",
    "XACK <k> <G> {<low>}+",
    "XPENDING <k> <G>",
    "XPENDING <k> <G> [IDLE <idle>] <r> <r> <n> [<C>]",
    "XPENDING <k> <G> - + 10",
    "XPENDING <k> <G> IDLE 0 <r>",
    "XCLAIM <k> <G> <C> <idle> {<low>}+ [IDLE <idle>] [TIME <T>] [RETRYCOUNT <n>] [FORCE] "
    "[JUSTID] [LASTID <id>]",
    "XCLAIM <k> <G> <C> 0 {<low>}+ [FORCE] [JUSTID]",
    "XCLAIM <k> <G> <C> 0 <low> (foo|IDLE|LASTID x|TIME x|IDLE x|RETRYCOUNT x)",
    "XAUTOCLAIM <k> <G> <C> <idle> <r> [COUNT <n>] [JUSTID]",
    "XAUTOCLAIM <k> <G> <C> 0 - [COUNT <n>] [JUSTID]",
    "XAUTOCLAIM <k> <G> <C> 0 0 COUNT (0|-1|x|1152921504606846976|9223372036854775807)",
    "XINFO STREAM <k>",
    "XINFO STREAM <k> FULL [COUNT <n>]",
    "XINFO STREAM <k> (foo|FULL COUNT|FULL foo 1|COUNT 1)",
    "XINFO GROUPS <k>",
    "XINFO CONSUMERS <k> <G>",
    "XINFO (HELP|foo|STREAM|GROUPS a b)",
    "CONFIG SET stream-node-max-entries (100|1|2|3|5|0)",
    "CONFIG SET stream-node-max-bytes (4096|0|1|100|200)",
    "COPY <k> <k> [REPLACE]",
    "DEL <k>",
    "SET <k> x",
    "RENAME <k> <k>",
    "MULTI",
    "EXEC",
});

constexpr auto kWords = std::to_array<WordKind>({
    {"<G>", "g|h|"},      // groups
    {"<C>", "x|y|zoe|"},  // consumers
    {"<low>", "1-1|1-2|2-1|3|5-0|5-1|7-7|8-1"},
    {"<next>", "*|8-*|10-*|11-*|+11-1|012-0|12-|18446744073709551615-18446744073709551614"},
    {"<after>", "0|$|1-1|1-2|2|9|5-0|18446744073709551615-18446744073709551615|x|>"},
    // What is deleted and made anew may end in the same millisecond on one side alone: nobody waits
    // for more than "$" of a stream whose ids the clock gives.
    {"<own>", "own|mine"},
    {"<then>", "0|1-1|2|9|5-0|18446744073709551615-18446744073709551615|x|>"},
    {"<from>", "0|$|1-1|2-1|5-0|9|x|-|+"},
    {"<new>", ">|0|1-1|>|5|18446744073709551615-18446744073709551615|$|x"},
    {"<idle>", "0|-1|1000000|x|9223372036854775807|-9223372036854775808"},
    {"<wait>", "0|x|-1|100000|1.5|9223372036854775807"},
});

constexpr auto kRules = std::to_array<Rule>({
    {"XPENDING", Likeness::idle, "the clock of the real one runs on"},
    {"XINFO CONSUMERS", Likeness::idle, "the clock of the real one runs on"},
    {"XINFO STREAM", Likeness::idle, "what the clock gave decides where the tree parts"},
});

constexpr auto kResets = std::to_array<std::string_view>({
    "CONFIG SET stream-node-max-entries 100",
    "CONFIG SET stream-node-max-bytes 4096",
});

}  // namespace

Family stream_grammar() {
  return {"streams", kTemplates, kWords, kRules, kResets};
}

}  // namespace firedrill::test
