#include "system/inventory/program.h"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "system/domain/rest.h"
#include "system/inventory/ledger.h"
#include "system/inventory/redis_inventory.h"
#include "system/inventory/schema_api.h"
#include "system/ports/clock.h"
#include "system/ports/network.h"
#include "system/ports/schema.h"
#include "system/ports/tasks.h"
#include "system/ports/telemetry.h"

namespace firedrill::inventory {

namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;

constexpr Duration kTimeout = from_ms(500);
constexpr Duration kSweepEvery = from_ms(1000);
constexpr const char* kSweepLast = "99";  // a hundred at a time
/// How often in a row the two stores may tell of different sales before one has forgotten some:
/// between admitting and deciding lies a delivery.
constexpr int kDoubts = 3;

HttpResponse respond(int status, const Json& body) {
  HttpResponse response;
  response.status = status;
  response.headers.set("content-type", "application/json");
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

HttpResponse error(int status, std::string_view code, std::string_view message) {
  return respond(status, Json{{"error", {{"code", code}, {"message", message}}}});
}

template <class T>
HttpResponse without_value(const Outcome<T>& outcome) {
  if (outcome.is_refused()) return error(503, "unavailable", "nothing was done");
  return error(504, "unknown", "it may have been done: ask again");
}

class InventoryService final : public Program {
 public:
  InventoryService(Ports ports, std::uint16_t port)
      : ports_(ports), stock_(ports.redis), ledger_(ports.database) {
    ports.tasks.spawn(bring_up_schema(ports, "inventory", migrations()));
    listening_ = must_listen(ports.network, "inventory", port, [this](HttpRequest request) {
      return route(this, std::move(request));
    });
    ports.tasks.spawn(sweep());
  }

 private:
  static asio::awaitable<HttpResponse> route(InventoryService* self, HttpRequest request) {
    const std::string_view product = path_after(request.target, "/v1/inventory/");
    if (product.empty()) co_return error(404, "no-such-resource", "no such resource");
    if (request.method == "PUT") {
      co_return co_await self->put(std::string(product), std::move(request.body));
    }
    if (request.method == "GET") co_return co_await self->get(std::string(product));
    co_return error(405, "method", "expected PUT or GET");
  }

  asio::awaitable<HttpResponse> put(std::string product, std::string body) {
    const Json json = Json::parse(body, nullptr, false);
    const bool complete = json.is_object() && json.contains("initial") &&
                          json["initial"].is_number_unsigned() && json.contains("epoch") &&
                          json["epoch"].is_number_unsigned();
    if (!complete) {
      co_return error(422, "malformed", "initial and epoch: expected whole numbers, 0 or more");
    }
    // The ledger first: what it does not have, nobody may buy.
    const Outcome<LedgerStock> opened =
        co_await ledger_.open(product, json["initial"].get<std::int64_t>(),
                              json["epoch"].get<std::int64_t>(), deadline());
    if (!opened.has_value()) co_return without_value(opened);
    const LedgerStock& there = opened.value();
    const Outcome<bool> seeded =
        co_await stock_.seed(product, there.initial, there.epoch, deadline());
    if (!seeded.has_value()) co_return without_value(seeded);
    co_return co_await get(std::move(product));
  }

  asio::awaitable<HttpResponse> get(std::string product) {
    const auto found = co_await stock_.counters(std::move(product), deadline());
    if (!found.has_value()) co_return without_value(found);
    if (!found.value().has_value()) co_return error(404, "no-such-product", "no such product");
    const RedisInventory::Counters& counters = *found.value();
    co_return respond(200, Json{{"initial", counters.initial},
                                {"available", counters.available},
                                {"reserved", counters.reserved},
                                {"sold", counters.sold},
                                {"epoch", counters.epoch}});
  }

  asio::awaitable<void> sweep() {
    while (true) {
      co_await ports_.clock.sleep_for(kSweepEvery);
      const Outcome<std::vector<LedgerStock>> all = co_await ledger_.all(deadline());
      if (!all.has_value()) continue;
      for (const LedgerStock& each : all.value()) {
        co_await sweep_product(each.product);
        co_await reconcile(each);
      }
    }
  }

  /// Makes the stock in Redis anew where it has forgotten something. The epoch is raised first, so
  /// that whoever knows the stock as it was, callers and another Redis alike, is refused.
  asio::awaitable<void> reconcile(LedgerStock there) {
    const auto found = co_await stock_.counters(there.product, deadline());
    if (!found.has_value()) co_return;
    const std::optional<RedisInventory::Counters>& counters = found.value();
    if (counters && counters->epoch == there.epoch) {
      if (!is_doubtful(there, *counters)) co_return;
    }
    if (!counters || counters->epoch >= there.epoch) {
      const std::int64_t above = counters ? counters->epoch : there.epoch;
      const auto raised = co_await ledger_.raise(there.product, above, deadline());
      if (!raised.has_value() || !raised.value().has_value()) co_return;
      there = *raised.value();
    }
    Outcome<std::vector<UserUnits>> buyers = co_await ledger_.buyers(there.product, deadline());
    if (!buyers.has_value()) co_return;
    // Afresh: what was sold since then must not be free again.
    const auto now = co_await ledger_.find(there.product, deadline());
    if (!now.has_value() || !now.value().has_value()) co_return;
    const Outcome<bool> rebuilt =
        co_await stock_.rebuild(*now.value(), std::move(buyers).value(), deadline());
    if (!rebuilt.has_value() || !rebuilt.value()) co_return;
    ports_.telemetry.note("made the stock of " + there.product + " anew, epoch " +
                          std::to_string(now.value()->epoch));
    ports_.telemetry.count("stock_rebuilt");
  }

  /// Whether both stores have told of the same different sales for a while.
  bool is_doubtful(const LedgerStock& there, const RedisInventory::Counters& counters) {
    Doubt& doubt = doubts_[there.product];
    if (counters.sold == there.sold && counters.initial == there.initial) {
      doubt = {};
      return false;
    }
    const bool same = doubt.ledger == there.sold && doubt.redis == counters.sold;
    doubt = {there.sold, counters.sold, same ? doubt.times + 1 : 1};
    if (doubt.times < kDoubts) return false;
    doubt = {};
    return true;
  }

  /// Asks for the earliest deadlines in turn; the script says, by the server's time, which has
  /// come.
  asio::awaitable<void> sweep_product(std::string product) {
    std::vector<std::string> query = {"ZRANGE", deadlines_key(product), "0", kSweepLast};
    const Outcome<RedisReply> held = co_await ports_.redis.call(std::move(query), deadline());
    if (!held.has_value()) co_return;
    for (const RedisReply& reservation : held.value().items) {
      const Outcome<Released> released =
          co_await stock_.expire(product, reservation.text, deadline());
      if (!released.has_value() || released.value() == Released::not_due) co_return;
      if (released.value() == Released::now) ports_.telemetry.count("holds_expired");
    }
  }

  Instant deadline() const { return ports_.clock.now() + kTimeout; }

  struct Doubt {
    std::int64_t ledger = 0;
    std::int64_t redis = 0;
    int times = 0;
  };

  Ports ports_;
  RedisInventory stock_;
  Ledger ledger_;
  std::map<std::string, Doubt> doubts_;  ///< by product
  std::unique_ptr<Listening> listening_;
};

}  // namespace

ProgramFactory inventory_service(std::uint16_t port) {
  return [port](Ports ports) -> std::unique_ptr<Program> {
    return std::make_unique<InventoryService>(ports, port);
  };
}

}  // namespace firedrill::inventory
