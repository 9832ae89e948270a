#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "traces/trace.h"

namespace firedrill::traces {
namespace {

using Json = nlohmann::ordered_json;  // keys in the order in which a reader wants them

std::string hex64(std::uint64_t number) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%016llx", static_cast<unsigned long long>(number));
  return text;
}

Json json_of(const OrderCall& call) {
  return {{"user", call.user},
          {"key", call.key},
          {"sale", call.sale},
          {"product", call.product},
          {"quantity", call.quantity}};
}

Json json_of(const ReadCall& call) {
  return {{"order_id", call.order_id}};
}

// One entry each: the name of what was seen, and its fields.
struct Told {
  Json operator()(const Invoke& seen) const {
    Json fields{{"op", seen.op}};
    const bool orders = std::holds_alternative<OrderCall>(seen.call);
    fields[orders ? "order" : "read"] =
        std::visit([](const auto& call) { return json_of(call); }, seen.call);
    return {{"invoke", fields}};
  }
  Json operator()(const Return& seen) const {
    return {{"return",
             {{"op", seen.op},
              {"ended", to_string(seen.ended)},
              {"status", seen.status},
              {"order_id", seen.order_id},
              {"order_status", seen.order_status}}}};
  }
  Json operator()(const StockSeen& seen) const {
    return {{"stock",
             {{"product", seen.product},
              {"available", seen.available},
              {"reserved", seen.reserved},
              {"sold", seen.sold},
              {"counters", seen.counters}}}};
  }
  Json operator()(const StockEffect& seen) const {
    return {{"effect",
             {{"kind", to_string(seen.kind)},
              {"product", seen.product},
              {"token", seen.token},
              {"user", seen.user},
              {"quantity", seen.quantity}}}};
  }
  Json operator()(const OrderSeen& seen) const {
    Json order{{"order_id", seen.order_id}, {"user", seen.user},         {"key", seen.key},
               {"product", seen.product},   {"quantity", seen.quantity}, {"status", seen.status}};
    if (seen.version != 0) order["version"] = seen.version;
    return {{"order", order}};
  }
  Json operator()(const EventSeen& seen) const {
    Json event{{"order_id", seen.order_id},
               {"version", seen.version},
               {"status", seen.status},
               {"payload", seen.payload},
               {"state", to_string(seen.state)}};
    if (seen.attempts != 0) event["attempts"] = seen.attempts;
    return {{"event", event}};
  }
  Json operator()(const EventDelivered& seen) const {
    Json delivered{{"group", seen.group},
                   {"order_id", seen.order_id},
                   {"version", seen.version},
                   {"payload", seen.payload}};
    if (seen.attempt != 1) delivered["attempt"] = seen.attempt;
    return {{"delivered", delivered}};
  }
  Json operator()(const FaultSeen& seen) const {
    return {{"fault", {{"index", seen.index}, {"what", to_string(seen.what)}}}};
  }
  Json operator()(const PhaseSeen& seen) const { return {{"phase", to_string(seen.phase)}}; }
  Json operator()(const Note& seen) const {
    return {{"note", {{"process", seen.process}, {"text", seen.text}}}};
  }
  Json operator()(const OrderGone& seen) const {
    return {{"order_gone", {{"order_id", seen.order_id}}}};
  }
  Json operator()(const LedgerSeen& seen) const {
    return {{"ledger",
             {{"product", seen.product},
              {"initial", seen.initial},
              {"sold", seen.sold},
              {"epoch", seen.epoch}}}};
  }
  Json operator()(const RedisForgot&) const { return {{"redis_forgot", Json::object()}}; }
  Json operator()(const EventGone& seen) const {
    return {{"event_gone", {{"order_id", seen.order_id}, {"version", seen.version}}}};
  }
};

Json json_of(const Entry& entry) {
  Json json{{"at_ns", to_ns(entry.at)}};
  json.update(std::visit(Told{}, entry.what));
  return json;
}

Json json_of(const Terms& terms) {
  Json products = Json::array();
  for (const Terms::Product& product : terms.products) {
    products.push_back(
        {{"id", product.id}, {"initial", product.initial}, {"per_user_cap", product.per_user_cap}});
  }
  return {{"products", products},
          {"rate_limit", terms.rate_limit},
          {"rate_window_ns", to_ns(terms.rate_window)}};
}

Json json_of(const PlannedOrder& order) {
  Json json{{"at_ns", to_ns(order.at)}};
  json.update(json_of(order.call));
  json["retries"] = order.retries;
  return json;
}

Json json_of(const Fault& fault) {
  return {{"kind", fault.kind},
          {"at_ns", to_ns(fault.at)},
          {"duration_ns", to_ns(fault.duration)},
          {"subject", fault.subject},
          {"object", fault.object},
          {"amount", fault.amount}};
}

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// JSON laid out for a reader: one member a line, and lists of things one thing a line.
class Page {
 public:
  void open(std::string_view key = {}, char bracket = '{') {
    next();
    if (!key.empty()) text_ += line_of(Json(std::string(key))) + ": ";
    text_ += bracket;
    ++depth_;
    first_ = true;
  }
  void close(char bracket = '}') {
    --depth_;
    if (!first_) new_line();
    text_ += bracket;
    first_ = false;
  }
  void member(std::string_view key, const Json& value) {
    next();
    text_ += line_of(Json(std::string(key))) + ": " + line_of(value);
  }
  template <class T>
  void list(std::string_view key, const std::vector<T>& values) {
    open(key, '[');
    for (const T& value : values) {
      next();
      text_ += line_of(json_of(value));
    }
    close(']');
  }
  std::string take() && { return std::move(text_) + "\n"; }

