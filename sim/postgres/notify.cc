#include "sim/postgres/notify.h"

#include <algorithm>
#include <iterator>

#include "sim/postgres/session.h"
#include "system/domain/check.h"

namespace firedrill::sim::postgres {

namespace {

constexpr std::size_t kLongestName = 63;       // NAMEDATALEN - 1
constexpr std::size_t kPayloadTooLong = 8000;  // NOTIFY_PAYLOAD_MAX_LENGTH

}  // namespace

void PendingNotifications::notify(std::string_view channel, std::string_view payload) {
  if (channel.empty()) fail(sqlstate::kInvalidParameterValue, "channel name cannot be empty");
  if (channel.size() > kLongestName) {
    fail(sqlstate::kInvalidParameterValue, "channel name too long");
  }
  if (payload.size() >= kPayloadTooLong) {
    fail(sqlstate::kInvalidParameterValue, "payload string too long");
  }
  std::vector<Said>& said = levels_.back().said;
  Said one{std::string(channel), std::string(payload)};
  if (std::ranges::find(said, one) == said.end()) said.push_back(std::move(one));
}

void PendingNotifications::act(Action action, std::string_view channel) {
  levels_.back().changes.push_back({action, std::string(channel)});
}

void PendingNotifications::merge_level() {
  check(levels_.size() > 1, "a savepoint is released within another level");
  Level inner = std::move(levels_.back());
  levels_.pop_back();
  Level& outer = levels_.back();
  for (Said& one : inner.said) {
    if (std::ranges::find(outer.said, one) == outer.said.end()) {
      outer.said.push_back(std::move(one));
    }
  }
  std::ranges::move(inner.changes, std::back_inserter(outer.changes));
}

void PendingNotifications::forget_levels(std::size_t level) {
  check(level < levels_.size(), "the level is there");
  levels_.resize(level);
  levels_.emplace_back();
}

void NotificationQueue::commit(SessionId session, const PendingNotifications& pending) {
  check(pending.levels_.size() == 1, "savepoints end before their transaction");
  using Action = PendingNotifications::Action;
  const PendingNotifications::Level& level = pending.levels_[0];
  const bool listens = std::ranges::any_of(
      level.changes, [](const auto& change) { return change.action == Action::listen; });
  if (listens) listeners_.try_emplace(session);  // before it sends: it hears itself
  for (const auto& said : level.said) {
    for (auto& [id, listener] : listeners_) {
      listener.unread.push_back({session, said.channel, said.payload});
    }
  }
  const auto found = listeners_.find(session);
  if (found == listeners_.end()) return;
  std::vector<std::string>& channels = found->second.channels;
  for (const auto& change : level.changes) {
    if (change.action == Action::unlisten_all) {
      channels.clear();
      continue;
    }
    const auto known = std::ranges::find(channels, change.channel);
    if (change.action == Action::unlisten) {
      if (known != channels.end()) channels.erase(known);
    } else if (known == channels.end()) {
      channels.push_back(change.channel);
    }
  }
  if (channels.empty()) listeners_.erase(found);
}

std::vector<Notification> NotificationQueue::read(SessionId session) {
  std::vector<Notification> heard;
  const auto found = listeners_.find(session);
  if (found == listeners_.end()) return heard;
  const std::vector<std::string>& channels = found->second.channels;
  for (Notification& each : found->second.unread) {
    if (std::ranges::find(channels, each.channel) != channels.end()) {
      heard.push_back(std::move(each));
    }
  }
  found->second.unread.clear();
  return heard;
}

std::vector<std::string> NotificationQueue::channels_of(SessionId session) const {
  const auto found = listeners_.find(session);
  return found == listeners_.end() ? std::vector<std::string>() : found->second.channels;
}

// --- The session's part --------------------------------------------------------------------------

void Session::read_notifications() {
  if (is_open_) return;
  std::ranges::move(shared_.notifications.read(actor_.backend), std::back_inserter(notifications));
}

bool Session::listen_or_notify(const PgQuery__Node* node, StatementResult& result) {
  using Action = PendingNotifications::Action;
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_NOTIFY_STMT:
      pending_.notify(node->notify_stmt->conditionname, node->notify_stmt->payload);
      result.tag = "NOTIFY";
      return true;
    case PG_QUERY__NODE__NODE_LISTEN_STMT:
      pending_.act(Action::listen, node->listen_stmt->conditionname);
      result.tag = "LISTEN";
      return true;
    case PG_QUERY__NODE__NODE_UNLISTEN_STMT: {
      const std::string_view channel = node->unlisten_stmt->conditionname;
      pending_.act(channel.empty() ? Action::unlisten_all : Action::unlisten, channel);
      result.tag = "UNLISTEN";
      return true;
    }
    default: return false;
  }
}

}  // namespace firedrill::sim::postgres
