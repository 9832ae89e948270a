#include "tests/support/redis_text.h"

#include <cstdio>
#include <iterator>
#include <sstream>

namespace firedrill::test {

namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (code < 32 || code >= 127) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", code);
      result += escape;
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string list(const RedisReply& reply) {
  std::string result = "[";
  for (const RedisReply& item : reply.items) {
    if (result.size() > 1) result += ", ";
    result += text_of(item);
  }
  return result + "]";
}

}  // namespace

std::string text_of(const RedisReply& reply) {
  switch (reply.kind) {
    case RedisReply::Kind::nil: return "nil";
    case RedisReply::Kind::integer: return std::to_string(reply.integer);
    case RedisReply::Kind::bulk: return quoted(reply.text);
    case RedisReply::Kind::status: return "+" + reply.text;
    case RedisReply::Kind::error: return "-" + reply.text;
    case RedisReply::Kind::array: return list(reply);
    case RedisReply::Kind::nil_array: return "nil";
    case RedisReply::Kind::real: return "," + reply.text;
    case RedisReply::Kind::boolean: return reply.integer != 0 ? "#t" : "#f";
    case RedisReply::Kind::map: return "%" + list(reply);
    case RedisReply::Kind::set: return "~" + list(reply);
    case RedisReply::Kind::push: return ">" + list(reply);
    case RedisReply::Kind::big_number: return "(" + reply.text;
    case RedisReply::Kind::verbatim: return "=" + quoted(reply.text);
  }
  return "?";
}

std::vector<std::string> words_of(std::string_view line) {
  std::istringstream in{std::string(line)};
  return {std::istream_iterator<std::string>(in), {}};
}

}  // namespace firedrill::test
