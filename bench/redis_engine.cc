#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/bench.h"
#include "lua/redis/scripts.h"
#include "sim/redis/engine.h"
#include "sim/redis/request_parser.h"
#include "sim/redis/resp.h"
#include "system/domain/check.h"

namespace firedrill::bench {

namespace {

using sim::redis::Engine;
using sim::redis::RequestParser;
using sim::redis::SessionId;
using Words = std::vector<std::string>;

constexpr int kRounds = 5;
constexpr std::size_t kCalls = 400'000;
constexpr std::size_t kKeys = 1000;
constexpr WallTime kNow{std::chrono::seconds(1'700'000'000)};

/// An engine with one client, as a server on a port has it.
struct Rig {
  Engine engine;
  SessionId client = engine.connect("127.0.0.1:50000", kNow);

  void set_up(const std::vector<Words>& commands) {
    for (const Words& words : commands) {
      check(!engine.execute(words, kNow).is_error(), "a benchmark is set up without errors");
    }
  }

  /// Calls one after the other, round and round: how many a second.
  double rate(const std::vector<Words>& commands, std::size_t calls) {
    std::vector<std::vector<std::string_view>> views;
    for (const Words& words : commands) views.emplace_back(words.begin(), words.end());
    for (const auto& words : views) {
      const auto reply = engine.execute(client, words, kNow);
      check(reply && !reply->is_error(), "a command that is measured is executed");
    }
    const double took = seconds([&] {
      for (std::size_t i = 0; i < calls; ++i) engine.execute(client, views[i % views.size()], kNow);
    });
    return static_cast<double>(calls) / took;
  }
};

template <class Measure>
void report_median(Report& report, const std::string& name, Measure measure) {
  std::vector<double> rates;
  for (int round = 0; round < kRounds; ++round) rates.push_back(measure());
  report.add({"redis-engine/" + name, median(rates), "calls/s on one core"});
}

/// The commands for each of the keys; "#" in a word stands for the key's number.
std::vector<Words> for_each_key(const std::vector<Words>& patterns) {
  std::vector<Words> commands;
  for (std::size_t key = 0; key < kKeys; ++key) {
    for (Words words : patterns) {
      for (std::string& word : words) {
        const std::size_t mark = word.find('#');
        if (mark != word.npos) word.replace(mark, 1, std::to_string(key));
      }
      commands.push_back(std::move(words));
    }
  }
  return commands;
}

struct Point {
  const char* name;
  std::vector<Words> commands;
  std::vector<Words> before = {};
};

void points(Report& report) {
  const std::vector<Point> kPoints = {
      {"get", {{"GET", "key:#"}}, {{"SET", "key:#", "value-#"}}},
      {"set", {{"SET", "key:#", "value-#"}}},
      {"incr", {{"INCR", "counter:#"}}},
      {"hset", {{"HSET", "user:1", "field-#", "value-#"}}},
      {"zadd", {{"ZADD", "board", "#", "member-#"}}},
      {"xadd", {{"XADD", "events", "*", "field", "value-#"}}},
      {"lpush-lpop", {{"LPUSH", "queue:#", "value-#"}, {"LPOP", "queue:#"}}},
  };
  for (const Point& point : kPoints) {
    report_median(report, point.name, [&] {
      Rig rig;
      rig.set_up(for_each_key(point.before));
      return rig.rate(for_each_key(point.commands), kCalls);
    });
  }
}

/// What a server does for each command, but for its sockets: reads, executes, writes.
void pipelined(Report& report) {
  std::string requests;
  for (const Words& words : for_each_key({{"GET", "key:#"}})) {
    const std::vector<std::string_view> views(words.begin(), words.end());
    sim::redis::append_command(requests, views);
  }
  report_median(report, "pipelined-get", [&] {
    Rig rig;
    rig.set_up(for_each_key({{"SET", "key:#", "value-#"}}));
    RequestParser parser;
    std::string replies;
    const double took = seconds([&] {
      for (std::size_t done = 0; done < kCalls; done += kKeys) {
        parser.append(requests);
        replies.clear();
        while (parser.next({}) == sim::redis::Request::command) {
          const auto reply = rig.engine.execute(rig.client, parser.words(), kNow);
          if (reply) sim::redis::append_reply(replies, *reply, rig.engine.protocol(rig.client));
        }
      }
    });
    return static_cast<double>(kCalls) / took;
  });
}

std::string load(Rig& rig, const RedisScript& script) {
  const Words words = {"SCRIPT", "LOAD", std::string(script.source)};
  return rig.engine.execute(words, kNow).text;
}

void deduct(Report& report) {
  report_median(report, "deduct", [] {
    Rig rig;
    rig.set_up({{"SET", "stock", "1000000000"}});
    const std::string sha = load(rig, scripts::as_written_deduct);
    return rig.rate({{"EVALSHA", sha, "1", "stock", "1"}}, kCalls);
  });
}

/// Every call makes a reservation of its own.
void reserve(Report& report) {
  constexpr std::size_t kReservations = 50'000;
  report_median(report, "reserve", [] {
    Rig rig;
    rig.set_up({{"HSET", "{p}:s", "avail", "1000000000", "reserved", "0", "sold", "0", "initial",
                 "1000000000", "epoch", "1"}});
    const std::string sha = load(rig, scripts::reserve);
    std::vector<Words> commands;
    for (std::size_t i = 0; i < kReservations; ++i) {
      const std::string rid = "r-" + std::to_string(i);
      commands.push_back({"EVALSHA", sha, "5", "{p}:s", "{p}:r:" + rid, "{p}:x", "{p}:u", "{p}:log",
                          rid, "u-" + std::to_string(i), "1", "5000", "2", "1"});
    }
    std::vector<std::vector<std::string_view>> views;
    for (const Words& words : commands) views.emplace_back(words.begin(), words.end());
    RedisReply last;
    const double took = seconds([&] {
      for (const auto& words : views) last = *rig.engine.execute(rig.client, words, kNow);
    });
    check(last == RedisReply::of(1), "the last one was new");
    return static_cast<double>(kReservations) / took;
  });
}

}  // namespace

void redis_engine(Report& report) {
  points(report);
  pipelined(report);
  deduct(report);
  reserve(report);
}

}  // namespace firedrill::bench
