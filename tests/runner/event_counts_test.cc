#include "cli/event_counts.h"

#include <gtest/gtest.h>

namespace firedrill {
namespace {

using traces::EventDelivered;
using traces::EventSeen;

TEST(EventCounts, CountsWhatBecameOfTheRows) {
  sim::Counts counts;
  EventCounts events(counts);
  using State = EventSeen::State;
  for (const State state : {State::pending, State::published, State::published, State::dead}) {
    events.take(EventSeen{"o-1", 1, "PENDING", "{}", state});
  }
  EXPECT_EQ(counts, (sim::Counts{{"events:published", 2}, {"events:dead", 1}}));
}

TEST(EventCounts, ARepetitionIsOfTheSameEventToTheSameGroup) {
  sim::Counts counts;
  EventCounts events(counts);
  const EventDelivered first{"mail", "o-1", 1, "{}"};
  const EventDelivered others[] = {
      {"audit", "o-1", 1, "{}"}, {"mail", "o-2", 1, "{}"}, {"mail", "o-1", 2, "{}"}};
  events.take(first);
  for (const EventDelivered& other : others) events.take(other);
  EXPECT_EQ(counts, (sim::Counts{{"events:delivered", 4}}));
  events.take(first);
  events.take(first);
  EXPECT_EQ(counts, (sim::Counts{{"events:delivered", 6}, {"events:repeated", 2}}));
}

}  // namespace
}  // namespace firedrill
