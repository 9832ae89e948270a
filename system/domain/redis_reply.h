#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace firedrill {

/// What a Redis answers (RESP2). A value: compares and copies.
struct RedisReply {
  enum class Kind : std::uint8_t { nil, integer, bulk, status, error, array };

  Kind kind = Kind::nil;
  std::int64_t integer = 0;       ///< Kind::integer
  std::string text;               ///< bulk, status, error ("ERR ...", the code first, no '-')
  std::vector<RedisReply> items;  ///< array

  static RedisReply nil() { return {}; }
  static RedisReply of(std::int64_t value) {
    RedisReply reply;
    reply.kind = Kind::integer;
    reply.integer = value;
    return reply;
  }
  static RedisReply bulk(std::string value) { return with_text(Kind::bulk, std::move(value)); }
  static RedisReply status(std::string value) { return with_text(Kind::status, std::move(value)); }
  static RedisReply error(std::string value) { return with_text(Kind::error, std::move(value)); }
  static RedisReply array(std::vector<RedisReply> values = {}) {
    RedisReply reply;
    reply.kind = Kind::array;
    reply.items = std::move(values);
    return reply;
  }

  bool is_nil() const { return kind == Kind::nil; }
  bool is_integer() const { return kind == Kind::integer; }
  bool is_bulk() const { return kind == Kind::bulk; }
  bool is_error() const { return kind == Kind::error; }
  bool is_array() const { return kind == Kind::array; }

  friend bool operator==(const RedisReply&, const RedisReply&) = default;

 private:
  static RedisReply with_text(Kind kind, std::string value) {
    RedisReply reply;
    reply.kind = kind;
    reply.text = std::move(value);
    return reply;
  }
};

}  // namespace firedrill
