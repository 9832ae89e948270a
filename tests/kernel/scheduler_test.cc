#include "sim/kernel/scheduler.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "tests/kernel/marks.h"

namespace firedrill::sim {
namespace {

TEST(Scheduler, MovesTimeOnlyWhenNothingIsReady) {
  Scheduler scheduler(1);
  Lane lane(scheduler, 0);
  std::vector<int> seen;
  std::vector<Instant> times;
  Mark later(seen, 2, [&] { times.push_back(scheduler.now()); });
  Mark now(seen, 1, [&] { times.push_back(scheduler.now()); });
  scheduler.at(later, lane, at_ms(5));
  scheduler.soon(now, lane);
  scheduler.run_until(at_ms(9));
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
  EXPECT_EQ(times, (std::vector<Instant>{at_ms(0), at_ms(5)}));
  EXPECT_EQ(scheduler.now(), at_ms(9));
  EXPECT_EQ(scheduler.steps(), 2U);
}

TEST(Scheduler, RunsWhatIsDueExactlyAtTheEnd) {
  Scheduler scheduler(1);
  Lane lane(scheduler, 0);
  std::vector<int> seen;
  Mark due(seen, 1);
  Mark after(seen, 2);
  scheduler.at(due, lane, at_ms(5));
  scheduler.at(after, lane, at_ms(5) + Duration(1));
  scheduler.run_until(at_ms(5));
  EXPECT_EQ(seen, (std::vector<int>{1}));
  EXPECT_TRUE(after.scheduled());
}

TEST(Scheduler, TakesAnInstantInThePastForNow) {
  Scheduler scheduler(1);
  Lane lane(scheduler, 0);
  scheduler.run_until(at_ms(5));
  std::vector<int> seen;
  Mark mark(seen, 1);
  scheduler.at(mark, lane, at_ms(2));
  EXPECT_TRUE(scheduler.step(at_ms(5)));
  EXPECT_EQ(scheduler.now(), at_ms(5));
  EXPECT_EQ(seen.size(), 1U);
}

TEST(Scheduler, LetsAnEventScheduleItselfAgain) {
  Scheduler scheduler(1);
  Lane lane(scheduler, 0);
  std::vector<int> seen;
  std::optional<Mark> mark;
  mark.emplace(seen, 1, [&] {
    if (seen.size() < 3) scheduler.at(*mark, lane, scheduler.now() + from_ms(1));
  });
  scheduler.soon(*mark, lane);
  scheduler.run_until(at_ms(10));
  EXPECT_EQ(seen.size(), 3U);
}

TEST(Scheduler, LetsAnEventDestroyItselfAndOthers) {
  class Destroyer final : public Event {
   public:
    explicit Destroyer(std::vector<std::unique_ptr<Destroyer>>& all) : all_(all) {}
    int* fired = nullptr;

   private:
    void fire() override {
      ++*fired;
      all_.clear();
    }
    std::vector<std::unique_ptr<Destroyer>>& all_;
  };
  for (const auto kind : {PickPolicy::Kind::first_come, PickPolicy::Kind::random}) {
    Scheduler scheduler(1, {kind, 0, 0});
    Lane lane(scheduler, 0);
    int fired = 0;
    std::vector<std::unique_ptr<Destroyer>> all;
    for (int i = 0; i < 5; ++i) {
      all.push_back(std::make_unique<Destroyer>(all));
      all.back()->fired = &fired;
      scheduler.at(*all.back(), lane, at_ms(i / 3 + 1));
    }
    scheduler.run_until(at_ms(5));
    EXPECT_EQ(fired, 1);
  }
}

TEST(SchedulerDeathTest, RejectsAnEventThatIsScheduledAlready) {
  Scheduler scheduler(1);
  Lane lane(scheduler, 0);
  std::vector<int> seen;
  Mark mark(seen, 1);
  scheduler.at(mark, lane, at_ms(1));
  EXPECT_DEATH(scheduler.soon(mark, lane), "scheduled once");
}

TEST(SchedulerDeathTest, OutlivesItsEvents) {
  EXPECT_DEATH(
      {
        std::vector<int> seen;
        Mark mark(seen, 1);
        auto scheduler = std::make_unique<Scheduler>(1);
        auto lane = std::make_unique<Lane>(*scheduler, 0);
        scheduler->at(mark, *lane, at_ms(1));
        lane.reset();
        scheduler.reset();
      },
      "outlives its events");
}

TEST(Scheduler, WritesOneDigestForEachStepOnTheTrail) {
  Scheduler scheduler(1);
  Lane lane(scheduler, 3);
  std::vector<std::uint64_t> trail;
  scheduler.set_trail(&trail);
  std::vector<int> seen;
  Mark first(seen, 1, [&] { scheduler.digest().fold(7); });
  Mark second(seen, 2);
  scheduler.at(first, lane, at_ms(1));
  scheduler.at(second, lane, at_ms(1));
  scheduler.run_until(at_ms(1));
  ASSERT_EQ(trail.size(), 2U);
  EXPECT_NE(trail[0], trail[1]);
  EXPECT_EQ(trail[1], scheduler.digest().value());
  EXPECT_EQ(scheduler.steps(), 2U);
}

TEST(Scheduler, TellsTimesAndLanesApartInTheDigest) {
  const auto digest = [](std::uint32_t number, Instant when) {
    Scheduler scheduler(1);
    Lane lane(scheduler, number);
    std::vector<int> seen;
    Mark mark(seen, 1);
    scheduler.at(mark, lane, when);
    scheduler.run_until(at_ms(10));
    return scheduler.digest().value();
  };
  EXPECT_EQ(digest(1, at_ms(1)), digest(1, at_ms(1)));
  EXPECT_NE(digest(1, at_ms(1)), digest(2, at_ms(1)));
  EXPECT_NE(digest(1, at_ms(1)), digest(1, at_ms(2)));
}

TEST(Lane, PostsInOrderAtOneInstant) {
  Scheduler scheduler(1);
  Lane lane(scheduler, 0);
  std::vector<int> seen;
  for (int i = 0; i < 5; ++i) {
    lane.post([&seen, i] { seen.push_back(i); });
  }
  EXPECT_TRUE(seen.empty());
  scheduler.run_until(at_ms(0));
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(Lane, PostsHandlersOfEverySize) {
  Scheduler scheduler(1);
  Lane lane(scheduler, 0);
  std::vector<std::size_t> sizes;
  const auto post = [&]<std::size_t kSize>(std::array<char, kSize> load) {
    lane.post_at(at_ms(1), [&sizes, load] { sizes.push_back(load.size()); });
  };
  post(std::array<char, 1>{});
  post(std::array<char, 64>{});
  post(std::array<char, 4096>{});
  scheduler.run_until(at_ms(1));
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 64, 4096}));
}

