#include "sim/redis/resp.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>

#include "sim/redis/request_parser.h"

namespace firedrill::sim::redis {

namespace {

constexpr std::string_view kEnd = "\r\n";

/// "*3\r\n" into `text`; answers its end.
char* write_header(char* text, char type, std::int64_t number) {
  constexpr int kLongest = 20;
  *text++ = type;
  if (number >= 0 && number <= 9) {
    *text++ = static_cast<char>('0' + number);
  } else {
    text = std::to_chars(text, text + kLongest, number).ptr;
  }
  *text++ = '\r';
  *text++ = '\n';
  return text;
}

void append_header(std::string& out, char type, std::int64_t number) {
  char text[24];
  out.append(text, write_header(text, type, number));
}

void append_bulk(std::string& out, char type, std::string_view text) {
  char header[24];
  char* const end = write_header(header, type, static_cast<std::int64_t>(text.size()));
  out.append(header, end).append(text).append(kEnd);
}

/// A line cannot hold its own end: that becomes blanks, as in Redis.
void append_line(std::string& out, char type, std::string_view text) {
  out += type;
  const std::size_t begin = out.size();
  out.append(text);
  if (text.find_first_of(kEnd) != text.npos) [[unlikely]] {
    for (std::size_t i = begin; i < out.size(); ++i) {
      if (out[i] == '\r' || out[i] == '\n') out[i] = ' ';
    }
  }
  out.append(kEnd);
}

void append_items(std::string& out, char type, std::size_t count, const RedisReply& reply,
                  int protocol) {
  append_header(out, type, static_cast<std::int64_t>(count));
  for (const RedisReply& item : reply.items) append_reply(out, item, protocol);
}

/// The kinds that only RESP3 has.
void append_reply3(std::string& out, const RedisReply& reply) {
  using Kind = RedisReply::Kind;
  switch (reply.kind) {
    case Kind::real: return append_line(out, ',', reply.text);
    case Kind::boolean: out.append(reply.integer != 0 ? "#t\r\n" : "#f\r\n"); return;
    case Kind::big_number: return append_line(out, '(', reply.text);
    case Kind::verbatim: return append_bulk(out, '=', reply.text);
    case Kind::map: return append_items(out, '%', reply.items.size() / 2, reply, 3);
    case Kind::set: return append_items(out, '~', reply.items.size(), reply, 3);
    case Kind::push: return append_items(out, '>', reply.items.size(), reply, 3);
    default: out.append("_\r\n");
  }
}

/// What RESP2 has in their place.
void append_reply2(std::string& out, const RedisReply& reply) {
  using Kind = RedisReply::Kind;
  constexpr std::size_t kFormat = 4;  // "txt:"
  switch (reply.kind) {
    case Kind::real:
    case Kind::big_number: return append_bulk(out, '$', reply.text);
    case Kind::verbatim:
      return append_bulk(out, '$',
                         std::string_view(reply.text).substr(std::min(kFormat, reply.text.size())));
    case Kind::boolean: return append_header(out, ':', reply.integer != 0 ? 1 : 0);
    case Kind::map:
    case Kind::set:
    case Kind::push: return append_items(out, '*', reply.items.size(), reply, 2);
    case Kind::nil_array: out.append("*-1\r\n"); return;
    default: out.append("$-1\r\n");
  }
}

}  // namespace

std::optional<std::size_t> read_command(std::string_view bytes,
                                        std::vector<std::string_view>& words) {
  words.clear();
  if (bytes.empty()) return 0;
  if (bytes.front() != '*') return std::nullopt;
  RequestProgress progress;
  const RequestLimits unlimited{.bulk = std::numeric_limits<std::int64_t>::max() / 2};
  std::string problem;
  switch (read_request(bytes, unlimited, progress, words, problem)) {
    case Request::command: return progress.used;
    case Request::incomplete: return 0;
    case Request::malformed: break;
  }
  return std::nullopt;
}

void append_command(std::string& out, std::span<const std::string_view> words) {
  append_header(out, '*', static_cast<std::int64_t>(words.size()));
  for (const std::string_view word : words) append_bulk(out, '$', word);
}

void append_reply(std::string& out, const RedisReply& reply, int protocol) {
  using Kind = RedisReply::Kind;
  switch (reply.kind) {
    case Kind::integer: return append_header(out, ':', reply.integer);
    case Kind::bulk: return append_bulk(out, '$', reply.text);
    case Kind::status: return append_line(out, '+', reply.text);
    case Kind::error: return append_line(out, '-', reply.text);
    case Kind::array: return append_items(out, '*', reply.items.size(), reply, protocol);
    default: return protocol == 3 ? append_reply3(out, reply) : append_reply2(out, reply);
  }
}

}  // namespace firedrill::sim::redis
