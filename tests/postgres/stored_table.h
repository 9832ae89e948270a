#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "sim/postgres/storage/heap.h"
#include "sim/postgres/storage/unique.h"
#include "tests/postgres/fibers.h"

namespace firedrill::sim::postgres {

/// The types that are built in.
class BuiltinTypes : public Types {
 public:
  const TypeInfo* find(TypeId id) const override { return builtin_type(id); }
  const TypeInfo* find(std::string_view name) const override { return builtin_type(name); }
};

/// One table (id, balance) with a unique index on id, and sessions, which are told from outside
/// what to do next; each works on a fiber of its own.
struct StoredTable : testing::Test {
  static constexpr std::uint32_t kTable = 16384;

  BuiltinTypes types;
  Fibers fibers;
  Locks locks{fibers};
  Storage storage{{}, locks};
  Heap heap{kTable, storage};
  Index index{{{.position = 0, .type = TypeId::int8}}, types};
  std::map<BackendId, Actor> actors;

  ~StoredTable() override { fibers.stop(); }

  void begin(BackendId backend) {
    const Xid xid = storage.begin(backend);
    actors[backend] = {.backend = backend, .top = xid, .current = xid, .command = 0};
  }
  void commit(BackendId backend) { end(backend, true); }
  void abort(BackendId backend) { end(backend, false); }
  void end(BackendId backend, bool well) {
    const Xid top = actors[backend].top;
    well ? storage.transactions.commit(top) : storage.transactions.abort(top);
    actors.erase(backend);
    locks.release_transaction(backend);
    fibers.run_woken();
  }
  void savepoint(BackendId backend) {
    Actor& actor = actors[backend];
    ++actor.owner;
    actor.current = storage.begin(backend, actor.current, actor.owner);
  }
  void rollback_to_savepoint(BackendId backend) {
    Actor& actor = actors[backend];
    storage.transactions.abort(actor.current);
    locks.release_since(backend, actor.owner);
    actor.current = actor.top;
    --actor.owner;
    fibers.run_woken();
  }

  /// "1 done" in the log when it ends.
  void act(BackendId backend, const std::function<std::string(Actor&)>& work) {
    ++actors[backend].command;
    fibers.run(backend, [this, backend, work] {
      const std::string outcome = work(actors[backend]);
      fibers.log.push_back(std::to_string(backend) + " " + outcome);
    });
  }

  static std::string text(Change change) {
    constexpr std::array<const char*, 6> kNames{"done",    "invisible", "self_modified",
                                                "updated", "deleted",   "would_block"};
    return kNames[static_cast<std::size_t>(change)];
  }

  /// Committed.
  Version& row(std::int64_t id, std::int64_t balance = 0) {
    begin(99);
    Version& version = heap.insert(actors[99], {Value::of(id), Value::of(balance)});
    index.insert({Value::of(id)}, &version);
    commit(99);
    return version;
  }

  void update(BackendId backend, Version& version, RowLockMode mode = RowLockMode::no_key_update) {
    act(backend, [this, &version, mode](Actor& actor) {
      return text(heap.update(actor, version, version.values, mode, WaitPolicy::block));
    });
  }
  void remove(BackendId backend, Version& version) {
    act(backend, [this, &version](Actor& actor) {
      return text(heap.remove(actor, version, WaitPolicy::block));
    });
  }
  void lock(BackendId backend, Version& version, RowLockMode mode,
            WaitPolicy policy = WaitPolicy::block) {
    act(backend, [this, &version, mode, policy](Actor& actor) {
      return text(heap.lock(actor, version, mode, policy));
    });
  }
  /// As INSERT does.
  void insert(BackendId backend, std::int64_t id) {
    act(backend, [this, id](Actor& actor) {
      Version& version = heap.insert(actor, {Value::of(id), Value::of(0)});
      if (find_conflict(actor, heap, index, {Value::of(id)}, &version) != nullptr)
        return std::string("23505");
      index.insert({Value::of(id)}, &version);
      return std::string("done");
    });
  }

  std::string visible(BackendId backend, const Snapshot& snapshot) {
    std::string ids;
    heap.scan(snapshot, actors[backend], [&](Version& version) {
      ids += (ids.empty() ? "" : " ") + std::to_string(version.values[0].integer());
      return true;
    });
    return ids;
  }
};

}  // namespace firedrill::sim::postgres
