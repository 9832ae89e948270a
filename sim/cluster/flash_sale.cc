#include "sim/cluster/flash_sale.h"

#include <memory>
#include <utility>

#include "system/as_written/programs.h"
#include "system/domain/flash_sale.h"
#include "system/domain/rest.h"
#include "system/inventory/program.h"
#include "system/order/programs.h"
#include "workload/store_view.h"

namespace firedrill::sim {

namespace {

constexpr Duration kRedeliveryAfter = from_ms(2000);

PickPolicy policy(const traces::Case& run) {
  PickPolicy policy;
  switch (run.schedule.pick) {
    case traces::Case::Pick::first_come: policy.kind = PickPolicy::Kind::first_come; break;
    case traces::Case::Pick::random: policy.kind = PickPolicy::Kind::random; break;
    case traces::Case::Pick::pct: policy.kind = PickPolicy::Kind::pct; break;
  }
  policy.change_points = run.schedule.change_points;
  return policy;
}

LinkProfile links(const traces::Case& run) {
  return {run.network.latency, run.network.jitter, run.network.tail_percent, run.network.tail,
          run.network.tick};
}

FlashSale terms(const traces::Case& run) {
  FlashSale sale;
  for (const auto& product : run.terms.products) {
    sale.cap_per_user[product.id] = product.per_user_cap;
  }
  sale.rate_limit = run.terms.rate_limit;
  sale.rate_window = run.terms.rate_window;
  sale.hold_ttl = run.hold_ttl;
  return sale;
}

redis::Engine::Options engine_options(std::shared_ptr<redis::ScriptCache> scripts) {
  redis::Engine::Options options;
  options.script_cache = std::move(scripts);
  return options;
}

struct Design {
  ProgramFactory (*order_service)(FlashSale, std::uint16_t);
  ProgramFactory (*order_consumer)(FlashSale, std::string);
  ProgramFactory (*inventory_service)(std::uint16_t);
};

Design design(const traces::Case& run) {
  if (run.design == "as-written") {
    return {as_written::order_service, as_written::order_consumer, as_written::inventory_service};
  }
  check(run.design == "hardened", "a design is as-written or hardened");
  return {order::order_service, order::order_consumer, inventory::inventory_service};
}

}  // namespace

std::string names::order(std::uint32_t index) {
  return "order-" + std::to_string(index + 1);
}
std::string names::consumer(std::uint32_t index) {
  return "consumer-" + std::to_string(index + 1);
}

FlashSaleCluster::FlashSaleCluster(const traces::Case& run, Duration final_reads_at,
                                   std::shared_ptr<redis::ScriptCache> scripts)
    : run_(run),
      redis_disk_{redis::Engine(engine_options(std::move(scripts))), {}, {}},
      queue_disk_{queue::Engine({run.topology.partitions, kRedeliveryAfter}), {}, 0},
      world_(run.seed, policy(run), links(run)) {
  history_.terms = run.terms;
  history_.entries.reserve(1024);
  redis_disk_.observer = [this](const std::vector<std::string>&, const RedisReply&,
                                std::span<const std::string> changed) { watch_store(changed); };

  add(std::string(names::kRedis), [this](Process& process) -> std::unique_ptr<ProcessMemory> {
    return std::make_unique<redis::Server>(process, redis_disk_);
  });
  queue_process_ =
      &add(std::string(names::kQueue), [this](Process& process) -> std::unique_ptr<ProcessMemory> {
        return std::make_unique<queue::Broker>(process, queue_disk_);
      });

  const Surroundings backends{world_.find_host(names::kRedis), world_.find_host(names::kQueue),
                              this};
  const Design chosen = design(run);
  const FlashSale sale = terms(run);
  add(std::string(names::kInventory),
      boot_program(backends, chosen.inventory_service(kInventoryPort)));
  workload::Plan plan{run.orders,
                      {},
                      {std::string(names::kInventory), kInventoryPort},
                      run.terms,
                      run.client_timeout,
                      final_reads_at};
  for (std::uint32_t i = 0; i < run.topology.order_services; ++i) {
    add(names::order(i), boot_program(backends, chosen.order_service(sale, kOrderPort)));
    plan.order_services.push_back({names::order(i), kOrderPort});
  }
  for (std::uint32_t i = 0; i < run.topology.consumers; ++i) {
    add(names::consumer(i),
        boot_program(backends, chosen.order_consumer(sale, names::consumer(i))));
  }
  add(std::string(names::kClients), boot_program({}, workload::clients(std::move(plan), *this)));
}

Process& FlashSaleCluster::add(std::string name, Process::Boot boot) {
  Host& host = world_.add_host(name);
  Process& process = world_.add_process(host, std::move(name), std::move(boot));
  process.start();
  return process;
}

void FlashSaleCluster::record(traces::What what) {
  history_.add(world_.now().time_since_epoch(), std::move(what));
}

void FlashSaleCluster::note(Process& process, std::string text) {
  record(traces::Note{process.name(), std::move(text)});
}

void FlashSaleCluster::count(Process&, std::string_view name) {
  ++counts_["service:" + std::string(name)];
}

/// Looks at each key that a command has changed, through the engine's own commands.
void FlashSaleCluster::watch_store(std::span<const std::string> changed) {
  if (changed.empty()) return;
  const std::vector<std::string> keys(changed.begin(), changed.end());
  const WallTime now = world_.find_host(names::kRedis)->clock().at(world_.now());
  for (const std::string& key : keys) {
    const auto watched = workload::watch(key);
    if (!watched.has_value()) continue;
    const RedisReply reply =
        redis_disk_.engine.execute(std::span<const std::string>(watched->command), now);
    auto what = workload::read(*watched, reply);
    if (!what.has_value()) continue;
    if (watched->kind == workload::Watched::Kind::plain_stock) {
      const auto& seen = std::get<traces::StockSeen>(*what);
      const auto [before, first] = plain_stock_.try_emplace(watched->name, seen.available);
      const std::int64_t change = seen.available - std::exchange(before->second, seen.available);
      using Kind = traces::StockEffect::Kind;
      traces::StockEffect effect{first        ? Kind::seed
                                 : change < 0 ? Kind::deduct
                                              : Kind::restore,
                                 watched->name,
                                 {},
                                 {},
                                 first        ? seen.available
                                 : change < 0 ? -change
                                              : change};
      record(std::move(effect));
    }
    record(std::move(*what));
  }
}

}  // namespace firedrill::sim
