#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/properties/story.h"

// The judges of the outbox against their definitions, written here without any care for speed, over
// the histories of an outbox that keeps every promise and of the same with a few entries spoilt.

namespace firedrill::properties {
namespace {

using traces::EventDelivered;
using traces::EventSeen;
using traces::History;
using traces::OrderSeen;
using Event = std::pair<std::string, std::int64_t>;

/// What a history says, in the plainest way.
struct Plain {
  bool quiet = false;
  std::set<std::string> orders;
  std::map<std::string, OrderSeen> records;  // the last at a version
  std::map<Event, std::vector<EventSeen>> rows;
  std::vector<EventSeen> all_rows;
  std::vector<EventDelivered> deliveries;
  std::map<Event, std::set<std::string>> reached;
  std::set<std::string> groups;
  std::map<Event, std::set<std::string>> statuses;  // of records and rows

  explicit Plain(const History& history) {
    for (const auto& entry : history.entries) {
      if (const auto* order = std::get_if<OrderSeen>(&entry.what)) {
        orders.insert(order->order_id);
        if (order->version <= 0) continue;
        records[order->order_id] = *order;
        statuses[{order->order_id, order->version}].insert(order->status);
      } else if (const auto* row = std::get_if<EventSeen>(&entry.what)) {
        rows[{row->order_id, row->version}].push_back(*row);
        all_rows.push_back(*row);
        statuses[{row->order_id, row->version}].insert(row->status);
      } else if (const auto* delivered = std::get_if<EventDelivered>(&entry.what)) {
        deliveries.push_back(*delivered);
        groups.insert(delivered->group);
        reached[{delivered->order_id, delivered->version}].insert(delivered->group);
      } else if (const auto* phase = std::get_if<traces::PhaseSeen>(&entry.what)) {
        quiet |= phase->phase == traces::PhaseSeen::Phase::quiet;
      }
    }
  }
};

Judgement judged(bool anything, bool wrong) {
  return !anything ? Judgement::vacuous : wrong ? Judgement::violated : Judgement::holds;
}

Judgement outbox_atomic(const Plain& plain) {
  bool wrong = false;
  for (const auto& [event, seen] : plain.rows) {
    const auto record = plain.records.find(event.first);
    wrong |=
        record == plain.records.end() || event.second < 1 || event.second > record->second.version;
    for (const auto& row : seen) wrong |= row.payload != seen[0].payload;
  }
  for (const auto& [order, record] : plain.records) {
    for (std::int64_t version = 1; version <= record.version; ++version) {
      const auto row = plain.rows.find({order, version});
      wrong |= row == plain.rows.end() ||
               (version == record.version && row->second.back().status != record.status);
    }
  }
  return judged(plain.quiet && !(plain.records.empty() && plain.rows.empty()), wrong);
}

Judgement no_ghost_events(const Plain& plain) {
  bool wrong = false;
  for (const auto& delivery : plain.deliveries) {
    const auto rows = plain.rows.find({delivery.order_id, delivery.version});
    wrong |= rows == plain.rows.end() ||
             std::ranges::find(rows->second, delivery.payload, &EventSeen::payload) ==
                 rows->second.end();
  }
  return judged(!plain.deliveries.empty(), wrong);
}

Judgement per_key_order(const Plain& plain) {
  std::set<std::tuple<std::string, std::string, std::int64_t>> known;
  bool wrong = false;
  for (const auto& [group, order, version, payload, attempt] : plain.deliveries) {
    if (!known.insert({group, order, version}).second) continue;
    wrong |= version < 1;
    for (std::int64_t later = version + 1; later < 9; ++later) {
      wrong |= attempt == 1 && known.contains({group, order, later});
    }
  }
  for (const auto& [group, order, version] : known) {
    wrong |= plain.quiet && version > 1 && !known.contains({group, order, version - 1});
  }
  return judged(!plain.deliveries.empty(), wrong);
}

bool reached_all(const Plain& plain, const Event& event) {
  const auto reached = plain.reached.find(event);
  return reached != plain.reached.end() && reached->second == plain.groups;
}

Judgement published_is_durable(const Plain& plain) {
  bool any = false;
  bool wrong = false;
  for (const auto& [event, rows] : plain.rows) {
    if (rows.back().state != Row::published) continue;
    any = true;
    wrong |= !reached_all(plain, event);
  }
  return judged(plain.quiet && !plain.groups.empty() && any, wrong);
}

Judgement outbox_at_least_once(const Plain& plain) {
  bool any = false;
  bool wrong = false;
  for (const auto& [event, rows] : plain.rows) {
    if (rows.back().state == Row::dead) continue;
    any = true;
    wrong |= !reached_all(plain, event);
  }
  return judged(plain.quiet && any, wrong);
}

/// Whose turn it is at entry `at`, and never attempted: looked at anew for each entry.
std::set<Event> waiting(const std::vector<EventSeen>& rows, std::size_t upto) {
  std::map<Event, EventSeen> last;
  for (std::size_t i = 0; i <= upto; ++i) last[{rows[i].order_id, rows[i].version}] = rows[i];
  std::set<Event> out;
  for (const auto& [event, row] : last) {
    bool turn = event.second >= 1 && row.state == Row::pending && row.attempts == 0;
    for (std::int64_t before = 1; before < event.second; ++before) {
      const auto found = last.find({event.first, before});
      turn = turn && found != last.end() && found->second.state == Row::published;
    }
    if (turn) out.insert(event);
  }
  return out;
}

Judgement no_starvation(const Plain& plain) {
  const std::vector<EventSeen>& rows = plain.all_rows;
  std::map<Event, std::map<Event, int>> passed;  // of who waits: by whom, how often
  std::map<Event, std::int64_t> attempts;
  bool any = false;
  bool wrong = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Event event{rows[i].order_id, rows[i].version};
    const std::set<Event> now = waiting(rows, i);
    std::erase_if(passed, [&now](const auto& entry) { return !now.contains(entry.first); });
    const std::int64_t before = std::exchange(attempts[event], rows[i].attempts);
    const bool again = before > 0 && rows[i].attempts > before;
    any |= !now.empty();
    for (const Event& waits : now) {
      int& times = passed[waits][event];
      times += again && waits.first != event.first ? 1 : 0;
      wrong |= times > 4;
    }
  }
  return judged(any, wrong);
}

/// Each path that there is, by its length; whatever was seen must lie on one of them.
bool lies_on_a_path(const std::map<std::int64_t, std::set<std::string>>& versions) {
  const std::vector<std::vector<std::string>> paths = {
      {"PENDING"},
      {"PENDING", "REJECTED"},
      {"PENDING", "CONFIRMED"},
      {"PENDING", "QUEUED", "REJECTED"},
      {"PENDING", "QUEUED", "CONFIRMED"},
  };
  return std::ranges::any_of(paths, [&versions](const auto& path) {
    return std::ranges::all_of(versions, [&path](const auto& seen) {
      const auto& [version, statuses] = seen;
      return version >= 1 && version <= static_cast<std::int64_t>(path.size()) &&
             statuses == std::set<std::string>{path[static_cast<std::size_t>(version) - 1]};
    });
  });
}

Judgement legal_transitions(const Plain& plain) {
  std::map<std::string, std::map<std::int64_t, std::set<std::string>>> orders;
  for (const auto& [event, statuses] : plain.statuses) {
    orders[event.first][event.second] = statuses;
  }
  bool wrong = false;
  for (const auto& [order, versions] : orders) wrong |= !lies_on_a_path(versions);
  for (const auto& [event, rows] : plain.rows) {
    wrong |= event.second > 1 && !plain.rows.contains({event.first, event.second - 1});
  }
  return judged(!orders.empty(), wrong);
}

const std::map<std::string_view, Judgement (*)(const Plain&)> kDefinitions = {
    {"outbox-atomic", outbox_atomic},
    {"no-ghost-events", no_ghost_events},
    {"per-key-order", per_key_order},
    {"published-is-durable", published_is_durable},
    {"outbox-at-least-once", outbox_at_least_once},
    {"legal-transitions", legal_transitions},
};

/// Choices, one after the other; 0 where they are used up.
class Tape {
 public:
  explicit Tape(std::vector<unsigned> numbers) : numbers_(std::move(numbers)) {}
  unsigned below(unsigned bound) { return next_ < numbers_.size() ? numbers_[next_++] % bound : 0; }

