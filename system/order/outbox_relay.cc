#include "system/order/outbox_relay.h"

#include <algorithm>
#include <utility>

#include "system/domain/check.h"
#include "system/domain/order.h"
#include "system/ports/clock.h"
#include "system/ports/database.h"
#include "system/ports/queue.h"
#include "system/ports/random.h"
#include "system/ports/telemetry.h"

namespace firedrill::order {

namespace {

namespace asio = boost::asio;

constexpr Duration kIdleAtFirst = from_ms(25);
constexpr Duration kIdleAtMost = from_ms(400);

// FOR UPDATE looks again at a row that somebody changed meanwhile: what another relay has just
// claimed is not claimed twice. All times are the database's.
constexpr SqlStatement kClaim{
    "UPDATE orders.outbox SET state = 'CLAIMED', owner = $1, "
    "  lease_until = now() + $2::interval, attempts = attempts + 1 "
    "WHERE seq = ANY (ARRAY("
    "  SELECT seq FROM orders.outbox head "
    "  WHERE state IN ('PENDING', 'CLAIMED') "
    "    AND (state = 'PENDING' AND (retry_at IS NULL OR retry_at <= now()) "
    "         OR state = 'CLAIMED' AND lease_until <= now()) "
    "    AND NOT EXISTS (SELECT FROM orders.outbox earlier "
    "                    WHERE earlier.aggregate = head.aggregate "
    "                      AND earlier.version < head.version AND earlier.state <> 'PUBLISHED') "
    "  ORDER BY attempts, seq LIMIT $3::bigint FOR UPDATE SKIP LOCKED"
    ")) RETURNING seq, aggregate, payload"};

// Both are nothing once the lease has gone to another.
constexpr SqlStatement kPublished{
    "UPDATE orders.outbox SET state = 'PUBLISHED' "
    "WHERE seq = ANY ($1::bigint[]) AND state = 'CLAIMED' AND owner = $2"};

constexpr SqlStatement kFailed{
    "UPDATE orders.outbox SET state = CASE WHEN attempts >= $3::bigint THEN 'DEAD' "
    "                                      ELSE 'PENDING' END, "
    "  retry_at = now() + least(2 ^ attempts, 50) * interval '100 ms' "
    "WHERE seq = ANY ($1::bigint[]) AND state = 'CLAIMED' AND owner = $2"};

void add(std::string& array, std::string_view seq) {
  array += array.empty() ? "{" : ",";
  array += seq;
}

}  // namespace

OutboxRelay::OutboxRelay(Ports ports, std::string name, Options options)
    : ports_(ports), options_(options), owner_(std::move(name)) {
  check(options_.lease > options_.batch * options_.publish_timeout,
        "a lease is longer than publishing a batch may take");
  owner_ += "/" + ports_.random.id();
}

Instant OutboxRelay::database_deadline() const {
  return ports_.clock.now() + options_.database_timeout;
}

asio::awaitable<void> OutboxRelay::run() {
  Duration idle = kIdleAtFirst;
  while (true) {
    const bool busy = co_await round();
    if (busy) {
      idle = kIdleAtFirst;
      continue;
    }
    co_await ports_.clock.sleep_for(idle);
    idle = std::min(2 * idle, kIdleAtMost);
  }
}

asio::awaitable<bool> OutboxRelay::round() {
  std::vector<Event> events = co_await claim();
  std::string published;
  std::string failed;
  for (Event& event : events) {
    const Outcome<Published> outcome = co_await ports_.queue.publish(
        std::string(kOrderEventsTopic), std::move(event.order_id), std::move(event.payload),
        ports_.clock.now() + options_.publish_timeout);
    if (!outcome.has_value()) ports_.telemetry.count("event_not_published");
    add(outcome.has_value() ? published : failed, event.seq);
  }
  // What a mark does not reach is published again, once the lease has run out.
  if (!published.empty()) {
    SqlParameters parameters = sql_parameters(published + "}", owner_);
    static_cast<void>(
        co_await ports_.database.run(kPublished, std::move(parameters), database_deadline()));
  }
  if (!failed.empty()) {
    SqlParameters parameters = sql_parameters(failed + "}", owner_, options_.attempts);
    static_cast<void>(
        co_await ports_.database.run(kFailed, std::move(parameters), database_deadline()));
  }
  co_return !events.empty();
}

asio::awaitable<std::vector<OutboxRelay::Event>> OutboxRelay::claim() {
  SqlParameters parameters =
      sql_parameters(owner_, std::to_string(to_ms(options_.lease)) + " ms", options_.batch);
  const Outcome<SqlRows> claimed =
      co_await ports_.database.run(kClaim, std::move(parameters), database_deadline());
  std::vector<Event> events;
  if (!claimed.has_value()) co_return events;
  const SqlRows& rows = claimed.value();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    events.push_back({rows.text(i, 0), rows.text(i, 1), rows.text(i, 2)});
  }
  co_return events;
}

}  // namespace firedrill::order
