#include "tests/fuzz/redis_inputs.h"

#include <algorithm>

#include "sim/redis/command.h"
#include "sim/redis/resp.h"
#include "tests/support/redis_text.h"

namespace firedrill::fuzz {

namespace {

using sim::redis::CommandSpec;
using Words = std::vector<std::string>;

/// Commands that work, so that there is something for the others to work on.
const std::vector<std::string> kTemplates = {
    "SET k1 v",
    "SET k1 10 EX 5",
    "SET k1 v PX 100 NX GET",
    "GETEX k1 PERSIST",
    "APPEND k1 xyz",
    "SETRANGE k1 5 abc",
    "INCRBYFLOAT k1 1.5",
    "BITFIELD k1 INCRBY u8 0 1 OVERFLOW SAT GET i4 3",
    "SETBIT k1 7 1",
    "BITCOUNT k1 0 -1 BIT",
    "BITOP XOR k2 k1 k3",
    "LCS k1 k2 IDX WITHMATCHLEN",
    "MSET k1 a k2 b",
    "EXPIRE k1 1 GT",
    "PEXPIREAT k1 1700000001000",
    "COPY k1 k2 REPLACE",
    "RENAME k1 k2",
    "MOVE k1 1",
    "SWAPDB 0 1",
    "SORT k3 BY nosort GET # LIMIT 0 2 STORE k4",
    "OBJECT ENCODING k1",
    "DUMP k1",
    "SCAN 0 MATCH k* COUNT 5 TYPE string",
    "SELECT 1",
    "SELECT 0",
    "HSET k2 a 1 b 2",
    "HINCRBYFLOAT k2 a 0.5",
    "HRANDFIELD k2 -5 WITHVALUES",
    "HSCAN k2 0 COUNT 1",
    "HMGET k2 a c",
    "LPUSH k3 a b c",
    "LINSERT k3 BEFORE b x",
    "LPOS k3 a RANK -1 COUNT 0",
    "LMOVE k3 k4 LEFT RIGHT",
    "BLMOVE k3 k4 LEFT RIGHT 0.01",
    "BLPOP k3 k4 0",
    "BRPOP k3 0.05",
    "LMPOP 2 k3 k4 LEFT COUNT 2",
    "BLMPOP 0.01 1 k3 RIGHT",
    "LTRIM k3 0 1",
    "LREM k3 -1 a",
    "SADD k4 a b c 1 2",
    "SPOP k4 2",
    "SRANDMEMBER k4 -3",
    "SMOVE k4 k5 a",
    "SINTERCARD 2 k4 k5 LIMIT 1",
    "SUNIONSTORE k5 k4 k4",
    "ZADD k5 1 a 2 b 3 c",
    "ZADD k5 GT CH INCR 1.5 a",
    "ZPOPMIN k5 2",
    "BZPOPMAX k5 k6 0.01",
    "BZMPOP 0.01 1 k5 MIN COUNT 2",
    "ZRANGE k5 (1 +inf BYSCORE LIMIT 0 2 WITHSCORES",
    "ZRANGESTORE k6 k5 [a (c BYLEX",
    "ZUNION 2 k5 k6 WEIGHTS 1 -2 AGGREGATE MAX WITHSCORES",
    "ZINTERSTORE k6 2 k5 k4",
    "ZDIFF 2 k5 k6",
    "ZRANDMEMBER k5 -4 WITHSCORES",
    "ZREMRANGEBYRANK k5 0 -2",
    "XADD k6 * f v",
    "XADD k6 MAXLEN ~ 3 LIMIT 10 5-1 f v g w",
    "XADD k6 NOMKSTREAM 7-* f v",
    "XGROUP CREATE k6 g $ MKSTREAM",
    "XGROUP CREATECONSUMER k6 g c",
    "XGROUP SETID k6 g 0",
    "XREADGROUP GROUP g c COUNT 2 STREAMS k6 >",
    "XREADGROUP GROUP g c BLOCK 10 STREAMS k6 >",
    "XREAD BLOCK 0 STREAMS k6 $",
    "XREAD COUNT 2 STREAMS k6 0",
    "XACK k6 g 5-1",
    "XPENDING k6 g IDLE 0 - + 5 c",
    "XCLAIM k6 g d 0 5-1 FORCE JUSTID",
    "XAUTOCLAIM k6 g d 0 0 COUNT 3",
    "XRANGE k6 - + COUNT 2",
    "XREVRANGE k6 + (5-1",
    "XTRIM k6 MINID 6",
    "XDEL k6 5-1",
    "XSETID k6 9-9",
    "XINFO STREAM k6 FULL",
    "MULTI",
    "EXEC",
    "DISCARD",
    "WATCH k1 k2",
    "SUBSCRIBE c1 c2",
    "PSUBSCRIBE c*",
    "SSUBSCRIBE c1",
    "UNSUBSCRIBE",
    "PUBLISH c1 m",
    "PUBSUB NUMSUB c1",
    "HELLO 3",
    "HELLO 2",
    "RESET",
    "CLIENT REPLY SKIP",
    "CLIENT REPLY ON",
    "CLIENT SETNAME me",
    "CLIENT KILL ID 1",
    "CLIENT PAUSE 20 WRITE",
    "CLIENT UNPAUSE",
    "CLIENT UNBLOCK 2 ERROR",
    "CLIENT LIST TYPE normal",
    "CONFIG SET maxmemory 100kb",
    "CONFIG SET maxmemory 0",
    "CONFIG SET maxmemory-policy allkeys-lru",
    "CONFIG GET *",
    "INFO ALL",
    "COMMAND GETKEYS GET k1",
    "COMMAND DOCS SET",
    "EVAL return 0",
    "SCRIPT FLUSH",
    "WAIT 1 10",
    "FLUSHDB",
    "EVAL return{KEYS[1],ARGV[1]} 1 k1 v",
    "EVAL return(redis.call('INCR',KEYS[1])) 1 k1",
    "EVAL while(true)do(function()end)()end 0",
    "EVAL return(redis.pcall('LPUSH',KEYS[1],ARGV[1])) 1 k3 x",
    "EVAL return(cjson.encode({1,2})) 0",
    "EVAL redis.setresp(3)return(redis.call('HGETALL','k2')) 0"};

const std::vector<std::string> kWords = {"k1",
                                         "k2",
                                         "k3",
                                         "k4",
                                         "k5",
                                         "k6",
                                         "c1",
                                         "g",
                                         "c",
                                         "a",
                                         "b",
                                         "v",
                                         "f",
                                         "",
                                         "0",
                                         "1",
                                         "-1",
                                         "2",
                                         "3",
                                         "10",
                                         "100",
                                         "1.5",
                                         "-0.0",
                                         "inf",
                                         "-inf",
                                         "nan",
                                         "+inf",
                                         "(1",
                                         "[a",
                                         "(a",
                                         "-",
                                         "+",
                                         "$",
                                         ">",
                                         "*",
                                         "0-0",
                                         "5-1",
                                         "6-*",
                                         "9223372036854775807",
                                         "-9223372036854775808",
                                         "9223372036854775808",
                                         "18446744073709551615",
                                         "4294967296",
                                         "1e308",
                                         "NX",
                                         "XX",
                                         "GT",
                                         "LT",
                                         "CH",
                                         "INCR",
                                         "GET",
                                         "EX",
                                         "PX",
                                         "EXAT",
                                         "PXAT",
                                         "KEEPTTL",
                                         "COUNT",
                                         "MATCH",
                                         "TYPE",
                                         "LIMIT",
                                         "BY",
                                         "STORE",
                                         "WITHSCORES",
                                         "BYSCORE",
                                         "BYLEX",
                                         "REV",
                                         "WEIGHTS",
                                         "AGGREGATE",
                                         "SUM",
                                         "MIN",
                                         "MAX",
                                         "LEFT",
                                         "RIGHT",
                                         "BEFORE",
                                         "AFTER",
                                         "RANK",
                                         "MAXLEN",
                                         "MINID",
                                         "~",
                                         "=",
                                         "STREAMS",
                                         "BLOCK",
                                         "GROUP",
                                         "NOACK",
                                         "FORCE",
                                         "JUSTID",
                                         "IDLE",
                                         "RETRYCOUNT",
                                         "MKSTREAM",
                                         "ENTRIESREAD",
                                         "FULL",
                                         "HELP",
                                         "u8",
                                         "i64",
                                         "OVERFLOW",
                                         "WRAP",
                                         "FAIL",
                                         "SET",
                                         "ASYNC",
                                         "SYNC",
                                         "h*",
                                         "[^a]\\",
                                         "\xff\xfe",
                                         "a\r\nb",
                                         "return redis.call('GET', KEYS[1])",
                                         "return {1, {2, 'x'}, false}"};

constexpr std::size_t kMostSteps = 60;

/// A row of the command table, with as many words as it wants, or nearly.
Words from_table(Dice& dice) {
  const auto rows = sim::redis::all_commands();
  const CommandSpec* row = rows[dice.below(rows.size())];
  Words words;
  if (!row->subcommands.empty() && !dice.one_in(20))
    row = &row->subcommands[dice.below(row->subcommands.size())];
  const std::size_t bar = row->name.find('|');
  words.emplace_back(row->name.substr(0, bar));
  if (bar != row->name.npos) words.emplace_back(row->name.substr(bar + 1));
  const auto least = static_cast<std::size_t>(std::abs(row->arity));
  const std::size_t count = least + (row->arity < 0 ? dice.below(5) : 0);
  while (words.size() < count) {
    const bool is_key = static_cast<std::int64_t>(words.size()) == row->keys.first;
    words.push_back(is_key ? "k" + std::to_string(1 + dice.below(6)) : dice.pick(kWords));
  }
  return words;
}

Words any_command(Dice& dice) {
  Words words = dice.one_in(3) ? from_table(dice) : test::words_of(dice.pick(kTemplates));
  while (dice.one_in(3)) {
    const std::size_t at = dice.below(words.size());
    if (dice.one_in(4)) {
      words.insert(words.begin() + static_cast<std::ptrdiff_t>(at), dice.pick(kWords));
    } else if (dice.one_in(4) && words.size() > 1) {
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
    } else if (at > 0) {
      words[at] = dice.pick(kWords);
    }
  }
  return words;
}

std::string bytes_of(Dice& dice, const Words& words) {
  std::string bytes;
  if (dice.one_in(10)) {
    for (const std::string& word : words) bytes += word + " ";
    return bytes + "\r\n";
  }
  const std::vector<std::string_view> views(words.begin(), words.end());
  sim::redis::append_command(bytes, views);
  return bytes;
}

void append_step(std::string& input, std::uint8_t what, const std::string& bytes) {
  input += static_cast<char>(what);
  input += static_cast<char>(bytes.size() & 0xffU);
  input += static_cast<char>(bytes.size() >> 8U);
  input += bytes;
}

/// Changes, adds or takes away some bytes, anywhere.
void damage(Dice& dice, std::string& bytes) {
  const std::size_t at = dice.below(bytes.size());
  switch (dice.below(5)) {
    case 0: bytes[at] = static_cast<char>(dice.next()); break;
    case 1: bytes.insert(at, 1, "*$\r\n\"'\\-0\xff"[dice.below(10)]); break;
    case 2: bytes.erase(at, 1 + dice.below(4)); break;
    case 3: bytes.insert(at, bytes.substr(dice.below(bytes.size()), dice.below(40))); break;
    default: bytes[at] = static_cast<char>(bytes[at] ^ (1 << dice.below(8)));
  }
}

}  // namespace

/// Splitmix64.
std::uint64_t Dice::next() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31U);
}