 private:
  std::vector<unsigned> numbers_;
  std::size_t next_ = 0;
};

rc::Gen<std::vector<unsigned>> tapes() {
  return rc::gen::container<std::vector<unsigned>>(160, rc::gen::inRange(0U, 1U << 20));
}

/// One order after the other: each version is committed, delivered to both groups, sometimes twice,
/// and published.
Story good_story(Tape& tape) {
  const std::vector<std::vector<const char*>> paths = {{"PENDING"},
                                                       {"PENDING", "CONFIRMED"},
                                                       {"PENDING", "QUEUED", "REJECTED"},
                                                       {"PENDING", "QUEUED", "CONFIRMED"}};
  Story story;
  const unsigned orders = 1 + tape.below(3);
  for (unsigned number = 1; number <= orders; ++number) {
    const std::string order = "o-" + std::to_string(number);
    std::int64_t version = 0;
    for (const char* status : paths[tape.below(4)]) {
      story.committed(order, ++version, status);
      for (const char* group : {"mail", "audit"}) {
        for (unsigned times = 0; times <= tape.below(2); ++times) {
          story.delivered(group, order, version);
        }
      }
      if (tape.below(3) > 0) story.event(order, version, status, Row::published);
    }
  }
  return story.quiet();
}

/// Another version, status, payload or state, or another order.
struct Spoil {
  Tape& tape;

