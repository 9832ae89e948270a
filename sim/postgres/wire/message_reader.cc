#include "sim/postgres/wire/message_reader.h"

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/byte_order.h"
#include "sim/postgres/values/characters.h"

namespace firedrill::sim::postgres {

namespace {
constexpr std::string_view kProtocolViolation = "08P01";
}

std::string MessageReader::text() {
  const std::size_t end = rest_.find('\0');
  if (end == std::string_view::npos) fail(kProtocolViolation, "invalid string in message");
  const std::string_view found = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  check_utf8(found);
  return std::string(found);
}

std::string_view MessageReader::bytes(std::size_t count) {
  if (count > rest_.size()) fail(kProtocolViolation, "insufficient data left in message");
  const std::string_view found = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return found;
}

char MessageReader::byte() {
  if (rest_.empty()) fail(kProtocolViolation, "no data left in message");
  return bytes(1)[0];
}

std::int16_t MessageReader::int16() {
  return number_at<std::int16_t>(bytes(sizeof(std::int16_t)));
}
std::int32_t MessageReader::int32() {
  return number_at<std::int32_t>(bytes(sizeof(std::int32_t)));
}

void MessageReader::end() const {
  if (!rest_.empty()) fail(kProtocolViolation, "invalid message format");
}

}  // namespace firedrill::sim::postgres
