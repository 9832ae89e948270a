#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/conformance/redis/both.h"
#include "tests/conformance/redis/coverage.h"
#include "tests/conformance/redis/effects.h"
#include "tests/conformance/redis/grammar.h"
#include "tests/conformance/redis/sequence.h"

namespace firedrill::test {

/// Gives sequences of commands to both Redises, from several sessions, and says where they differ:
/// in replies, in what a session gets out of turn, in who waits, or in the state.
///
/// The model goes first. Commands of one session that follow one another are sent to the real
/// server in one piece; a command of another session waits for the replies to these, which makes
/// the order one and the same on both sides. Where a session waits, or is subscribed to something,
/// two PINGs on yet another connection show that the real server has sent what it had to send.
class Comparison {
 public:
  Comparison(const Grammar& grammar, Coverage& coverage);

  /// From now on what both tell their replicas is compared, and whether that makes the state, at
  /// the end of each sequence. Replies and states are not.
  void compare_effects();

  /// The first difference, with the commands up to it as one may paste them into redis-cli; nothing
  /// where there is none.
  std::optional<std::string> difference(const Sequence& sequence);

  /// From now on the last command that was given (to which a difference is due, if there is one) is
  /// left out of sequences.
  void mute_last();
  /// From now on nothing is counted: what follows repeats what was compared before.
  void stop_counting() { counts_ = false; }
  void go_on_counting() { counts_ = true; }

 private:
  using Words = BothRedises::Words;

  /// What a session must get next.
  struct Expected {
    Words words;  ///< the command that it is a reply to; of somebody else, if out of turn
    RedisReply reply;
    Surroundings surroundings;
    std::vector<Words> queued;  ///< EXEC: what it executed
  };
  struct Client {
    std::uint32_t number = 0;
    sim::redis::SessionId model = 0;
    std::unique_ptr<RedisClient> real;  ///< null: not connected
    std::deque<Expected> expected;
    std::vector<Words> queued;
    std::deque<Words> behind_exec;  ///< whose replies EXEC's array has no room for
    bool closing = false;           ///< the server closes the connection after what is expected
  };

  void reset();
  void connect(Client& client);
  void disconnect(Client& client);
  void give(const Sequence::Step& step);
  void execute(Client& client, const Words& words);
  static std::vector<Words> answered_by(std::vector<Words> queued,
                                        const std::vector<const RedisReply*>& replies);
  void execute_model(Client& client, const Words& words);
  void deliver(const Words& cause, std::vector<sim::redis::Engine::Delivery> deliveries);
  void take_at_random(Client& client, const Words& words, const Rule& rule);
  bool take_from_model(Client& client, const std::string& key,
                       const std::vector<std::string>& members);
  void let_time_pass();
  void flush();
  void receive(Client& client);
  void close(Client& client);
  void expect_silence();
  void compare(const Client& client, const Expected& expected, const RedisReply& real);
  bool is_alike(const Words& words, RedisReply model, RedisReply real,
                const Surroundings& surroundings) const;
  Surroundings surroundings_of(const Client& client, const Words& words, const Rule& rule);
  RedisReply ask_model_in(std::uint32_t database, const Words& words);

  bool is_left_out(const Words& words);
  Client* free_client(std::uint32_t wanted);
  bool may_block(const Client& client, const Words& words);
  bool is_in_multi(const Client& client);
  std::uint32_t database_of(const Client& client);

  void compare_states();
  std::vector<std::uint32_t> databases();
  void compare_state(std::uint32_t database);
  void compare_reads(const std::vector<Words>& reads);

  void differ(std::string what);
  std::string transcript() const;

  const Grammar& grammar_;
  Coverage& coverage_;
  BothRedises both_;
  std::array<Client, Sequence::kSessions> clients_;
  /// A command whose time-out is short has been given: the real one may reply to it before the
  /// model's time has passed, too.
  bool time_is_passing_ = false;
  /// Such a command may be waiting for EXEC.
  bool time_is_due_ = false;
  Client* batch_ = nullptr;  ///< whose commands have not been sent yet
  std::vector<std::pair<std::uint32_t, Words>> given_;
  std::optional<std::string> difference_;
  std::unique_ptr<Effects> effects_;  ///< null: not compared
  std::set<std::string> muted_;       ///< names of commands, in upper case
  bool counts_ = true;
};

}  // namespace firedrill::test
