#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/world/fold.h"

// What clients and a simulated PostgreSQL say to each other. The real ones speak protocol 3.0
// (sim/postgres/wire); here messages are values.

namespace firedrill::sim::postgres {

constexpr std::uint16_t kPort = 5432;

/// What a client sends.
struct Request {
  enum class Kind : std::uint8_t {
    statement,  ///< one, with parameters
    script,     ///< several, without: the simple protocol
    cancel,     ///< CancelRequest: on a connection of its own, and never answered
  };
  Kind kind = Kind::statement;
  std::string_view sql;  ///< a constant of the program
  std::vector<std::optional<std::string>> parameters;
  std::uint32_t backend = 0;  ///< whom to cancel
};

/// What the server answers.
struct Reply {
  struct Error {
    std::string sqlstate;
    std::string message;
    bool is_fatal = false;  ///< the connection ends with it
  };
  std::size_t width = 0;
  std::vector<std::optional<std::string>> cells;
  std::string tag;
  std::optional<Error> error;
  char status = 'I';          ///< as in ReadyForQuery
  std::uint32_t backend = 0;  ///< its session: whom to cancel
};

/// How many rows the statement inserted, changed, or gave.
std::uint64_t affected(const Reply& reply);

inline void fold(Digest& digest, const std::vector<std::optional<std::string>>& texts) {
  digest.fold(texts.size());
  for (const auto& text : texts) {
    digest.fold(text.has_value());
    if (text) digest.fold(std::string_view(*text));
  }
}

inline void fold(Digest& digest, const Request& request) {
  digest.fold(static_cast<std::uint64_t>(request.kind));
  digest.fold(request.sql);
  fold(digest, request.parameters);
  digest.fold(request.backend);
}

inline void fold(Digest& digest, const Reply& reply) {
  fold(digest, reply.cells);
  digest.fold(std::string_view(reply.tag));
  digest.fold(static_cast<std::uint64_t>(reply.status));
  if (!reply.error) return;
  digest.fold(std::string_view(reply.error->sqlstate));
  digest.fold(std::string_view(reply.error->message));
}

}  // namespace firedrill::sim::postgres
