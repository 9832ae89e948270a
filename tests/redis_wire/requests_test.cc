// Bytes into requests, and replies into bytes: without sockets.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sim/redis/request_parser.h"
#include "sim/redis/resp.h"
#include "tests/redis_wire/wire.h"
#include "tests/support/redis_reader.h"

namespace firedrill::sim::redis {
namespace {

using Words = std::vector<std::string>;

/// Everything that a parser makes of these bytes, given in these pieces.
struct Parsed {
  std::vector<Words> commands;
  std::string problem;

  friend bool operator==(const Parsed&, const Parsed&) = default;
};

Parsed parse(const std::vector<std::string>& pieces, const RequestLimits& limits = {}) {
  Parsed parsed;
  RequestParser parser;
  for (const std::string& piece : pieces) {
    parser.append(piece);
    Request found = parser.next(limits);
    for (; found == Request::command; found = parser.next(limits)) {
      parsed.commands.emplace_back(parser.words().begin(), parser.words().end());
    }
    if (found == Request::malformed) {
      parsed.problem = parser.problem();
      break;
    }
  }
  return parsed;
}

Parsed parse(const std::string& bytes) {
  return parse(std::vector<std::string>{bytes});
}

TEST(Requests, ArraysOfBulkStrings) {
  const std::vector<Words> expected = {{"SET", "k", ""}, {"GET", "k\r\n$1"}};
  EXPECT_EQ(parse("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n*2\r\n$3\r\nGET\r\n$5\r\nk\r\n$1\r\n")
                .commands,
            expected);
}

TEST(Requests, InlineCommandsAndTheirQuotes) {
  const auto words = [](const std::string& line) { return parse(line + "\r\n").commands.at(0); };
  EXPECT_EQ(words("  SET  k\tv "), (Words{"SET", "k", "v"}));
  EXPECT_EQ(words(R"(ECHO "a b\x41\n\q\"")"), (Words{"ECHO", "a bA\nq\""}));
  EXPECT_EQ(words(R"(ECHO 'a\'b\n' "")"), (Words{"ECHO", "a'b\\n", ""}));
  EXPECT_EQ(words(R"(ECHO a"b c" d\x41)"), (Words{"ECHO", "ab c", "d\\x41"}));
  EXPECT_EQ(words("ECHO a\vb"), (Words{"ECHO", "a\vb"}));
  EXPECT_EQ(parse("ECHO \"a\r\n").problem, "ERR Protocol error: unbalanced quotes in request");
  EXPECT_EQ(parse("ECHO 'a'b\r\n").problem, "ERR Protocol error: unbalanced quotes in request");
}

TEST(Requests, EmptyOnesAreSkipped) {
  EXPECT_EQ(parse("\r\n*0\r\n \r\n*-5\r\n\nPING\n").commands, std::vector<Words>{{"PING"}});
}

/// A request of one of the two forms, or something that is none.
std::string any_request() {
  const auto word = [] {
    return *rc::gen::container<std::string>(
        rc::gen::element('a', 'b', '\r', '\n', '$', '*', '"', '\\', ' ', '\0', '\x80'));
  };
  if (*rc::gen::inRange(0, 4) > 0) {
    const Words words = *rc::gen::container<Words>(rc::gen::exec(word));
    const std::vector<std::string_view> views(words.begin(), words.end());
    std::string bytes;
    append_command(bytes, views);
    return bytes;
  }
  return *rc::gen::element<std::string>("PING\r\n", "ECHO \"a\\x42\" 'c'\r\n", "\r\n", "*0\r\n",
                                        "*x\r\n", "*1\r\n:1\r\n", "*2\r\n$-1\r\n", "ECHO \"a\r\n");
}

RC_GTEST_PROP(Requests, HowTheBytesAreCutDoesNotMatter, ()) {
  const auto requests = *rc::gen::container<std::vector<std::string>>(rc::gen::exec(any_request));
  std::string bytes;
  for (const std::string& request : requests) bytes += request;
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = *rc::gen::inRange<std::size_t>(1, 12);
    pieces.push_back(bytes.substr(at, length));
    at += length;
  }
  const Parsed whole = parse(bytes);
  const Parsed cut = parse(pieces);
  RC_ASSERT(whole.commands == cut.commands);
  RC_ASSERT(whole.problem == cut.problem);
}

TEST(Requests, ManyWordsOfOneRequestSurviveThatTheBufferMoves) {
  Words words;
  for (int i = 0; i < 5000; ++i)
    words.push_back(std::string(static_cast<std::size_t>(i % 90), 'x'));
  const std::vector<std::string_view> views(words.begin(), words.end());
  std::string bytes;
  append_command(bytes, views);
  std::vector<std::string> pieces = {"PING\r\n"};
  for (std::size_t at = 0; at < bytes.size(); at += 1000) pieces.push_back(bytes.substr(at, 1000));
  const Parsed parsed = parse(pieces);
  ASSERT_EQ(parsed.commands.size(), 2U);
  EXPECT_EQ(parsed.commands[1], words);
}

TEST(Requests, AnAnnouncedLengthTakesNoMemory) {
  RequestParser parser;
  parser.append("*2147483647\r\n$536870912\r\n");
  ASSERT_EQ(parser.next({}), Request::incomplete);
  EXPECT_LT(parser.room(1).size(), 1000U);
  EXPECT_LT(parser.words().size(), 2U);
}

