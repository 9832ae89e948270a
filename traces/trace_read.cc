#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "traces/json_value.h"
#include "traces/trace.h"

namespace firedrill::traces {
namespace {

constexpr std::string_view kFormat = "firedrill-trace/1";

constexpr Bounds kAny{std::numeric_limits<std::int64_t>::min(),
                      std::numeric_limits<std::int64_t>::max()};
constexpr Bounds kTime{0, 1'000'000'000'000'000};  // in nanoseconds: eleven days
constexpr Bounds kInstances{1, 64};
constexpr Bounds kMany{0, 100'000'000};
constexpr Bounds kSmall{0, 1'000'000};
constexpr Bounds kUnits{0, 1'000'000};
constexpr Bounds kId{0, std::numeric_limits<std::uint32_t>::max()};
constexpr std::size_t kLongestText = 4096;

std::uint32_t small(const JsonValue& value, Bounds bounds) {
  return static_cast<std::uint32_t>(value.integer(bounds));
}

std::string text(const JsonValue& value) {
  return value.text(kLongestText);
}

/// The value of the enumeration whose to_string() is the text there.
template <class Enum>
Enum named(const JsonValue& value, std::initializer_list<Enum> all) {
  std::vector<std::string> names;
  for (const Enum one : all) names.emplace_back(to_string(one));
  const std::string name = value.one_of(names);
  for (const Enum one : all) {
    if (to_string(one) == name) return one;
  }
  std::unreachable();
}

OrderCall order_call_from(const JsonValue& value) {
  return {.user = text(value.at("user")),
          .key = text(value.at("key")),
          .sale = text(value.at("sale")),
          .product = text(value.at("product")),
          .quantity = value.at("quantity").integer(kAny)};
}

Invoke invoke_from(const JsonValue& value) {
  value.only({"op", "order", "read"});
  Invoke seen{.op = small(value.at("op"), kId), .call = {}};
  if (value.has("order") == value.has("read")) value.expected("either an order or a read");
  if (value.has("order")) {
    const JsonValue call = value.at("order");
    call.only({"user", "key", "sale", "product", "quantity"});
    seen.call = order_call_from(call);
  } else {
    const JsonValue call = value.at("read");
    call.only({"order_id"});
    seen.call = ReadCall{text(call.at("order_id"))};
  }
  return seen;
}

Return return_from(const JsonValue& value) {
  value.only({"op", "ended", "status", "order_id", "order_status"});
  return {.op = small(value.at("op"), kId),
          .ended = named(value.at("ended"), {Ended::ok, Ended::fail, Ended::info}),
          .status = static_cast<int>(value.at("status").integer({0, 999})),
          .order_id = text(value.at("order_id")),
          .order_status = text(value.at("order_status"))};
}

StockSeen stock_from(const JsonValue& value) {
  value.only({"product", "available", "reserved", "sold", "counters"});
  return {.product = text(value.at("product")),
          .available = value.at("available").integer(kAny),
          .reserved = value.at("reserved").integer(kAny),
          .sold = value.at("sold").integer(kAny),
          .counters = value.at("counters").boolean()};
}

StockEffect effect_from(const JsonValue& value) {
  using Kind = StockEffect::Kind;
  value.only({"kind", "product", "token", "user", "quantity"});
  return {.kind = named(value.at("kind"),
                        {Kind::seed, Kind::reserve, Kind::confirm, Kind::release, Kind::expire,
                         Kind::restock, Kind::deduct, Kind::restore, Kind::rebuild}),
          .product = text(value.at("product")),
          .token = text(value.at("token")),
          .user = text(value.at("user")),
          .quantity = value.at("quantity").integer(kAny)};
}

OrderSeen order_from(const JsonValue& value) {
  value.only({"order_id", "user", "key", "product", "quantity", "status", "version"});
  return {.order_id = text(value.at("order_id")),
          .user = text(value.at("user")),
          .key = text(value.at("key")),
          .product = text(value.at("product")),
          .quantity = value.at("quantity").integer(kAny),
          .status = text(value.at("status")),
          .version = value.has("version") ? value.at("version").integer(kAny) : 0};
}

EventSeen event_from(const JsonValue& value) {
  using State = EventSeen::State;
  value.only({"order_id", "version", "status", "payload", "state", "attempts"});
  return {.order_id = text(value.at("order_id")),
          .version = value.at("version").integer(kAny),
          .status = text(value.at("status")),
          .payload = value.at("payload").text(1 << 20),
          .state = named(value.at("state"), {State::pending, State::published, State::dead}),
          .attempts = value.has("attempts") ? value.at("attempts").integer(kAny) : 0};
}

EventDelivered delivered_from(const JsonValue& value) {
  value.only({"group", "order_id", "version", "payload", "attempt"});
  return {.group = text(value.at("group")),
          .order_id = text(value.at("order_id")),
          .version = value.at("version").integer(kAny),
          .payload = value.at("payload").text(1 << 20),
          .attempt = value.has("attempt") ? small(value.at("attempt"), {1, kId.high}) : 1};
}

OrderGone order_gone_from(const JsonValue& value) {
  value.only({"order_id"});
  return {text(value.at("order_id"))};
}

EventGone event_gone_from(const JsonValue& value) {
  value.only({"order_id", "version"});
  return {.order_id = text(value.at("order_id")), .version = value.at("version").integer(kAny)};
}

LedgerSeen ledger_from(const JsonValue& value) {
  value.only({"product", "initial", "sold", "epoch"});
  return {.product = text(value.at("product")),
          .initial = value.at("initial").integer(kAny),
          .sold = value.at("sold").integer(kAny),
          .epoch = value.at("epoch").integer(kAny)};
}

RedisForgot redis_forgot_from(const JsonValue& value) {
  value.only({});
  return {};
}

FaultSeen fault_seen_from(const JsonValue& value) {
  using What = FaultSeen::What;
  value.only({"index", "what"});
  return {.index = small(value.at("index"), kId),
          .what = named(value.at("what"), {What::began, What::took_effect, What::ended})};
}

Note note_from(const JsonValue& value) {
  value.only({"process", "text"});
  return {.process = text(value.at("process")), .text = value.at("text").text(1 << 20)};
}

What what_from(const JsonValue& value) {
  using Phase = PhaseSeen::Phase;
  if (value.has("invoke")) return invoke_from(value.at("invoke"));
  if (value.has("return")) return return_from(value.at("return"));
  if (value.has("stock")) return stock_from(value.at("stock"));
  if (value.has("effect")) return effect_from(value.at("effect"));
  if (value.has("order")) return order_from(value.at("order"));
  if (value.has("event")) return event_from(value.at("event"));
  if (value.has("delivered")) return delivered_from(value.at("delivered"));
  if (value.has("fault")) return fault_seen_from(value.at("fault"));
  if (value.has("phase")) {
    return PhaseSeen{named(value.at("phase"), {Phase::healed, Phase::quiet})};
  }
  if (value.has("note")) return note_from(value.at("note"));
  if (value.has("order_gone")) return order_gone_from(value.at("order_gone"));
  if (value.has("event_gone")) return event_gone_from(value.at("event_gone"));
  if (value.has("ledger")) return ledger_from(value.at("ledger"));
  if (value.has("redis_forgot")) return redis_forgot_from(value.at("redis_forgot"));
  value.expected(
      "at_ns and one of invoke, return, stock, effect, order, event, delivered, fault, phase, "
      "note, order_gone, event_gone, ledger, redis_forgot");
}

/// What readers of a history rely on beyond the shape of one entry.
class Sequence {
 public:
  explicit Sequence(std::size_t fault_count) : fault_count_(fault_count) {}

  void take(const JsonValue& where, const Entry& entry) {
    if (entry.at < last_) where.at("at_ns").expected("a time not before the entry above");
    last_ = entry.at;
    if (const auto* seen = std::get_if<Invoke>(&entry.what)) {
      if (!invoked_.insert(seen->op).second) where.wrong("an operation is invoked once");
      open_.insert(seen->op);
    }
    if (const auto* seen = std::get_if<Return>(&entry.what)) {
      if (open_.erase(seen->op) == 0) where.wrong("an operation returns once, after its invoke");
    }
    if (const auto* seen = std::get_if<FaultSeen>(&entry.what)) {
      if (seen->index >= fault_count_)
        where.wrong("there is no fault of that index in /run/faults");
    }
  }

 private:
  std::size_t fault_count_;
  At last_{};
  std::set<OpId> invoked_;
  std::set<OpId> open_;
};

Entry entry_from(const JsonValue& value) {
  value.only({"at_ns", "invoke", "return", "stock", "effect", "order", "event", "delivered",
              "fault", "phase", "note", "order_gone", "event_gone", "ledger", "redis_forgot"});
  Entry entry{value.at("at_ns").nanoseconds(kTime), what_from(value)};
  if (value.members() != 2) value.expected("at_ns and one thing seen");
  return entry;
}

Terms terms_from(const JsonValue& value) {
  value.only({"products", "rate_limit", "rate_window_ns"});
  Terms terms{.products = {},
              .rate_limit = value.at("rate_limit").integer({1, 1'000'000}),
              .rate_window = value.at("rate_window_ns").nanoseconds({1, kTime.high})};
  const JsonValue products = value.at("products");
  const std::size_t count = products.size({1, 1000});
  for (std::size_t i = 0; i < count; ++i) {
    const JsonValue product = products.at(i);
    product.only({"id", "initial", "per_user_cap"});
    terms.products.push_back({.id = text(product.at("id")),
                              .initial = product.at("initial").integer(kUnits),
                              .per_user_cap = product.at("per_user_cap").integer(kUnits)});
  }
  return terms;
}

PlannedOrder planned_from(const JsonValue& value) {
  value.only({"at_ns", "user", "key", "sale", "product", "quantity", "retries"});
  return {.at = value.at("at_ns").nanoseconds(kTime),
          .call = order_call_from(value),
          .retries = small(value.at("retries"), {0, 100})};
}

Fault fault_from(const JsonValue& value) {
  value.only({"kind", "at_ns", "duration_ns", "subject", "object", "amount"});
  return {.kind = text(value.at("kind")),
          .at = value.at("at_ns").nanoseconds(kTime),
          .duration = value.at("duration_ns").nanoseconds(kTime),
          .subject = text(value.at("subject")),
          .object = text(value.at("object")),
          .amount = value.at("amount").integer(kAny)};
}

/// A list of things with an `at`, in order of time.
template <class T>
std::vector<T> planned_list(const JsonValue& value, T (*from)(const JsonValue&)) {
  std::vector<T> list;
  const std::size_t count = value.size(kSmall);
  list.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    T one = from(value.at(i));
    if (!list.empty() && one.at < list.back().at) {
      value.at(i).at("at_ns").expected("a time not before the one above");
    }
    list.push_back(std::move(one));
  }
  return list;
}

Case::Topology topology_from(const JsonValue& value) {
  value.only({"order_services", "consumers", "partitions"});
  return {.order_services = small(value.at("order_services"), kInstances),
          .consumers = small(value.at("consumers"), kInstances),
          .partitions = small(value.at("partitions"), kInstances)};
}

Case::Redis redis_from(const JsonValue& value) {
  using Persistence = Case::Redis::Persistence;
  using Fsync = Case::Redis::Fsync;
  value.only({"persistence", "fsync", "replicas", "min_replicas_to_write", "sentinels"});
  return {.persistence = named(value.at("persistence"), {Persistence::none, Persistence::snapshots,
                                                         Persistence::append_only}),
          .fsync = named(value.at("fsync"), {Fsync::no, Fsync::everysec, Fsync::always}),
          .replicas = small(value.at("replicas"), {0, 5}),
          .min_replicas_to_write = small(value.at("min_replicas_to_write"), {0, 5}),
          .sentinels = small(value.at("sentinels"), {0, 9})};
}

Case::Postgres postgres_from(const JsonValue& value) {
  value.only({"standbys", "synchronous_commit", "synchronous_standby"});
  return {.standbys = small(value.at("standbys"), {0, 5}),
          .synchronous_commit = value.at("synchronous_commit").one_of({"on", "off"}) == "on",
          .synchronous_standby = value.at("synchronous_standby").one_of({"yes", "no"}) == "yes"};
}

Case::Network network_from(const JsonValue& value) {
  value.only({"latency_ns", "jitter_ns", "tail_percent", "tail_ns", "tick_ns"});
  return {.latency = value.at("latency_ns").nanoseconds(kTime),
          .jitter = value.at("jitter_ns").nanoseconds(kTime),
          .tail_percent = small(value.at("tail_percent"), {0, 100}),
          .tail = value.at("tail_ns").nanoseconds(kTime),
          .tick = value.at("tick_ns").nanoseconds({1, 1'000'000'000})};
}

Case::Schedule schedule_from(const JsonValue& value) {
  using Pick = Case::Pick;
  value.only({"pick", "change_points"});
  return {.pick = named(value.at("pick"), {Pick::first_come, Pick::random, Pick::pct}),
          .change_points = small(value.at("change_points"), kSmall)};
}

Case case_from(const JsonValue& value) {
  value.only({"scenario", "graph", "design", "seed", "topology", "redis", "postgres", "terms",
              "hold_ttl_ns", "client_timeout_ns", "network", "schedule", "orders", "faults",
              "faults_until_ns", "length_ns"});
  return {
      .scenario = text(value.at("scenario")),
      .graph = value.at("graph").one_of({"flash-sale"}),
      .design = value.at("design").one_of({"hardened", "as-written"}),
      .seed = value.at("seed").hex64(),
      .topology = topology_from(value.at("topology")),
      .redis = value.has("redis") ? redis_from(value.at("redis")) : Case::Redis{},
      .postgres = value.has("postgres") ? postgres_from(value.at("postgres")) : Case::Postgres{},
      .terms = terms_from(value.at("terms")),
      .hold_ttl = value.at("hold_ttl_ns").nanoseconds(kTime),
      .client_timeout = value.at("client_timeout_ns").nanoseconds(kTime),
      .network = network_from(value.at("network")),
      .schedule = schedule_from(value.at("schedule")),
      .orders = planned_list(value.at("orders"), planned_from),
      .faults = planned_list(value.at("faults"), fault_from),
      .faults_until = value.at("faults_until_ns").nanoseconds(kTime),
      .length = value.at("length_ns").nanoseconds(kTime)};
}

History history_from(const JsonValue& value, std::size_t fault_count) {
  value.only({"terms", "entries"});
  History history{.terms = terms_from(value.at("terms")), .entries = {}};
  const JsonValue entries = value.at("entries");
  const std::size_t count = entries.size(kMany);
  history.entries.reserve(count);
  Sequence sequence(fault_count);
  for (std::size_t i = 0; i < count; ++i) {
    const JsonValue where = entries.at(i);
    history.entries.push_back(entry_from(where));
    sequence.take(where, history.entries.back());
  }
  return history;
}

Trace trace_from(const JsonValue& root) {
  root.at("format").one_of({kFormat});
  root.only({"format", "property", "signature", "message", "digest", "run", "history"});
  Trace trace{.run = case_from(root.at("run")),
              .property = text(root.at("property")),
              .signature = text(root.at("signature")),
              .message = text(root.at("message")),
              .digest = root.at("digest").hex64(),
              .history = {}};
  trace.history = history_from(root.at("history"), trace.run.faults.size());
  return trace;
}

}  // namespace

Trace read_trace(const std::filesystem::path& file) {
  const std::string name = file.string();
  const nlohmann::json document = parse_json(read_text(file), name);
  return trace_from(JsonValue(document, name));
}

bool is_trace(const std::filesystem::path& file) {
  const nlohmann::json document = parse_json(read_text(file), file.string());
  const auto format = document.is_object() ? document.find("format") : document.end();
  if (format == document.end() || !format->is_string()) return false;
  return format->get_ref<const std::string&>().starts_with("firedrill-trace/");
}

}  // namespace firedrill::traces
