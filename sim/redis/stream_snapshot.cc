#include <set>
#include <string>
#include <vector>

#include "sim/redis/snapshot.h"
#include "sim/redis/stream.h"

namespace firedrill::sim::redis {

namespace {

class StreamRebuild {
 public:
  StreamRebuild(std::string_view key, const Stream& stream, const CommandSink& sink)
      : key_(key), stream_(stream), sink_(sink) {}

  void run() {
    const std::set<StreamId> stand_ins = pending_ids();
    const bool last_is_behind = stream_.max_deleted_id() > stream_.last_id();
    if (!stand_ins.empty()) {
      for (const StreamId id : stand_ins) send({"XADD", key_, id.text(), "x", "y"});
      make_groups();
    } else if (stream_.size() == 0 || last_is_behind) {
      send({"XADD", key_, "0-1", "x", "y"});
    }
    if (!stand_ins.empty() || stream_.size() == 0 || last_is_behind) {
      // What only stood in for others goes, and leaves no trace but the last id.
      send({"XTRIM", key_, "MAXLEN", "0"});
      if (last_is_behind) set_ids(stream_.max_deleted_id());
      send({"XSETID", key_, "0-0"});
    }
    add_entries();
    if (last_is_behind) {
      send({"XSETID", key_, stream_.last_id().text(), "ENTRIESADDED", added()});
    } else {
      set_ids(stream_.last_id());
    }
    if (stand_ins.empty()) make_groups();
  }

 private:
  void send(std::initializer_list<std::string_view> words) {
    sink_(std::span<const std::string_view>(words.begin(), words.size()));
  }

  std::string added() const { return std::to_string(stream_.entries_added()); }

  void set_ids(StreamId last) {
    send({"XSETID", key_, last.text(), "ENTRIESADDED", added(), "MAXDELETEDID",
          stream_.max_deleted_id().text()});
  }

  /// XCLAIM makes nothing pending that is not in the stream. Where something is that has been
  /// deleted since: all that is pending, to be there for a while; else nothing.
  std::set<StreamId> pending_ids() const {
    std::set<StreamId> ids;
    bool all_are_there = true;
    for (const auto& [name, group] : stream_.groups()) {
      for (const auto& [id, pending] : group.pending()) {
        ids.insert(id);
        all_are_there = all_are_there && stream_.find(id).has_value();
      }
    }
    return all_are_there ? std::set<StreamId>{} : ids;
  }

  void add_entries() {
    stream_.visit({}, StreamId::max(), false, [this](const Stream::Entry& entry) {
      const std::string id = entry.id().text();
      std::vector<std::string_view> words = {"XADD", key_, id};
      const auto fields = entry.fields();
      words.insert(words.end(), fields.begin(), fields.end());
      sink_(words);
      return true;
    });
  }

  void make_groups() {
    for (const auto& [name, group] : stream_.groups()) {
      send({"XGROUP", "CREATE", key_, name, group.last_id.text(), "ENTRIESREAD",
            std::to_string(group.entries_read.value_or(-1))});
      for (const auto& [consumer_name, consumer] : group.consumers()) {
        send({"XGROUP", "CREATECONSUMER", key_, name, consumer_name});
      }
      for (const auto& [id, pending] : group.pending()) {
        send({"XCLAIM", key_, name, pending.consumer->name, "0", id.text(), "TIME",
              std::to_string(pending.delivered_ms), "RETRYCOUNT",
              std::to_string(static_cast<std::int64_t>(pending.deliveries)), "FORCE", "JUSTID"});
      }
    }
  }

  std::string_view key_;
  const Stream& stream_;
  const CommandSink& sink_;
};

}  // namespace

void rebuild_stream(std::string_view key, const Stream& stream, const CommandSink& sink) {
  StreamRebuild(key, stream, sink).run();
}

}  // namespace firedrill::sim::redis
