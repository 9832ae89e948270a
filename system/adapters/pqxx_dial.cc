#include "system/adapters/pqxx_dial.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace firedrill::adapters {

namespace {

struct Free {
  void operator()(PQconninfoOption* list) const { PQconninfoFree(list); }
  void operator()(char* text) const { PQfreemem(text); }
};

using Words = std::map<std::string, std::string>;

/// What the url sets. Throws std::invalid_argument.
Words words_of(const std::string& url) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, Free> list(PQconninfoParse(url.c_str(), &problem));
  const std::unique_ptr<char, Free> text(problem);
  if (!list) {
    throw std::invalid_argument(
        "expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE or KEY=VALUE words");
  }
  Words words;
  for (const PQconninfoOption* word = list.get(); word->keyword != nullptr; ++word) {
    if (word->val != nullptr) words.emplace(word->keyword, word->val);
  }
  return words;
}

/// The kernel's means against a peer that is gone without a word, where the url has none.
void add_defaults(Words& words, const PqxxOptions& options) {
  const auto seconds = std::max<std::int64_t>(to_ms(options.silence) / 1000, 3);
  const auto third = std::to_string(seconds / 3);
  words.try_emplace("keepalives_idle", third);
  words.try_emplace("keepalives_interval", third);
  words.try_emplace("keepalives_count", "2");
  words.try_emplace("tcp_user_timeout", std::to_string(seconds * 1000));
  words.try_emplace("client_encoding", "UTF8");
  words.try_emplace("fallback_application_name", "firedrill");
}

PGconn* start(const Words& words) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : words) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectStartParams(keys.data(), values.data(), 0);
}

/// Until the socket is ready; false where it was broken off.
bool wait_for(const PGconn* connection, short events, const PqxxBreaker& breaker) {
  std::array<pollfd, 2> look{
      pollfd{.fd = PQsocket(connection), .events = events, .revents = 0},
      pollfd{.fd = breaker.wake(), .events = POLLIN, .revents = 0},
  };
  while (::poll(look.data(), look.size(), -1) < 0 && errno == EINTR) {
  }
  return look[1].revents == 0;
}

std::unexpected<SqlFailure> failed(PGconn* connection, SqlFailure::Kind kind) {
  SqlErrorText text = SqlErrorText::parse(PQerrorMessage(connection));
  PQfinish(connection);
  return std::unexpected(SqlFailure{kind, text.sqlstate, std::move(text.message), false});
}

}  // namespace

void PqxxOptions::validate() const {
  words_of(url);
}

std::expected<pg_conn*, SqlFailure> dial(const PqxxOptions& options, const PqxxBreaker& breaker) {
  Words words = words_of(options.url);
  add_defaults(words, options);
  PGconn* connection = start(words);
  if (connection == nullptr) throw std::bad_alloc();
  // While connecting, the code of an error stands in its text alone, and there only if verbose.
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
  auto state =
      PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED) return failed(connection, SqlFailure::Kind::no_connection);
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!wait_for(connection, events, breaker)) {
      return failed(connection, SqlFailure::Kind::timed_out);
    }
    state = PQconnectPoll(connection);
  }
  return connection;
}

}  // namespace firedrill::adapters
