#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/postgres/sql_error.h"

namespace firedrill::sim::postgres {

/// Writes one message of the server's at the end of `out`: its length is known when this object
/// goes.
class MessageWriter {
 public:
  MessageWriter(std::string& out, char type);
  ~MessageWriter();
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;

  MessageWriter& byte(char value);
  MessageWriter& int16(std::int16_t value);
  MessageWriter& int32(std::int32_t value);
  /// And a zero byte.
  MessageWriter& text(std::string_view value);
  /// With its length before it; nothing: NULL.
  MessageWriter& value(const std::optional<std::string>& bytes);
  MessageWriter& bytes(std::string_view raw);

 private:
  std::string& out_;
  std::size_t begin_;  ///< of the length
};

/// ErrorResponse or NoticeResponse, with all fields but where in the server's own source it was
/// raised (F, L, R): there is no such source here.
void append_message(std::string& out, char type, std::string_view severity, const SqlError& error);

}  // namespace firedrill::sim::postgres
