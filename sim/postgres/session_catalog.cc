#include "sim/postgres/session.h"

#include "sim/postgres/time_settings.h"

// What a session sees of the catalogue, by its search path and its transaction; sequences and
// advisory locks.

namespace firedrill::sim::postgres {

Catalog::Counts Session::counts() const {
  return [this](Xid xid) {
    if (xid == kNoXid) return true;
    const Transactions& transactions = shared_.storage.transactions;
    if (transactions.state(xid) == Transactions::State::committed) return true;
    return shared_.storage.is_current(xid, actor_.top);
  };
}

std::vector<std::string> Session::search_path() const {
  std::vector<std::string> path;
  const std::string text = std::string(plain_setting("search_path")) + ",";
  std::string name;
  for (const char c : text) {
    if (c == ',') {
      if (!name.empty() && name != "$user") path.push_back(name);
      name.clear();
    } else if (c != ' ' && c != '"') {
      name += c;
    }
  }
  return path;
}

std::shared_ptr<const Table> Session::open_table(std::string_view schema, std::string_view name,
                                                 LockMode mode, std::int32_t position) {
  return open_table(schema, name, mode, position, WaitPolicy::block);
}

/// `policy`: error, for NOWAIT.
std::shared_ptr<const Table> Session::open_table(std::string_view schema, std::string_view name,
                                                 LockMode mode, std::int32_t position,
                                                 WaitPolicy policy) {
  const auto look = [&]() -> std::shared_ptr<const Table> {
    if (!schema.empty()) return shared_.catalog.find_table(schema, name, counts());
    for (const std::string& each : search_path()) {
      if (auto found = shared_.catalog.find_table(each, name, counts())) return found;
    }
    return nullptr;
  };
  for (;;) {
    auto found = look();
    if (found == nullptr) {
      const std::string full =
          (schema.empty() ? "" : std::string(schema) + ".") + std::string(name);
      fail(sqlstate::kUndefinedTable, "relation \"" + full + "\" does not exist", position);
    }
    const LockTag tag{LockTag::Kind::relation, found->oid, 0};
    if (!shared_.locks.acquire(actor_.backend, tag, mode, policy, actor_.owner)) {
      fail(sqlstate::kLockNotAvailable,
           "could not obtain lock on relation \"" + found->name + "\"");
    }
    opened_.emplace_back(found->oid, mode);
    // Whoever held it may have changed or dropped it.
    auto again = look();
    if (again == found) return found;
    if (again != nullptr && again->oid == found->oid) return again;
  }
}

std::shared_ptr<const Table> Session::table(Oid oid) {
  return shared_.catalog.table(oid, counts());
}

Oid Session::find_sequence(std::string_view text) {
  std::string schema;
  std::string name(text);
  if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
    schema = name.substr(0, dot);
    name.erase(0, dot + 1);
  }
  const auto bare = [](std::string& each) {
    if (each.size() >= 2 && each.front() == '"') each = each.substr(1, each.size() - 2);
  };
  bare(schema);
  bare(name);
  std::vector<std::string> path = {schema};
  if (schema.empty()) path = search_path();
  for (const std::string& each : path) {
    if (auto found = shared_.catalog.find_sequence(each, name, counts())) return found->oid;
    if (auto table_found = shared_.catalog.find_table(each, name, counts())) {
      fail(sqlstate::kWrongObjectType, "\"" + name + "\" is not a sequence");
    }
  }
  fail(sqlstate::kUndefinedTable, "relation \"" + std::string(text) + "\" does not exist");
}

const TypeInfo* Session::find(TypeId id) const {
  const TypeInfo* builtin = builtin_type(id);
  return builtin != nullptr ? builtin : shared_.catalog.enum_type(id);
}

const TypeInfo* Session::find(std::string_view name) const {
  if (const TypeInfo* builtin = builtin_type(name)) return builtin;
  for (const std::string& schema : search_path()) {
    const TypeInfo* found = find_type(schema, name);
    if (found != nullptr) return found;
  }
  return nullptr;
}

const TypeInfo* Session::find_type(std::string_view schema, std::string_view name) const {
  if (schema == "pg_catalog") return builtin_type(name);
  const Catalog::Enum* found = shared_.catalog.find_enum(schema, name, counts());
  if (found == nullptr) return nullptr;
  return found->type.name == name ? &found->type : &found->array;
}

// --- Sequences and advisory locks ----------------------------------------------------------------

