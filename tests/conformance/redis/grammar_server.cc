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
    "CONFIG GET {<cfg>}+",
    "CONFIG GET <pattern> !",
    "CONFIG SET {<cfg> <setting>}+ !",
    "CONFIG SET (databases|dir|nosuch) 1 !",
    "CONFIG SET appendfsync (everysec|always|no|NO|x) !",
    "CONFIG SET save ('900 1'|'900 1 60 100'|''|900|'0 1'|x) !",
    "CONFIG REWRITE",
    "CONFIG RESETSTAT",
    "TIME",
    "ROLE",
    "WAIT (0|-1|x) (0|-1|x) !",
    "REPLICAOF a (x|70000) !",
    "SHUTDOWN (ABORT|SAVE NOSAVE|x) !",
    "INFO [server|clients|memory|replication|keyspace|all|nosuch]",
    "MEMORY USAGE <k> [SAMPLES <n>]",
    "COMMAND GETKEYS (GET|MSET|PING|NOSUCH|XREAD) {<v>}+",
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
    {"<name>", "me|you|a b||nosuch"},
    {"<cfg>",
     "maxmemory-samples|timeout|Timeout|hash-max-ziplist-value|stream-node-max-bytes|"
     "lua-time-limit|busy-reply-threshold|min-slaves-max-lag|replica-serve-stale-data|"
     "maxmemory-policy|appendfsync"},
    {"<setting>", "10|0|1kb|1K|yes|No|x|-1|noeviction|9999999999|"},
    {"<pattern>", "maxmemory-[ps]*|MAXMEMORY-P*|?imeout|nosuch*|lua-time-*|min-slaves-*|[t]imeout"},
});

// Timeouts of connections are longer than a sequence takes.
constexpr auto kResets = std::to_array<std::string_view>({
    "CONFIG SET maxmemory-samples 5 timeout 0 hash-max-listpack-value 64 stream-node-max-bytes "
    "4096",
    "CONFIG SET busy-reply-threshold 5000 min-replicas-max-lag 10 replica-serve-stale-data yes",
    "CONFIG SET maxmemory-policy noeviction appendfsync everysec",
});

constexpr auto kRules = std::to_array<Rule>({
    {"HELLO", Likeness::shape, "tells the number of the connection"},
    {"CONFIG GET", Likeness::unordered, "in the order of a hash table"},
    {"TIME", Likeness::shape, "another clock"},
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