std::vector<Step> steps_of(std::string_view input) {
  std::vector<Step> steps;
  while (input.size() >= 3 && steps.size() < 2 * kMostSteps) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(input[i]); };
    const std::size_t length = byte(1) + 256U * byte(2);
    steps.push_back({byte(0), input.substr(3, length)});
    input.remove_prefix(std::min(input.size(), 3 + length));
  }
  return steps;
}

std::string make_input(std::uint64_t seed) {
  Dice dice(seed);
  std::string input;
  const std::size_t steps = 1 + dice.below(kMostSteps);
  for (std::size_t i = 0; i < steps; ++i) {
    std::string bytes = bytes_of(dice, any_command(dice));
    while (dice.one_in(4)) bytes += bytes_of(dice, any_command(dice));
    if (dice.one_in(12)) damage(dice, bytes);
    auto what = static_cast<std::uint8_t>(dice.below(2));
    if (dice.one_in(3)) what = static_cast<std::uint8_t>(what | (dice.below(8) << 1U));
    if (dice.one_in(40)) what = static_cast<std::uint8_t>(what | 0xf0U);
    append_step(input, what, bytes.substr(0, 0xffff));
  }
  while (dice.one_in(5)) damage(dice, input);
  return input;
}

}  // namespace firedrill::fuzz