/// What a test does with the scheduler, drawn at random.
struct Action {
  enum class Kind { schedule, cancel, run };
  Kind kind;
  int delay_ms;   ///< from now; below 0: in the past
  int follow_ms;  ///< above 0: once it fires, it schedules one more, so much later
  std::size_t which;
};

void showValue(const Action& action, std::ostream& out) {
  constexpr const char* names[] = {"schedule", "cancel", "run"};
  out << names[static_cast<int>(action.kind)] << " delay " << action.delay_ms << " follow "
      << action.follow_ms << " which " << action.which;
}

rc::Gen<std::vector<Action>> actions() {
  using Kind = Action::Kind;
  return rc::gen::container<std::vector<Action>>(rc::gen::map(
      rc::gen::tuple(
          rc::gen::weightedElement<Kind>({{6, Kind::schedule}, {2, Kind::cancel}, {1, Kind::run}}),
          rc::gen::inRange(-2, 8), rc::gen::inRange(-4, 4), rc::gen::inRange<std::size_t>(0, 64)),
      [](std::tuple<Kind, int, int, std::size_t> drawn) {
        return Action{std::get<0>(drawn), std::get<1>(drawn), std::get<2>(drawn),
                      std::get<3>(drawn)};
      }));
}

/// The scheduler as a list that is searched: obviously right, and slow.
class Reference {
 public:
  void schedule(int number, Instant when, int follow_ms) {
    waiting_.push_back({std::max(when, now_), next_++, number, follow_ms});
  }
  void cancel(int number) {
    std::erase_if(waiting_, [&](const Item& item) { return item.number == number; });
  }
  void run_until(Instant until, std::vector<int>& seen, int& next_number) {
    while (true) {
      const auto first =
          std::min_element(waiting_.begin(), waiting_.end(), [](const Item& a, const Item& b) {
            return std::tie(a.at, a.sequence) < std::tie(b.at, b.sequence);
          });
      if (first == waiting_.end() || first->at > until) break;
      const Item item = *first;
      waiting_.erase(first);
      now_ = item.at;
      seen.push_back(item.number);
      if (item.follow_ms > 0) schedule(next_number++, now_ + from_ms(item.follow_ms), 0);
    }
    now_ = until;
  }

 private:
  struct Item {
    Instant at;
    std::uint64_t sequence;
    int number;
    int follow_ms;
  };
  std::vector<Item> waiting_;
  Instant now_{};
  std::uint64_t next_ = 0;
};

TEST(Scheduler, RunsInTheOrderOfTimeAndSequence) {
  EXPECT_TRUE(rc::check([] {
    const auto script = *rc::gen::resize(200, actions());
    Scheduler scheduler(1);
    Lane lane(scheduler, 0);
    std::vector<int> seen;
    std::vector<std::unique_ptr<Mark>> marks;
    Reference reference;
    std::vector<int> expected;
    int expected_next = 0;

    const auto add = [&](auto& self, Instant when, int follow_ms) -> void {
      const int number = static_cast<int>(marks.size());
      marks.push_back(std::make_unique<Mark>(seen, number, [&, follow_ms] {
        if (follow_ms > 0) self(self, scheduler.now() + from_ms(follow_ms), 0);
      }));
      scheduler.at(*marks.back(), lane, when);
    };
    for (const Action& action : script) {
      const Instant when = scheduler.now() + from_ms(action.delay_ms);
      switch (action.kind) {
        case Action::Kind::schedule:
          add(add, when, action.follow_ms);
          reference.schedule(expected_next++, when, action.follow_ms);
          break;
        case Action::Kind::cancel:
          if (marks.empty()) break;
          marks[action.which % marks.size()]->cancel();
          reference.cancel(static_cast<int>(action.which % marks.size()));
          break;
        case Action::Kind::run:
          if (action.delay_ms < 0) break;
          scheduler.run_until(when);
          reference.run_until(when, expected, expected_next);
          RC_ASSERT(seen == expected);
          break;
      }
    }
    const Instant end = scheduler.now() + from_ms(100);
    scheduler.run_until(end);
    reference.run_until(end, expected, expected_next);
    RC_ASSERT(seen == expected);
    for (const auto& mark : marks) RC_ASSERT(!mark->scheduled());
  }));
}

}  // namespace
}  // namespace firedrill::sim
