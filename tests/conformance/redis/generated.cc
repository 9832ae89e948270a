#include "tests/conformance/redis/generated.h"

#include <array>
#include <map>
#include <ostream>
#include <string_view>

#include "lua/redis/scripts.h"
#include "tests/support/redis_text.h"

namespace firedrill::test {

namespace {

/// What the letters of a template stand for. Several share their texts, so that types collide.
/// (No "ms-*" can follow the last sequence of its ms: 7.0 then answers by an errno of long before.)
const std::map<std::string, std::vector<std::string>, std::less<>>& vocabulary() {
  static const std::map<std::string, std::vector<std::string>, std::less<>> kWords = {
      {"<k>", {"a", "b", "c", "{t}d", ""}},
      {"<f>", {"f", "g", "h", "1", ""}},
      {"<m>", {"m", "n", "o", "2", "-7"}},
      {"<v>",
       {"", "x", "10", "-3", "007", "1.5", " 1", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "long enough to be no short string"}},
      {"<i>",
       {"0", "1", "-1", "5", "-20", "9223372036854775807", "x", "1.0", "-9223372036854775808"}},
      {"<s>", {"0", "1", "1.5", "-2", "1e3", "inf", "-inf", "+5", "nan", "x", "0.1", "3e-2"}},
      {"<b>", {"0", "(0", "1", "(1.5", "-inf", "+inf", "(inf", "-2", "x", "1000"}},
      {"<n>", {"0", "1", "2", "-1", "-2", "10", "x"}},
      {"<t>", {"1000", "100000", "0", "-1", "x", "9223372036854775807", "86400"}},
      {"<T>", {"4000000000", "1000", "0", "-5", "x", "9223372036854775807"}},
      {"<c>", {"NX", "XX", "GT", "LT", "nx", "XY"}},
      {"<id>",
       {"*x", "1-1", "1-2", "2-1", "5-*", "1-*", "0-0", "3", "9-18446744073709551615", "x", "7-7"}},
      {"<r>", {"-", "+", "1-1", "(1-1", "1", "2-1", "(2", "5", "x", "(-"}},
      {"<g>", {"*", "a*", "?", "[ab]", "[^a]", "\\a", "{*", "x", "[a-c]*", ""}},
      {"<w>", {"EX", "ex", "nx", "WITHSCORES", "LIMIT", "foo", "0", "GET", "KEEPTTL", "REV"}},
  };
  return kWords;
}

constexpr std::array kTemplates = std::to_array<std::string_view>({
    "PING",
    "PING <v>",
    "ECHO <v>",
    "GET <k>",
    "GET <k>",
    "SET <k> <v>",
    "set <k> <v>",
    "SET <k> <v> NX",
    "SET <k> <v> XX",
    "SET <k> <v> GET",
    "SET <k> <v> NX GET",
    "SET <k> <v> EX <t>",
    "SET <k> <v> PX <t>",
    "SET <k> <v> EXAT <T>",
    "SET <k> <v> XX KEEPTTL",
    "SET <k> <v> <w> <w>",
    "SETNX <k> <v>",
    "SETEX <k> <t> <v>",
    "PSETEX <k> <t> <v>",
    "GETSET <k> <v>",
    "GETDEL <k>",
    "MGET <k> <k> <k>",
    "MSET <k> <v> <k> <v>",
    "MSET <k> <v> <k>",
    "STRLEN <k>",
    "APPEND <k> <v>",
    "INCR <k>",
    "DECR <k>",
    "INCRBY <k> <i>",
    "DECRBY <k> <i>",
    "DEL <k>",
    "DEL <k> <k>",
    "UNLINK <k>",
    "EXISTS <k> <k>",
    "TYPE <k>",
    "EXPIRE <k> <t>",
    "EXPIRE <k> <t> <c>",
    "EXPIRE <k> <t> <c> <c>",
    "PEXPIRE <k> <t>",
    "EXPIREAT <k> <T>",
    "EXPIREAT <k> <T> <c>",
    "PEXPIREAT <k> <T>",
    "TTL <k>",
    "PTTL <k>",
    "PERSIST <k>",
    "HSET <k> <f> <v>",
    "HSET <k> <f> <v> <f> <v>",
    "HSET <k> <f> <v> <f>",
    "HMSET <k> <f> <v>",
    "HSETNX <k> <f> <v>",
    "HGET <k> <f>",
    "HMGET <k> <f> <f>",
    "HGETALL <k>",
    "HKEYS <k>",
    "HVALS <k>",
    "HINCRBY <k> <f> <i>",
    "HDEL <k> <f>",
    "HDEL <k> <f> <f>",
    "HEXISTS <k> <f>",
    "HSTRLEN <k> <f>",
    "HLEN <k>",
    "SADD <k> <m>",
    "SADD <k> <m> <f> <m>",
    "SREM <k> <m>",
    "SREM <k> <m> <f>",
    "SMEMBERS <k>",
    "SISMEMBER <k> <m>",
    "SCARD <k>",
    "ZADD <k> <s> <m>",
    "ZADD <k> <s> <m> <s> <m>",
    "ZADD <k> <c> <s> <m>",
    "ZADD <k> <c> CH <s> <m> <s> <m>",
    "ZADD <k> <c> <c> <s> <m>",
    "ZADD <k> INCR <s> <m>",
    "ZADD <k> <c> INCR <s> <m>",
    "ZADD <k> INCR <s> <m> <s> <m>",
    "ZADD <k> <s> <m> <s>",
    "ZINCRBY <k> <s> <m>",
    "ZREM <k> <m> <m>",
    "ZCARD <k>",
    "ZSCORE <k> <m>",
    "ZMSCORE <k> <m> <m>",
    "ZRANK <k> <m>",
    "ZREVRANK <k> <m>",
    "ZCOUNT <k> <b> <b>",
    "ZRANGE <k> <n> <n>",
    "ZRANGE <k> <n> <n> WITHSCORES",
    "ZRANGE <k> <n> <n> REV",
    "ZRANGE <k> <b> <b> BYSCORE",
    "ZRANGE <k> <b> <b> BYSCORE REV WITHSCORES LIMIT <n> <n>",
    "ZRANGE <k> <n> <n> LIMIT <n> <n>",
    "ZRANGE <k> <n> <n> <w>",
    "ZREVRANGE <k> <n> <n> WITHSCORES",
    "ZRANGEBYSCORE <k> <b> <b>",
    "ZRANGEBYSCORE <k> <b> <b> WITHSCORES LIMIT <n> <n>",
    "ZREVRANGEBYSCORE <k> <b> <b> LIMIT <n> <n>",
    "ZREMRANGEBYSCORE <k> <b> <b>",
    "ZREMRANGEBYRANK <k> <n> <n>",
    "XADD <k> <id> <f> <v>",
    "XADD <k> <id> <f> <v> <f> <v>",
    "XADD <k> NOMKSTREAM <id> <f> <v>",
    "XADD <k> MAXLEN <n> <id> <f> <v>",
    "XADD <k> MAXLEN = <n> <id> <f> <v>",
    "XADD <k> MAXLEN ~ <n> <id> <f> <v>",
    "XADD <k> MINID <id> <id> <f> <v>",
    "XADD <k> <id> <f> <v> <f>",
    "XLEN <k>",
    "XRANGE <k> <r> <r>",
    "XRANGE <k> <r> <r> COUNT <n>",
    "XREVRANGE <k> <r> <r>",
    "XREVRANGE <k> <r> <r> COUNT <n>",
    "XDEL <k> <id> <id>",
    "KEYS <g>",
    "SCAN 0 COUNT 1000",
    "SCAN 0 COUNT 1000 MATCH <g>",
    "SCAN 0 COUNT 1000 TYPE hash",
    "SCAN x",
    "SCAN 0 COUNT <n>y",
    "DBSIZE",
    "FLUSHALL <w>",
    "NOSUCH <v> <v>",
    "SCRIPT FOO",
    "SCRIPT EXISTS ffffffffffffffffffffffffffffffffffffffff",
    "EVALSHA ffffffffffffffffffffffffffffffffffffffff 0",
    "EVAL return <n> <v>",
});

using Choices = std::vector<int>;

/// Consumes one number for each choice; shrinking a number shrinks the choice.
class Chooser {
 public:
  explicit Chooser(const Choices& choices) : choices_(choices) {}

