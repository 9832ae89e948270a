#include <gtest/gtest.h>

#include <stdexcept>
#include <string_view>

#include "tests/support/redis_reader.h"
#include "tests/support/redis_text.h"

namespace firedrill::test {
namespace {

constexpr std::string_view kReplies =
    "+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n*2\r\n$0\r\n\r\n*1\r\n:1\r\n"
    "_\r\n,1.5\r\n#t\r\n%1\r\n+k\r\n~1\r\n:2\r\n>2\r\n+message\r\n+m\r\n(123\r\n=7\r\ntxt:abc\r\n";

std::string read_all(RedisReader& reader) {
  std::string text;
  while (const auto reply = reader.next()) text += text_of(*reply) + " ";
  return text;
}

TEST(RedisReader, ReadsEveryKindInAnyPieces) {
  const std::string expected =
      "+OK -ERR no -7 \"a\\x0d\\x0a\" nil nil [\"\", [1]] nil ,1.5 #t %[+k, ~[2]] >[+message, +m] "
      "(123 =\"txt:abc\" ";
  for (std::size_t piece = 1; piece <= kReplies.size(); ++piece) {
    RedisReader reader;
    std::string text;
    for (std::size_t at = 0; at < kReplies.size(); at += piece) {
      reader.feed(kReplies.substr(at, piece));
      text += read_all(reader);
    }
    ASSERT_EQ(text, expected) << "in pieces of " << piece;
    EXPECT_TRUE(reader.empty());
  }
}

TEST(RedisReader, TellsNilsApart) {
  RedisReader reader;
  reader.feed("$-1\r\n*-1\r\n_\r\n");
  EXPECT_EQ(reader.next()->kind, RedisReply::Kind::nil);
  EXPECT_EQ(reader.next()->kind, RedisReply::Kind::nil_array);
  EXPECT_EQ(reader.next()->kind, RedisReply::Kind::nil);
}

TEST(RedisReader, RefusesWhatIsNoReply) {
  for (const char* bytes : {"?\r\n", "\r\n", ":x\r\n", "*1x\r\n"}) {
    RedisReader reader;
    reader.feed(bytes);
    EXPECT_THROW(reader.next(), std::runtime_error) << bytes;
  }
}

}  // namespace
}  // namespace firedrill::test
