#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "tests/properties/story.h"

namespace firedrill::properties {
namespace {

constexpr auto kName = "rate-limit";  // 3 requests in 1000 ms

/// A call that takes `length` ms.
void call_at(Story& story, std::int64_t ms, const std::string& key, int status,
             std::int64_t length = 1, const std::string& user = "u-1") {
  const auto op = story.at(ms).invoke(user, key);
  story.at(ms + length).answer(op, status, status == 202 ? "o-" + user + key : "");
}

TEST(RateLimit, HoldsAtTheLimit) {
  Story story;
  for (const auto ms : {0, 10, 20}) call_at(story, ms, "k" + std::to_string(ms), 202);
  call_at(story, 30, "k-4", 429);
  call_at(story, 1005, "k-5", 202);
  expect_holds(story, kName, 1);  // the refusal
  call_at(story, 1015, "k-6", 202);
  call_at(story, 1017, "k-7", 429);
  expect_holds(story, kName, 2);
}

TEST(RateLimit, OneMoreInAWindowBreaksIt) {
  Story story;
  for (const auto ms : {0, 10, 500, 990}) call_at(story, ms, "k" + std::to_string(ms), 202);
  expect_violated(story, kName, "too many let through",
                  "let 4 requests of u-1 through within 1000 ms, the limit is 3", story.last());
}

TEST(RateLimit, AWindowInWhichRedisForgotSaysNothing) {
  Story story;
  for (const auto ms : {0, 10, 500}) call_at(story, ms, "k" + std::to_string(ms), 202);
  story.at(700).redis_forgot();
  for (const auto ms : {800, 810, 820}) call_at(story, ms, "k" + std::to_string(ms), 202);
  EXPECT_NE(verdict_of(story, kName).judgement, Judgement::violated);
  call_at(story, 830, "k-more", 202);  // the limiter that remembers nothing has its limit, too
  EXPECT_EQ(verdict_of(story, kName).signature, "too many let through");
}

TEST(RateLimit, SoldOutWasLetThroughAsWell) {
  Story story;
  for (const auto ms : {0, 10, 500, 990}) call_at(story, ms, "k" + std::to_string(ms), 409);
  EXPECT_EQ(verdict_of(story, kName).signature, "too many let through");
}

TEST(RateLimit, OtherRefusalsMayComeFromBeforeTheLimiter) {
  for (const int status : {400, 403, 404, 422, 503, 500, 0}) {
    Story story;
    for (const auto ms : {0, 10, 500}) call_at(story, ms, "k" + std::to_string(ms), 202);
    call_at(story, 600, "k-4", status);
    expect_holds(story, kName, 1);
  }
}

TEST(RateLimit, UsersAndSalesAreLimitedApart) {
  Story story;
  for (const auto ms : {0, 10, 20}) {
    call_at(story, ms, "k" + std::to_string(ms), 202, 1, "u-1");
    call_at(story, ms + 5, "k" + std::to_string(ms), 202, 1, "u-2");
  }
  const auto op = story.invoke("u-1", "k-other", 1, "sku-1", "sale-2");
  story.answer(op, 202, "o-other");
  expect_vacuous(story, kName);
}

TEST(RateLimit, AKeyMayBeUsedInTwoSales) {
  Story story;
  for (const auto* key : {"k-1", "k-2", "k-3"}) story.call("u-1", key, 202);
  for (const auto* key : {"k-1", "k-2", "k-3", "k-4"}) {
    story.answer(story.invoke("u-1", key, 1, "sku-1", "sale-2"), 202, "o");
  }
  expect_violated(story, kName, "too many let through",
                  "let 4 requests of u-1 through within 1000 ms, the limit is 3", story.last());
}

// A slow answer may have been let through in an earlier window than it returned in.
TEST(RateLimit, WhatReachesOutOfTheWindowIsNotSure) {
  Story story;
  for (const auto ms : {0, 10, 500}) call_at(story, ms, "k" + std::to_string(ms), 202);
  call_at(story, 900, "k-4", 202, 200);
  expect_holds(story, kName, 1);
}

// Slots that are a window apart to the millisecond are right; so is a clock that cuts off the rest.
TEST(RateLimit, TheEdgeOfTheWindowIsNotSure) {
  Story apart;
  for (const auto ms : {0, 10, 500, 999}) call_at(apart, ms, "k" + std::to_string(ms), 202, 0);
  expect_holds(apart, kName, 1);
}

TEST(RateLimit, ARetryIsNoRequestOfItsOwn) {
  Story story;
  for (const auto ms : {0, 10}) call_at(story, ms, "k" + std::to_string(ms), 202);
  for (const auto ms : {20, 30, 40, 50}) call_at(story, ms, "k-again", 202);
  expect_vacuous(story, kName);
}

// The first try took the slot at 0 and its answer was lost; the retry is answered from memory.
TEST(RateLimit, AReplayTookItsSlotLongAgo) {
  Story story;
  call_at(story, 0, "k-1", 0);
  for (const auto ms : {1500, 1510, 1520}) call_at(story, ms, "k" + std::to_string(ms), 202);
  call_at(story, 1530, "k-1", 202);
  expect_vacuous(story, kName);
}

TEST(RateLimit, ARetryOfWhatWasRefusedTakesItsSlotNow) {
  Story story;
  for (const auto ms : {0, 10, 20}) call_at(story, ms, "k" + std::to_string(ms), 202);
  call_at(story, 30, "k-1", 429);
  for (const auto ms : {1500, 1510, 1520}) call_at(story, ms, "k" + std::to_string(ms), 202);
  call_at(story, 1530, "k-1", 202);
  expect_violated(story, kName, "too many let through",
                  "let 4 requests of u-1 through within 1000 ms, the limit is 3", story.last());
}

TEST(RateLimit, NobodyIsLockedOut) {
  Story story;
  for (const auto ms : {0, 10, 20}) call_at(story, ms, "k" + std::to_string(ms), 202);
  call_at(story, 2000, "k-4", 429);
  expect_violated(story, kName, "locked out",
                  "refused u-1 although at most 0 other requests came through in the last 1000 ms, "
                  "the limit is 3",
                  story.last());
}

TEST(RateLimit, RefusalsTakeNoSlot) {
  Story story;
  call_at(story, 0, "k-1", 202);
  for (const auto ms : {10, 20, 30}) call_at(story, ms, "k" + std::to_string(ms), 429);
  expect_violated(story, kName, "refused below the limit",
                  "refused u-1 although at most 1 other request came through in the last 1000 ms, "
                  "the limit is 3",
                  3);
}

TEST(RateLimit, WhatWasNeverSentTakesNoSlot) {
  Story story;
  for (int i = 0; i < 3; ++i) {
    const auto op = story.invoke("u-1", "k" + std::to_string(i));
    story.end(op, Ended::fail, 0);
  }
  call_at(story, 50, "k-4", 429);
  EXPECT_EQ(verdict_of(story, kName).signature, "locked out");
}

TEST(RateLimit, AnUnknownOutcomeMayTakeItsSlotLate) {
  for (const int status : {0, 500, 503}) {
    Story story;
    for (const auto ms : {0, 10, 20}) call_at(story, ms, "k" + std::to_string(ms), status);
    call_at(story, 5000, "k-4", 429);
    expect_holds(story, kName, 1);
  }
}

TEST(RateLimit, ARefusalMayHaveSeenWhatWasOnItsWay) {
  Story story;
  const auto slow = story.at(0).invoke("u-1", "k-4");
  std::vector<traces::OpId> ops;
  for (int i = 0; i < 3; ++i)
    ops.push_back(story.at(100 + i).invoke("u-1", "k" + std::to_string(i)));
  story.at(200).answer(slow, 429);
  for (const auto op : ops) story.answer(op, 202, "o");
  expect_holds(story, kName, 1);
}

TEST(RateLimit, NobodyAtTheLimitIsVacuous) {
  Story story;
  for (const auto ms : {0, 10, 20, 1100}) call_at(story, ms, "k" + std::to_string(ms), 202);
  expect_vacuous(story, kName);
}

TEST(RateLimit, OfManyTheOneThatShowsFirstIsTold) {
  Story story;
  for (const auto ms : {0, 10, 20, 30, 40}) call_at(story, ms, "k" + std::to_string(ms), 202, 5);
  const Verdict verdict = verdict_of(story, kName);
  EXPECT_EQ(verdict.entry, 7u);
}

// Generated calls, in whole milliseconds.
struct Call {
  int at = 0;
  int user = 0;
  int key = 0;
  int before = 0;  ///< until the limiter sees it
  int after = 0;   ///< until its answer comes back
  int fate = 0;
  friend std::ostream& operator<<(std::ostream& out, const Call& c) {
    return out << "{at " << c.at << " u" << c.user << " k" << c.key << " before " << c.before
               << " after " << c.after << " fate " << c.fate << "}";
  }
};

rc::Gen<std::vector<Call>> calls(int latency) {
  const auto one =
      rc::gen::map(rc::gen::tuple(rc::gen::inRange(0, 4000), rc::gen::inRange(0, 3),
                                  rc::gen::inRange(0, 12), rc::gen::inRange(0, latency),
                                  rc::gen::inRange(0, latency), rc::gen::inRange(0, 100)),
                   [](const std::tuple<int, int, int, int, int, int>& t) {
                     return Call{std::get<0>(t), std::get<1>(t), std::get<2>(t),
                                 std::get<3>(t), std::get<4>(t), std::get<5>(t)};
                   });
  return rc::gen::resize(100, rc::gen::container<std::vector<Call>>(rc::gen::resize(100, one)));
}

/// A service with an exact sliding limiter, in front of it or behind it a memory of keys.
class ExactService {
 public:
  ExactService(std::size_t limit, bool replays, bool knows_requests)
      : limit_(limit), replays_(replays), knows_requests_(knows_requests) {}

