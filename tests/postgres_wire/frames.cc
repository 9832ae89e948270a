#include "tests/postgres_wire/frames.h"

#include <stdexcept>

namespace firedrill::test {

namespace {

constexpr std::string_view kTypes = "RSKZTDCIEN123tnsAGHdcv";

std::uint32_t number(std::string_view bytes, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = (value << 8U) | static_cast<unsigned char>(bytes.at(i));
  }
  return value;
}

/// What a body is read from, its front first.
class Body {
 public:
  explicit Body(std::string_view bytes) : rest_(bytes) {}
  std::string text() {
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) throw std::runtime_error("a text without an end");
    std::string found(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return found;
  }
  std::int32_t integer(std::size_t size) {
    const std::uint32_t value = number(rest_, size);
    rest_.remove_prefix(size);
    return size == 2 ? static_cast<std::int16_t>(value) : static_cast<std::int32_t>(value);
  }
  std::string bytes(std::size_t count) {
    if (count > rest_.size()) throw std::runtime_error("a body that is too short");
    std::string found(rest_.substr(0, count));
    rest_.remove_prefix(count);
    return found;
  }
  bool is_over() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::string visible(std::string_view bytes) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte >= 0x20 && byte < 0x7f) {
      text += each;
    } else {
      text += {'\\', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return text;
}

std::string fields(Body body) {
  std::string text;
  for (;;) {
    const char code = body.bytes(1)[0];
    if (code == '\0') break;
    const std::string value = body.text();
    if (std::string_view("FLR").find(code) != std::string_view::npos) continue;
    text += std::string(" ") + code + '=' + visible(value);
  }
  if (!body.is_over()) throw std::runtime_error("an error with more after its end");
  return text;
}

std::string columns(Body body) {
  std::string text;
  for (std::int32_t count = body.integer(2); count > 0; --count) {
    text += " " + visible(body.text());
    const bool has_table = body.integer(4) != 0;
    const std::int32_t column = body.integer(2);
    const std::int32_t type = body.integer(4);
    text += has_table ? "(" + std::to_string(column) + ")" : "";
    text += ":" + (type < 16384 ? std::to_string(type) : "own");
    for (const std::size_t size : {2U, 4U, 2U}) text += "," + std::to_string(body.integer(size));
  }
  if (!body.is_over()) throw std::runtime_error("a description with more after its end");
  return text;
}

std::string values(Body body) {
  std::string text;
  for (std::int32_t count = body.integer(2); count > 0; --count) {
    const std::int32_t size = body.integer(4);
    text += text.empty() ? " " : "|";
    text += size < 0 ? "NULL" : "'" + visible(body.bytes(static_cast<std::size_t>(size))) + "'";
  }
  if (!body.is_over()) throw std::runtime_error("a row with more after its end");
  return text;
}

std::string parameter(Body body) {
  const std::string name = body.text();
  std::string value = body.text();
  if (name == "server_version") value = value.substr(0, value.find(' '));
  return " " + name + "=" + value;
}

}  // namespace

std::vector<Frame> take_frames(std::string& bytes) {
  std::vector<Frame> frames;
  std::size_t at = 0;
  while (bytes.size() - at >= 5) {
    const char type = bytes[at];
    const std::uint32_t length = number(std::string_view(bytes).substr(at + 1), 4);
    if (kTypes.find(type) == std::string_view::npos || length < 4 || length > (1U << 30U)) {
      throw std::runtime_error("no message of a server: " + visible(bytes.substr(at, 40)));
    }
    if (bytes.size() - at < 1 + std::size_t{length}) break;
    frames.push_back({type, bytes.substr(at + 5, length - 4)});
    at += 1 + std::size_t{length};
  }
  bytes.erase(0, at);
  return frames;
}

std::string line_of(const Frame& frame) {
  const std::string type(1, frame.type);
  switch (frame.type) {
    case 'E':
    case 'N': return type + fields(Body(frame.body));
    case 'T': return type + columns(Body(frame.body));
    case 'D': return type + values(Body(frame.body));
    case 'S': return type + parameter(Body(frame.body));
    case 'K': return type;
    default: return frame.body.empty() ? type : type + " " + visible(frame.body);
  }
}

std::string lines_of(const std::vector<Frame>& frames) {
  std::string text;
  for (const Frame& frame : frames) text += line_of(frame) + "\n";
  return text;
}

// --- What clients send ---------------------------------------------------------------------------

std::string int16(int value) {
  const auto raw = static_cast<std::uint16_t>(value);
  return {static_cast<char>(raw >> 8U), static_cast<char>(raw & 0xffU)};
}
std::string int32(std::int64_t value) {
  const auto raw = static_cast<std::uint32_t>(value);
  return int16(static_cast<int>(raw >> 16U)) + int16(static_cast<int>(raw & 0xffffU));
}
std::string zero_ended(std::string_view text) {
  return std::string(text) + '\0';
}
std::string packet(std::string_view body) {
  return int32(static_cast<std::int64_t>(body.size()) + 4) + std::string(body);
}
std::string message(char type, std::string_view body) {
  return type + packet(body);
}
std::string startup(const std::vector<std::string>& names_and_values, std::uint32_t version) {
  std::string body = int32(version);
  for (const std::string& each : names_and_values) body += zero_ended(each);
  return packet(body + '\0');
}
std::string query(std::string_view sql) {
  return message('Q', zero_ended(sql));
}
std::string parse(std::string_view name, std::string_view sql,
                  const std::vector<std::uint32_t>& types) {
  std::string body = zero_ended(name) + zero_ended(sql) + int16(static_cast<int>(types.size()));
  for (const std::uint32_t type : types) body += int32(type);
  return message('P', body);
}
std::string bind_portal(std::string_view portal, std::string_view statement,
                        const Parameters& parameters, const std::vector<int>& formats,
                        const std::vector<int>& result_formats) {
  std::string body = zero_ended(portal) + zero_ended(statement);
  const auto add = [&](const std::vector<int>& codes) {
    body += int16(static_cast<int>(codes.size()));
    for (const int code : codes) body += int16(code);
  };
  add(formats);
  body += int16(static_cast<int>(parameters.size()));
  for (const auto& parameter : parameters) {
    body +=
        parameter ? int32(static_cast<std::int64_t>(parameter->size())) + *parameter : int32(-1);
  }
  add(result_formats);
  return message('B', body);
}
std::string describe(char kind, std::string_view name) {
  return message('D', kind + zero_ended(name));
}
std::string execute(std::string_view portal, int most_rows) {
  return message('E', zero_ended(portal) + int32(most_rows));
}
std::string close(char kind, std::string_view name) {
  return message('C', kind + zero_ended(name));
}
std::string sync() {
  return message('S');
}

}  // namespace firedrill::test
