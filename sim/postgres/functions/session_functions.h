#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/postgres/functions/function.h"
#include "sim/postgres/storage/locks.h"

namespace firedrill::sim::postgres {

/// What functions ask of a session beyond the time and the like.
class SessionEnvironment : public Environment {
 public:
  virtual std::int64_t next_value_of(std::string_view sequence) = 0;
  virtual std::int64_t current_value_of(std::string_view sequence) = 0;
  virtual std::int64_t last_value() = 0;
  virtual void set_value_of(std::string_view sequence, std::int64_t value, bool is_called) = 0;
  /// False: not to be had without waiting.
  virtual bool lock_advisory(const LockTag& tag, LockMode mode, bool for_session, bool waits) = 0;
  virtual bool unlock_advisory(const LockTag& tag, LockMode mode) = 0;
  virtual void unlock_all_advisory() = 0;
  virtual std::int64_t transaction_id() = 0;
  virtual void sleep(std::int64_t for_us) = 0;
  /// pg_blocking_pids()
  virtual std::vector<std::int32_t> blockers_of(std::int32_t backend) = 0;
  virtual std::string set_setting(std::string_view name, std::string_view value) = 0;
  virtual void notify(std::string_view channel, std::string_view payload) = 0;
  virtual std::vector<std::string> listening_channels() const = 0;
};

/// Sequences, advisory locks, txid_current(), set_config().
FunctionFamily session_family();

}  // namespace firedrill::sim::postgres
