#include <array>
#include <string_view>

#include "lua/redis/scripts.h"
#include "tests/conformance/redis/grammar.h"

namespace firedrill::test {

namespace {

constexpr auto kTemplates = std::to_array<std::string_view>({
    "SCRIPT FOO",
    "SCRIPT EXISTS ffffffffffffffffffffffffffffffffffffffff",
    "EVALSHA ffffffffffffffffffffffffffffffffffffffff 0",
    "EVAL return <n> <v>",
    "(EVAL|EVAL_RO) <declared> 1 <k> <v>",
    "(EVALSHA|EVALSHA_RO) <sha> (1|0|2|-1|x) <k> <v>",
    "SCRIPT LOAD <declared>",
    "SCRIPT EXISTS {<sha>}+",
    "SCRIPT FLUSH [SYNC|ASYNC|x]",
    // Every script of lua/redis, with arguments that mostly make sense. Those that read the clock
    // are not spoilt: with a window of a millisecond, or the keys of another hold, what they answer
    // and change would hang on how much time passes between two commands.
    "EVAL <seed> 2 <p>:s <=p>:log <stock> 1",
    "EVAL <reserve> 5 <p>:s <=p>:r:<rid> <=p>:x <=p>:u <=p>:log <=rid> <user> <quantity> <hold> "
    "<limit> <epoch> !",
    "EVAL <reserve> 5 <p>:s <=p>:r:<rid> <=p>:x <=p>:u <=p>:log <=rid> <user> 1 100000 0 1 !",
    "EVAL <confirm> 4 <p>:s <=p>:r:<rid> <=p>:x <=p>:log <=rid>",
    "EVAL <release> 5 <p>:s <=p>:r:<rid> <=p>:x <=p>:u <=p>:log <=rid> <why>",
    "EVAL <rate> 1 <window> (3|0|1) (100000|1999000) <request> !",
    "EVAL <as_written_deduct> 1 stock:p <quantity>",
    "SETNX stock:p (5|0|x)",
    "EVAL <as_written_rate> 1 <clocked> (3|5) (100000|500500|99999000) "
    "(1700000000000|1700000000001|1700000100000)",
});

constexpr char kWhole = '\0';

const auto& words() {
  static const auto kWords = std::to_array<WordKind>({
      {"<seed>", scripts::seed.source, kWhole},
      {"<reserve>", scripts::reserve.source, kWhole},
      {"<confirm>", scripts::confirm.source, kWhole},
      {"<release>", scripts::release.source, kWhole},
      {"<rate>", scripts::rate.source, kWhole},
      {"<as_written_deduct>", scripts::as_written_deduct.source, kWhole},
      {"<as_written_rate>", scripts::as_written_rate.source, kWhole},
      {"<declared>",
       "#!lua\nreturn redis.call(\"SET\", KEYS[1], ARGV[1])|"
       "return redis.call(\"SET\", KEYS[1], ARGV[1])|"
       "#!lua flags=no-writes\nreturn redis.call(\"SET\", KEYS[1], ARGV[1])|"
       "#!lua flags=no-writes\nreturn redis.call(\"TYPE\", KEYS[1])|"
       "#!lua flags=allow-oom,allow-stale\nreturn redis.call(\"DEL\", KEYS[1])|"
       "#!lua flags=no-cluster,allow-cross-slot-keys flags=no-writes\nreturn KEYS[1]|"
       "#!lua flags=nosuch\nreturn 1|#!lua flags=\nreturn 1|#!lua flags=no-writes,\nreturn 1|"
       "#!lua x=1\nreturn 1|#!python\nreturn 1|#!lua"},
      // Of the first two of these, and of none.
      {"<sha>",
       "332eec8b387e5eba674caa092e2a0a2666ad4d55|"
       "9D0C0826BDE023CC39EEBAAF832C32A890F3B088|"
       "ffffffffffffffffffffffffffffffffffffffff|f"},
      {"<p>", "{p}|{q}"},
      {"<rid>", "r1|r2|r3|r4|r5|r6"},
      {"<user>", "u1|u2"},
      {"<stock>", "10|3|0|-1|x|1.5"},
      {"<quantity>", "1|1|2|3|0|-1|x|1.5|99"},
      {"<hold>", "100000|0|-5"},
      {"<limit>", "0|2|5"},
      {"<epoch>", "1|1|1|2"},
      {"<why>", "release|expire|restock|other"},
      {"<window>", "rate:1|rate:2"},
      {"<clocked>", "rate:3|rate:4"},
      {"<request>", "q1|q2|q3|q4|q5"},
      {"<status>", "PENDING|QUEUED|CONFIRMED|FAILED|CANCELLED"},
      {"<reason>", "|sold out|timeout"},
      {"<fingerprint>", "f1|f2"},
  });
  return kWords;
}

}  // namespace

Family script_grammar() {
  return {"scripts", kTemplates, words(), {}, {}};
}

}  // namespace firedrill::test
