// The same bytes to the simulated Redis and to a real one: the same bytes come back.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/redis_wire/wire.h"
#include "tests/support/redis_server.h"

namespace firedrill::test {
namespace {

using namespace std::string_literals;

/// What the server says to these bytes, up to the end of the connection.
std::string answer(std::uint16_t port, const std::string& bytes) {
  RawSocket socket(port);
  socket.send(bytes);
  socket.finish();
  return socket.read_all();
}

class Protocol : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    real_ = std::make_unique<RedisServer>();
    model_ = std::make_unique<Wire>();
  }
  static void TearDownTestSuite() {
    model_.reset();
    real_.reset();
  }
  static std::string real(const std::string& bytes) { return answer(real_->port(), bytes); }
  static std::string model(const std::string& bytes) { return answer(model_->port(), bytes); }

  inline static std::unique_ptr<RedisServer> real_;
  inline static std::unique_ptr<Wire> model_;
};

const std::string kPing = "*1\r\n$4\r\nPING\r\n";

const std::vector<std::string> kInputs = {
    // Requests, and what is skipped.
    kPing + kPing + kPing,
    "PING\r\nPING\n*1\r\n$4\r\nping\r\n",
    "\r\n\n \t \r\n" + kPing,
    "*0\r\n" + kPing,
    "*-1\r\n" + kPing,
    "*-9223372036854775808\r\n" + kPing,
    "*1\r\n$0\r\n\r\n" + kPing,
    "\"\"\r\n" + kPing,
    "*2\r\n$4\r\nECHO\r\n$6\r\na\r\n$1\r\r\n" + kPing,
    // What stands behind a carriage return is not looked at.
    "*1\rx$4\ryPINGzz" + kPing,
    "*1xx$4xxPINGxx\r\n" + kPing,
    // Counts.
    "*a\r\n" + kPing,
    "*\r\n" + kPing,
    "*01\r\n" + kPing,
    "*+1\r\n" + kPing,
    "* 1\r\n" + kPing,
    "*1 \r\n" + kPing,
    "*2147483648\r\n" + kPing,
    "*2147483647\r\n",
    "*1048577\r\n" + kPing,
    "*99999999999999999999\r\n" + kPing,
    "*" + std::string(65537, '1'),
    "*" + std::string(65535, '1'),
    "*" + std::string(65535, '1') + "\r\n",
    // Lengths.
    "*1\r\n+4\r\nPING\r\n",
    "*1\r\n:4\r\n",
    "*1\r\n\r4\r\n",
    "*1\r\n\n4\r\n",
    "*1\r\nPING\r\n",
    "*2\r\n$4\r\nPING\r\nx\r\n",
    "*1\r\n$-1\r\n",
    "*1\r\n$\r\n",
    "*1\r\n$04\r\nPING\r\n",
    "*1\r\n$x\r\n",
    "*1\r\n$536870913\r\n",
    "*1\r\n$536870912\r\n",
    "*1\r\n$" + std::string(65537, '1'),
    "*1\r\n$4\r\nPI",
    // Inline commands.
    "PING \"a b\"\r\n",
    "PING \"a\r\n" + kPing,
    "PING 'a\r\n" + kPing,
    "PING \"a\"b\r\n" + kPing,
    "PING 'a'b\r\n" + kPing,
    "ECHO 'a\\'b'\r\n",
    "ECHO \"a\\\"\\n\\r\\t\\a\\b\\q\\x41\\x4\\xzz\"\r\n",
    "ECHO \"\\x00\\xff\"\r\n",
    "ECHO a\"b c\"\r\nECHO a'b c'\r\n",
    "ECHO a\\nb\r\n",
    "ECHO \"\\\r\n",
    "ECHO a\x0b"
    "b\r\nECHO a \x0b\x0c b\r\n",
    "PI\\x4eG\r\n\"\\x50ING\" a\r\n",
    "GET\r\nECHO\r\n",
    std::string(65536, 'x'),
    std::string(65537, 'x'),
    "ECHO " + std::string(70000, 'x') + "\r\n",
    // Zero bytes end the search for the end of a line.
    "\0PING\r\n"s + kPing,
    "PI\0NG\r\n"s + kPing,
    "*1\0\r\n"s + kPing,
    "*1\r\n\0$4\r\n"s + kPing,
    "*1\r\n$4\0\r\nPING\r\n"s,
    // Commands that there are not.
    "*1\r\n$4\r\n\\\0*1\r\n"s + kPing,
    "*3\r\n$2\r\nx\0\r\n$3\r\na\0b\r\n$1\r\nc\r\n"s,
    "*2\r\n$6\r\nCONFIG\r\n$3\r\nx\0y\r\n"s,
    "HELO wörld\r\n",
    "*3\r\n$3\r\nFOO\r\n$3\r\na\r\n\r\n$200\r\n" + std::string(200, 'b') + "\r\n",
    "*2\r\n$130\r\n" + std::string(130, 'f') + "\r\n$1\r\na\r\n",
    // A connection that ends, with requests behind its end.
    "QUIT\r\n" + kPing,
    "PING\r\n*1\r\n$4\r\nQUIT\r\nPING\r\n",
};

TEST_F(Protocol, EveryInputGetsTheBytesOfTheRealServer) {
  for (const std::string& input : kInputs) {
    EXPECT_EQ(model(input), real(input))
        << "input: " << testing::PrintToString(input.substr(0, 80));
  }
}

/// The pieces that requests are made of, in any order.
TEST_F(Protocol, SoDoesAnyMixture) {
  const auto holds = [] {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "*", "$", "1", "2", "4", "0", "-", "\r\n", "\r\n", "\r\n", "\r", "\n", "PING", "PING\r\n",
        "ECHO ", "\"", "'", "\\", "x41", " ", "\t", "\0"s, "*1\r\n", "*2\r\n", "$4\r\n",
        "$4\r\nPING\r\n", "$4\r\nECHO\r\n", "$1\r\nx\r\n", "\xff"));
    std::string input;
    for (const std::string& piece : pieces) input += piece;
    RC_ASSERT(model(input) == real(input));
  };
  EXPECT_TRUE(rc::check(holds));
}

TEST(ProtocolBeforeAuth, RequestsMustBeSmall) {
  const RedisServer real;
  const Wire model;
  for (const std::uint16_t port : {real.port(), model.port()}) {
    EXPECT_EQ(answer(port, command_bytes("CONFIG SET requirepass secret")), "+OK\r\n");
  }
  const std::string auth = command_bytes("AUTH secret");
  const std::string big = "*2\r\n$4\r\nECHO\r\n$20000\r\n" + std::string(20000, 'x') + "\r\n";
  const std::vector<std::string> inputs = {
      kPing,
      command_bytes("GET k"),
      command_bytes("AUTH wrong"),
      auth + kPing,
      "*11\r\n" + kPing,
      "*10\r\n$4\r\nPING\r\n",
      "*1\r\n$16385\r\n",
      big + kPing,
      auth + big,
      auth + command_bytes("DEL 1 2 3 4 5 6 7 8 9 10 11 12"),
      auth + command_bytes("RESET") + big,
      command_bytes("HELLO 3 AUTH default secret SETNAME x").substr(0, 4),
  };
  for (const std::string& input : inputs) {
    EXPECT_EQ(answer(model.port(), input), answer(real.port(), input))
        << "input: " << testing::PrintToString(input.substr(0, 80));
  }
}

}  // namespace
}  // namespace firedrill::test
