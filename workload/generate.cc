#include "workload/generate.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/random_stream.h"
#include "system/domain/check.h"

namespace firedrill::workload {

namespace {

using sim::RandomStream;
using traces::Case;
using traces::PlannedOrder;
using traces::Range;
using traces::Scenario;

constexpr std::string_view kSale = "sale-1";
constexpr Duration kOpening = from_ms(200);  ///< the stock is opened before
constexpr std::size_t kBurst = 8;            ///< orders at most in one burst

std::int64_t draw(const Range& range, RandomStream& random) {
  return random.between(range.low, range.high);
}

std::uint32_t draw32(const Range& range, RandomStream& random) {
  return static_cast<std::uint32_t>(draw(range, random));
}

void draw_terms(const Scenario& scenario, Case& run, RandomStream& random) {
  const std::int64_t products = draw(scenario.sale.products, random);
  for (std::int64_t i = 1; i <= products; ++i) {
    run.terms.products.push_back({"sku-" + std::to_string(i), draw(scenario.sale.stock, random),
                                  draw(scenario.sale.per_user_cap, random)});
  }
  run.terms.rate_limit = draw(scenario.sale.rate_limit, random);
  const auto& windows = scenario.sale.rate_window_ms;
  run.terms.rate_window = from_ms(windows[random.below(windows.size())]);
  run.hold_ttl = from_ms(draw(scenario.sale.hold_ttl_ms, random));
}

void draw_timings(const Scenario& scenario, Case& run, RandomStream& random) {
  run.client_timeout = from_ms(draw(scenario.workload.client_timeout_ms, random));
  run.network.latency = from_us(draw(scenario.network.latency_us, random));
  run.network.jitter = from_us(draw(scenario.network.jitter_us, random));
  run.network.tail_percent = draw32(scenario.network.tail_percent, random);
  run.network.tail = from_us(draw(scenario.network.tail_us, random));
  run.network.tick = from_us(draw(scenario.network.tick_us, random));
  run.faults_until = from_ms(scenario.faults_until_ms);
  run.length = from_ms(scenario.length_ms);
}

template <class T>
T draw_name(const std::vector<std::string>& names, std::initializer_list<T> values,
            RandomStream& random) {
  const std::string& name = names[random.below(names.size())];
  for (const T value : values) {
    if (traces::to_string(value) == name) return value;
  }
  check(false, "a scenario names what there is");
  return {};
}

void draw_redis(const Scenario::Redis& wanted, Case::Redis& redis, RandomStream& random) {
  using Persistence = Case::Redis::Persistence;
  using Fsync = Case::Redis::Fsync;
  redis.persistence =
      draw_name(wanted.persistence,
                {Persistence::none, Persistence::snapshots, Persistence::append_only}, random);
  redis.fsync = draw_name(wanted.fsync, {Fsync::no, Fsync::everysec, Fsync::always}, random);
  redis.replicas = draw32(wanted.replicas, random);
  redis.min_replicas_to_write = draw32(wanted.min_replicas_to_write, random);
  redis.sentinels = draw32(wanted.sentinels, random);
}

/// Whether the name that is picked is `yes`.
bool draw_flag(const std::vector<std::string>& names, std::string_view yes, RandomStream& random) {
  return names[random.below(names.size())] == yes;
}

void draw_postgres(const Scenario::Postgres& wanted, Case::Postgres& postgres,
                   RandomStream& random) {
  postgres.standbys = draw32(wanted.standbys, random);
  postgres.synchronous_commit = draw_flag(wanted.synchronous_commit, "on", random);
  postgres.synchronous_standby = draw_flag(wanted.synchronous_standby, "yes", random);
}

void draw_schedule(Case& run, RandomStream& random) {
  constexpr Case::Pick picks[] = {Case::Pick::first_come, Case::Pick::random, Case::Pick::pct};
  run.schedule.pick = picks[random.below(std::size(picks))];
  if (run.schedule.pick == Case::Pick::pct) {
    run.schedule.change_points = static_cast<std::uint32_t>(random.between(1, 5));
  }
}

/// Orders of one run, one after the other.
class Orders {
 public:
  Orders(const Scenario& scenario, const Case& run, RandomStream& random)
      : workload_(scenario.workload),
        run_(run),
        random_(random),
        users_(draw(workload_.users, random)),
        arrival_us_(draw(workload_.arrival_ms, random) * 1000) {}