 private:
  void next() {
    if (!first_) text_ += ',';
    if (depth_ > 0) new_line();
    first_ = false;
  }
  void new_line() { text_ += '\n' + std::string(2 * depth_, ' '); }

  std::string text_;
  std::size_t depth_ = 0;
  bool first_ = true;
};

void put_case(Page& page, const Case& run) {
  page.open("run");
  page.member("scenario", run.scenario);
  page.member("graph", run.graph);
  page.member("design", run.design);
  page.member("seed", hex64(run.seed));
  page.member("topology", {{"order_services", run.topology.order_services},
                           {"consumers", run.topology.consumers},
                           {"partitions", run.topology.partitions}});
  page.member("redis", {{"persistence", to_string(run.redis.persistence)},
                        {"fsync", to_string(run.redis.fsync)},
                        {"replicas", run.redis.replicas},
                        {"min_replicas_to_write", run.redis.min_replicas_to_write},
                        {"sentinels", run.redis.sentinels}});
  page.member("postgres",
              {{"standbys", run.postgres.standbys},
               {"synchronous_commit", run.postgres.synchronous_commit ? "on" : "off"},
               {"synchronous_standby", run.postgres.synchronous_standby ? "yes" : "no"}});
  page.member("terms", json_of(run.terms));
  page.member("hold_ttl_ns", to_ns(run.hold_ttl));
  page.member("client_timeout_ns", to_ns(run.client_timeout));
  page.member("network", {{"latency_ns", to_ns(run.network.latency)},
                          {"jitter_ns", to_ns(run.network.jitter)},
                          {"tail_percent", run.network.tail_percent},
                          {"tail_ns", to_ns(run.network.tail)},
                          {"tick_ns", to_ns(run.network.tick)}});
  page.member("schedule", {{"pick", to_string(run.schedule.pick)},
                           {"change_points", run.schedule.change_points}});
  page.list("orders", run.orders);
  page.list("faults", run.faults);
  page.member("faults_until_ns", to_ns(run.faults_until));
  page.member("length_ns", to_ns(run.length));
  page.close();
}

std::string text_of(const Trace& trace) {
  Page page;
  page.open();
  page.member("format", "firedrill-trace/1");
  page.member("property", trace.property);
  page.member("signature", trace.signature);
  page.member("message", trace.message);
  page.member("digest", hex64(trace.digest));
  put_case(page, trace.run);
  page.open("history");
  page.member("terms", json_of(trace.history.terms));
  page.list("entries", trace.history.entries);
  page.close();
  page.close();
  return std::move(page).take();
}

bool write_all(const std::filesystem::path& file, const std::string& text) {
  std::FILE* stream = std::fopen(file.c_str(), "wb");
  if (stream == nullptr) return false;
  const bool written = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  const int why = errno;
  const bool closed = std::fclose(stream) == 0;
  if (!written) errno = why;
  return written && closed;
}

}  // namespace

void write_trace(const std::filesystem::path& file, const Trace& trace) {
  const auto cannot = [&file](const std::string& why) {
    return std::runtime_error(file.string() + ": cannot be written: " + why);
  };
  std::error_code error;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), error);
  if (error) throw cannot(error.message());
  // Named by process, so that two programs that write the same trace do not share a draft.
  std::filesystem::path draft = file;
  draft += ".draft-" + std::to_string(::getpid());
  std::string why;
  if (!write_all(draft, text_of(trace))) {
    why = std::strerror(errno);
  } else {
    std::filesystem::rename(draft, file, error);
    if (error) why = error.message();
  }
  if (why.empty()) return;
  std::filesystem::remove(draft, error);
  throw cannot(why);
}

}  // namespace firedrill::traces
