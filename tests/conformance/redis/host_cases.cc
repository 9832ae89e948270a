#include "tests/conformance/redis/host_cases.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <ostream>
#include <utility>

#include "tests/support/redis_text.h"

namespace firedrill::test {

namespace {

using std::chrono::milliseconds;
using Settings = RedisHosts::Settings;
using Words = RedisHosts::Words;

// Hosts.
constexpr int kA = 0;
constexpr int kB = 1;
// Clients.
constexpr int kMe = 0;
constexpr int kOther = 1;

const Settings kMemoryOnly{};
const std::string kReadOnly = "-READONLY You can't write against a read only replica.";

Settings append_only(const std::string& fsync) {
  Settings settings;
  settings.appendonly = true;
  settings.appendfsync = fsync;
  return settings;
}

/// The reply to a command without odd words, as text; "broken" where there is none.
std::string said(RedisHosts& hosts, int host, const std::string& command, int client = kMe) {
  const auto reply = hosts.ask(client, host, words_of(command));
  return reply ? text_of(*reply) : "broken";
}

/// Whether it comes true within the time.
bool eventually(RedisHosts& hosts, const std::function<bool()>& is_so,
                milliseconds within = milliseconds(6000)) {
  constexpr milliseconds kStep{10};
  for (milliseconds passed{0}; passed < within; passed += kStep) {
    if (is_so()) return true;
    hosts.pass(kStep);
  }
  return false;
}

/// A primary and its replica, which has what the primary has.
void start_pair(RedisHosts& hosts, const Settings& primary = kMemoryOnly) {
  hosts.start(kA, primary);
  hosts.start(kB, kMemoryOnly);
  hosts.follow(kB, kA);
  // With min-replicas-to-write a write is refused until the replica is there.
  ASSERT_TRUE(eventually(hosts, [&] { return said(hosts, kA, "SET warm 1") == "+OK"; }));
  ASSERT_TRUE(eventually(hosts, [&] { return said(hosts, kB, "GET warm") == "\"1\""; }));
}

// --- 6: scripts ----------------------------------------------------------------------------------

void scripts_are_forgotten(RedisHosts& hosts) {
  const std::string sha = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db";  // of "return 1"
  start_pair(hosts);
  EXPECT_EQ(hosts.ask(kMe, kA, {"SCRIPT", "LOAD", "return 1"}), RedisReply::bulk(sha));
  EXPECT_EQ(said(hosts, kA, "EVALSHA " + sha + " 0"), "1");
  hosts.promote(kB);
  const std::string unknown = "-NOSCRIPT No matching script. Please use EVAL.";
  EXPECT_EQ(said(hosts, kB, "EVALSHA " + sha + " 0"), unknown);
  hosts.kill(kA);
  hosts.restart(kA);
  EXPECT_EQ(said(hosts, kA, "EVALSHA " + sha + " 0"), unknown);
}

// --- 8, 9: files ---------------------------------------------------------------------------------

/// Writes so many keys, each acknowledged.
void write_keys(RedisHosts& hosts, int host, const std::string& prefix, int count) {
  for (int i = 0; i < count; ++i) {
    ASSERT_EQ(said(hosts, host, "SET " + prefix + std::to_string(i) + " v"), "+OK");
  }
}

void a_kill_loses_nothing(RedisHosts& hosts, const std::string& fsync) {
  hosts.start(kA, append_only(fsync));
  write_keys(hosts, kA, "k", 100);
  EXPECT_EQ(said(hosts, kA, "INCRBY n 7"), "7");
  hosts.kill(kA);
  EXPECT_EQ(said(hosts, kA, "PING"), "broken");
  hosts.restart(kA);
  EXPECT_EQ(said(hosts, kA, "DBSIZE"), "101");
  EXPECT_EQ(said(hosts, kA, "GET n"), "\"7\"");
}

void a_kill_under_everysec_loses_nothing(RedisHosts& hosts) {
  a_kill_loses_nothing(hosts, "everysec");
}
void a_kill_under_always_loses_nothing(RedisHosts& hosts) {
  a_kill_loses_nothing(hosts, "always");
}
void a_kill_under_no_loses_nothing(RedisHosts& hosts) {
  a_kill_loses_nothing(hosts, "no");
}

void a_power_cut_under_always_loses_nothing(RedisHosts& hosts) {
  hosts.start(kA, append_only("always"));
  write_keys(hosts, kA, "k", 100);
  hosts.cut_power(kA);
  hosts.restart(kA);
  EXPECT_EQ(said(hosts, kA, "DBSIZE"), "100");
}

void a_power_cut_under_everysec_loses_the_last_moments(RedisHosts& hosts) {
  hosts.start(kA, append_only("everysec"));
  write_keys(hosts, kA, "old", 50);
  hosts.pass(milliseconds(3000));
  write_keys(hosts, kA, "new", 50);
  hosts.cut_power(kA);
  hosts.restart(kA);
  EXPECT_EQ(said(hosts, kA, "EXISTS old0 old25 old49"), "3");
  EXPECT_EQ(said(hosts, kA, "EXISTS new49"), "0") << "none of it had reached the disk";
}

std::size_t protocol_size(const Words& command) {
  std::size_t size = ("*" + std::to_string(command.size()) + "\r\n").size();
  for (const std::string& word : command) {
    size += ("$" + std::to_string(word.size()) + "\r\n").size() + word.size() + 2;
  }
  return size;
}

/// Wherever the file ends within its last command, that one is not there, and the others are.
void a_truncated_tail_is_dropped(RedisHosts& hosts) {
  hosts.start(kA, append_only("everysec"));
  write_keys(hosts, kA, "k", 10);
  const Words last = {"SET", "tail", "value"};
  const std::size_t size = protocol_size(last);
  // Within the last "\r\n", a word, a length, the number of words; all but the first byte.
  for (const std::size_t cut : {std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{9},
                                std::size_t{12}, size - 5, size - 2, size - 1}) {
    ASSERT_EQ(hosts.ask(kMe, kA, last), RedisReply::status("OK"));
    hosts.kill(kA);
    hosts.truncate_file(kA, cut);
    hosts.restart(kA);
    EXPECT_EQ(said(hosts, kA, "DBSIZE"), "10") << "without its last " << cut << " bytes";
    EXPECT_EQ(said(hosts, kA, "EXISTS tail"), "0");
  }
}

/// A transaction of which the end is missing has not happened at all.
void a_truncated_transaction_is_dropped(RedisHosts& hosts) {
  hosts.start(kA, append_only("everysec"));
  write_keys(hosts, kA, "k", 10);
  const std::size_t exec = protocol_size({"EXEC"});
  const std::size_t set = protocol_size({"SET", "t1", "v"});
  for (const std::size_t cut : {std::size_t{1}, exec, exec + 3, exec + set, exec + 2 * set}) {
    said(hosts, kA, "MULTI");
    said(hosts, kA, "SET t1 v");
    said(hosts, kA, "SET t2 v");
    ASSERT_EQ(said(hosts, kA, "EXEC"), "[+OK, +OK]");
    hosts.kill(kA);
    hosts.truncate_file(kA, cut);
    hosts.restart(kA);
    EXPECT_EQ(said(hosts, kA, "EXISTS t1 t2"), "0") << "without its last " << cut << " bytes";
    EXPECT_EQ(said(hosts, kA, "DBSIZE"), "10");
  }
}

void without_persistence_it_comes_back_empty(RedisHosts& hosts) {
  start_pair(hosts);
  write_keys(hosts, kA, "k", 20);
  ASSERT_TRUE(eventually(hosts, [&] { return said(hosts, kB, "DBSIZE") == "21"; }));
  hosts.kill(kA);
  EXPECT_EQ(said(hosts, kB, "DBSIZE"), "21");
  hosts.restart(kA);
  EXPECT_EQ(said(hosts, kA, "DBSIZE"), "0");
  EXPECT_TRUE(eventually(hosts, [&] { return said(hosts, kB, "DBSIZE") == "0"; }))
      << "the replica empties itself";
}

// --- 10 to 14: replication -----------------------------------------------------------------------

void a_promoted_replica_lacks_what_had_not_reached_it(RedisHosts& hosts) {
  start_pair(hosts);
  hosts.cut(kB, kA);
  EXPECT_EQ(said(hosts, kA, "SET late v"), "+OK");
  hosts.kill(kA);
  hosts.promote(kB);
  EXPECT_EQ(said(hosts, kB, "GET warm"), "\"1\"");
  EXPECT_EQ(said(hosts, kB, "GET late"), "nil");
}

/// What it is sent waits for it.
void a_paused_replica_misses_nothing(RedisHosts& hosts) {
  start_pair(hosts);
  hosts.pause(kB);
  EXPECT_EQ(said(hosts, kA, "SET late v"), "+OK");
  hosts.resume(kB);
  EXPECT_TRUE(eventually(hosts, [&] { return said(hosts, kB, "GET late") == "\"v\""; }));
}

void two_primaries_take_writes_until_one_follows_the_other(RedisHosts& hosts) {
  start_pair(hosts);
  EXPECT_EQ(said(hosts, kB, "SET k b"), kReadOnly);
  hosts.cut(kB, kA);
  hosts.promote(kB);
  EXPECT_EQ(said(hosts, kA, "SET k a"), "+OK");
  EXPECT_EQ(said(hosts, kA, "SET of-a v"), "+OK");
  EXPECT_EQ(said(hosts, kB, "SET k b"), "+OK");
  hosts.heal(kB, kA);
  hosts.follow(kA, kB);
  EXPECT_TRUE(eventually(hosts, [&] { return said(hosts, kA, "GET k") == "\"b\""; }));
  EXPECT_EQ(said(hosts, kA, "GET of-a"), "nil") << "it drops what was its own";
  EXPECT_EQ(said(hosts, kA, "SET k a"), kReadOnly);
}

void min_replicas_bounds_the_loss(RedisHosts& hosts) {
  Settings settings;
  settings.min_replicas_to_write = 1;
  settings.min_replicas_max_lag_s = 1;
  start_pair(hosts, settings);
  hosts.cut(kB, kA);
  constexpr milliseconds kStep{50};
  constexpr milliseconds kBound{4000};  // the lag, and two seconds' steps of those who measure it
  int lost = 0;
  std::string answer = "+OK";
  milliseconds passed{0};
  for (; passed < kBound && answer == "+OK"; passed += kStep) {
    answer = said(hosts, kA, "SET w" + std::to_string(lost) + " v");
    lost += answer == "+OK" ? 1 : 0;
    hosts.pass(kStep);
  }
  EXPECT_EQ(answer, "-NOREPLICAS Not enough good replicas to write.");
  EXPECT_GT(lost, 0) << "the loss is bounded, not nothing";
  EXPECT_EQ(said(hosts, kA, "GET warm"), "\"1\"") << "reading goes on";
  hosts.promote(kB);
  EXPECT_EQ(said(hosts, kB, "DBSIZE"), "1") << "acknowledged, and not there";
}

void wait_counts_for_the_connection_that_wrote(RedisHosts& hosts) {
  start_pair(hosts);
  hosts.cut(kB, kA);
  EXPECT_EQ(said(hosts, kA, "SET k v"), "+OK");
  EXPECT_EQ(said(hosts, kA, "WAIT 1 100"), "0");
  EXPECT_EQ(said(hosts, kA, "WAIT 1 100", kOther), "1") << "it wrote nothing: nothing is missing";
  hosts.heal(kB, kA);
  EXPECT_EQ(said(hosts, kA, "WAIT 1 5000"), "1");
  EXPECT_EQ(said(hosts, kB, "GET k"), "\"v\"");
}

/// Puts an `e` on both that has some 400 ms to live, and parts them.
void part_with_a_short_lived_key(RedisHosts& hosts) {
  start_pair(hosts);
  ASSERT_TRUE(eventually(hosts, [&] {  // again, should that have taken longer than it lives
    return said(hosts, kA, "SET e v PX 400") == "+OK" && said(hosts, kA, "WAIT 1 300") == "1" &&
           said(hosts, kB, "DBSIZE") == "2";
  }));
  hosts.cut(kB, kA);
  hosts.pass(milliseconds(600));
}

void a_replica_hides_expired_keys_until_told(RedisHosts& hosts) {
  part_with_a_short_lived_key(hosts);
  EXPECT_EQ(said(hosts, kB, "GET e"), "nil");
  EXPECT_EQ(said(hosts, kB, "EXISTS e"), "0");
  EXPECT_EQ(said(hosts, kB, "PTTL e"), "-2");
  EXPECT_EQ(said(hosts, kB, "DBSIZE"), "2") << "it is still there";
  EXPECT_EQ(said(hosts, kA, "GET e"), "nil");
  hosts.heal(kB, kA);
  EXPECT_TRUE(eventually(hosts, [&] { return said(hosts, kB, "DBSIZE") == "1"; }));
}

void a_promoted_replica_deletes_expired_keys_itself(RedisHosts& hosts) {
  part_with_a_short_lived_key(hosts);
  EXPECT_EQ(said(hosts, kB, "DBSIZE"), "2");
  hosts.promote(kB);
  EXPECT_TRUE(eventually(hosts, [&] { return said(hosts, kB, "DBSIZE") == "1"; }));
}

// --- 15 to 18: connections, loading, streams -----------------------------------------------------

void a_lost_reply_to_exec_is_unknown(RedisHosts& hosts) {
  hosts.start(kA, kMemoryOnly);
  EXPECT_EQ(said(hosts, kA, "MULTI"), "+OK");
  EXPECT_EQ(said(hosts, kA, "INCR n"), "+QUEUED");
  hosts.ask_and_lose_reply(kMe, kA, {"EXEC"});
  EXPECT_EQ(said(hosts, kA, "GET n"), "\"1\"") << "it was executed";
  // The same silence, when EXEC had not been sent.
  EXPECT_EQ(said(hosts, kA, "MULTI"), "+OK");
  hosts.ask_and_lose_reply(kMe, kA, {"INCR", "n"});
  EXPECT_EQ(said(hosts, kA, "GET n"), "\"1\"") << "it was not";
}

void it_answers_loading_while_it_loads(RedisHosts& hosts) {
  hosts.start(kA, append_only("everysec"));
  write_keys(hosts, kA, "k", 3000);
  hosts.kill(kA);
  hosts.restart_slowly(kA);
  const std::string loading = "-LOADING Redis is loading the dataset in memory";
  EXPECT_TRUE(eventually(hosts, [&] { return said(hosts, kA, "GET k0") == loading; }));
  EXPECT_EQ(said(hosts, kA, "SET k0 w"), loading);
  EXPECT_TRUE(eventually(hosts, [&] { return said(hosts, kA, "GET k0") == "\"v\""; }));
  EXPECT_EQ(said(hosts, kA, "DBSIZE"), "3000");
}

void after_a_failover_entries_vanish_or_come_again(RedisHosts& hosts) {
  start_pair(hosts);
  EXPECT_EQ(said(hosts, kA, "XADD s 1-1 f v"), "\"1-1\"");
  EXPECT_EQ(said(hosts, kA, "XGROUP CREATE s g 0"), "+OK");
  ASSERT_TRUE(
      eventually(hosts, [&] { return said(hosts, kB, "XPENDING s g") == "[0, nil, nil, nil]"; }));
  hosts.cut(kB, kA);
  const std::string first = "[[\"s\", [[\"1-1\", [\"f\", \"v\"]]]]]";
  EXPECT_EQ(said(hosts, kA, "XREADGROUP GROUP g c COUNT 1 STREAMS s >"), first);
  EXPECT_EQ(said(hosts, kA, "XACK s g 1-1"), "1");
  EXPECT_EQ(said(hosts, kA, "XADD s 2-1 f v"), "\"2-1\"");
  hosts.promote(kB);
  EXPECT_EQ(said(hosts, kB, "XREADGROUP GROUP g c COUNT 1 STREAMS s >"), first) << "again";
  EXPECT_EQ(said(hosts, kB, "XLEN s"), "1") << "2-1 was acknowledged, and is not there";
  EXPECT_EQ(said(hosts, kB, "XADD s 2-1 f other"), "\"2-1\"") << "its id may come again";
}

void who_asks_again_repeats_what_was_done(RedisHosts& hosts) {
  hosts.start(kA, kMemoryOnly);
  hosts.ask_and_lose_reply(kMe, kA, {"INCR", "n"});
  EXPECT_EQ(said(hosts, kA, "GET n"), "\"1\"");
  EXPECT_EQ(said(hosts, kA, "INCR n"), "2");
}

constexpr auto kCases = std::to_array<HostCase>({
    {"ScriptsAreForgotten", 6, false, scripts_are_forgotten},
    {"AKillUnderEverysecLosesNothing", 8, false, a_kill_under_everysec_loses_nothing},
    {"AKillUnderAlwaysLosesNothing", 8, false, a_kill_under_always_loses_nothing},
    {"AKillUnderNoLosesNothing", 8, false, a_kill_under_no_loses_nothing},
    {"APowerCutUnderAlwaysLosesNothing", 8, true, a_power_cut_under_always_loses_nothing},
    {"APowerCutUnderEverysecLosesTheLastMoments", 8, true,
     a_power_cut_under_everysec_loses_the_last_moments},
    {"ATruncatedTailIsDropped", 9, false, a_truncated_tail_is_dropped},
    {"ATruncatedTransactionIsDropped", 9, false, a_truncated_transaction_is_dropped},
    {"WithoutPersistenceItComesBackEmpty", 9, false, without_persistence_it_comes_back_empty},
    {"APromotedReplicaLacksWhatHadNotReachedIt", 10, false,
     a_promoted_replica_lacks_what_had_not_reached_it},
    {"APausedReplicaMissesNothing", 10, false, a_paused_replica_misses_nothing},
    {"TwoPrimariesTakeWritesUntilOneFollowsTheOther", 11, false,
     two_primaries_take_writes_until_one_follows_the_other},
    {"MinReplicasBoundsTheLoss", 12, false, min_replicas_bounds_the_loss},
    {"WaitCountsForTheConnectionThatWrote", 13, false, wait_counts_for_the_connection_that_wrote},
    {"AReplicaHidesExpiredKeysUntilTold", 14, false, a_replica_hides_expired_keys_until_told},
    {"APromotedReplicaDeletesExpiredKeysItself", 14, false,
     a_promoted_replica_deletes_expired_keys_itself},
    {"ALostReplyToExecIsUnknown", 15, false, a_lost_reply_to_exec_is_unknown},
    {"ItAnswersLoadingWhileItLoads", 16, false, it_answers_loading_while_it_loads},
    {"AfterAFailoverEntriesVanishOrComeAgain", 17, false,
     after_a_failover_entries_vanish_or_come_again},
    {"WhoAsksAgainRepeatsWhatWasDone", 18, false, who_asks_again_repeats_what_was_done},
});

}  // namespace

std::span<const HostCase> host_cases() {
  return kCases;
}

void PrintTo(const HostCase& host_case, std::ostream* out) {
  *out << host_case.name;
}

}  // namespace firedrill::test
