#include <array>
#include <string_view>

#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

constexpr auto kTemplates = std::to_array<std::string_view>({
    "PING [<v>]",
    "ECHO <v>",
    "DBSIZE",
    "FLUSHALL [<w>]",
    "NOSUCH <v> <v>",
    "HELLO (2|3)",
    "SELECT (0|1|2|16|x|-1|9999999999)",
    "AUTH <v>",
    "AUTH (default|nobody) <v>",
    "RESET",
    "CLIENT GETNAME",
    "CLIENT SETNAME <name>",
    "CLIENT GETREDIR",
    "CLIENT NO-EVICT (ON|OFF|x)",
    "CLIENT KILL ID (0|99999|x) !",
    "CLIENT KILL <name> !",
    "CLIENT KILL (TYPE|USER|ADDR) (replica|x|127.0.0.9:1) !",
    "CLIENT LIST TYPE (replica|x) !",
    "CLIENT LIST ID (x|999999) !",
    "CLIENT UNBLOCK (99999|x) [TIMEOUT|ERROR|x] !",
    "CLIENT PAUSE (x|-1) [WRITE|ALL|x] !",
    "CLIENT <name> !",
    "CONFIG GET {<cfg>}+ !",  // a spoilt one may ask for *: not every setting is there
    "CONFIG GET <pattern> !",
    "CONFIG SET {<cfg> <setting>}+ !",
    "CONFIG SET (databases|dir|nosuch) 1 !",
    "CONFIG SET maxmemory-clients (0|1gb|5%|101%|-1%|x|'') !",
    "CONFIG SET appendfsync (everysec|always|no|NO|x) !",
    "CONFIG SET save ('900 1'|'900 1 60 100'|''|900|'0 1'|x) !",
    "CONFIG REWRITE",
    "CONFIG RESETSTAT",
    "TIME",
    "SAVE",
    "LASTSAVE",
    "BGSAVE (x|schedule x) !",
    "ROLE",
    "WAIT (0|-1|x) (0|-1|x) !",
    "REPLICAOF a (x|70000) !",
    "SHUTDOWN (ABORT|SAVE NOSAVE|x) !",
    "INFO [server|clients|memory|replication|keyspace|all|nosuch]",
    "MEMORY USAGE <k> [SAMPLES <n>]",
    "COMMAND GETKEYS (GET|MSET|PING|NOSUCH|XREAD) {<v>}+",
    "COMMAND GETKEYS (ZUNION|ZINTERSTORE <k>|LMPOP|BLMPOP 0|SINTERCARD|EVAL x|BZMPOP 0) <count> "
    "{<v>}*",
    "COMMAND GETKEYS (XREAD|XREADGROUP GROUP g c) [COUNT 1|BLOCK STREAMS] STREAMS {<v>}*",
    "COMMAND LIST FILTERBY MODULE x !",
    "COMMAND (COUNT|LIST|DOCS) x !",
    "SLOWLOG GET (x|-2) !",
    "LATENCY RESET !",
    "LATENCY HISTORY x !",
    "SCRIPT KILL",
    "DEBUG x",
    "(READONLY|READWRITE|ASKING)",
    "CLUSTER (MYID|INFO|SLOTS|FOO) !",
});

// Settings that take the same values; those that are sizes take units, too.
constexpr auto kWords = std::to_array<WordKind>({
    {"<count>", "1|2|3|0|-1| 2|2x|x|4294967297|99999999999999999999"},
    {"<name>", "me|you|a b||nosuch"},
    {"<cfg>",
     "maxmemory-samples|timeout|Timeout|hash-max-ziplist-value|stream-node-max-bytes|"
     "lua-time-limit|busy-reply-threshold|min-slaves-max-lag|replica-serve-stale-data|"
     "maxmemory-policy|appendfsync"},
    {"<setting>", "10|0|1kb|1K|yes|No|x|-1|noeviction|9999999999|"},
    {"<pattern>", "maxmemory*|MAXMEMORY-P*|?imeout|nosuch*|lua-time-*|min-slaves-*|[t]imeout"},
});

// Timeouts of connections are longer than a sequence takes.
constexpr auto kResets = std::to_array<std::string_view>({
    "CONFIG SET maxmemory-samples 5 timeout 0 hash-max-listpack-value 64 stream-node-max-bytes "
    "4096",
    "CONFIG SET busy-reply-threshold 5000 min-replicas-max-lag 10 replica-serve-stale-data yes",
    "CONFIG SET maxmemory-policy noeviction maxmemory-clients 0 appendfsync everysec",
});

constexpr auto kRules = std::to_array<Rule>({
    {"HELLO", Likeness::shape, "tells the number of the connection"},
    {"CONFIG GET", Likeness::unordered, "in the order of a hash table"},
    {"TIME", Likeness::shape, "another clock"},
    {"LASTSAVE", Likeness::seconds_apart, "another clock; of the start, which was not at once"},
    {"SLOWLOG GET", Likeness::kind, "what this machine took long over"},
    {"SLOWLOG LEN", Likeness::kind, "what this machine took long over"},
    {"COMMAND COUNT", Likeness::kind, "not every command is there"},
    {"COMMAND LIST", Likeness::kind, "not every command is there"},
    {"INFO", Likeness::kind, "of another process"},
    {"MEMORY USAGE", Likeness::kind, "is about right"},
});

}  // namespace

Family server_grammar() {
  return {"connection and server", kTemplates, kWords, kRules, kResets};
}

}  // namespace firedrill::test
