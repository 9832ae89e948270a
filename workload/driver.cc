#include "workload/driver.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "system/ports/clock.h"
#include "system/ports/tasks.h"

namespace firedrill::workload {

namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;
using traces::Ended;

constexpr Duration kBackoff = from_ms(100);
constexpr int kFinalReadAttempts = 5;

Ended ended(const Outcome<HttpResponse>& outcome) {
  if (outcome.is_refused()) return Ended::fail;
  if (outcome.is_unknown()) return Ended::info;
  const int status = outcome.value().status;
  if (status >= 200 && status < 300) return Ended::ok;
  if (status == 503 || (status >= 400 && status < 500)) return Ended::fail;
  return Ended::info;
}

std::string text(const Json& body, const char* name) {
  const auto field = body.find(name);
  if (field == body.end() || !field->is_string()) return {};
  return field->get<std::string>();
}

/// Equal for equal keys everywhere (FNV-1a): a client keeps to its service instance.
std::uint64_t hash(std::string_view key) {
  std::uint64_t value = 0xcbf29ce484222325ULL;
  for (const char c : key) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return value;
}

class Clients final : public Program {
 public:
  Clients(Ports ports, Plan plan, Recorder& recorder)
      : ports_(ports), plan_(std::move(plan)), recorder_(recorder), began_(ports.clock.now()) {
    for (const auto& product : plan_.terms.products) ports_.tasks.spawn(open_stock(product));
    for (const auto& order : plan_.orders) ports_.tasks.spawn(place(order));
    ports_.tasks.spawn(read_all_at_the_end());
  }

 private:
  struct Answer {
    Ended ended = Ended::info;
    bool worth_a_retry = false;
    std::string order_id;
  };

  asio::awaitable<void> open_stock(traces::Terms::Product product) {
    while (true) {
      HttpRequest request{"PUT",
                          "/v1/inventory/" + product.id,
                          {},
                          Json{{"initial", product.initial}, {"epoch", 1}}.dump()};
      const Outcome<HttpResponse> outcome = co_await ports_.network.call(
          plan_.inventory, std::move(request), ports_.clock.now() + plan_.client_timeout);
      if (ended(outcome) == Ended::ok) co_return;
      co_await ports_.clock.sleep_for(kBackoff);
    }
  }

  asio::awaitable<void> place(traces::PlannedOrder order) {
    co_await ports_.clock.sleep_until(began_ + order.at);
    for (std::uint32_t attempt = 0; attempt <= order.retries; ++attempt) {
      if (attempt > 0) co_await ports_.clock.sleep_for(kBackoff * attempt);
      const Answer answer = co_await post(order.call, service(order.call.key, attempt));
      if (answer.ended == Ended::ok && !answer.order_id.empty()) {
        accepted_.push_back(answer.order_id);
        static_cast<void>(co_await read(answer.order_id, service(order.call.key, attempt + 1)));
      }
      if (!answer.worth_a_retry) co_return;
    }
  }

  asio::awaitable<Answer> post(traces::OrderCall call, Address to) {
    HttpRequest request{
        "POST",
        "/v1/flash-orders",
        {},
        Json{{"saleId", call.sale}, {"productId", call.product}, {"quantity", call.quantity}}
            .dump()};
    request.headers.set("x-user-id", call.user);
    request.headers.set("idempotency-key", call.key);
    request.headers.set("content-type", "application/json");
    const traces::OpId op = next_op_++;
    recorder_.record(traces::Invoke{op, std::move(call)});
    const Outcome<HttpResponse> outcome = co_await ports_.network.call(
        std::move(to), std::move(request), ports_.clock.now() + plan_.client_timeout);
    co_return record_return(op, outcome);
  }

  asio::awaitable<Answer> read(std::string order_id, Address from) {
    HttpRequest request{"GET", "/v1/orders/" + order_id, {}, {}};
    const traces::OpId op = next_op_++;
    recorder_.record(traces::Invoke{op, traces::ReadCall{std::move(order_id)}});
    const Outcome<HttpResponse> outcome = co_await ports_.network.call(
        std::move(from), std::move(request), ports_.clock.now() + plan_.client_timeout);
    co_return record_return(op, outcome);
  }

  Answer record_return(traces::OpId op, const Outcome<HttpResponse>& outcome) {
    traces::Return back;
    back.op = op;
    back.ended = ended(outcome);
    Answer answer;
    answer.ended = back.ended;
    answer.worth_a_retry = back.ended == Ended::info || outcome.is_refused();
    if (outcome.has_value()) {
      back.status = outcome.value().status;
      answer.worth_a_retry |= back.status == 503;
      const Json body = Json::parse(outcome.value().body, nullptr, false);
      if (body.is_object()) {
        back.order_id = text(body, "orderId");
        back.order_status = text(body, "status");
      }
    }
    answer.order_id = back.order_id;
    recorder_.record(std::move(back));
    return answer;
  }

  asio::awaitable<void> read_all_at_the_end() {
    co_await ports_.clock.sleep_until(began_ + plan_.final_reads_at);
    const std::vector<std::string> accepted = accepted_;
    for (const std::string& order_id : accepted) ports_.tasks.spawn(read_at_the_end(order_id));
  }

  asio::awaitable<void> read_at_the_end(std::string order_id) {
    for (std::uint32_t attempt = 0; attempt < kFinalReadAttempts; ++attempt) {
      if (attempt > 0) co_await ports_.clock.sleep_for(kBackoff);
      const Answer answer = co_await read(order_id, service(order_id, attempt));
      if (!answer.worth_a_retry) co_return;
    }
  }

  const Address& service(std::string_view key, std::uint32_t attempt) const {
    return plan_.order_services[(hash(key) + attempt) % plan_.order_services.size()];
  }

  Ports ports_;
  Plan plan_;
  Recorder& recorder_;
  Instant began_;
  traces::OpId next_op_ = 1;
  std::vector<std::string> accepted_;
};

}  // namespace

ProgramFactory clients(Plan plan, Recorder& recorder) {
  return [plan = std::move(plan), &recorder](Ports ports) -> std::unique_ptr<Program> {
    return std::make_unique<Clients>(ports, plan, recorder);
  };
}

}  // namespace firedrill::workload
