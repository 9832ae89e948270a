#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/engine.h"

namespace firedrill::sim::postgres {

/// What LISTEN and NOTIFY of one transaction wait for: its commit. A level for each savepoint, as
/// these are undone alone.
class PendingNotifications {
 public:
  enum class Action : std::uint8_t { listen, unlisten, unlisten_all };

  /// Throws 22023 for a name or a payload that is too long. One that this level has said already is
  /// said once.
  void notify(std::string_view channel, std::string_view payload);
  void act(Action action, std::string_view channel);

  void begin_level() { levels_.emplace_back(); }
  /// RELEASE: what the innermost level has becomes the one's around it, but for what that has said.
  void merge_level();
  /// ROLLBACK TO: what levels from `level` on have is forgotten; 0: the transaction's own.
  void forget_levels(std::size_t level);
  void clear() { levels_.assign(1, {}); }

 private:
  friend class NotificationQueue;
  struct Said {
    std::string channel;
    std::string payload;
    bool operator==(const Said&) const = default;
  };
  struct Change {
    Action action = Action::listen;
    std::string channel;
  };
  struct Level {
    std::vector<Said> said;
    std::vector<Change> changes;
  };
  std::vector<Level> levels_ = {{}};
};

/// Who listens to what, and what they have not read yet: in the order of commits.
class NotificationQueue {
 public:
  /// At the commit of `session`. `pending` is one level.
  void commit(SessionId session, const PendingNotifications& pending);
  /// What `session` listens to and has been sent, where it is between transactions; what it was
  /// sent of other channels is gone.
  std::vector<Notification> read(SessionId session);
  /// In the order of their LISTEN.
  std::vector<std::string> channels_of(SessionId session) const;
  void disconnect(SessionId session) { listeners_.erase(session); }

 private:
  struct Listener {
    std::vector<std::string> channels;  ///< in the order of their LISTEN
    std::deque<Notification> unread;    ///< since it first listened to anything, of all channels
  };
  std::map<SessionId, Listener> listeners_;
};

}  // namespace firedrill::sim::postgres
