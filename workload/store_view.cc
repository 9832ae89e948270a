#include "workload/store_view.h"

#include <charconv>
#include <utility>

namespace firedrill::workload {

namespace {

using traces::StockEffect;

std::int64_t whole(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<StockEffect::Kind> effect_kind(std::string_view op) {
  using Kind = StockEffect::Kind;
  for (const Kind kind : {Kind::seed, Kind::reserve, Kind::confirm, Kind::release, Kind::expire,
                          Kind::restock, Kind::rebuild}) {
    if (traces::to_string(kind) == op) return kind;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Watched> watch(std::string_view key) {
  constexpr std::string_view plain = "stock:";
  if (key.starts_with(plain)) {
    return Watched{Watched::Kind::plain_stock,
                   std::string(key.substr(plain.size())),
                   {"GET", std::string(key)}};
  }
  const std::size_t close = key.find('}');
  if (!key.starts_with("{") || close == std::string_view::npos) return std::nullopt;
  std::string product(key.substr(1, close - 1));
  const std::string_view suffix = key.substr(close + 1);
  if (suffix == ":s") {
    return Watched{Watched::Kind::counters,
                   std::move(product),
                   {"HMGET", std::string(key), "avail", "reserved", "sold"}};
  }
  if (suffix == ":log") {
    return Watched{Watched::Kind::log,
                   std::move(product),
                   {"XREVRANGE", std::string(key), "+", "-", "COUNT", "1"}};
  }
  return std::nullopt;
}

std::vector<std::string> stock_keys(const std::string& product) {
  return {"stock:" + product, "{" + product + "}:s"};
}

std::optional<traces::What> read(const Watched& watched, const RedisReply& reply) {
  const std::vector<RedisReply>& items = reply.items;
  switch (watched.kind) {
    case Watched::Kind::plain_stock:
      if (reply.is_nil()) return std::nullopt;
      return traces::StockSeen{watched.product, whole(reply.text), 0, 0, false};
    case Watched::Kind::counters:
      if (items.size() != 3 || items[0].is_nil()) return std::nullopt;
      return traces::StockSeen{watched.product, whole(items[0].text), whole(items[1].text),
                               whole(items[2].text), true};
    case Watched::Kind::log:
      if (items.empty()) return std::nullopt;
      if (auto effect = read_log_entry(watched.product, items[0])) return std::move(*effect);
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<StockEffect> read_log_entry(const std::string& product, const RedisReply& entry) {
  if (entry.items.size() != 2) return std::nullopt;
  StockEffect effect;
  effect.product = product;
  bool known = false;
  const std::vector<RedisReply>& fields = entry.items[1].items;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const std::string& name = fields[i].text;
    const std::string& value = fields[i + 1].text;
    if (name == "op") {
      const auto kind = effect_kind(value);
      known = kind.has_value();
      if (known) effect.kind = *kind;
    } else if (name == "rid") {
      effect.token = value;
    } else if (name == "user") {
      effect.user = value;
    } else if (name == "qty") {
      effect.quantity = whole(value);
    }
  }
  if (!known) return std::nullopt;
  return effect;
}

}  // namespace firedrill::workload
