#include "tests/support/redis_reader.h"

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

namespace firedrill::test {

namespace {

using Kind = RedisReply::Kind;

/// One reply from the beginning of `bytes`, which it takes off; nothing where more bytes are needed
/// (what it took off does not matter then).
class Parse {
 public:
  explicit Parse(std::string_view& bytes) : bytes_(bytes) {}

  std::optional<RedisReply> reply() {
    const auto head = line();
    if (!head) return std::nullopt;
    if (head->empty()) fail("an empty line");
    const std::string_view rest = head->substr(1);
    switch (head->front()) {
      case '+': return RedisReply::status(std::string(rest));
      case '-': return RedisReply::error(std::string(rest));
      case ':': return RedisReply::of(number(rest));
      case ',': return RedisReply::with_text(Kind::real, std::string(rest));
      case '(': return RedisReply::with_text(Kind::big_number, std::string(rest));
      case '#': return RedisReply::boolean(rest == "t");
      case '_': return RedisReply::nil();
      case '$': return text(Kind::bulk, number(rest));
      case '=': return text(Kind::verbatim, number(rest));
      case '*': return items(Kind::array, number(rest));
      case '%': return items(Kind::map, 2 * number(rest));
      case '~': return items(Kind::set, number(rest));
      case '>': return items(Kind::push, number(rest));
      default: fail("a reply of unknown type");
    }
  }

 private:
  [[noreturn]] static void fail(const char* what) {
    throw std::runtime_error(std::string("the Redis sent ") + what);
  }

  std::optional<std::string_view> line() {
    const std::size_t end = bytes_.find("\r\n");
    if (end == bytes_.npos) return std::nullopt;
    const std::string_view line = bytes_.substr(0, end);
    bytes_.remove_prefix(end + 2);
    return line;
  }

  static std::int64_t number(std::string_view digits) {
    std::int64_t value = 0;
    const char* end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, value);
    if (result.ec != std::errc() || result.ptr != end) fail("no number where one must be");
    return value;
  }

  std::optional<RedisReply> text(Kind kind, std::int64_t length) {
    if (length < 0) return RedisReply::nil();
    const auto size = static_cast<std::size_t>(length);
    if (bytes_.size() < size + 2) return std::nullopt;
    RedisReply reply = RedisReply::with_text(kind, std::string(bytes_.substr(0, size)));
    bytes_.remove_prefix(size + 2);
    return reply;
  }

  std::optional<RedisReply> items(Kind kind, std::int64_t count) {
    if (count < 0) return RedisReply::nil_array();
    std::vector<RedisReply> items;
    for (std::int64_t i = 0; i < count; ++i) {
      auto item = reply();
      if (!item) return std::nullopt;
      items.push_back(std::move(*item));
    }
    return RedisReply::with_items(kind, std::move(items));
  }

  std::string_view& bytes_;
};

}  // namespace

std::optional<RedisReply> RedisReader::next() {
  std::string_view rest = std::string_view(bytes_).substr(at_);
  auto reply = Parse(rest).reply();
  if (!reply) {
    bytes_.erase(0, std::exchange(at_, 0));
    return std::nullopt;
  }
  at_ = bytes_.size() - rest.size();
  return reply;
}

}  // namespace firedrill::test
