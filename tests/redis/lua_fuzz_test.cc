#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lua/compat/sandbox.h"

// Whatever bytes are given as a script, the answer is a value or an error, and comes in bounded
// time and memory. (Run under the sanitizers, this says more.)

namespace firedrill::lua {
namespace {

constexpr Sandbox::Limits kLimits{.instructions = 200'000, .memory = 8 << 20};
constexpr int kScripts = 6000;

constexpr std::string_view kSeeds[] = {
    "local t = {} for i = 1, 10 do t[i] = i * 2 end return table.concat(t, ',')",
    "local function f(n) if n < 2 then return n end return f(n - 1) + f(n - 2) end return f(8)",
    "return cjson.encode(cjson.decode('{\"a\":[1,2,{\"b\":null}],\"c\":\"\\\\u00e9\"}'))",
    "return {cmsgpack.unpack(cmsgpack.pack({1, 'two', {three = 3.5}}, nil, true))}",
    "return {struct.unpack('>bHi3dsc0', struct.pack('>bHi3ds', 1, 2, 3, 4.5, 'five') .. 'x')}",
    "return ('key=value; k2=v2'):gsub('(%w+)=(%w*)', function(k, v) return v .. '=' .. k end)",
    "local s = '' for w in string.gmatch('a bb ccc', '%f[%w](%a-)%s*()') do s = s .. w end return "
    "s",
    "local c = coroutine.wrap(function(x) while x do x = coroutine.yield(x + 1) end end) return "
    "c(1)",
    "local ok, e = pcall(function() local x return x.y.z end) return e",
    "return string.format('%5.2f|%-8s|%q|%x|%c', 1.5, 'abc', 'q\\n\"', 255, 65)",
    "local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end) return unpack(t)",
    "local goto = {goto = 1} function goto:goto(...) return arg.n end return goto:goto(1, 2)",
    "return bit.tohex(bit.bxor(bit.lshift(1, 31), bit.rol(0x1234, 7))) .. math.random(10) .. 2 ^ "
    "0.5",
    "local mt = {__index = function(t, k) return k end, __lt = function() return true end, __len = "
    "1} "
    "local a = setmetatable({}, mt) return a.x .. #a .. tostring(a < a)",
    "for i = 10, 1, -3 do if i % 2 == 0 then break end end repeat local x = 1 until x return -0",
    "return loadstring('return ' .. [==[ [[x]] ]==] .. '--c')()",
};

/// What a script does is as it may be; that it ends is all.
void survive(Sandbox& sandbox, const std::string& script) {
  const auto chunk = sandbox.compile(script, "@user_script");
  if (!chunk) {
    EXPECT_FALSE(chunk.error().empty());
    return;
  }
  sandbox.run(*chunk);
  lua_settop(sandbox.state(), 0);
  luaL_unref(sandbox.state(), LUA_REGISTRYINDEX, chunk->reference);
}

class LuaFuzz : public testing::Test {
 protected:
  std::uint32_t draw() { return static_cast<std::uint32_t>(draw_.next()); }
  std::size_t below(std::size_t count) { return draw() % count; }
  std::string_view seed() { return kSeeds[below(std::size(kSeeds))]; }

  /// A change of one place: bytes gone, doubled, other ones, or a piece of another script.
  void mutate(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = std::min(below(8), text.size() - at);
    switch (below(5)) {
      case 0: text.erase(at, length); break;
      case 1: text.insert(at, text.substr(at, length)); break;
      case 2: text.insert(at, 1, static_cast<char>(draw())); break;
      case 3: {
        const std::string_view other = seed();
        text.insert(at, other.substr(below(other.size()), below(24)));
        break;
      }
      default: {
        constexpr std::string_view kPieces[] = {"1e999", "-",  "[[",  "%",    "nil", "2^63",
                                                "(",     ")",  "..",  "end ", "#",   "{}",
                                                "'",     "\\", "0/0", "\n",   "=",   "--"};
        text.insert(at, kPieces[below(std::size(kPieces))]);
      }
    }
  }

  Random48 draw_;
  Random48 random_;
};

TEST_F(LuaFuzz, MutatedScriptsEnd) {
  Sandbox sandbox(kLimits, random_);
  for (int i = 0; i < kScripts; ++i) {
    std::string script(seed());
    for (std::size_t n = 1 + below(6); n > 0; --n) mutate(script);
    SCOPED_TRACE(script);
    survive(sandbox, script);
  }
}

TEST_F(LuaFuzz, RandomBytesEnd) {
  Sandbox sandbox(kLimits, random_);
  for (int i = 0; i < kScripts; ++i) {
    std::string script(below(60), ' ');
    for (char& c : script) c = static_cast<char>(draw());
    survive(sandbox, script);
  }
}

TEST_F(LuaFuzz, RandomBytesInTheLibrariesFormatsEnd) {
  Sandbox sandbox(kLimits, random_);
  constexpr std::string_view kCalls[] = {
      "cmsgpack.unpack(s)",        "cjson.decode(s)",         "cjson.encode(s)",
      "struct.unpack(s, s)",       "struct.pack(s, 1, 2, 3)", "struct.size(s)",
      "string.format(s, 1, 2)",    "string.find(s, s)",       "string.gsub(s, s, s)",
      "string.gmatch(s, s)()",     "loadstring(s)",           "tonumber(s)",
      "cmsgpack.unpack_one(s, 2)", "cjson.decode('[' .. s)",  "cjson.decode('\"' .. s .. '\"')"};
  for (int i = 0; i < kScripts; ++i) {
    std::string script = "local s = '";
    for (std::size_t n = below(12); n > 0; --n) script += "\\" + std::to_string(draw() % 256);
    script += "' return pcall(function() return ";
    script += kCalls[below(std::size(kCalls))];
    script += " end)";
    SCOPED_TRACE(script);
    survive(sandbox, script);
  }
}

TEST_F(LuaFuzz, WhatGrowsWithoutBoundIsStopped) {
  Sandbox sandbox(kLimits, random_);
  for (const char* script :
       {"local s = 'x' while true do s = s .. s end", "return ('x'):rep(2^30)",
        "cjson.encode_sparse_array(false, 0) return cjson.encode({[2^30] = 1})",
        "local t = {} for i = 1, 9 do t[i] = t end return cmsgpack.pack(t)",
        "local t = {} t[1] = t return cjson.encode(t)", "return cjson.decode(('['):rep(100000))",
        "return cmsgpack.unpack(('\\145'):rep(100000))",
        "return ('a'):rep(5000):find(('a?'):rep(5000) .. 'b')",
        "return ('a'):rep(100):find(('a-'):rep(20) .. 'b')",
        "return load(function() return 'x ' end)", "table.insert({}, -2^31, 1)",
        "local function f() return 1 + f() end return f()",
        "local function f() return pcall(f) end return f()",
        "local function f() return coroutine.wrap(f)() end return f()",
        "local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x",
        "local t = setmetatable({}, {__index = function(t, k) return t[k] end}) return t.x",
        "return ('x'):gsub('x', function() return ('x'):rep(1e7) end)",
        "local t = {} t[1] = t for i = 1, 1e9 do t = {t} end"}) {
    SCOPED_TRACE(script);
    survive(sandbox, script);
  }
  survive(sandbox, "return " + std::string(100'000, '('));
  survive(sandbox, "return " + std::string(100'000, '-') + "1");
  survive(sandbox, std::string(100'000, '{'));
  std::string concatenated = "return 1";
  for (int i = 0; i < 5000; ++i) concatenated += " .. 1";
  survive(sandbox, concatenated);
}

}  // namespace
}  // namespace firedrill::lua