TEST(Requests, TheMemoryOfALongRequestIsGivenBack) {
  RequestParser parser;
  parser.append("*1\r\n$1000000\r\n" + std::string(1'000'000, 'x') + "\r\n");
  ASSERT_EQ(parser.next({}), Request::command);
  ASSERT_EQ(parser.next({}), Request::incomplete);
  parser.trim();
  EXPECT_LT(parser.room(100).size(), 1000U);
}

TEST(Requests, LimitsOfWhoIsNotAuthenticated) {
  const RequestLimits stranger{.authenticated = false};
  EXPECT_EQ(parse({"*11\r\n"}, stranger).problem,
            "ERR Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(parse({"*10\r\n$16384\r\n"}, stranger).problem, "");
  EXPECT_EQ(parse({"*10\r\n$16385\r\n"}, stranger).problem,
            "ERR Protocol error: unauthenticated bulk length");
}

std::string bytes_of(const RedisReply& reply, int protocol) {
  std::string bytes;
  append_reply(bytes, reply, protocol);
  return bytes;
}

TEST(Replies, InBothVersions) {
  using R = RedisReply;
  const auto text = [](R::Kind kind, const char* value) { return R::with_text(kind, value); };
  const R pair = R::with_items(R::Kind::map, {R::bulk("k"), R::of(-7)});
  EXPECT_EQ(bytes_of(R::nil(), 2), "$-1\r\n");
  EXPECT_EQ(bytes_of(R::nil_array(), 2), "*-1\r\n");
  EXPECT_EQ(bytes_of(R::nil(), 3) + bytes_of(R::nil_array(), 3), "_\r\n_\r\n");
  EXPECT_EQ(bytes_of(R::array({R::status("OK"), R::error("ERR a\r\nb")}), 2),
            "*2\r\n+OK\r\n-ERR a  b\r\n");
  EXPECT_EQ(bytes_of(pair, 2), "*2\r\n$1\r\nk\r\n:-7\r\n");
  EXPECT_EQ(bytes_of(pair, 3), "%1\r\n$1\r\nk\r\n:-7\r\n");
  EXPECT_EQ(bytes_of(R::with_items(R::Kind::set, {R::nil()}), 3), "~1\r\n_\r\n");
  EXPECT_EQ(bytes_of(R::with_items(R::Kind::push, {}), 3), ">0\r\n");
  EXPECT_EQ(bytes_of(text(R::Kind::real, "inf"), 2), "$3\r\ninf\r\n");
  EXPECT_EQ(bytes_of(text(R::Kind::real, "inf"), 3), ",inf\r\n");
  EXPECT_EQ(bytes_of(R::boolean(true), 2) + bytes_of(R::boolean(true), 3), ":1\r\n#t\r\n");
  EXPECT_EQ(bytes_of(text(R::Kind::big_number, "12"), 2), "$2\r\n12\r\n");
  EXPECT_EQ(bytes_of(text(R::Kind::big_number, "12"), 3), "(12\r\n");
  EXPECT_EQ(bytes_of(text(R::Kind::verbatim, "txt:ab"), 2), "$2\r\nab\r\n");
  EXPECT_EQ(bytes_of(text(R::Kind::verbatim, "txt:ab"), 3), "=6\r\ntxt:ab\r\n");
  EXPECT_EQ(bytes_of(R::of(std::numeric_limits<std::int64_t>::min()), 2),
            ":-9223372036854775808\r\n");
}

TEST(Replies, AnIndependentReaderGetsBackWhatWasWritten) {
  using R = RedisReply;
  std::vector<R> items;
  for (std::size_t length = 0; length < 300; ++length) {
    items.push_back(R::bulk(std::string(length, 'x')));
    items.push_back(R::of(static_cast<std::int64_t>(length) * 12345 - 1'000'000));
  }
  const R reply = R::with_items(R::Kind::map, std::move(items));
  test::RedisReader reader;
  reader.feed(bytes_of(reply, 3) + bytes_of(R::with_items(R::Kind::set, {reply, R::nil()}), 3));
  EXPECT_EQ(reader.next(), reply);
  EXPECT_EQ(reader.next(), R::with_items(R::Kind::set, {reply, R::nil()}));
  EXPECT_TRUE(reader.empty());
}

TEST(Effects, AReadCommandIsTheOneThatWasWritten) {
  std::vector<std::string_view> words;
  std::string bytes;
  append_command(bytes, std::vector<std::string_view>{"SET", "k", "v\r\n"});
  const std::string more = bytes + "*1";
  EXPECT_EQ(read_command(more, words), bytes.size());
  EXPECT_EQ(words, (std::vector<std::string_view>{"SET", "k", "v\r\n"}));
  EXPECT_EQ(read_command(std::string_view(bytes).substr(0, bytes.size() - 1), words), 0U);
  EXPECT_EQ(read_command("SET k v\r\n", words), std::nullopt);
  EXPECT_EQ(read_command("*1\r\n:1\r\n", words), std::nullopt);
}

}  // namespace
}  // namespace firedrill::sim::redis
