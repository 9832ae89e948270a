#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace firedrill::sim::postgres {

/// The body of a client's message. What is asked for and not there throws 08P01, in PostgreSQL's
/// words.
class MessageReader {
 public:
  explicit MessageReader(std::string_view body) : rest_(body) {}

  /// Up to a zero byte, which is read, too. Throws 22021 where it is not UTF-8.
  std::string text();
  char byte();
  std::int16_t int16();
  std::int32_t int32();
  std::string_view bytes(std::size_t count);
  /// Throws where anything is left.
  void end() const;

 private:
  std::string_view rest_;
};

}  // namespace firedrill::sim::postgres
