#include "sim/postgres/wire/startup.h"

#include <algorithm>

#include "sim/postgres/sql_error.h"
#include "sim/postgres/values/byte_order.h"
#include "sim/postgres/values/characters.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::uint32_t kCancelCode = 80877102;
constexpr std::uint32_t kTlsCode = 80877103;
constexpr std::uint32_t kGssCode = 80877104;
constexpr std::uint16_t kMajor = 3;

[[noreturn]] void fatal(std::string_view state, std::string message) {
  throw SqlError{.sqlstate = std::string(state), .message = std::move(message), .is_fatal = true};
}

/// Words of "options", between blanks; a backslash takes the next character as it is.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    if (is_ascii_space(text[at])) {
      ++at;
      continue;
    }
    std::string word;
    for (; at < text.size() && !is_ascii_space(text[at]); ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      word += text[at];
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::pair<std::string, std::string> assignment(std::string_view text, std::string_view option) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    fatal(sqlstate::kSyntaxError, std::string(option) + std::string(text) + " requires a value");
  }
  std::string name(text.substr(0, equals));
  std::ranges::replace(name, '-', '_');
  return {std::move(name), std::string(text.substr(equals + 1))};
}

void add(const std::string& name, const std::string& value, StartupPacket& packet) {
  if (name == "user") {
    packet.user = value;
  } else if (name == "database") {
    packet.database = value;
  } else if (name == "options") {
    packet.options = value;
  } else if (name == "replication") {
    if (value != "false" && value != "off" && value != "0" && value != "no") {
      fatal(sqlstate::kFeatureNotSupported,
            "replication is not supported by the simulated PostgreSQL");
    }
  } else if (name.starts_with("_pq_.")) {
    packet.unknown.push_back(name);
  } else {
    packet.settings.emplace_back(name, value);
  }
}

/// Names and values, each with a zero byte after it, and one more.
void read_settings(std::string_view rest, StartupPacket& packet) {
  const auto next = [&](std::string& into) {
    const std::size_t end = rest.find('\0');
    if (end == std::string_view::npos) return false;
    into = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return true;
  };
  std::string name;
  std::string value;
  while (!rest.empty() && rest.front() != '\0' && next(name) && next(value)) {
    add(name, value, packet);
  }
  if (rest != std::string_view("\0", 1)) {
    fatal("08P01", "invalid startup packet layout: expected terminator as last byte");
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> settings_of(std::string_view options) {
  std::vector<std::pair<std::string, std::string>> settings;
  const std::vector<std::string> words = words_of(options);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "-c" && i + 1 < words.size()) {
      settings.push_back(assignment(words[++i], "-c "));
    } else if (word.starts_with("--")) {
      settings.push_back(assignment(word.substr(2), "--"));
    } else if (word.starts_with("-c")) {
      settings.push_back(assignment(word.substr(2), "-c "));
    } else {
      SqlError error{
          .sqlstate = std::string(sqlstate::kSyntaxError),
          .message = "invalid command-line argument for server process: " + std::string(word),
          .hint = "Try \"postgres --help\" for more information."};
      error.is_fatal = true;
      throw error;
    }
  }
  return settings;
}

StartupPacket read_startup(std::string_view body, bool may_ask_tls, bool may_ask_gss) {
  StartupPacket packet;
  const auto code = number_at<std::uint32_t>(body);
  if (code == kCancelCode) {
    packet.kind = StartupPacket::Kind::cancel;
    if (body.size() != 12) return packet;  // of no backend
    packet.backend = number_at<std::int32_t>(body.substr(4));
    packet.secret = number_at<std::int32_t>(body.substr(8));
    return packet;
  }
  if ((code == kTlsCode && may_ask_tls) || (code == kGssCode && may_ask_gss)) {
    packet.kind = code == kTlsCode ? StartupPacket::Kind::tls : StartupPacket::Kind::gss;
    return packet;
  }
  packet.major = static_cast<std::uint16_t>(code >> 16U);
  packet.minor = static_cast<std::uint16_t>(code & 0xffffU);
  if (packet.major != kMajor) {
    fatal(sqlstate::kFeatureNotSupported,
          "unsupported frontend protocol " + std::to_string(packet.major) + "." +
              std::to_string(packet.minor) + ": server supports 3.0 to 3.0");
  }
  read_settings(body.substr(4), packet);
  if (packet.user.empty()) {
    fatal("28000", "no PostgreSQL user name specified in startup packet");
  }
  if (packet.database.empty()) packet.database = packet.user;
  return packet;
}

}  // namespace firedrill::sim::postgres