  std::vector<PlannedOrder> draw_all() {
    const auto wanted = static_cast<std::size_t>(draw(workload_.orders, random_));
    while (orders_.size() < wanted) {
      const std::string user = draw_user();
      const Duration at = kOpening + from_us(random_.between(0, arrival_us_));
      if (!percent(workload_.burst_percent)) {
        add(user, at);
        continue;
      }
      const std::size_t burst = 2 + random_.below(kBurst - 1);
      for (std::size_t i = 0; i < burst && orders_.size() < wanted; ++i) {
        add(user, at + from_us(random_.between(0, 1'200'000)));
      }
    }
    std::stable_sort(orders_.begin(), orders_.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    return std::move(orders_);
  }

 private:
  std::string draw_user() { return "u-" + std::to_string(random_.between(1, users_)); }
  bool percent(std::int64_t share) {
    return random_.chance(static_cast<std::uint64_t>(share), 100);
  }

  void add(const std::string& user, Duration at) {
    PlannedOrder order;
    order.at = at;
    order.call.user = user;
    order.call.key = "k-" + std::to_string(orders_.size() + 1);
    order.call.sale = kSale;
    order.call.product = run_.terms.products[random_.below(run_.terms.products.size())].id;
    order.call.quantity = draw(workload_.quantity, random_);
    if (percent(workload_.malformed_percent)) order.call.quantity = random_.between(-2, 0);
    order.retries = draw32(workload_.retries, random_);
    if (percent(workload_.key_reuse_percent)) reuse_key(order);
    orders_.push_back(std::move(order));
  }

  /// An earlier key of the same user, with another body, a while later.
  void reuse_key(PlannedOrder& order) {
    for (const PlannedOrder& earlier : orders_) {
      if (earlier.call.user != order.call.user) continue;
      order.call.key = earlier.call.key;
      order.call.quantity = earlier.call.quantity + 1;
      order.at = std::max(order.at, earlier.at + from_ms(500));
      return;
    }
  }

  const Scenario::Workload& workload_;
  const Case& run_;
  RandomStream& random_;
  std::int64_t users_;
  std::int64_t arrival_us_;
  std::vector<PlannedOrder> orders_;
};

}  // namespace

Case generate(const Scenario& scenario, std::uint64_t seed) {
  Case run;
  run.scenario = scenario.name;
  run.graph = scenario.graph;
  run.design = scenario.design;
  run.seed = seed;

  RandomStream topology(sim::stream_seed(seed, "topology"));
  run.topology.order_services = draw32(scenario.topology.order_services, topology);
  run.topology.consumers = draw32(scenario.topology.consumers, topology);
  run.topology.partitions = draw32(scenario.topology.partitions, topology);
  RandomStream redis(sim::stream_seed(seed, "redis"));
  draw_redis(scenario.redis, run.redis, redis);
  RandomStream postgres(sim::stream_seed(seed, "postgres"));
  draw_postgres(scenario.postgres, run.postgres, postgres);
  RandomStream terms(sim::stream_seed(seed, "terms"));
  draw_terms(scenario, run, terms);
  RandomStream timings(sim::stream_seed(seed, "timings"));
  draw_timings(scenario, run, timings);
  RandomStream schedule(sim::stream_seed(seed, "picks"));
  draw_schedule(run, schedule);
  RandomStream workload(sim::stream_seed(seed, "workload"));
  run.orders = Orders(scenario, run, workload).draw_all();
  return run;
}

}  // namespace firedrill::workload
