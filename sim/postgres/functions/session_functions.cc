#include "sim/postgres/functions/session_functions.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/postgres/values/array.h"

namespace firedrill::sim::postgres {

namespace {

SessionEnvironment& session_of(Call& call) {
  return dynamic_cast<SessionEnvironment&>(call.environment);
}

/// A sequence, by its name or as regclass.
std::string sequence_of(Call& call) {
  return call[0].kind() == Kind::integer ? call.environment.relation_name(call[0].integer())
                                         : call[0].text();
}

Value next_value(Call& call) {
  return Value::of(session_of(call).next_value_of(sequence_of(call)));
}
Value current_value(Call& call) {
  return Value::of(session_of(call).current_value_of(sequence_of(call)));
}
Value last_value(Call& call) {
  return Value::of(session_of(call).last_value());
}
Value set_value(Call& call) {
  const bool is_called = call.size() < 3 || call[2].boolean();
  session_of(call).set_value_of(sequence_of(call), call[1].integer(), is_called);
  return call[1];
}

/// A key of eight bytes, or two of four: two spaces of keys.
LockTag advisory_tag(Call& call) {
  if (call.size() == 1) {
    return {LockTag::Kind::advisory, static_cast<std::uint64_t>(call[0].integer()), 1ULL << 32U};
  }
  return {LockTag::Kind::advisory, static_cast<std::uint32_t>(call[0].integer()),
          (2ULL << 32U) | static_cast<std::uint32_t>(call[1].integer())};
}

template <LockMode kMode, bool kForSession, bool kWaits>
Value lock(Call& call) {
  const bool got = session_of(call).lock_advisory(advisory_tag(call), kMode, kForSession, kWaits);
  return kWaits ? Value::of("") : Value::of(got);
}
template <LockMode kMode>
Value unlock(Call& call) {
  return Value::of(session_of(call).unlock_advisory(advisory_tag(call), kMode));
}
Value unlock_all(Call& call) {
  session_of(call).unlock_all_advisory();
  return Value::of("");
}

Value sleep(Call& call) {
  constexpr double kSecond_us = 1e6;
  constexpr double kMost_us = 1e15;  // thirty years
  const double us = std::min(call[0].real() * kSecond_us, kMost_us);
  if (us > 0) session_of(call).sleep(static_cast<std::int64_t>(std::ceil(us)));
  return Value::of("");
}

Value blocking_pids(Call& call) {
  Row pids;
  const auto backend = static_cast<std::int32_t>(call[0].integer());
  for (const std::int32_t each : session_of(call).blockers_of(backend)) {
    pids.push_back(Value::of(static_cast<std::int64_t>(each)));
  }
  return Value::boxed(Array::of(TypeId::int4, std::move(pids)));
}

Value transaction_id(Call& call) {
  return Value::of(session_of(call).transaction_id());
}
Value set_config(Call& call) {
  return Value::of(session_of(call).set_setting(call[0].text(), call[1].text()));
}

Value notify(Call& call) {
  const auto text = [&](std::size_t index) {
    return call[index].is_null() ? std::string_view() : call[index].text();
  };
  session_of(call).notify(text(0), text(1));
  return Value::of("");
}
std::vector<Value> listening_channels(Call& call) {
  std::vector<Value> channels;
  for (const std::string& each : session_of(call).listening_channels()) {
    channels.push_back(Value::of(each));
  }
  return channels;
}
/// Of the queue's eight gigabytes: nobody fills them here.
Value queue_usage(Call&) {
  return Value::of(0.0);
}

constexpr LockMode kExclusive = LockMode::exclusive;
constexpr LockMode kShare = LockMode::share;
constexpr bool kStrict = true;
constexpr bool kVolatile = true;

constexpr auto kFunctions = std::to_array<FunctionRow>({
    {"nextval", "text", "int8", next_value, kStrict, kVolatile},
    {"nextval", "regclass", "int8", next_value, kStrict, kVolatile},
    {"currval", "text", "int8", current_value, kStrict, kVolatile},
    {"currval", "regclass", "int8", current_value, kStrict, kVolatile},
    {"lastval", "", "int8", last_value, kStrict, kVolatile},
    {"setval", "text int8", "int8", set_value, kStrict, kVolatile},
    {"setval", "regclass int8", "int8", set_value, kStrict, kVolatile},
    {"setval", "regclass int8 bool", "int8", set_value, kStrict, kVolatile},
    {"setval", "text int8 bool", "int8", set_value, kStrict, kVolatile},
    {"pg_advisory_lock", "int8", "void", lock<kExclusive, true, true>, kStrict, kVolatile},
    {"pg_advisory_lock", "int4 int4", "void", lock<kExclusive, true, true>, kStrict, kVolatile},
    {"pg_advisory_lock_shared", "int8", "void", lock<kShare, true, true>, kStrict, kVolatile},
    {"pg_advisory_xact_lock", "int8", "void", lock<kExclusive, false, true>, kStrict, kVolatile},
    {"pg_advisory_xact_lock", "int4 int4", "void", lock<kExclusive, false, true>, kStrict,
     kVolatile},
    {"pg_advisory_xact_lock_shared", "int8", "void", lock<kShare, false, true>, kStrict, kVolatile},
    {"pg_try_advisory_lock", "int8", "bool", lock<kExclusive, true, false>, kStrict, kVolatile},
    {"pg_try_advisory_lock", "int4 int4", "bool", lock<kExclusive, true, false>, kStrict,
     kVolatile},
    {"pg_try_advisory_lock_shared", "int8", "bool", lock<kShare, true, false>, kStrict, kVolatile},
    {"pg_try_advisory_xact_lock", "int8", "bool", lock<kExclusive, false, false>, kStrict,
     kVolatile},
    {"pg_try_advisory_xact_lock", "int4 int4", "bool", lock<kExclusive, false, false>, kStrict,
     kVolatile},
    {"pg_advisory_unlock", "int8", "bool", unlock<kExclusive>, kStrict, kVolatile},
    {"pg_advisory_unlock", "int4 int4", "bool", unlock<kExclusive>, kStrict, kVolatile},
    {"pg_advisory_unlock_shared", "int8", "bool", unlock<kShare>, kStrict, kVolatile},
    {"pg_advisory_unlock_all", "", "void", unlock_all, kStrict, kVolatile},
    {"pg_sleep", "float8", "void", sleep, kStrict, kVolatile},
    {"pg_blocking_pids", "int4", "_int4", blocking_pids, kStrict, kVolatile},
    {"txid_current", "", "int8", transaction_id, kStrict, kVolatile},
    {"set_config", "text text bool", "text", set_config, kStrict, kVolatile},
    {"pg_notify", "text text", "void", notify, false, kVolatile},
    {"pg_notification_queue_usage", "", "float8", queue_usage, kStrict, kVolatile},
});

constexpr auto kSetFunctions = std::to_array<SetFunctionRow>({
    {"pg_listening_channels", "", "text", listening_channels},
});

}  // namespace

FunctionFamily session_family() {
  return {.functions = kFunctions, .set_functions = kSetFunctions};
}

}  // namespace firedrill::sim::postgres
