#include "workload/audit.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "system/domain/order.h"
#include "system/ports/clock.h"
#include "system/ports/ports.h"
#include "system/ports/queue.h"
#include "system/ports/tasks.h"

namespace firedrill::workload {

namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;

constexpr std::size_t kBatch = 32;
constexpr Duration kFetchFor = from_ms(5000);
constexpr Duration kAckFor = from_ms(500);
constexpr Duration kPauseAfterFailure = from_ms(100);

/// By the envelope's fields; an event that has none is of no order, at no version.
traces::EventDelivered delivered(const std::string& group, Delivery& delivery) {
  traces::EventDelivered event{group, {}, 0, {}, delivery.attempt};
  const Json json = Json::parse(delivery.body, nullptr, false);
  if (json.is_object()) {
    const auto id = json.find("aggregateId");
    const auto version = json.find("aggregateSeq");
    if (id != json.end() && id->is_string()) event.order_id = id->get<std::string>();
    if (version != json.end() && version->is_number_integer()) {
      event.version = version->get<std::int64_t>();
    }
  }
  event.payload = std::move(delivery.body);
  return event;
}

class Audit final : public Program {
 public:
  Audit(Ports ports, Recorder& recorder) : ports_(ports), recorder_(recorder) {
    ports_.tasks.spawn(run());
  }

 private:
  asio::awaitable<void> run() {
    while (true) {
      Outcome<std::vector<Delivery>> fetched =
          co_await ports_.queue.fetch(who_, kBatch, ports_.clock.now() + kFetchFor);
      if (!fetched.has_value()) {
        co_await ports_.clock.sleep_for(kPauseAfterFailure);
        continue;
      }
      for (Delivery& delivery : fetched.value()) {
        recorder_.record(delivered(who_.group, delivery));
        static_cast<void>(
            co_await ports_.queue.ack(who_, std::move(delivery), ports_.clock.now() + kAckFor));
      }
    }
  }

  Ports ports_;
  Recorder& recorder_;
  const Subscription who_{std::string(kOrderEventsTopic), "audit", "audit-1"};
};

}  // namespace

ProgramFactory audit(Recorder& recorder) {
  return [&recorder](Ports ports) -> std::unique_ptr<Program> {
    return std::make_unique<Audit>(ports, recorder);
  };
}

}  // namespace firedrill::workload
