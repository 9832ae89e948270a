#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/redis/sorted_set.h"
#include "sim/redis/string_map.h"

namespace firedrill::sim::redis {
namespace {

struct Step {
  bool erases;
  std::string key;
  int value;
};

void showValue(const Step& step, std::ostream& out) {
  out << (step.erases ? "erase " : "set ") << step.key << " " << step.value;
}

/// Long enough to pass every threshold; the keys collide.
rc::Gen<std::vector<Step>> steps(int keys) {
  const auto step = rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0, 3), rc::gen::inRange(0, keys), rc::gen::inRange(0, 6)),
      [](const std::tuple<int, int, int>& draw) {
        return Step{std::get<0>(draw) == 0, "key-" + std::to_string(std::get<1>(draw)),
                    std::get<2>(draw)};
      });
  return rc::gen::resize(1500, rc::gen::container<std::vector<Step>>(step));
}

template <class Map>
void follows_std_map(int keys) {
  const auto plan = *steps(keys);
  Map map;
  std::map<std::string, int> model;
  for (const Step& step : plan) {
    if (step.erases) {
      RC_ASSERT(map.erase(step.key) == (model.erase(step.key) == 1));
    } else {
      map.insert(step.key).first->value = step.value;
      model[step.key] = step.value;
    }
    RC_ASSERT(map.size() == model.size());
  }
  for (int i = 0; i < keys; ++i) {
    const std::string key = "key-" + std::to_string(i);
    const auto* entry = map.find(key);
    const auto expected = model.find(key);
    RC_ASSERT((entry == nullptr) == (expected == model.end()));
    if (entry != nullptr) RC_ASSERT(entry->value == expected->second);
  }
}

RC_GTEST_PROP(StringMap, FollowsAStdMapWhileSmall, ()) {
  follows_std_map<StringMap<int>>(12);
}
RC_GTEST_PROP(StringMap, FollowsAStdMapWhileLarge, ()) {
  follows_std_map<StringMap<int>>(700);
}
RC_GTEST_PROP(StringMap, FollowsAStdMapInOrder, ()) {
  follows_std_map<StringMap<int, true>>(200);
}

TEST(StringMap, KeepsTheOrderOfInsertionWhereAsked) {
  StringMap<int, true> map;
  for (int i = 0; i < 100; ++i) map.insert(std::to_string(i));
  for (int i = 0; i < 100; i += 2) map.erase(std::to_string(i));
  int expected = 1;
  for (const auto& entry : map) {
    EXPECT_EQ(entry.key, std::to_string(expected));
    expected += 2;
  }
  EXPECT_EQ(map.size(), 50U);
}

RC_GTEST_PROP(SortedSetProperty, FollowsAStdSet, ()) {
  const auto plan = *steps(*rc::gen::element(10, 400));
  SortedSet set;
  std::map<std::string, double> scores;
  for (const Step& step : plan) {
    if (step.erases) {
      RC_ASSERT(set.erase(step.key) == (scores.erase(step.key) == 1));
    } else {
      RC_ASSERT(set.set(step.key, step.value) == !scores.contains(step.key));
      scores[step.key] = step.value;
    }
  }
  std::set<std::pair<double, std::string>> ordered;
  for (const auto& [member, score] : scores) ordered.emplace(score, member);
  const auto elements = set.range(0, set.size());
  RC_ASSERT(elements.size() == ordered.size());
  std::size_t rank = 0;
  for (const auto& [score, member] : ordered) {
    RC_ASSERT(elements[rank].member == member);
    RC_ASSERT(elements[rank].score == score);
    RC_ASSERT(set.rank_of(member) == rank);
    RC_ASSERT(set.at(rank).member == member);
    ++rank;
  }
  for (int score = -1; score < 7; ++score) {
    std::size_t below = 0;
    std::size_t up_to = 0;
    for (const auto& element : ordered) {
      below += element.first < score;
      up_to += element.first <= score;
    }
    RC_ASSERT(set.count_below(score, false) == below);
    RC_ASSERT(set.count_below(score, true) == up_to);
  }
  const auto first = *rc::gen::inRange<std::size_t>(0, set.size() + 1);
  const auto last = *rc::gen::inRange<std::size_t>(first, set.size() + 2);
  const std::size_t left = set.size() - (std::min(last, set.size()) - std::min(first, set.size()));
  set.erase_range(first, last);
  RC_ASSERT(set.size() == left);
}

}  // namespace
}  // namespace firedrill::sim::redis
