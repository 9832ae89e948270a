#include "lua/redis/scripts.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>

#include "tests/redis/rig.h"

namespace firedrill::sim::redis {
namespace {

using namespace std::chrono_literals;

/// One product's scripts.
struct Shop : Rig {
  std::string seed(const std::string& initial, const std::string& epoch = "1") {
    return eval(scripts::seed, {"{p}:s", "{p}:log"}, {initial, epoch});
  }
  std::string reserve(const std::string& rid, const std::string& user, const std::string& qty,
                      const std::string& cap = "0", const std::string& epoch = "1",
                      const std::string& ttl = "1000") {
    return eval(scripts::reserve, {"{p}:s", "{p}:r:" + rid, "{p}:x", "{p}:u", "{p}:log"},
                {rid, user, qty, ttl, cap, epoch});
  }
  std::string confirm(const std::string& rid) {
    return eval(scripts::confirm, {"{p}:s", "{p}:r:" + rid, "{p}:x", "{p}:log"}, {rid});
  }
  std::string release(const std::string& rid, const std::string& mode) {
    return eval(scripts::release, {"{p}:s", "{p}:r:" + rid, "{p}:x", "{p}:u", "{p}:log"},
                {rid, mode});
  }
  std::string rebuild(const std::string& sold, const std::string& epoch,
                      const std::string& units_of_u = "0") {
    return eval(scripts::rebuild, {"{p}:s", "{p}:x", "{p}:u", "{p}:log"},
                {"5", sold, epoch, "u", units_of_u});
  }
  std::string counters() { return ask("HMGET {p}:s avail reserved sold"); }
};

TEST(Scripts, TheirShaIsTheServers) {
  Rig rig;
  for (const RedisScript* script :
       {&scripts::seed, &scripts::reserve, &scripts::confirm, &scripts::release, &scripts::rebuild,
        &scripts::rate, &scripts::as_written_deduct, &scripts::as_written_rate}) {
    EXPECT_EQ(rig.run({"SCRIPT", "LOAD", std::string(script->source)}).text, script->sha1)
        << script->name;
  }
}

TEST(Scripts, SeedOnce) {
  Shop shop;
  EXPECT_EQ(shop.seed("10"), "1");
  EXPECT_EQ(shop.seed("99"), "0");
  EXPECT_EQ(shop.counters(), "[\"10\", \"0\", \"0\"]");
  EXPECT_EQ(Shop().seed("-1"), "-2");
  EXPECT_EQ(Shop().seed("1.5"), "-2");
}

TEST(Scripts, ReserveAnswers) {
  Shop shop;
  EXPECT_EQ(shop.reserve("r1", "u", "1"), "-1");
  shop.seed("5");
  EXPECT_EQ(shop.reserve("r1", "u", "0"), "-2");
  EXPECT_EQ(shop.reserve("r1", "u", "-1"), "-2");
  EXPECT_EQ(shop.reserve("r1", "u", "1.5"), "-2");
  EXPECT_EQ(shop.reserve("r1", "u", "1", "0", "2"), "-6");
  EXPECT_EQ(shop.reserve("r1", "u", "2", "3"), "1");
  EXPECT_EQ(shop.reserve("r1", "u", "2", "3"), "2");
  EXPECT_EQ(shop.reserve("r1", "u", "1", "3"), "-7");
  EXPECT_EQ(shop.reserve("r1", "v", "2", "3"), "-7");
  EXPECT_EQ(shop.reserve("r2", "u", "2", "3"), "-5");
  EXPECT_EQ(shop.reserve("r2", "v", "4", "9"), "0");
  EXPECT_EQ(shop.reserve("r2", "v", "3", "3"), "1");
  EXPECT_EQ(shop.counters(), "[\"0\", \"5\", \"0\"]");
  EXPECT_EQ(shop.reserve("r1", "u", "2", "3"), "2");  // not "sold out"
  EXPECT_EQ(shop.confirm("r1"), "1");
  EXPECT_EQ(shop.reserve("r1", "u", "2", "3"), "3");
  EXPECT_EQ(shop.release("r2", "release"), "1");
  EXPECT_EQ(shop.reserve("r2", "v", "3", "3"), "-4");
  EXPECT_EQ(shop.counters(), "[\"3\", \"0\", \"2\"]");
}

TEST(Scripts, ConfirmAnswers) {
  Shop shop;
  shop.seed("5");
  EXPECT_EQ(shop.confirm("r1"), "-8");
  shop.reserve("r1", "u", "2");
  EXPECT_EQ(shop.confirm("r1"), "1");
  EXPECT_EQ(shop.confirm("r1"), "2");
  EXPECT_EQ(shop.counters(), "[\"3\", \"0\", \"2\"]");
  shop.reserve("r2", "u", "1");
  shop.release("r2", "release");
  EXPECT_EQ(shop.confirm("r2"), "-4");
  EXPECT_EQ(shop.ask("ZCARD {p}:x"), "0");
}

TEST(Scripts, RebuildEndsHoldsAndRaisesTheEpoch) {
  Shop shop;
  shop.seed("5");
  shop.reserve("held", "u", "2");
  shop.reserve("sold", "u", "1");
  shop.confirm("sold");
  EXPECT_EQ(shop.rebuild("1", "1"), "0");  // no later epoch
  EXPECT_EQ(shop.counters(), "[\"2\", \"2\", \"1\"]");
  EXPECT_EQ(shop.rebuild("1", "2", "1"), "1");
  EXPECT_EQ(shop.counters(), "[\"4\", \"0\", \"1\"]");
  EXPECT_EQ(shop.ask("ZCARD {p}:x"), "0");
  EXPECT_EQ(shop.reserve("new", "u", "1", "9", "1"), "-6");  // whoever knows the old epoch
  EXPECT_EQ(shop.reserve("new", "u", "2", "2", "2"), "-5");  // the cap counts what was sold
  EXPECT_EQ(shop.confirm("held"), "-8");                     // it holds nothing any more
  EXPECT_EQ(shop.release("held", "expire"), "-10");
  EXPECT_EQ(shop.reserve("held", "u", "2", "9", "2"), "1");  // ... and may be held again
  EXPECT_EQ(shop.confirm("held"), "1");
  EXPECT_EQ(shop.confirm("sold"), "2");
  EXPECT_EQ(shop.release("sold", "restock"), "2");  // the counters know nothing of it
  EXPECT_EQ(shop.counters(), "[\"2\", \"0\", \"3\"]");
}

TEST(Scripts, RebuildOfNothing) {
  Shop shop;
  EXPECT_EQ(shop.rebuild("3", "7"), "1");
  EXPECT_EQ(shop.counters(), "[\"2\", \"0\", \"3\"]");
  EXPECT_EQ(shop.reserve("r1", "u", "1", "0", "7"), "1");
}

TEST(Scripts, ReleaseAnswers) {
  Shop shop;
  shop.seed("5");
  EXPECT_EQ(shop.release("early", "expire"), "-10");
  EXPECT_EQ(shop.release("early", "restock"), "-9");
  EXPECT_EQ(shop.release("early", "release"), "2");
  EXPECT_EQ(shop.reserve("early", "u", "1"), "-4");  // the tombstone refuses what comes late
  shop.reserve("r1", "u", "2", "2");
  EXPECT_EQ(shop.release("r1", "restock"), "-9");
  EXPECT_EQ(shop.release("r1", "expire"), "-10");
  shop.now += 999ms;
  EXPECT_EQ(shop.release("r1", "expire"), "-10");
  shop.now += 1ms;
  EXPECT_EQ(shop.reserve("r2", "u", "1", "2"), "-5");
  EXPECT_EQ(shop.release("r1", "expire"), "1");
  EXPECT_EQ(shop.release("r1", "expire"), "2");
  EXPECT_EQ(shop.reserve("r2", "u", "2", "2"), "1");  // the cap came back with the hold
  EXPECT_EQ(shop.confirm("r2"), "1");
  EXPECT_EQ(shop.release("r2", "release"), "-3");
  EXPECT_EQ(shop.release("r2", "expire"), "-3");
  EXPECT_EQ(shop.release("r2", "restock"), "1");
  EXPECT_EQ(shop.release("r2", "restock"), "2");
  EXPECT_EQ(shop.counters(), "[\"5\", \"0\", \"0\"]");
  EXPECT_EQ(shop.ask("HGETALL {p}:u"), "[]");
  EXPECT_EQ(shop.release("r2", "other").substr(0, 4), "-ERR");
}

struct Rate : Rig {
  std::string ask_for(const std::string& request, const std::string& window = "1000") {
    return eval(scripts::rate, {"rate:s:u"}, {"2", window, request});
  }
};

TEST(Scripts, RateTakesOneSlotPerRequest) {
  Rate rate;
  EXPECT_EQ(rate.ask_for("a"), "1");
  EXPECT_EQ(rate.ask_for("a"), "1");
  EXPECT_EQ(rate.ask_for("b"), "1");
  EXPECT_EQ(rate.ask_for("c"), "0");
  EXPECT_EQ(rate.ask_for("a"), "1");
  rate.now += 999'999us;
  EXPECT_EQ(rate.ask_for("c"), "0");
  rate.now += 1us;
  EXPECT_EQ(rate.ask_for("c"), "1");
}

TEST(Scripts, RateCountsMicroseconds) {
  Rate rate;
  rate.now += 123'456us;
  rate.ask_for("a");
  EXPECT_EQ(rate.ask("ZSCORE rate:s:u a"), "\"1700000000123456\"");
}

TEST(Scripts, RateKeysOutliveTheirWindow) {
  Rate rate;
  rate.ask_for("a", "1999");
  rate.now += 1998ms;
  EXPECT_EQ(rate.ask("ZCARD rate:s:u"), "1");
  rate.now += 3s;
  EXPECT_EQ(rate.ask("EXISTS rate:s:u"), "0");
}

TEST(AsWritten, Deduct) {
  Rig rig;
  EXPECT_EQ(rig.eval(scripts::as_written_deduct, {"stock:p"}, {"1"}), "-1");
  rig.ask("SET stock:p 2");
  EXPECT_EQ(rig.eval(scripts::as_written_deduct, {"stock:p"}, {"3"}), "0");
  EXPECT_EQ(rig.eval(scripts::as_written_deduct, {"stock:p"}, {"2"}), "1");
  EXPECT_EQ(rig.eval(scripts::as_written_deduct, {"stock:p"}, {"-4"}), "1");  // mints stock
  EXPECT_EQ(rig.ask("GET stock:p"), "\"4\"");
}

TEST(AsWritten, RateKeepsItsBugs) {
  Rig rig;
  const auto ask = [&](const std::string& window, const std::string& now) {
    return rig.eval(scripts::as_written_rate, {"rate:s:u"}, {"2", window, now});
  };
  EXPECT_EQ(ask("1000", "1700000000000"), "1");
  EXPECT_EQ(rig.ask("TTL rate:s:u"), "1");
  EXPECT_EQ(rig.ask("ZRANGE rate:s:u 0 0"), "[\"1700000000000:0.39646477363839\"]");
  rig.ask("DEL rate:s:u");
  EXPECT_EQ(ask("1500", "1700000000000").substr(0, 48),
            "-ERR value is not an integer or out of range scr");
  EXPECT_EQ(rig.ask("TTL rate:s:u"), "-1");  // the entry is there, and stays
}

// --- What every script keeps
// -----------------------------------------------------------------------

struct Counters {
  std::int64_t avail = 0, reserved = 0, sold = 0;
  friend bool operator==(const Counters&, const Counters&) = default;
};

/// Folds {p}:log, as recovery would.
Counters folded(Shop& shop) {
  Counters counters;
  for (const RedisReply& entry : shop.run({"XRANGE", "{p}:log", "-", "+"}).items) {
    const auto& fields = entry.items[1].items;
    const std::string op = fields[1].text;
    const std::int64_t quantity = std::stoll(fields[7].text);
    if (op == "seed") counters.avail += quantity;
    if (op == "reserve") counters.avail -= quantity, counters.reserved += quantity;
    if (op == "confirm") counters.reserved -= quantity, counters.sold += quantity;
    if (op == "release" || op == "expire")
      counters.reserved -= quantity, counters.avail += quantity;
    if (op == "restock") counters.sold -= quantity, counters.avail += quantity;
  }
  return counters;
}

void step(Shop& shop, int draw) {
  const std::string rid = "r" + std::to_string(draw % 7);
  const std::string user = "u" + std::to_string(draw % 3);
  const std::string quantity = std::to_string(draw / 7 % 4);
  switch (draw / 28 % 7) {
    case 0: shop.confirm(rid); break;
    case 1: shop.release(rid, "release"); break;
    case 2: shop.release(rid, "expire"); break;
    case 3: shop.release(rid, "restock"); break;
    case 4: shop.now += 700ms; break;
    default: shop.reserve(rid, user, quantity, "4"); break;
  }
}

RC_GTEST_PROP(Scripts, KeepTheirInvariants, ()) {
  Shop shop;
  shop.seed("6");
  for (const int draw :
       *rc::gen::resize(60, rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 28 * 7)))) {
    step(shop, draw);
    const auto values = shop.run({"HMGET", "{p}:s", "avail", "reserved", "sold"}).items;
    const Counters counters{std::stoll(values[0].text), std::stoll(values[1].text),
                            std::stoll(values[2].text)};
    RC_ASSERT(counters.avail + counters.reserved + counters.sold == 6);
    RC_ASSERT(std::min({counters.avail, counters.reserved, counters.sold}) >= 0);
    RC_ASSERT(counters == folded(shop));
    const auto users = shop.run({"HVALS", "{p}:u"}).items;
    std::int64_t held = 0;
    for (const RedisReply& each : users) {
      RC_ASSERT(std::stoll(each.text) >= 1 && std::stoll(each.text) <= 4);
      held += std::stoll(each.text);
    }
    RC_ASSERT(held == counters.reserved + counters.sold);
  }
}

}  // namespace
}  // namespace firedrill::sim::redis
