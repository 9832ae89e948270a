#include "workload/audit.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "system/domain/order.h"
#include "system/ports/consume.h"
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
    ports_.tasks.spawn(consume(ports_, who_, {kBatch, kFetchFor, kAckFor},
                               [this](Delivery& delivery) { return take_down(delivery); }));
  }

 private:
  asio::awaitable<bool> take_down(Delivery& delivery) {
    recorder_.record(delivered(who_.group, delivery));
    co_return true;
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