  /// The status, at this moment. Times in microseconds, the limiter's clock in milliseconds.
  int answer(std::int64_t now_us, int user, int key, int fate) {
    if (fate < 5) return 422;  // malformed: before the limiter
    const std::int64_t now = now_us / 1000;
    auto& answered = answered_[{user, key}];
    if (replays_ && answered) return *answered;
    if (!let_through(now, user, key)) return 429;
    if (fate < 10) return 503;
    if (fate < 15) return 403;
    answered = fate < 50 ? 409 : 202;
    return *answered;
  }

 private:
  bool let_through(std::int64_t now, int user, int key) {
    auto& slots = slots_[user];
    std::erase_if(slots, [now](const auto& slot) { return slot.first <= now - 1000; });
    if (knows_requests_ &&
        std::ranges::any_of(slots, [key](const auto& slot) { return slot.second == key; })) {
      return true;
    }
    if (slots.size() >= limit_) return false;
    slots.emplace_back(now, key);
    return true;
  }

  std::size_t limit_;
  bool replays_, knows_requests_;
  std::map<std::pair<int, int>, std::optional<int>> answered_;
  std::map<int, std::vector<std::pair<std::int64_t, int>>> slots_;
};

/// What happens at one moment. Ordered by time; what comes in one moment happens in this order.
struct Moment {
  std::int64_t us = 0;
  int kind = 0;  // 0 invoke, 1 the service works, 2 the answer arrives
  std::size_t call = 0;
  auto operator<=>(const Moment&) const = default;
};

/// Runs the calls against the service. One in ten loses its answer and hears nothing after 60 ms,
/// perhaps before the service has even seen it.
traces::History run(const std::vector<Call>& planned, ExactService service) {
  std::vector<Moment> moments;
  const auto silent = [](const Call& call) { return call.fate % 10 == 7; };
  for (std::size_t i = 0; i < planned.size(); ++i) {
    const Call& call = planned[i];
    const std::int64_t seen = call.at * 1000 + call.before * 1000 + call.key * 77;
    moments.push_back({call.at * 1000, 0, i});
    moments.push_back({seen, 1, i});
    moments.push_back({silent(call) ? (call.at + 60) * 1000 : seen + call.after * 1000, 2, i});
  }
  std::ranges::sort(moments);
  Story story;
  traces::History history = story.history();
  std::map<std::size_t, int> status;
  for (const Moment& moment : moments) {
    const Call& call = planned[moment.call];
    const auto at = from_us(moment.us);
    const auto op = static_cast<traces::OpId>(moment.call);
    if (moment.kind == 0) {
      history.add(at, traces::Invoke{op, traces::OrderCall{"u" + std::to_string(call.user),
                                                           "k" + std::to_string(call.key), "sale-1",
                                                           "sku-1", 1}});
    } else if (moment.kind == 1) {
      status[moment.call] = service.answer(moment.us, call.user, call.key, call.fate);
    } else if (silent(call)) {
      history.add(at, traces::Return{op, Ended::info, 0, "", ""});
    } else {
      const int code = status.at(moment.call);
      history.add(at, traces::Return{op, code == 202 ? Ended::ok : Ended::fail, code, "", ""});
    }
  }
  return history;
}

TEST(RateLimit, AnExactLimiterNeverAlarmsAtAnyLatency) {
  std::uint64_t judged = 0;
  for (const int latency : {2, 50, 800}) {
    for (const bool replays : {false, true}) {
      for (const bool knows : {false, true}) {
        const bool passed = rc::check("exact limiter", [&] {
          const auto planned = *calls(latency);
          const Verdict verdict =
              judge(*find(kName), run(planned, ExactService(3, replays, knows)));
          if (verdict.judgement == Judgement::violated) RC_FAIL(verdict.message);
          judged += verdict.judged;
        });
        EXPECT_TRUE(passed);
      }
    }
  }
  EXPECT_GT(judged, 1000u) << "it must have been tested at all";
}

// The judge must not be silent because it is blind: wrong limits are seen in the same traffic.
TEST(RateLimit, AWrongLimitAlarmsInTheSameTraffic) {
  int too_many = 0;
  int too_few = 0;
  rc::check("wrong limiter", [&] {
    const auto planned = *calls(20);
    too_many += judge(*find(kName), run(planned, ExactService(4, true, true))).signature ==
                "too many let through";
    too_few += judge(*find(kName), run(planned, ExactService(2, true, true))).signature ==
               "refused below the limit";
  });
  EXPECT_GT(too_many, 20);
  EXPECT_GT(too_few, 20);
}

/// The definition, without any care for speed: the entry of the first violation.
std::optional<std::size_t> reference(const traces::History& history) {
  struct Op {
    traces::OrderCall call;
    traces::At from, until = traces::At::max();
    std::size_t returned = ~std::size_t{0};
    int status = 0;
    Ended ended = Ended::info;
  };
  std::map<traces::OpId, Op> ops;
  for (std::size_t i = 0; i < history.entries.size(); ++i) {
    const auto& entry = history.entries[i];
    if (const auto* in = std::get_if<traces::Invoke>(&entry.what)) {
      ops[in->op].call = std::get<traces::OrderCall>(in->call);
      ops[in->op].from = entry.at;
    } else if (const auto* out = std::get_if<traces::Return>(&entry.what)) {
      Op& op = ops.at(out->op);
      op.until = entry.at;
      op.returned = i;
      op.status = out->status;
      op.ended = out->ended;
    }
  }
  const Duration slack = from_ms(2);
  const Duration window = history.terms.rate_window;
  const auto limit = static_cast<std::size_t>(history.terms.rate_limit);
  std::optional<std::size_t> first;
  const auto report = [&first](std::size_t entry) {
    first = std::min(first.value_or(entry), entry);
  };

  for (const auto& [number, edge] : ops) {
    // The window that begins with this invoke; which requests have all of theirs inside it?
    std::map<std::string, std::pair<bool, std::size_t>> inside;  // began before?, first sure return
    for (const auto& [other_number, op] : ops) {
      if (op.call.user != edge.call.user || op.status == 429) continue;
      if (op.ended == Ended::fail && op.status == 0) continue;
      auto& [before, returned] =
          inside.try_emplace(op.call.key, false, ~std::size_t{0}).first->second;
      if (op.from < edge.from) before = true;
      if (op.ended == Ended::ok || op.status == 409) returned = std::min(returned, op.returned);
    }
    std::vector<std::size_t> returns;
    for (const auto& [key, passage] : inside) {
      if (passage.first || passage.second == ~std::size_t{0}) continue;
      if (history.entries[passage.second].at <= edge.from + window - slack) {
        returns.push_back(passage.second);
      }
    }
    std::ranges::sort(returns);
    if (returns.size() > limit) report(returns[limit]);

    if (edge.status != 429) continue;
    std::size_t slots = 0;
    for (const auto& [other_number, op] : ops) {
      if (other_number == number || op.call.user != edge.call.user || op.status == 429) continue;
      if (op.ended == Ended::fail && op.status == 0) continue;
      const bool late = op.ended == Ended::info || op.status >= 500;
      if (op.from <= edge.until && (late || op.until >= edge.from - window - slack)) ++slots;
    }
    if (slots < limit) report(edge.returned);
  }
  return first;
}

TEST(RateLimit, AgreesWithTheDefinition) {
  int violated = 0;
  const bool passed = rc::check("judge == definition", [&] {
    const auto planned = *calls(60);
    // Answers that no limiter gives: the fate alone decides.
    std::vector<Moment> moments;
    for (std::size_t i = 0; i < planned.size(); ++i) {
      moments.push_back({planned[i].at, 0, i});
      moments.push_back({planned[i].at + planned[i].before + planned[i].after * 20, 2, i});
    }
    std::ranges::sort(moments);
    traces::History history = Story().history();
    for (const Moment& moment : moments) {
      const Call& call = planned[moment.call];
      const auto op = static_cast<traces::OpId>(moment.call);
      const auto at = from_ms(moment.us);
      constexpr std::pair<Ended, int> kEnds[] = {
          {Ended::ok, 202},   {Ended::ok, 202},   {Ended::ok, 200},   {Ended::fail, 409},
          {Ended::fail, 429}, {Ended::fail, 422}, {Ended::fail, 503}, {Ended::fail, 0},
          {Ended::info, 0},   {Ended::info, 500}};
      const auto& [ended, status] = kEnds[call.fate % 10];
      if (moment.kind == 0) {
        history.add(at, traces::Invoke{op, traces::OrderCall{"u" + std::to_string(call.user),
                                                             "k" + std::to_string(call.key),
                                                             "sale-1", "sku-1", 1}});
      } else if (call.fate < 95) {
        history.add(at, traces::Return{op, ended, status, "", ""});
      }
    }
    const Verdict verdict = judge(*find(kName), history);
    const auto wanted = reference(history);
    RC_ASSERT((verdict.judgement == Judgement::violated) == wanted.has_value());
    if (wanted) RC_ASSERT(verdict.entry == *wanted);
    violated += wanted.has_value();
  });
  EXPECT_TRUE(passed);
  EXPECT_GT(violated, 20);
}

}  // namespace
}  // namespace firedrill::properties
