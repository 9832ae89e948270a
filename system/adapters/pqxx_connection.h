#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "system/adapters/pqxx_answer.h"
#include "system/domain/time.h"
#include "system/ports/database.h"

namespace firedrill::adapters {

struct PqxxOptions {
  /// postgresql://user:password@host:port/database, or key=value words, as libpq has them.
  std::string url;
  std::size_t connections = 4;
  Duration connect_timeout = from_ms(2000);  ///< a name that does not resolve may take longer
  /// A peer that acknowledges nothing for about this long is taken for gone by the kernel; to the
  /// second. Where the url sets keepalives or tcp_user_timeout itself, that counts.
  Duration silence = from_ms(15'000);
  /// How often the server looks, while a statement runs, whether its client has gone: how long a
  /// statement that was given up goes on.
  Duration client_check = from_ms(100);
  Duration first_backoff = from_ms(10);
  Duration longest_backoff = from_ms(1000);
  Duration rollback_timeout = from_ms(2000);  ///< of a transaction that was dropped

  /// Throws std::invalid_argument where the url is none; the password is not in its text.
  void validate() const;
};

/// The way to break a connection off while its own thread is blocked in it. All of it is safe from
/// any thread, and at any time.
///
/// PQcancel() would not do: it blocks, in a connection of its own, for as long as the server keeps
/// silent, and nothing ends that; and pqxx's cancel_query() looks at the PGconn besides, which its
/// thread may be changing. Instead the socket is shut down. Both ends see that: the thread, whose
/// read returns, and the server, which looks for it each `client_check`, ends the statement and
/// rolls back.
class PqxxBreaker {
 public:
  PqxxBreaker();
  ~PqxxBreaker();
  PqxxBreaker(const PqxxBreaker&) = delete;
  PqxxBreaker& operator=(const PqxxBreaker&) = delete;

  void break_off();
  /// Whether the peer has ended the connection, or nobody is connected.
  bool hung_up() const;

  /// Whoever asks for a connection calls it first: what was broken off before is forgotten.
  void begin_attempt();
  /// Of the connection: this is its socket (false where there is no descriptor to be had); it is
  /// gone.
  bool hold(int socket);
  void let_go();
  /// Readable after break_off().
  int wake() const { return wake_; }

 private:
  mutable std::mutex mutex_;
  int wake_;
  int socket_ = -1;  ///< a duplicate: its number stays ours when libpq closes its own
  bool broken_ = false;
};

/// One blocking connection, for one thread: libpqxx keeps it, libpq carries the statements. Never
/// made anew, nothing is sent twice.
class PqxxConnection {
 public:
  /// Both outlive it. Until there is one, or break_off().
  static std::expected<std::unique_ptr<PqxxConnection>, SqlFailure> connect(
      const PqxxOptions& options, PqxxBreaker& breaker);
  ~PqxxConnection();
  PqxxConnection(const PqxxConnection&) = delete;
  PqxxConnection& operator=(const PqxxConnection&) = delete;

  /// One statement, prepared when this connection sees its text for the first time.
  SqlAnswer run(std::string_view text, const SqlParameters& parameters);

  /// Several, as one message; the last one's rows.
  SqlAnswer run_script(std::string_view text);

  /// COMMIT, or ROLLBACK where a statement had failed: that is 25P02.
  SqlAnswer commit();

  /// Whether it can take another statement.
  bool alive() const;
  bool in_transaction() const;

 private:
  class Link;

  PqxxConnection(PqxxBreaker& breaker, std::unique_ptr<Link> link);
  bool set_up(const PqxxOptions& options);
  SqlAnswer prepare(std::string_view text);
  template <class Send>
  SqlAnswer ask(Send send);

  PqxxBreaker& breaker_;
  std::unique_ptr<Link> link_;
  std::map<std::string, std::string, std::less<>> names_;  ///< of prepared statements, by text
  std::size_t next_name_ = 0;
  bool out_of_step_ = false;  ///< what the server would take for an answer is not known
};

}  // namespace firedrill::adapters
