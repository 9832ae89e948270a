#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "tests/world/node.h"

namespace firedrill::sim {
namespace {

/// What happens to a connection that does not break it.
enum class What : std::uint8_t {
  client_sends,
  server_sends,
  pause_client,
  pause_server,
  cut_there,
  cut_back,
  slow_there,
  slow_back,
};

struct Happening {
  What what;
  int at_ms;
  int lasts_ms;
};

void showValue(const Happening& happening, std::ostream& out) {
  out << static_cast<int>(happening.what) << "@" << happening.at_ms << "+" << happening.lasts_ms;
}

rc::Gen<std::vector<Happening>> happenings() {
  return rc::gen::resize(
      60, rc::gen::container<std::vector<Happening>>(rc::gen::map(
              rc::gen::tuple(rc::gen::weightedElement<What>({{8, What::client_sends},
                                                             {8, What::server_sends},
                                                             {1, What::pause_client},
                                                             {1, What::pause_server},
                                                             {1, What::cut_there},
                                                             {1, What::cut_back},
                                                             {1, What::slow_there},
                                                             {1, What::slow_back}}),
                             rc::gen::inRange(0, 60), rc::gen::inRange(1, 40)),
              [](std::tuple<What, int, int> drawn) {
                return Happening{std::get<0>(drawn), std::get<1>(drawn), std::get<2>(drawn)};
              })));
}

class Stage {
 public:
  Stage(std::uint64_t seed, PickPolicy policy)
      : pair_(seed, policy, {from_us(300), from_ms(3), 10, from_ms(20)}) {
    pair_.connect();
    pair_.run_ms(100);
    pair_.client_log.clear();
    pair_.server_log.clear();
  }

  void play(const std::vector<Happening>& script) {
    const Instant start = pair_.world.now();
    for (const Happening& happening : script) {
      const Instant begins = start + from_ms(happening.at_ms);
      pair_.world.at(begins, [this, happening] { begin(happening.what); });
      pair_.world.at(begins + from_ms(happening.lasts_ms),
                     [this, happening] { end(happening.what); });
    }
    pair_.run_ms(2'000);
  }

  const Log& client_log() { return pair_.client_log; }
  const Log& server_log() { return pair_.server_log; }
  Log sent_to_client() { return counted(server_sent_); }
  Log sent_to_server() { return counted(client_sent_); }
  std::uint64_t digest() { return pair_.world.scheduler().digest().value(); }

 private:
  static Log counted(int last) {
    Log log;
    for (int i = 1; i <= last; ++i) log.push_back(std::to_string(i));
    return log;
  }

  void begin(What what) {
    switch (what) {
      case What::client_sends: return pair_.client_node().send(++client_sent_);
      case What::server_sends: return pair_.server_node().send(++server_sent_);
      case What::pause_client: return pair_.client.pause();
      case What::pause_server: return pair_.server.pause();
      case What::cut_there: return pair_.there.cut();
      case What::cut_back: return pair_.back.cut();
      case What::slow_there: return pair_.there.slow_down(from_ms(30));
      case What::slow_back: return pair_.back.slow_down(from_ms(30));
    }
  }

  void end(What what) {
    switch (what) {
      case What::client_sends:
      case What::server_sends: return;
      case What::pause_client: return pair_.client.resume();
      case What::pause_server: return pair_.server.resume();
      case What::cut_there: return pair_.there.heal();
      case What::cut_back: return pair_.back.heal();
      case What::slow_there: return pair_.there.speed_up(from_ms(30));
      case What::slow_back: return pair_.back.speed_up(from_ms(30));
    }
  }

  Pair pair_;
  int client_sent_ = 0;
  int server_sent_ = 0;
};

class Fifo : public testing::TestWithParam<PickPolicy::Kind> {};

TEST_P(Fifo, NothingIsLostOrOvertakenUntilAConnectionBreaks) {
  const PickPolicy policy{GetParam(), 3, 500};
  EXPECT_TRUE(rc::check([policy](std::uint64_t seed) {
    const auto script = *happenings();
    Stage stage(seed, policy);
    stage.play(script);
    RC_ASSERT(stage.server_log() == stage.sent_to_server());
    RC_ASSERT(stage.client_log() == stage.sent_to_client());
    Stage again(seed, policy);
    again.play(script);
    RC_ASSERT(stage.digest() == again.digest());
  }));
}

INSTANTIATE_TEST_SUITE_P(EveryPolicy, Fifo,
                         testing::Values(PickPolicy::Kind::first_come, PickPolicy::Kind::random,
                                         PickPolicy::Kind::pct));

}  // namespace
}  // namespace firedrill::sim
