#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace firedrill {

/// What a Redis answers. A value: compares and copies. Kinds from `real` on are sent only to
/// clients that asked for RESP3 (HELLO 3); others get the same in the kinds before it.
struct RedisReply {
  enum class Kind : std::uint8_t {
    nil,
    integer,
    bulk,
    status,
    error,
    array,
    nil_array,  ///< RESP2's *-1: nothing, where an array might have been
    real,       ///< a floating point number, as text
    boolean,    ///< `integer` is 0 or 1
    map,        ///< key, value, key, value...
    set,
    push,        ///< out of turn: what a subscriber gets
    big_number,  ///< as text
    verbatim,    ///< "txt:" or "mkd:" and the text
  };

  Kind kind = Kind::nil;
  std::int64_t integer = 0;       ///< integer, boolean
  std::string text;               ///< error: "ERR ...", the code first, no '-'
  std::vector<RedisReply> items;  ///< array, map, set, push

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
    return with_items(Kind::array, std::move(values));
  }
  static RedisReply nil_array() {
    RedisReply reply;
    reply.kind = Kind::nil_array;
    return reply;
  }
  static RedisReply boolean(bool value) {
    RedisReply reply;
    reply.kind = Kind::boolean;
    reply.integer = value ? 1 : 0;
    return reply;
  }
  static RedisReply with_text(Kind kind, std::string value) {
    RedisReply reply;
    reply.kind = kind;
    reply.text = std::move(value);
    return reply;
  }
  static RedisReply with_items(Kind kind, std::vector<RedisReply> values) {
    RedisReply reply;
    reply.kind = kind;
    reply.items = std::move(values);
    return reply;
  }

  /// Of either spelling.
  bool is_nil() const { return kind == Kind::nil || kind == Kind::nil_array; }
  bool is_integer() const { return kind == Kind::integer; }
  bool is_bulk() const { return kind == Kind::bulk; }
  bool is_error() const { return kind == Kind::error; }
  bool is_array() const { return kind == Kind::array; }

  friend bool operator==(const RedisReply&, const RedisReply&) = default;
};

}  // namespace firedrill