  void operator()(OrderSeen& seen) const {
    const char* statuses[] = {"PENDING", "QUEUED", "CONFIRMED", "REJECTED", "RESERVED"};
    if (tape.below(2) == 0)
      seen.version = tape.below(5);
    else
      seen.status = statuses[tape.below(5)];
  }
  void operator()(EventSeen& seen) const {
    const char* statuses[] = {"PENDING", "QUEUED", "CONFIRMED", "REJECTED", "RESERVED"};
    switch (tape.below(5)) {
      case 0: seen.version = tape.below(5); return;
      case 1: seen.status = statuses[tape.below(5)]; return;
      case 2: seen.payload = "[]"; return;
      case 3: seen.order_id = "o-9"; return;
      default: seen.state = static_cast<Row>(tape.below(3)); return;
    }
  }
  void operator()(EventDelivered& seen) const {
    switch (tape.below(5)) {
      case 0: seen.version = tape.below(5); return;
      case 1: seen.payload = "[]"; return;
      case 2: seen.order_id = "o-9"; return;
      case 3: seen.attempt = 2; return;
      default: seen.group = "late"; return;
    }
  }
  template <class Other>
  void operator()(Other&) const {}
};

void spoil(History& history, Tape& tape) {
  auto& entries = history.entries;
  if (entries.empty()) return;
  const std::size_t at = tape.below(static_cast<unsigned>(entries.size()));
  const std::size_t other = tape.below(static_cast<unsigned>(entries.size()));
  switch (tape.below(5)) {
    case 0: entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at)); return;
    case 1: std::swap(entries[at].what, entries[other].what); return;
    case 2: entries[at].what = entries[other].what; return;
    default: std::visit(Spoil{tape}, entries[at].what); return;
  }
}

TEST(OutboxJudges, AGoodOutboxKeepsEveryPromise) {
  const bool passed = rc::check("good", [] {
    Tape tape(*tapes());
    const Story story = good_story(tape);
    for (const auto& [name, definition] : kDefinitions) {
      const Verdict verdict = judge(*find(name), story.history());
      RC_ASSERT(definition(Plain(story.history())) == verdict.judgement);
      RC_ASSERT(verdict.judgement != Judgement::violated);
    }
  });
  EXPECT_TRUE(passed);
}

TEST(OutboxJudges, AgreeWithTheirDefinitions) {
  std::map<std::pair<std::string_view, Judgement>, int> seen;
  for (int round = 0; round < 20; ++round) {
    const bool passed = rc::check("judge == definition", [&seen] {
      Tape tape(*tapes());
      History history = good_story(tape).history();
      for (unsigned left = tape.below(5); left > 0; --left) spoil(history, tape);
      for (const auto& [name, definition] : kDefinitions) {
        const Judgement judgement = judge(*find(name), history).judgement;
        if (judgement != definition(Plain(history))) RC_FAIL(std::string(name));
        ++seen[{name, judgement}];
      }
    });
    ASSERT_TRUE(passed);
  }
  for (const auto& [name, definition] : kDefinitions) {
    EXPECT_GT((seen[{name, Judgement::violated}]), 50) << name;
    EXPECT_GT((seen[{name, Judgement::holds}]), 50) << name;
  }
}

/// Relays that know no promise: rows of three orders, in two versions, in any order.
History any_rows(Tape& tape) {
  Story story;
  std::map<Event, EventSeen> rows;
  for (unsigned entry = 0; entry < 50; ++entry) {
    const Event event{"o-" + std::to_string(1 + tape.below(3)), 1 + tape.below(2)};
    EventSeen& row = rows.try_emplace(event, EventSeen{event.first, event.second, "PENDING", "{}"})
                         .first->second;
    const unsigned what = tape.below(8);
    if (what == 0) row.state = tape.below(2) == 0 ? Row::published : Row::dead;
    if (what == 1) row.state = Row::pending;
    if (what == 2) row.attempts = 0;
    if (what >= 5) ++row.attempts;
    story.event(row.order_id, row.version, row.status, row.state, row.payload, row.attempts);
  }
  return story.history();
}

TEST(OutboxJudges, AgreeOnWhoStarves) {
  std::map<Judgement, int> seen;
  const bool passed = rc::check("judge == definition", [&seen] {
    for (int round = 0; round < 20; ++round) {
      Tape tape(*tapes());
      const History history = any_rows(tape);
      const Judgement judgement = judge(*find("no-starvation"), history).judgement;
      RC_ASSERT(judgement == no_starvation(Plain(history)));
      ++seen[judgement];
    }
  });
  ASSERT_TRUE(passed);
  EXPECT_GT(seen[Judgement::violated], 50);
  EXPECT_GT(seen[Judgement::holds], 50);
}

}  // namespace
}  // namespace firedrill::properties