  std::size_t below(std::size_t count) {
    if (at_ == choices_.size()) return 0;
    return static_cast<std::size_t>(choices_[at_++]) % count;
  }
  const std::string& word(std::string_view kind) {
    const auto& words = vocabulary().find(kind)->second;
    return words[below(words.size())];
  }

 private:
  const Choices& choices_;
  std::size_t at_ = 0;
};

RedisCommand fill(std::string_view pattern, Chooser& chooser) {
  RedisCommand command;
  while (!pattern.empty()) {
    const std::size_t space = pattern.find(' ');
    const std::string_view word = pattern.substr(0, space);
    const bool is_kind = vocabulary().contains(word);
    command.words.emplace_back(is_kind ? std::string_view(chooser.word(word)) : word);
    pattern.remove_prefix(space == pattern.npos ? pattern.size() : space + 1);
  }
  return command;
}

RedisCommand command_of(const std::pair<int, Choices>& draw) {
  Chooser chooser(draw.second);
  RedisCommand command = fill(kTemplates[static_cast<std::size_t>(draw.first)], chooser);
  // One in thirty is malformed: a word too many or too few.
  switch (chooser.below(60)) {
    case 58:
      if (command.words.size() > 1) command.words.pop_back();
      break;
    case 59: command.words.push_back(chooser.word("<v>")); break;
    default: break;
  }
  return command;
}

rc::Gen<std::pair<int, Choices>> draw(std::size_t templates, std::size_t choices) {
  return rc::gen::pair(rc::gen::inRange(0, static_cast<int>(templates)),
                       rc::gen::container<Choices>(choices, rc::gen::inRange(0, 27720)));
}

// --- Scripts -------------------------------------------------------------------------------------

RedisCommand eval(const RedisScript& script, std::vector<std::string> keys,
                  std::vector<std::string> arguments) {
  std::vector<std::string> words = {"EVAL", std::string(script.source),
                                    std::to_string(keys.size())};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  return {words};
}

std::string pick(Chooser& chooser, std::initializer_list<const char*> words) {
  return *(words.begin() + chooser.below(words.size()));
}

RedisCommand script_of(const std::pair<int, Choices>& drawn) {
  Chooser chooser(drawn.second);
  const std::string product = pick(chooser, {"{p}", "{q}"});
  const std::string rid = pick(chooser, {"r1", "r2", "r3", "r4", "r5", "r6"});
  const std::string stock = product + ":s";
  const std::string reservation = product + ":r:" + rid;
  const std::string deadlines = product + ":x";
  const std::string users = product + ":u";
  const std::string log = product + ":log";
  switch (drawn.first) {
    case 0:
      return eval(scripts::seed, {stock, log},
                  {pick(chooser, {"10", "3", "0", "-1", "x", "1.5"}), "1"});
    case 1:
    case 2:
    case 3:
    case 4:
      return eval(scripts::reserve, {stock, reservation, deadlines, users, log},
                  {rid, pick(chooser, {"u1", "u2"}),
                   pick(chooser, {"1", "1", "2", "3", "0", "-1", "x", "1.5", "99"}),
                   pick(chooser, {"100000", "0", "-5"}), pick(chooser, {"0", "2", "5"}),
                   pick(chooser, {"1", "1", "1", "2"})});
    case 5:
    case 6: return eval(scripts::confirm, {stock, reservation, deadlines, log}, {rid});
    case 7:
    case 8:
    case 9:
      return eval(scripts::release, {stock, reservation, deadlines, users, log},
                  {rid, pick(chooser, {"release", "expire", "restock", "other"})});
    case 10:
      return eval(scripts::rate, {pick(chooser, {"rate:1", "rate:2"})},
                  {pick(chooser, {"3", "0", "1"}), pick(chooser, {"100000", "1999000"}),
                   pick(chooser, {"q1", "q2", "q3", "q4", "q5"})});
    case 11:
      return eval(scripts::as_written_deduct, {"stock:p"},
                  {pick(chooser, {"1", "2", "0", "-1", "x", "1.5"})});
    case 12: return {{"SETNX", "stock:p", pick(chooser, {"5", "0", "x"})}};
    default:
      return eval(scripts::as_written_rate, {pick(chooser, {"rate:3", "rate:4"})},
                  {pick(chooser, {"3", "5"}), pick(chooser, {"100000", "500500", "99999000"}),
                   pick(chooser, {"1700000000000", "1700000000001", "1700000100000"})});
  }
}

std::string_view script_name(std::string_view source) {
  for (const RedisScript* script :
       {&scripts::seed, &scripts::reserve, &scripts::confirm, &scripts::release, &scripts::rate,
        &scripts::as_written_deduct, &scripts::as_written_rate}) {
    if (script->source == source) return script->name;
  }
  return {};
}

}  // namespace

void showValue(const RedisCommand& command, std::ostream& out) {
  for (const std::string& word : command.words) {
    const std::string_view name = script_name(word);
    if (name.empty()) {
      out << text_of(RedisReply::bulk(word)) << ' ';
    } else {
      out << '<' << name << "> ";
    }
  }
}

rc::Gen<RedisCommand> any_redis_command() {
  return rc::gen::map(draw(kTemplates.size(), 8), command_of);
}

rc::Gen<RedisCommand> any_script_call() {
  return rc::gen::map(draw(14, 8), script_of);
}

}  // namespace firedrill::test
