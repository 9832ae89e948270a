#include "sim/redis/snapshot.h"

#include <string>
#include <vector>

#include "sim/redis/engine.h"
#include "sim/redis/numbers.h"
#include "sim/redis/resp.h"
#include "sim/redis/state.h"

namespace firedrill::sim::redis {

namespace {

/// Sends "COMMAND key a b c..." in pieces.
class Pieces {
 public:
  Pieces(std::string_view command, std::string_view key, const CommandSink& sink)
      : head_{command, key}, sink_(sink), words_(head_) {}

  /// The words of one member; they hold until flush().
  void add(std::initializer_list<std::string_view> member) {
    words_.insert(words_.end(), member);
    constexpr std::size_t kMembers = 64;
    if (++members_ == kMembers) flush();
  }
  void flush() {
    if (members_ > 0) sink_(words_);
    words_ = head_;
    members_ = 0;
  }

 private:
  std::vector<std::string_view> head_;
  const CommandSink& sink_;
  std::vector<std::string_view> words_;
  std::size_t members_ = 0;
};

void send(const CommandSink& sink, std::initializer_list<std::string_view> words) {
  sink(std::span<const std::string_view>(words.begin(), words.size()));
}

void rebuild(std::string_view key, std::int64_t value, const CommandSink& sink) {
  send(sink, {"SET", key, std::to_string(value)});
}

void rebuild(std::string_view key, const std::string& value, const CommandSink& sink) {
  send(sink, {"SET", key, value});
}

void rebuild(std::string_view key, const std::unique_ptr<Hash>& hash, const CommandSink& sink) {
  Pieces pieces("HMSET", key, sink);
  for (const auto& entry : *hash) pieces.add({entry.key, entry.value});
  pieces.flush();
}

void rebuild(std::string_view key, const std::unique_ptr<Set>& set, const CommandSink& sink) {
  Pieces pieces("SADD", key, sink);
  for (const auto& entry : set->members) pieces.add({entry.key});
  pieces.flush();
}

void rebuild(std::string_view key, const std::unique_ptr<List>& list, const CommandSink& sink) {
  Pieces pieces("RPUSH", key, sink);
  for (const std::string& item : list->items) pieces.add({item});
  pieces.flush();
}

void rebuild(std::string_view key, const std::unique_ptr<SortedSet>& set, const CommandSink& sink) {
  for (const auto& element : set->range(0, set->size())) {
    send(sink, {"ZADD", key, score_text(element.score), element.member});
  }
}

void rebuild(std::string_view key, const std::unique_ptr<Stream>& stream, const CommandSink& sink) {
  rebuild_stream(key, *stream, sink);
}

}  // namespace

void rebuild(std::string_view key, const Value& value, const CommandSink& sink) {
  std::visit([&](const auto& held) { rebuild(key, held, sink); }, value);
}

std::string Engine::snapshot() const {
  std::string bytes;
  const CommandSink append = [&bytes](std::span<const std::string_view> words) {
    append_command(bytes, words);
  };
  for (const auto& keys : state_->databases) {
    if (keys == nullptr || keys->size() == 0) continue;
    send(append, {"SELECT", std::to_string(keys->number())});
    for (std::size_t i = 0; i < keys->size(); ++i) {
      const Keyspace::Entry& entry = std::as_const(*keys).at(i);
      rebuild(entry.key, entry.value.value, append);
      const std::int64_t at = entry.value.expires_ms;
      if (at != Keyspace::kForever) send(append, {"PEXPIREAT", entry.key, std::to_string(at)});
    }
  }
  return bytes;
}

}  // namespace firedrill::sim::redis
