#include <algorithm>
#include <optional>

#include "properties/facts.h"
#include "properties/judges.h"
#include "properties/outbox.h"

namespace firedrill::properties {
namespace {

/// What is wrong with an order and its events.
struct Split {
  std::string_view signature;
  std::string message;
  EntryIndex entry = kNever;
};

class Outbox {
 public:
  explicit Outbox(const Facts& facts)
      : facts_(facts), records_(facts.orders()), known_(facts.orders()) {
    // A record that has no version says nothing about them: another store keeps it.
    for (const SeenOrder& seen : facts.seen_orders()) {
      if (facts.stands(seen)) known_[seen.order] = true;
      if (seen.version > 0 && facts.stands(seen)) records_[seen.order] = &seen;
    }
  }

  /// Whether there is a version or an event of the order, and was not lost.
  bool concerns(Id order) const {
    return records_[order] != nullptr ||
           std::ranges::any_of(facts_.events_of_order()[order], [this](std::uint32_t index) {
             return facts_.stands(facts_.seen_events()[index]);
           });
  }

  std::optional<Split> split(Id order) {
    sort_rows(order);
    const SeenOrder* record = records_[order];
    const std::int64_t version = record == nullptr ? 0 : record->version;
    std::int64_t whole = 0;  // versions 1 to this have their events
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const SeenEvent& row = *rows_[i];
      const bool again = i > 0 && rows_[i - 1]->event == row.event;
      if (again && rows_[i - 1]->content != row.content) return two_events(row);
      if (row.version < 1 || row.version > version) return no_version(row);
      if (!again && row.version != whole + 1) break;
      whole = row.version;
    }
    if (whole < version) return no_event(*record, whole + 1);
    if (record == nullptr || rows_.back()->status == record->status) return std::nullopt;
    return other_status(*record, *rows_.back());
  }

 private:
  /// Those that stand, by version; what was seen of one version stays in its order.
  void sort_rows(Id order) {
    rows_.clear();
    for (const std::uint32_t index : facts_.events_of_order()[order]) {
      const SeenEvent& row = facts_.seen_events()[index];
      if (facts_.stands(row)) rows_.push_back(&row);
    }
    std::ranges::stable_sort(rows_, {}, &SeenEvent::version);
  }

  Split two_events(const SeenEvent& row) const {
    return {"a version with two events",
            event_name(facts_, row.order, row.version) + " has two events", row.entry};
  }

  Split no_version(const SeenEvent& row) const {
    const SeenOrder* record = records_[row.order];
    const std::string event =
        facts_.order_name(row.order) + " has an event of version " + std::to_string(row.version);
    if (!known_[row.order]) {
      return {"an event without its order", event + " and does not exist", row.entry};
    }
    return {"an event without its version",
            event + " and is at " +
                (record == nullptr ? "no version" : "version " + std::to_string(record->version)),
            row.entry};
  }

  Split no_event(const SeenOrder& record, std::int64_t missing) const {
    return {"a version without its event",
            event_name(facts_, record.order, record.version) + " is " +
                std::string(to_string(record.status)) + ", and there is no event of version " +
                std::to_string(missing),
            record.entry};
  }

  Split other_status(const SeenOrder& record, const SeenEvent& row) const {
    return {"an event of another status",
            event_name(facts_, record.order, record.version) + " is " +
                std::string(to_string(record.status)) + ", its event says " +
                std::string(to_string(row.status)),
            std::max(record.entry, row.entry)};
  }

  const Facts& facts_;
  std::vector<const SeenOrder*> records_;  // by order: the last at a version
  std::vector<bool> known_;                // by order
  std::vector<const SeenEvent*> rows_;     // of the order that is looked at
};

}  // namespace

Verdict judge_outbox_atomic(const Facts& facts) {
  if (facts.quiet() == kNever || !facts.tells_versions()) return sound(0);
  Outbox outbox(facts);
  std::uint64_t judged = 0;
  for (Id order = 0; order < facts.orders(); ++order) {
    if (!outbox.concerns(order)) continue;
    ++judged;
    const auto found = outbox.split(order);
    if (!found) continue;
    return broken(judged, found->signature, found->message, std::max(facts.quiet(), found->entry));
  }
  return sound(judged);
}

}  // namespace firedrill::properties
