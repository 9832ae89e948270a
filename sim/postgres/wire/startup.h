#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firedrill::sim::postgres {

/// What a client sends first: a packet without a type. PostgreSQL takes no longer ones.
inline constexpr std::size_t kMostStartup = 10'000;

struct StartupPacket {
  enum class Kind : std::uint8_t { session, cancel, tls, gss };
  Kind kind = Kind::session;
  // cancel
  std::int32_t backend = 0;
  std::int32_t secret = 0;
  // session
  std::uint16_t major = 3;
  std::uint16_t minor = 0;
  std::string user;
  std::string database;  ///< the user's, where none is given
  std::string options;   ///< of a server's command line
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> unknown;  ///< options of the protocol ("_pq_....") that nobody knows
};

/// `body`: what comes after the length, at least four bytes. Throws SqlError (FATAL) where it
/// cannot be: encryption is asked for once.
StartupPacket read_startup(std::string_view body, bool may_ask_tls, bool may_ask_gss);

/// What "options" set: "-c a=b", "-ca=b", "--a=b". Throws SqlError (FATAL).
std::vector<std::pair<std::string, std::string>> settings_of(std::string_view options);

}  // namespace firedrill::sim::postgres
