#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/conformance/redis/both.h"

namespace firedrill::test {
namespace {

class LuaOnBoth : public testing::Test {
 protected:
  /// Runs `body` on both; they must agree, and answer `expected` unless that is empty.
  void expect(const std::string& body, const std::string& expected = "") {
    const auto answers = both_.ask({"EVAL", body, "0"});
    EXPECT_EQ(answers.model, answers.real) << body;
    if (!expected.empty()) {
      EXPECT_EQ(answers.real, expected) << body;
    }
  }

  BothRedises both_;
};

// The numbers are the lines of the list of what real backends do.

TEST_F(LuaOnBoth, Line1_NumbersAreDoubles) {
  expect("return 10/2 .. ''", "\"5\"");
  expect("return tostring(10/2)", "\"5\"");
  expect("return tonumber('1e3') .. ''", "\"1000\"");
  expect("return tonumber('1700000000000000') .. ''", "\"1.7e+15\"");
  expect("return 9007199254740993 == 9007199254740992", "1");
  expect("return 9007199254740993 .. ''");
  expect("return 2^53 + 1 .. ''");
  expect("return 9223372036854775807 + 1 .. ''");
  expect("return #'abc' / 2 .. '|' .. #{1, 2} * 2 .. '|' .. 7 % 3 .. '|' .. -7 % 3",
         "\"1.5|4|1|2\"");
  expect("return 1e18 % 7 .. ''");
  expect("return 5 % 0 .. '|' .. 1 / 0 .. '|' .. 0 / 0");
  expect("local sum = 0 for i = 1, 3 do sum = sum + i / 2 end return sum .. ''", "\"3\"");
  expect("for i = 1, 2 do if i == 2 then return i .. '' end end", "\"2\"");
  expect("for i, v in ipairs({5, 6}) do if i == 2 then return i .. v end end", "\"26\"");
  expect("return ('x'):rep(10 / 5) .. string.sub(12345, 2, 3) .. table.concat({1, 2.5}, ',')");
  expect("return string.find('hello', 'l') .. string.len(10 / 2) .. select('#', 1, 2)", "\"312\"");
  expect("return '10' + '5' .. '|' .. '3' * 2 .. '|' .. -'2' .. '|' .. '7' % '4'");
  expect("return string.gsub('ab', '%w', function() return 4 / 2 end)");
  expect("return string.format('%d|%5.1f|%s|%g|%x', 3.7, 2.25, 10 / 2, 1e20, 255)");
  expect(
      "return {tostring(tonumber('0x10')), tostring(tonumber('inf')), tostring(tonumber('-ff', "
      "16))}");
  expect("return math.floor(3.7) .. math.ceil(3.2) .. math.max(1, 2) .. math.pow(2, 10)");
}

TEST_F(LuaOnBoth, Line2_NumbersAsArguments) {
  expect("redis.call('SET', 'k', 'v') return redis.call('EXPIRE', 'k', 100000 / 100)", "1");
  expect("redis.call('SET', 'k', 10 / 2) return redis.call('GET', 'k')", "\"5\"");
  expect("redis.call('SET', 'k', 'v') return redis.call('EXPIRE', 'k', 1500 / 1000)");
  expect("return redis.call('INCRBY', 'n', '5') + redis.call('INCRBY', 'n', 2)", "12");
}

TEST_F(LuaOnBoth, Line3_Replies) {
  expect("return 3.99", "3");
  expect("return -3.99", "-3");
  expect("return {1, 2, nil, 4}", "[1, 2]");
  expect("return false", "nil");
  expect("return true", "1");
  expect("return nil", "nil");
  expect("return {ok = 'fine'}", "+fine");
  expect("return {err = 'MY fault'}", "-MY fault");
  expect("return {1, {'a', {true, false}}, {ok = 'x'}, {err = 'y'}, 1.9}");
  expect("return {a = 1}", "[]");
  expect("return 1e19");
  expect("return {double = 3.5}");
  expect("return redis.error_reply('fault')", "-ERR fault");
  expect("return redis.error_reply('MY fault')", "-MY fault");
  expect("return redis.status_reply('x')", "+x");
  expect("return redis.call('GET', 'none') == false", "1");
  expect("return redis.call('SET', 'k', 1).ok", "\"OK\"");
  expect("return redis.pcall('INCR').err");
  expect("return {redis.call('HGETALL', 'none'), redis.call('MGET', 'none', 'none')}");
}

TEST_F(LuaOnBoth, Line4_AnErrorRollsNothingBack) {
  expect("redis.call('SET', 'k', 'before') error('late') ");
  expect("return redis.call('GET', 'k')", "\"before\"");
  expect("redis.call('SET', 'k', 'again') redis.call('INCR', 'k')");
  expect("return redis.call('GET', 'k')", "\"again\"");
}

TEST_F(LuaOnBoth, Line5_Libraries) {
  expect("return {unpack({1, 2, 3}, 2)}", "[2, 3]");
  expect("return table.getn({1, 2, 3})", "3");
  expect("return loadstring('return 1 + 1')()", "2");
  expect("local r = '' for w in string.gfind('a b', '%w') do r = r .. w .. ';' end return r");
  expect("return math.mod(7, 4) .. math.pow(2, 3) .. math.log10(1000)");
  for (const char* missing : {"os", "io", "setfenv", "getfenv", "newproxy", "print", "dofile",
                              "require", "debug", "rawlen", "utf8", "warn"}) {
    expect("return " + std::string(missing));
  }
  for (const char* known : {"cjson", "bit", "string", "table", "math", "coroutine", "redis"}) {
    expect("return type(" + std::string(known) + ")", "\"table\"");
  }
  expect("unknown = 1");
  expect("function unknown() end");
  expect("return unknown");
  expect("redis.call = nil");
  expect("string.extra = 1");
  expect("rawset(string, 'extra', 1)");
  expect("setmetatable(_G, nil)");
  expect("KEYS = {}");
  expect("return _G.redis == redis and _G.unknown");
  expect("return cjson.encode({1, 'a/b', true, cjson.null, 1.5}) .. cjson.encode({a = {}})");
  expect("return cjson.decode('{\"a\":[1,{\"b\":null}],\"c\":\"\\\\u00e9\"}').a[1]", "1");
  expect("return cjson.decode('[1,')");
  expect("return cjson.encode({[1] = 1, [100] = 2})");
  expect(
      "return bit.tohex(bit.bxor(bit.lshift(1, 31), 255)) .. bit.band(7, 2) .. bit.arshift(-8, 1)");
}

TEST_F(LuaOnBoth, Line5_TheRandomSequence) {
  for (int i = 0; i < 5; ++i) expect("return math.random() .. ' ' .. math.random(10)");
  both_.ask({"SCRIPT", "FLUSH"});
  expect("return math.random(1000) .. ''");  // one sequence for the whole server
  expect("math.randomseed(7) return math.random(1000) .. math.random(5, 9)");
  both_.restart();
  expect("return math.random() .. ''", "\"0.39646477363839\"");  // the same after each start
}

TEST_F(LuaOnBoth, Line5_Spelling) {
  expect("redis.call('SET', 'k', 0.1) return redis.call('GET', 'k')", "\"0.10000000000000001\"");
  expect("return 0.1 .. ''", "\"0.1\"");
  expect("redis.call('SET', 'k', 1e16) return redis.call('GET', 'k')");
  expect("redis.call('SET', 'k', 1e17) return redis.call('GET', 'k')");
  expect("redis.call('SET', 'k', 1700000000123456) return redis.call('GET', 'k')");
  expect("return redis.sha1hex(10 / 2)");
}

TEST_F(LuaOnBoth, Line5_Errors) {
  expect("\n\nerror('here')");
  expect("return {err = 'returned'}", "-returned");
  expect("redis.call('SET', 'k', 'v')\nredis.call('INCR', 'k')");
  expect("return redis.pcall('NOSUCH')");
  expect("redis.call('NOSUCH')");
  expect("redis.call('GET')");
  expect("redis.call()");
  expect("redis.call('GET', {})");
  expect("redis.call('EVAL', 'return 1', 0)");
  expect("return {pcall(redis.call, 'NOSUCH')}");
  expect("return {pcall(function() local x return x.y end)}");
  expect("local x\nreturn x.y");
  expect("local x = {}\nreturn x.y.z");
  expect("local x = {} return 'a' .. x.b .. 'c'");
  expect("local x return x + 1");
  expect("local x return #x");
  expect("local x = {} x.f()");
  expect("local x = {} x:f()");
  expect("return 1 < 'a'");
  expect("return {} < {}");
  expect("return 'abc' + 1");
  expect("assert(false)");
  expect("assert(nil, 'why')");
  expect("error({err = 'MY own'})");
  expect("string.rep()");
  expect("return ('x'):bad()");
  expect("return string.format('%s', {})");
  for (const char* broken :
       {"if", "return return", "x = = 1", "for i = 1, 2 do", "return 'abc", "return 1 // 2",
        "return 3x", "goto a", "return 1 | 2", "return ~1", "local x <const> = 1", "return [[",
        "break", "return ...x", "local function f() return ... end", "f(", "x = {1, 2",
        "if x then\n\nreturn 1"}) {
    expect(broken);
  }
}

TEST_F(LuaOnBoth, Line6_UnknownScripts) {
  const std::string sha = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db";  // of "return 1"
  const auto both_say = [&](const std::vector<std::string>& command, const std::string& expected) {
    const auto answers = both_.ask(command);
    EXPECT_EQ(answers.model, expected);
    EXPECT_EQ(answers.real, expected);
  };
  const std::string unknown = "-NOSCRIPT No matching script. Please use EVAL.";
  both_say({"EVALSHA", sha, "0"}, unknown);
  both_say({"SCRIPT", "LOAD", "return 1"}, "\"" + sha + "\"");
  both_say({"EVALSHA", sha, "0"}, "1");
  both_say({"evalsha", "E0E1F9FABFC9D4800C877A703B823AC0578FF8DB", "0"}, "1");
  both_say({"SCRIPT", "EXISTS", sha, "nope"}, "[1, 0]");
  both_say({"SCRIPT", "FLUSH"}, "+OK");
  both_say({"EVALSHA", sha, "0"}, unknown);
  both_say({"EVAL", "return 1", "0"}, "1");
  both_say({"EVALSHA", sha, "0"}, "1");
  both_.restart();
  both_say({"EVALSHA", sha, "0"}, unknown);
}

}  // namespace
}  // namespace firedrill::test
