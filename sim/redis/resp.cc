#include "sim/redis/resp.h"

#include <charconv>
#include <cstdint>

namespace firedrill::sim::redis {

namespace {

constexpr std::string_view kEnd = "\r\n";

void append_header(std::string& out, char type, std::int64_t number) {
  char text[24];
  text[0] = type;
  char* end = std::to_chars(text + 1, text + sizeof text, number).ptr;
  out.append(text, end).append(kEnd);
}

void append_bulk(std::string& out, char type, std::string_view text) {
  append_header(out, type, static_cast<std::int64_t>(text.size()));
  out.append(text).append(kEnd);
}

void append_line(std::string& out, char type, std::string_view text) {
  out += type;
  out.append(text).append(kEnd);
}

void append_items(std::string& out, const RedisReply& reply, int protocol) {
  for (const RedisReply& item : reply.items) append_reply(out, item, protocol);
}

/// A line such as "*3\r\n" at the beginning of `bytes`, which it is taken from. Nothing where there
/// is no such line; `whole` is false where it may yet become one.
std::optional<std::size_t> read_header(std::string_view& bytes, char type, bool& whole) {
  const std::size_t end = bytes.find(kEnd);
  whole = end != bytes.npos;
  if (!whole) return std::nullopt;
  std::size_t number = 0;
  const auto [stop, problem] = std::from_chars(bytes.data() + 1, bytes.data() + end, number);
  if (bytes[0] != type || problem != std::errc{} || stop != bytes.data() + end) {
    return std::nullopt;
  }
  bytes.remove_prefix(end + kEnd.size());
  return number;
}

}  // namespace

std::optional<std::size_t> read_command(std::string_view bytes,
                                        std::vector<std::string_view>& words) {
  const std::size_t all = bytes.size();
  constexpr std::size_t kIncomplete = 0;
  bool whole = true;
  words.clear();
  const auto count = read_header(bytes, '*', whole);
  if (!count) return whole ? std::nullopt : std::optional(kIncomplete);
  for (std::size_t i = 0; i < *count; ++i) {
    const auto length = read_header(bytes, '$', whole);
    if (!length) return whole ? std::nullopt : std::optional(kIncomplete);
    if (bytes.size() < *length + kEnd.size()) return kIncomplete;
    words.push_back(bytes.substr(0, *length));
    bytes.remove_prefix(*length + kEnd.size());
  }
  return all - bytes.size();
}

void append_command(std::string& out, std::span<const std::string_view> words) {
  append_header(out, '*', static_cast<std::int64_t>(words.size()));
  for (const std::string_view word : words) append_bulk(out, '$', word);
}

void append_reply(std::string& out, const RedisReply& reply, int protocol) {
  using Kind = RedisReply::Kind;
  const auto count = static_cast<std::int64_t>(reply.items.size());
  switch (reply.kind) {
    case Kind::nil: out.append(protocol == 3 ? "_\r\n" : "$-1\r\n"); break;
    case Kind::nil_array: out.append(protocol == 3 ? "_\r\n" : "*-1\r\n"); break;
    case Kind::integer: append_header(out, ':', reply.integer); break;
    case Kind::bulk: append_bulk(out, '$', reply.text); break;
    case Kind::status: append_line(out, '+', reply.text); break;
    case Kind::error: append_line(out, '-', reply.text); break;
    case Kind::real: append_line(out, ',', reply.text); break;
    case Kind::boolean: out.append(reply.integer != 0 ? "#t\r\n" : "#f\r\n"); break;
    case Kind::big_number: append_line(out, '(', reply.text); break;
    case Kind::verbatim: append_bulk(out, '=', reply.text); break;
    case Kind::array:
      append_header(out, '*', count);
      append_items(out, reply, protocol);
      break;
    case Kind::set:
      append_header(out, '~', count);
      append_items(out, reply, protocol);
      break;
    case Kind::push:
      append_header(out, '>', count);
      append_items(out, reply, protocol);
      break;
    case Kind::map:
      append_header(out, '%', count / 2);
      append_items(out, reply, protocol);
      break;
  }
}

}  // namespace firedrill::sim::redis
