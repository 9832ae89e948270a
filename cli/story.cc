#include "cli/story.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "faults/kinds.h"

namespace firedrill {

namespace {

using traces::Entry;

/// Short names for order ids, in the order in which they are met.
class Aliases {
 public:
  std::string operator()(const std::string& id) {
    if (id.empty()) return "an order";
    return names_.try_emplace(id, fmt::format("o-{}", names_.size() + 1)).first->second;
  }

  std::map<std::string, std::string>& names() { return names_; }

 private:
  std::map<std::string, std::string> names_;
};

std::string count(std::size_t number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

std::string result(const traces::Return& back, Aliases& alias) {
  if (back.status == 202) return "accepted " + alias(back.order_id);
  if (back.status == 200) return back.order_status;
  switch (back.status) {
    case 0: return back.ended == traces::Ended::fail ? "not sent" : "no answer (unknown)";
    case 403: return "403 over the cap";
    case 404: return "404 not found";
    case 409: return "409 sold out";
    case 422: return "422 not valid";
    case 429: return "429 too many requests";
    default:
      return fmt::format("{}{}", back.status,
                         back.ended == traces::Ended::info ? " (unknown)" : "");
  }
}

class Teller {
 public:
  Teller(const traces::Case& run, const traces::History& history, std::optional<std::size_t> mark,
         Detail detail, int indent)
      : run_(run), history_(history), mark_(mark), detail_(detail), indent_(indent) {
    for (std::size_t i = 0; i < history.entries.size(); ++i) {
      if (const auto* back = std::get_if<traces::Return>(&history.entries[i].what)) {
        returns_[back->op] = i;
      }
    }
  }

  Told tell() {
    for (std::size_t i = 0; i < history_.entries.size(); ++i) {
      index_ = i;
      at_ = history_.entries[i].at;
      std::visit([this](const auto& what) { line(what); }, history_.entries[i].what);
    }
    return {std::move(text_), std::move(alias_.names())};
  }

 private:
  void say(const std::string& who, const std::string& what, std::size_t also = kNone) {
    const bool marked = mark_.has_value() && (*mark_ == index_ || *mark_ == also);
    if (marked) mark_.reset();
    text_ += fmt::format("{:{}}{:8.3f}  {:<11} {}{}\n", "", indent_,
                         static_cast<double>(at_.count()) / 1e9, who, what,
                         marked ? "     <- first violation" : "");
  }

  bool marked() const { return mark_ == index_; }

  void line(const traces::Invoke& invoke) {
    const auto found = returns_.find(invoke.op);
    const traces::Return* back =
        found == returns_.end()
            ? nullptr
            : std::get_if<traces::Return>(&history_.entries[found->second].what);
    std::string answer = "never returned";
    std::size_t return_index = kNone;
    if (back != nullptr) {
      return_index = found->second;
      answer = result(*back, alias_);
      const Duration took = history_.entries[found->second].at - at_;
      if (took >= from_ms(50)) answer += fmt::format(", after {} ms", to_ms(took));
    }
    if (const auto* order = std::get_if<traces::OrderCall>(&invoke.call)) {
      say(order->user,
          fmt::format("order {} x{} ({})  ->  {}", order->product, order->quantity, order->key,
                      answer),
          return_index);
      return;
    }
    const auto& read = std::get<traces::ReadCall>(invoke.call);
    const bool dull = back != nullptr && back->status == 200;
    if (detail_ == Detail::story && dull && mark_ != return_index && !marked()) return;
    say("reader", fmt::format("reads {}  ->  {}", alias_(read.order_id), answer), return_index);
  }

  void line(const traces::Return& back) {
    if (detail_ == Detail::all) {
      say("", fmt::format("call {} returns: {}", back.op, result(back, alias_)));
    }
  }

  void line(const traces::StockSeen& stock) {
    if (detail_ == Detail::story && !marked()) return;
    if (stock.counters) {
      say("stock", fmt::format("{}: {} available, {} reserved, {} sold", stock.product,
                               stock.available, stock.reserved, stock.sold));
    } else {
      say("stock", fmt::format("{}: {} available", stock.product, stock.available));
    }
  }

  void line(const traces::StockEffect& effect) {
    std::string what =
        fmt::format("{} {} of {}", traces::to_string(effect.kind), effect.quantity, effect.product);
    if (!effect.token.empty()) what += " for " + alias_(effect.token);
    say("redis", what);
  }

  void line(const traces::OrderSeen& order) {
    if (detail_ == Detail::story && !marked() &&
        std::exchange(statuses_[order.order_id], order.status) == order.status) {
      return;
    }
    say("orders", fmt::format("{} of {}: {} x{} {}", alias_(order.order_id), order.user,
                              order.product, order.quantity, order.status));
  }

  void line(const traces::EventSeen& event) {
    using State = traces::EventSeen::State;
    if (detail_ == Detail::story && !marked() && event.state != State::dead) return;
    std::string what = fmt::format("{} version {} ({}): {}", alias_(event.order_id), event.version,
                                   event.status, traces::to_string(event.state));
    if (event.attempts > 1) what += fmt::format(", attempt {}", event.attempts);
    say("outbox", what);
  }

  void line(const traces::EventDelivered& event) {
    if (detail_ == Detail::story && !marked()) return;
    say(event.group, fmt::format("hears of {} version {}", alias_(event.order_id), event.version));
  }

  void line(const traces::OrderGone& gone) {
    statuses_.erase(gone.order_id);
    say("orders", fmt::format("{} is lost", alias_(gone.order_id)));
  }

  void line(const traces::EventGone& gone) {
    if (detail_ == Detail::story && !marked()) return;
    say("outbox", fmt::format("{} version {} is lost", alias_(gone.order_id), gone.version));
  }

  void line(const traces::LedgerSeen& ledger) {
    if (detail_ == Detail::story && !marked()) return;
    say("ledger", fmt::format("{}: {} of {} sold, epoch {}", ledger.product, ledger.sold,
                              ledger.initial, ledger.epoch));
  }

  void line(const traces::RedisForgot&) {
    if (detail_ == Detail::story && !marked()) return;
    say("redis", "forgets, or will, what it acknowledged");
  }

  void line(const traces::FaultSeen& seen) {
    const traces::Fault& fault = run_.faults.at(seen.index);
    using What = traces::FaultSeen::What;
    if (seen.what == What::began) say("    fault", describe(fault));
    if (seen.what == What::took_effect && detail_ == Detail::all) {
      say("    fault", fmt::format("{} took effect", fault.kind));
    }
    if (seen.what == What::ended && fault.duration > Duration::zero()) {
      say("    fault", fmt::format("{} ends", fault.kind));
    }
  }

  void line(const traces::PhaseSeen& seen) {
    const bool healed = seen.phase == traces::PhaseSeen::Phase::healed;
    if (detail_ == Detail::story && !marked()) {
      if (!healed) say("", "everything is quiet");
      return;
    }
    say("", healed ? "everything is healed" : "everything is quiet");
  }

  void line(const traces::Note& note) { say(note.process, note.text); }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  const traces::Case& run_;
  const traces::History& history_;
  std::optional<std::size_t> mark_;
  Detail detail_;
  int indent_;
  std::map<traces::OpId, std::size_t> returns_;
  std::map<std::string, std::string> statuses_;
  Aliases alias_;
  std::size_t index_ = 0;
  Duration at_{};
  std::string text_;
};

}  // namespace

std::string describe(const traces::Fault& fault) {
  const faults::Kind* kind = faults::find_kind(fault.kind);
  std::string text = fault.kind;
  if (!fault.subject.empty()) text += " " + fault.subject;
  if (!fault.object.empty()) text += " -> " + fault.object;
  const std::string_view unit =
      kind == nullptr ? std::string_view() : kind->amount.substr(0, kind->amount.find(';'));
  if (!unit.empty()) text += fmt::format(", {} {}", fault.amount, unit);
  if (fault.duration > Duration::zero()) text += fmt::format(", for {} ms", to_ms(fault.duration));
  return text;
}

std::string size_of(const traces::Case& run) {
  return count(run.orders.size(), "order") + ", " + count(run.faults.size(), "fault");
}

std::string Told::with_names(std::string message) const {
  for (const auto& [id, name] : names) {
    for (std::size_t at = message.find(id); at != std::string::npos; at = message.find(id, at)) {
      message.replace(at, id.size(), name);
      at += name.size();
    }
  }
  return message;
}

Told tell(const traces::Case& run, const traces::History& history, std::optional<std::size_t> mark,
          Detail detail, int indent) {
  return Teller(run, history, mark, detail, indent).tell();
}

}  // namespace firedrill
