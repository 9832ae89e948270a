#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/contract/rig.h"

namespace firedrill::contract {

namespace {

using boost::asio::awaitable;
using Response = Outcome<HttpResponse>;

/// What the handlers of a test share with it.
struct Seen {
  int begun = 0;
  int ended = 0;    ///< answered
  int unwound = 0;  ///< frames gone, answered or not
};

struct Unwinding {
  explicit Unwinding(Seen* shared) : seen(shared) {}
  Unwinding(const Unwinding&) = delete;
  Unwinding& operator=(const Unwinding&) = delete;
  ~Unwinding() { ++seen->unwound; }
  Seen* seen;
};

awaitable<HttpResponse> echo(HttpRequest request) {
  HttpResponse response;
  response.status = 201;
  response.headers.set("x-method", request.method);
  response.headers.set("x-target", request.target);
  response.headers.set("x-key", std::string(request.headers.get("idempotency-key")));
  response.body = std::move(request.body);
  co_return response;
}

awaitable<HttpResponse> fail(HttpRequest) {
  HttpResponse response;
  response.status = 500;
  co_return response;
}

awaitable<HttpResponse> answer_after(Ports ports, Duration length, Seen* seen) {
  const Unwinding unwinding(seen);
  ++seen->begun;
  co_await ports.clock.sleep_for(length);
  ++seen->ended;
  HttpResponse response;
  response.status = 200;
  co_return response;
}

HttpHandler slow(Ports ports, Duration length, Seen* seen) {
  return [ports, length, seen](HttpRequest) { return answer_after(ports, length, seen); };
}

HttpRequest get(std::string target = "/") {
  return HttpRequest{.method = "GET", .target = std::move(target), .headers = {}, .body = {}};
}

awaitable<Response> call(Rig* rig, HttpRequest request, Duration limit = from_ms(3000)) {
  const Ports ports = rig->one();
  co_return co_await ports.network.call(rig->two_at(), std::move(request), within(ports, limit));
}

awaitable<void> call_into(Rig* rig, Duration limit, std::vector<Response>* to) {
  Response response = co_await call(rig, get(), limit);
  to->push_back(std::move(response));
}

awaitable<void> carries_both_ways(Rig* rig) {
  const auto listening = rig->two().network.listen(rig->two_at().port, echo);
  CONTRACT_REQUIRE(listening != nullptr);
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{200'000}}) {
    HttpRequest request = get("/v1/orders?x=1");
    request.method = "POST";
    request.headers.set("idempotency-key", "k-1");
    request.body = std::string(size, 'b');
    const Response response = co_await call(rig, std::move(request));
    CONTRACT_REQUIRE(response.has_value());
    EXPECT_EQ(response.value().status, 201);
    EXPECT_EQ(response.value().headers.get("x-method"), "POST");
    EXPECT_EQ(response.value().headers.get("x-target"), "/v1/orders?x=1");
    EXPECT_EQ(response.value().headers.get("x-key"), "k-1");
    EXPECT_EQ(response.value().body, std::string(size, 'b'));
  }
}

awaitable<void> an_error_status_is_a_value(Rig* rig) {
  const auto listening = rig->two().network.listen(rig->two_at().port, fail);
  const Response response = co_await call(rig, get());
  CONTRACT_REQUIRE(response.has_value());
  EXPECT_EQ(response.value().status, 500);
}

awaitable<void> nobody_listens_is_refused(Rig* rig) {
  const Instant began = rig->one().clock.now();
  const Response response = co_await call(rig, get());
  EXPECT_TRUE(response.is_refused() && response.why() == Why::refused);
  EXPECT_LT(rig->one().clock.now() - began, from_ms(1500)) << "a refusal does not wait";
}

awaitable<void> refused_after_its_deadline(Rig* rig) {
  Seen seen;
  const auto listening = rig->two().network.listen(rig->two_at().port, slow(rig->two(), {}, &seen));
  const Response in_time = co_await call(rig, get());
  EXPECT_TRUE(in_time.has_value()) << "there is a connection to send on";
  const Response response = co_await call(rig, get(), from_ms(0));
  EXPECT_TRUE(response.is_refused());
  co_await rig->one().clock.sleep_for(from_ms(50));
  EXPECT_EQ(seen.begun, 1);
}

awaitable<void> a_late_answer_is_unknown(Rig* rig) {
  Seen seen;
  const auto listening =
      rig->two().network.listen(rig->two_at().port, slow(rig->two(), from_ms(500), &seen));
  const Instant began = rig->one().clock.now();
  const Response response = co_await call(rig, get(), from_ms(150));
  EXPECT_TRUE(response.is_unknown() && response.why() == Why::timed_out);
  EXPECT_GE(rig->one().clock.now() - began, from_ms(150));
  EXPECT_LT(rig->one().clock.now() - began, from_ms(450));
  EXPECT_TRUE(co_await eventually(&rig->one().clock, [&seen] { return seen.ended == 1; }))
      << "the server goes on";
  EXPECT_EQ(seen.begun, 1) << "a request is sent once";
}

awaitable<void> a_server_that_stops_is_unknown(Rig* rig) {
  Seen seen;
  auto listening =
      rig->two().network.listen(rig->two_at().port, slow(rig->two(), from_ms(20'000), &seen));
  std::vector<Response> responses;
  for (int i = 0; i < 3; ++i) {
    rig->one().tasks.spawn(call_into(rig, from_ms(20'000), &responses));
  }
  EXPECT_TRUE(co_await eventually(&rig->one().clock, [&seen] { return seen.begun == 3; }));
  const Instant began = rig->one().clock.now();
  listening.reset();
  EXPECT_TRUE(
      co_await eventually(&rig->one().clock, [&responses] { return responses.size() == 3; }));
  EXPECT_LT(rig->one().clock.now() - began, from_ms(2000));
  for (const Response& response : responses) {
    EXPECT_TRUE(response.is_unknown() && response.why() == Why::reset);
  }
  EXPECT_TRUE(co_await eventually(&rig->one().clock, [&seen] { return seen.unwound == 3; }));
  EXPECT_EQ(seen.ended, 0) << "handlers do not run on";
  const Response after = co_await call(rig, get());
  EXPECT_TRUE(after.is_refused());
}

awaitable<void> a_kept_connection_that_closed_is_noticed(Rig* rig) {
  auto listening = rig->two().network.listen(rig->two_at().port, echo);
  for (int i = 0; i < 3; ++i) {
    const Response response = co_await call(rig, get());
    EXPECT_TRUE(response.has_value());
    listening.reset();
    co_await rig->one().clock.sleep_for(from_ms(50));
    const Response refused = co_await call(rig, get());
    EXPECT_TRUE(refused.is_refused());
    listening = rig->two().network.listen(rig->two_at().port, echo);
    CONTRACT_REQUIRE(listening != nullptr);
  }
}

awaitable<void> calls_run_side_by_side(Rig* rig) {
  Seen seen;
  const auto listening =
      rig->two().network.listen(rig->two_at().port, slow(rig->two(), from_ms(100), &seen));
  const Instant began = rig->one().clock.now();
  std::vector<Response> responses;
  for (int i = 0; i < 100; ++i) {
    rig->one().tasks.spawn(call_into(rig, from_ms(5000), &responses));
  }
  EXPECT_TRUE(
      co_await eventually(&rig->one().clock, [&responses] { return responses.size() == 100; }));
  EXPECT_LT(rig->one().clock.now() - began, from_ms(3000));
  for (const Response& response : responses) EXPECT_TRUE(response.has_value());
  EXPECT_EQ(seen.begun, 100);
}

awaitable<void> a_port_is_taken_once(Rig* rig) {
  auto first = rig->two().network.listen(rig->two_at().port, echo);
  EXPECT_NE(first, nullptr);
  EXPECT_EQ(rig->two().network.listen(rig->two_at().port, echo), nullptr);
  first.reset();
  EXPECT_NE(rig->two().network.listen(rig->two_at().port, echo), nullptr);
  co_return;
}

}  // namespace

TEST_P(NetworkContract, CarriesBothWays) {
  run(carries_both_ways);
}
TEST_P(NetworkContract, AnErrorStatusIsAValue) {
  run(an_error_status_is_a_value);
}
TEST_P(NetworkContract, NobodyListensIsRefused) {
  run(nobody_listens_is_refused);
}
TEST_P(NetworkContract, RefusedAfterItsDeadline) {
  run(refused_after_its_deadline);
}
TEST_P(NetworkContract, ALateAnswerIsUnknown) {
  run(a_late_answer_is_unknown);
}
TEST_P(NetworkContract, AServerThatStopsIsUnknown) {
  run(a_server_that_stops_is_unknown);
}
TEST_P(NetworkContract, AKeptConnectionThatClosedIsNoticed) {
  run(a_kept_connection_that_closed_is_noticed);
}
TEST_P(NetworkContract, CallsRunSideBySide) {
  run(calls_run_side_by_side);
}
TEST_P(NetworkContract, APortIsTakenOnce) {
  run(a_port_is_taken_once);
}

}  // namespace firedrill::contract
