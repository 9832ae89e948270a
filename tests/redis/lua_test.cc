#include <gtest/gtest.h>

#include <string>

#include "tests/redis/rig.h"

// Where the model follows the real server word for word, tests/conformance/redis says so. Here is
// what only the model promises, and a little of the rest, to be had without a server.

namespace firedrill::sim::redis {
namespace {

TEST(Lua51, NumbersAreDoubles) {
  Rig rig;
  EXPECT_EQ(
      rig.eval("return 10/2 .. '|' .. tonumber('1e3') .. '|' .. tonumber('1700000000000000')"),
      "\"5|1000|1.7e+15\"");
  EXPECT_EQ(rig.eval("return 9007199254740993 == 9007199254740992"), "1");
  EXPECT_EQ(rig.eval("return #'abc' / 2 .. ''"), "\"1.5\"");
}

TEST(Lua51, EveryLibraryFunctionAnswersWithFloats) {
  // An integer that leaks would wrap at 2^63 where a double goes on.
  Rig rig;
  for (const char* leak : {"#'abc'",
                           "string.len('abc')",
                           "string.byte('a')",
                           "(string.find('abc', 'c'))",
                           "select('#', 1, 2)",
                           "select(2, string.gsub('aa', 'a', 'b'))",
                           "tonumber('3')",
                           "tonumber('11', 2)",
                           "table.getn({1, 2})",
                           "table.maxn({1, 2})",
                           "math.floor(3.5)",
                           "math.random(1, 3)",
                           "('x'):len()",
                           "redis.call('DBSIZE') + 1",
                           "'3' + '4'",
                           "cjson.decode('3')",
                           "bit.bor(1, 2)",
                           "next({7})",
                           "unpack({7})",
                           "arg and 1 or 3"}) {
    EXPECT_EQ(rig.eval("local arg = 1 local n = " + std::string(leak) +
                       " for i = 1, 80 do n = n * 2 end return n > 1e20"),
              "1")
        << leak;
  }
  EXPECT_EQ(rig.eval("for k in pairs({5}) do for i = 1, 80 do k = k * 2 end return k > 1e20 end"),
            "1");
  EXPECT_EQ(rig.eval("for k in ipairs({5}) do for i = 1, 80 do k = k * 2 end return k > 1e20 end"),
            "1");
  EXPECT_EQ(
      rig.eval(
          "for i = 1, #'ab' do local k = i for j = 1, 80 do k = k * 2 end return k > 1e20 end"),
      "1");
}

TEST(Lua51, PairsHasOneOrder) {
  const char* body =
      "local t = {30, 10, zebra = 1, [2.5] = 1, apple = 1, [true] = 1, [-1] = 1, mango = 1, [7] = "
      "1} "
      "local r = {} for k in pairs(t) do r[#r + 1] = tostring(k) end return table.concat(r, ' ')";
  for (int i = 0; i < 20; ++i) {
    Rig rig;
    EXPECT_EQ(rig.eval(body), "\"1 2 7 -1 2.5 apple mango zebra true\"");
  }
}

TEST(Lua51, NextFollowsPairs) {
  Rig rig;
  EXPECT_EQ(rig.eval("local t = {5, a = 1, b = 2} local r, k = {}, nil "
                     "repeat k = next(t, k) r[#r + 1] = tostring(k) until k == nil "
                     "return table.concat(r, ' ')"),
            "\"1 a b nil\"");
  EXPECT_EQ(rig.eval("local t = {1, 2, 3, x = 1, y = 2} local n = 0 "
                     "for k in pairs(t) do t[k] = nil n = n + 1 end return {n, next(t) == nil}"),
            "[5, 1]");
}

TEST(Lua51, KeysWithoutAnOrderAreRefused) {
  Rig rig;
  EXPECT_EQ(rig.eval("for k in pairs({[{}] = 1, [{}] = 2}) do end"),
            "-ERR user_script:1: firedrill: keys that are tables or functions have no fixed order "
            "script: " +
                rig.run({"SCRIPT", "LOAD", "for k in pairs({[{}] = 1, [{}] = 2}) do end"}).text +
                ", on @user_script:1.");
  EXPECT_EQ(
      rig.eval("local f = {} local n = 0 for k in pairs({1, [f] = 1}) do n = n + 1 end return n"),
      "2");
}

TEST(Lua51, TostringTellsNoAddress) {
  const char* body =
      "local a, b = {}, {} local t = tostring "
      "return {t(a), t(b), t(a) == t(a), t(a) ~= t(b), t(type), t(coroutine.create(type))}";
  Rig one;
  Rig two;
  EXPECT_EQ(one.eval(body), two.eval(body));
}

TEST(Lua51, ManyElementsSortAlikeEachTime) {
  // 5.4 would choose its pivots by the clock here.
  const char* body =
      "local t = {} for i = 1, 500 do t[i] = {i % 7, i} end "
      "table.sort(t, function(a, b) return a[1] < b[1] end) "
      "local r = {} for i, v in ipairs(t) do r[i] = v[2] end return table.concat(r, ' ')";
  Rig one;
  const std::string first = one.eval(body);
  for (int i = 0; i < 5; ++i) {
    Rig rig;
    EXPECT_EQ(rig.eval(body), first);
  }
}

TEST(Lua51, ALoopWithoutEndIsStopped) {
  Rig rig;
  for (const char* body :
       {"while true do end", "local function f() return f() end return f()",
        "while true do pcall(function() while true do end end) end", "repeat until false",
        "pcall(function() while true do end end) return 1", "loadstring('while true do end')()",
        "coroutine.wrap(function() while true do end end)()",
        "local c = coroutine.create(function() while true do end end) "
        "while true do coroutine.resume(c) end"}) {
    EXPECT_NE(rig.eval(body).find("exceeded its budget of instructions"), std::string::npos)
        << body;
  }
  EXPECT_EQ(rig.eval("return 1"), "1");
}

TEST(Lua51, MemoryIsBounded) {
  Engine::Options options;
  options.script_memory = 4 << 20;
  Rig rig{Engine(options)};
  EXPECT_EQ(rig.eval("local t = {} for i = 1, 1e7 do t[i] = i end"), "-ERR not enough memory");
  EXPECT_EQ(rig.eval("return #string.rep('x', 1e6)"), "1000000");
}

TEST(Lua51, DeepRecursionIsAnError) {
  Rig rig;
  EXPECT_NE(rig.eval("local function f() return 1 + f() end return f()").find("stack overflow"),
            std::string::npos);
  EXPECT_NE(rig.eval("local t = {} t[1] = t return t").find("reached lua stack limit"),
            std::string::npos);
}

TEST(Lua51, ReservedNamesAreTheScriptsOwn) {
  Rig rig;
  EXPECT_EQ(rig.eval("local goto, _FD_cat = 1, 2 local t = {goto = 3, _FD_cat = 4} "
                     "return {goto, _FD_cat, t.goto, t._FD_cat, goto .. _FD_cat}"),
            "[1, 2, 3, 4, \"12\"]");
  EXPECT_NE(rig.eval("return _G._FD_cat").find("nonexistent global variable '_FD_cat'"),
            std::string::npos);
}

TEST(Lua51, LinesStayWhereTheyWere) {
  Rig rig;
  EXPECT_NE(rig.eval("local a = [[\n\n]]\nlocal b = 'x\\\ny' -- c\n--[[\n]] error('here')")
                .find("user_script:7: here"),
            std::string::npos);
  EXPECT_NE(rig.eval("local x =\n1 ..\n2 ..\n{}\nreturn x").find("user_script:"),
            std::string::npos);
}

}  // namespace
}  // namespace firedrill::sim::redis
