#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "system/domain/redis_reply.h"

namespace firedrill::test {

/// How two replies to the same command are compared where they need not be equal to the letter.
/// Replies of different kinds (an error and a number, say) are never alike.
enum class Likeness {
  /// The same items in any order: of an array, a set, or the pairs of a map.
  unordered,
  /// The same items, in the same order unless what is at the key is kept in a hash table
  /// (OBJECT ENCODING "hashtable").
  unordered_hashtable,
  /// A cursor and items: the items in any order, where both cursors are at their end.
  scanned,
  /// Numbers that a clock gave, in the unit named, up to half a minute apart.
  seconds_apart,
  milliseconds_apart,
  /// How long nobody did anything, in ms, up to half a minute apart: the third of the four items of
  /// an entry of XPENDING, and what follows "idle" in XINFO. All else is equal, but for the lay-out
  /// of a stream ("radix-tree-...") that has ids from the clock.
  idle,
  /// Drawn at random from the members of the key (of a hash or a sorted set: with values, where
  /// asked): as many, all of them members, and distinct unless the count is negative.
  drawn,
  /// A key drawn at random: there on both sides.
  drawn_key,
  /// Members are drawn at random and taken out. The model is made to take out those that the real
  /// one took; where no choice is left, the replies are compared as unordered.
  taken,
  /// Only the kind of the reply, and for an array how many items it has.
  shape,
  /// Only the kind of the reply.
  kind,
};

std::string_view name_of(Likeness likeness);

/// `command` is a name, or a name and a subcommand ("CONFIG GET"), in upper case.
struct Rule {
  std::string_view command;
  Likeness likeness;
  std::string_view reason;
};

/// Null: the replies to these words must be equal.
const Rule* rule_for(std::span<const Rule> rules, const std::vector<std::string>& words);

/// What the likeness of two replies goes by, as the model had it when it replied.
struct Surroundings {
  bool known = true;              ///< else replies are compared as far as that goes without it
  bool hashtable = false;         ///< at the key
  std::set<std::string> members;  ///< of the key, or the keys of the database
  std::set<std::string> pairs;    ///< of a hash or sorted set: "member value", where asked
};

bool alike(const RedisReply& model, const RedisReply& real, const Rule* rule,
           const std::vector<std::string>& words, const Surroundings& surroundings);

/// Replaces what a clock that stands within an hour of `now_ms` has given (ids of entries, scores,
/// deadlines, in s, ms or us) by "<clock>", in texts, and in integers by a fixed one.
void blank_clock(RedisReply& reply, std::int64_t now_ms);

std::string upper(std::string text);

/// Sorts the items of an array, set or map; of a flat list of pairs, too.
void sort_items(RedisReply& reply);
void sort_pairs(RedisReply& reply);

}  // namespace firedrill::test