std::int64_t Session::next_value(Oid oid) {
  if (is_read_only_) {
    fail(sqlstate::kReadOnlySqlTransaction, "cannot execute nextval() in a read-only transaction");
  }
  const auto sequence = shared_.catalog.sequence(oid, counts());
  if (sequence == nullptr) fail(sqlstate::kUndefinedTable, "the sequence does not exist");
  const SequenceDefinition& rules = sequence->definition;
  Sequence::State& state = *sequence->state;
  std::int64_t next = state.last_value;
  if (state.is_called) {
    const bool up = rules.increment > 0;
    std::int64_t sum = 0;
    const bool overflows = __builtin_add_overflow(next, rules.increment, &sum);
    const bool beyond = overflows || (up ? sum > rules.maximum : sum < rules.minimum);
    if (beyond && !rules.cycles) {
      fail("2200H", "nextval: reached " + std::string(up ? "maximum" : "minimum") +
                        " value of sequence \"" + sequence->name + "\" (" +
                        std::to_string(up ? rules.maximum : rules.minimum) + ")");
    }
    next = beyond ? (up ? rules.minimum : rules.maximum) : sum;
  }
  if (state.log_count == 0) {
    log_sequence(*sequence, next);
  } else {
    --state.log_count;
  }
  state.last_value = next;
  state.is_called = true;
  current_values_[oid] = next;
  last_sequence_ = oid;
  return next;
}

/// Where the number is to be durable, the transaction has something to commit.
void Session::log_sequence(const Sequence& sequence, std::int64_t next) {
  constexpr std::int64_t kAhead = 32;  // SEQ_LOG_VALS
  const SequenceDefinition& rules = sequence.definition;
  actor_.need_number();
  is_logged_ = true;
  shared_.log.sequence(sequence.oid, sequence.state->logged);
  std::int64_t ahead = 0;
  const bool overflows = __builtin_mul_overflow(rules.increment, kAhead, &ahead) ||
                         __builtin_add_overflow(next, ahead, &ahead);
  const std::int64_t last = rules.increment > 0 ? rules.maximum : rules.minimum;
  const bool beyond = overflows || (rules.increment > 0 ? ahead > last : ahead < last);
  sequence.state->logged = {beyond ? last : ahead, true};
  sequence.state->log_count = static_cast<std::uint32_t>(kAhead);
}

std::int64_t Session::next_value_of(std::string_view name) {
  return next_value(find_sequence(name));
}

std::int64_t Session::current_value_of(std::string_view name) {
  const auto found = current_values_.find(find_sequence(name));
  if (found == current_values_.end()) {
    fail(sqlstate::kObjectNotInPrerequisiteState,
         "currval of sequence \"" + std::string(name) + "\" is not yet defined in this session");
  }
  return found->second;
}

std::int64_t Session::last_value() {
  if (!last_sequence_ || shared_.catalog.sequence(*last_sequence_, counts()) == nullptr) {
    fail(sqlstate::kObjectNotInPrerequisiteState, "lastval is not yet defined in this session");
  }
  return current_values_.at(*last_sequence_);
}

void Session::set_value_of(std::string_view name, std::int64_t value, bool is_called) {
  const auto sequence = shared_.catalog.sequence(find_sequence(name), counts());
  const SequenceDefinition& rules = sequence->definition;
  if (value < rules.minimum || value > rules.maximum) {
    fail(sqlstate::kNumericValueOutOfRange,
         "setval: value " + std::to_string(value) + " is out of bounds for sequence \"" +
             sequence->name + "\" (" + std::to_string(rules.minimum) + ".." +
             std::to_string(rules.maximum) + ")");
  }
  shared_.log.sequence(sequence->oid, sequence->state->logged);
  *sequence->state = {value, is_called};
  if (is_called) current_values_[sequence->oid] = value;
}

bool Session::lock_advisory(const LockTag& tag, LockMode mode, bool for_session, bool waits) {
  return shared_.locks.acquire(actor_.backend, tag, mode,
                               waits ? WaitPolicy::block : WaitPolicy::skip,
                               for_session ? kSessionOwner : actor_.owner);
}
bool Session::unlock_advisory(const LockTag& tag, LockMode mode) {
  const bool was_held = shared_.locks.release(actor_.backend, tag, mode, kSessionOwner);
  if (!was_held) {
    const std::string_view name = mode == LockMode::share ? "ShareLock" : "ExclusiveLock";
    say("WARNING",
        {.sqlstate = "01000", .message = "you don't own a lock of type " + std::string(name)});
  }
  return was_held;
}
void Session::sleep(std::int64_t for_us) {
  if (for_us > 0) shared_.sleep_until(actor_.backend, shared_.now + for_us);
}
std::vector<std::int32_t> Session::blockers_of(std::int32_t backend) {
  std::vector<std::int32_t> blockers;
  for (const BackendId each : shared_.locks.blockers_of(static_cast<BackendId>(backend))) {
    blockers.push_back(static_cast<std::int32_t>(each));
  }
  return blockers;
}
std::int64_t Session::timeout_us(std::string_view name) const {
  return time_us(plain_setting(name));
}
std::int64_t Session::transaction_id() {
  actor_.need_number();
  return static_cast<std::int64_t>(actor_.top);
}

}  // namespace firedrill::sim::postgres
