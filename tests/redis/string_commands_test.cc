#include <gtest/gtest.h>

#include "tests/redis/rig.h"

namespace firedrill::sim::redis {
namespace {

TEST(StringCommands, SetTakesItsOptions) {
  answers({
      {"SET a 1 XX", "nil"},
      {"SET a 1 NX", "+OK"},
      {"SET a 2 NX", "nil"},
      {"SET a 2 NX GET", "\"1\""},
      {"SET a 3 GET", "\"1\""},
      {"SET none 3 GET", "nil"},
      {"SET a 4 EX 10", "+OK"},
      {"PTTL a", "10000"},
      {"SET a 4 KEEPTTL", "+OK"},
      {"TTL a", "10"},
      {"SET a 4", "+OK"},
      {"TTL a", "-1"},
      {"SET a 4 EX 10 EX 20", "+OK"},
      {"TTL a", "20"},
      {"SET a 4 EX 10 PX 20", "-ERR syntax error"},
      {"SET a 4 NX XX", "-ERR syntax error"},
      {"SET a 4 EX 10 KEEPTTL", "-ERR syntax error"},
      {"SET a 4 EX", "-ERR syntax error"},
      {"SET a 4 EX x", "-ERR value is not an integer or out of range"},
      {"SET a 4 EX 0", "-ERR invalid expire time in 'set' command"},
      {"SET a 4 EX 9223372036854775807", "-ERR invalid expire time in 'set' command"},
      {"SET a 4 PXAT 1", "+OK"},
      {"EXISTS a", "0"},
      {"RPUSH l 1", "1"},
      {"SET l 1 GET", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"SET l 1", "+OK"},
  });
}

TEST(StringCommands, GetexChangesTheExpiry) {
  answers({
      {"GETEX a EX 10", "nil"},
      {"SET a v", "+OK"},
      {"GETEX a EX 10", "\"v\""},
      {"TTL a", "10"},
      {"GETEX a", "\"v\""},
      {"TTL a", "10"},
      {"GETEX a PERSIST", "\"v\""},
      {"TTL a", "-1"},
      {"GETEX a EX 10 PERSIST", "-ERR syntax error"},
      {"GETEX a NX", "-ERR syntax error"},
      {"GETEX a EX -1", "-ERR invalid expire time in 'getex' command"},
      {"GETEX a PXAT 1", "\"v\""},
      {"GET a", "nil"},
  });
}

TEST(StringCommands, RangesCountFromBothEnds) {
  answers({
      {"SET a hello", "+OK"},
      {"GETRANGE a 1 3", "\"ell\""},
      {"GETRANGE a -3 -1", "\"llo\""},
      {"GETRANGE a -100 1", "\"he\""},
      {"GETRANGE a 3 100", "\"lo\""},
      {"GETRANGE a -1 -3", "\"\""},
      {"SUBSTR a 0 0", "\"h\""},
      {"GETRANGE none 0 -1", "\"\""},
      {"GETRANGE a x 1", "-ERR value is not an integer or out of range"},
      {"SETRANGE a 7 you", "10"},
      {"GET a", "\"hello\\x00\\x00you\""},
      {"SETRANGE a -1 x", "-ERR offset is out of range"},
      {"SETRANGE a 536870912 x", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)"},
      {"SET n 1234", "+OK"},
      {"SETRANGE n 1 x", "4"},
      {"GET n", "\"1x34\""},
  });
}

TEST(StringCommands, NumbersAreNumbersHoweverTheyCameAbout) {
  answers({
      {"APPEND a 1", "1"},
      {"APPEND a 0", "2"},
      {"OBJECT ENCODING a", "\"raw\""},
      {"INCR a", "11"},
      {"OBJECT ENCODING a", "\"int\""},
      {"INCRBYFLOAT a 0.5", "\"11.5\""},
      {"INCRBYFLOAT a -1.5e0", "\"10\""},
      {"OBJECT ENCODING a", "\"embstr\""},
      {"DECRBY a 4", "6"},
      {"INCRBYFLOAT a x", "-ERR value is not a valid float"},
      {"INCRBYFLOAT a inf", "-ERR increment would produce NaN or Infinity"},
      {"INCRBYFLOAT new 3.0e3", "\"3000\""},
      {"INCRBYFLOAT tenth 0.1", "\"0.1\""},
      {"INCRBYFLOAT tenth 0.2", "\"0.3\""},
      {"SET b 9223372036854775807", "+OK"},
      {"INCR b", "-ERR increment or decrement would overflow"},
      {"DECRBY b -9223372036854775808", "-ERR decrement would overflow"},
      {"APPEND b 0", "20"},
      {"INCR b", "-ERR value is not an integer or out of range"},
  });
}

TEST(StringCommands, MsetnxSetsAllOrNothing) {
  answers({
      {"MSETNX a 1 b 2", "1"},
      {"MSETNX c 1 b 3", "0"},
      {"MGET a b c", "[\"1\", \"2\", nil]"},
      {"MSETNX a", "-ERR wrong number of arguments for 'msetnx' command"},
      {"MSETNX a 1 b", "-ERR wrong number of arguments for 'msetnx' command"},
  });
}

TEST(StringCommands, EncodingsAreThoseOfRedis) {
  answers({
      {"SET a 12", "+OK"},
      {"OBJECT ENCODING a", "\"int\""},
      {"OBJECT REFCOUNT a", "2147483647"},
      {"SET a 10000", "+OK"},
      {"OBJECT REFCOUNT a", "1"},
      {"SET a 01234567890123456789012345678901234567890123", "+OK"},
      {"OBJECT ENCODING a", "\"embstr\""},
      {"SET a 012345678901234567890123456789012345678901234", "+OK"},
      {"OBJECT ENCODING a", "\"raw\""},
      {"SETRANGE b 0 x", "1"},
      {"OBJECT ENCODING b", "\"raw\""},
      {"COPY b c", "1"},
      {"OBJECT ENCODING c", "\"raw\""},
      {"SET b x", "+OK"},
      {"OBJECT ENCODING b", "\"embstr\""},
      {"OBJECT ENCODING none", "nil"},
  });
}

TEST(StringCommands, LcsFindsTheLongestCommonSubsequence) {
  answers({
      {"MSET a ohmytext b mynewtext", "+OK"},
      {"LCS a b", "\"mytext\""},
      {"LCS a b LEN", "6"},
      {"LCS a b IDX", "[\"matches\", [[[4, 7], [5, 8]], [[2, 3], [0, 1]]], \"len\", 6]"},
      {"LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN",
       "[\"matches\", [[[4, 7], [5, 8], 4]], \"len\", 6]"},
      {"LCS a none", "\"\""},
      {"LCS a b LEN IDX", "-ERR If you want both the length and indexes, please just use IDX."},
      {"RPUSH l x", "1"},
      {"LCS a l", "-ERR The specified keys must contain string values"},
  });
}

}  // namespace
}  // namespace firedrill::sim::redis
