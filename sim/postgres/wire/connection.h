#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sim/postgres/engine.h"
#include "sim/postgres/wire/message_reader.h"
#include "sim/postgres/wire/startup.h"

namespace firedrill::sim::postgres {

/// What a connection asks of the server that it is one of.
class Reception {
 public:
  virtual ~Reception() = default;
  virtual Engine& engine() = 0;
  virtual std::int64_t now() const = 0;
  /// Nothing: there are as many as there may be.
  virtual std::optional<SessionId> admit() = 0;
  /// The number that who cancels a session's statement has to know.
  virtual std::int32_t secret_of(SessionId session) const = 0;
  virtual void cancel(std::int32_t backend, std::int32_t secret) = 0;
};

/// One client's connection: protocol 3.0, without authentication or encryption. Bytes in, bytes
/// out.
///
/// It is bounded: what it takes in ends with the message that it cannot run yet, and it runs none
/// while kMostUnsent bytes wait to be sent. What is announced costs nothing until it has come.
class Connection {
 public:
  /// Output with more than that: the next message waits.
  static constexpr std::size_t kMostUnsent = 1 << 20;

  explicit Connection(Reception& reception) : reception_(reception) {}

  void receive(std::string_view bytes) { in_.append(bytes); }
  /// Runs what has come, as far as it may.
  void advance();
  /// Between its client's messages: what others, or time, have done to its session.
  void look_around();

  /// Too much of what it has said is not sent: it goes on when that is.
  bool is_held() const { return unsent() > kMostUnsent; }
  /// Whether its session has come further since it was left running.
  bool may_go_on() const;
  /// Its client has not begun in time: PostgreSQL lets it go without a word.
  void give_up() { is_over_ = true; }

  /// Whether more bytes from its client are of use now.
  bool wants_input() const;
  /// Nothing more is heard or said: it ends when all is sent.
  bool is_over() const { return is_over_; }
  bool has_begun() const { return session_.has_value(); }
  std::optional<SessionId> session() const { return session_; }
  /// Of a connection that is over: its session, which is no longer its own.
  std::optional<SessionId> take_session() {
    running_ = Running::nothing;
    return std::exchange(session_, std::nullopt);
  }
  /// The session's statement waits.
  bool is_running() const { return running_ != Running::nothing; }

  std::string_view output() const { return std::string_view(out_).substr(sent_, ready_ - sent_); }
  void sent(std::size_t bytes);

 private:
  enum class Running : std::uint8_t {
    nothing,
    query,
    parse,
    bind,
    describe_statement,
    describe_portal,
    execute,
    close,
    sync,
    refusal  ///< of a message that cannot be
  };
  struct Message {
    char type = '\0';
    std::string_view body;
  };

  // connection.cc
  bool take_startup();
  void start(const StartupPacket& packet);
  void open_session(const StartupPacket& packet);
  bool next_message(Message& message);
  std::string_view pending() const { return std::string_view(in_).substr(read_); }
  void consume(std::size_t bytes);
  void handle(const Message& message);
  bool handle_extended(char type, MessageReader body);
  void run_query(MessageReader body);
  void run(Running what, ExtendedRequest request);
  ParseRequest read_parse(MessageReader& body) const;
  BindRequest read_bind(MessageReader& body) const;
  std::pair<bool, std::string> read_target(MessageReader& body, const char* message) const;
  void refuse(const SqlError& error);
  bool feed_copy();
  void break_copy(char type);

  // answers.cc
  bool settle();
  void answer(StatementResult result);
  bool append_rows(StatementResult& result);
  void answer_rows(StatementResult& result, bool describes);
  void describe_parameters(const StatementResult& result);
  void describe(const StatementResult& result);
  void begin_copy(char type, std::size_t columns);
  void fail(const SqlError& error);
  void finish();
  void ready_for_query();
  void tell_notices(const std::vector<Notice>& notices);
  void tell_notifications();
  void tell_parameters();
  void end(const SqlError& error);
  void flush() { ready_ = out_.size(); }
  void flush_much();

  Engine& engine() { return reception_.engine(); }
  const Engine& engine() const { return reception_.engine(); }
  std::size_t unsent() const { return out_.size() - sent_; }

  Reception& reception_;
  std::optional<SessionId> session_;
  std::string in_;
  std::size_t read_ = 0;  ///< of `in_`
  std::string out_;
  std::size_t sent_ = 0;   ///< of `out_`
  std::size_t ready_ = 0;  ///< what may be sent; the rest waits for a Flush or a Sync
  Running running_ = Running::nothing;
  bool is_over_ = false;
  bool may_ask_tls_ = true;
  bool may_ask_gss_ = true;
  bool skips_ = false;         ///< up to the next Sync
  bool is_copying_ = false;    ///< its client has been told to send data
  bool awaits_data_ = false;   ///< as the session was left: for data
  bool lost_its_way_ = false;  ///< the client has broken COPY: it ends with what that answers
};

}  // namespace firedrill::sim::postgres
