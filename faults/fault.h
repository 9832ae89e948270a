#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "sim/cluster/flash_sale.h"
#include "traces/trace.h"

namespace firedrill::faults {

/// A fault that has begun. Ending it undoes what it did to the world, but not what came of that.
class ActiveFault {
 public:
  virtual ~ActiveFault() = default;

  /// Told once.
  virtual void end() {}

  /// Whether anything was different because of it so far: a message was held up, a process had
  /// work when it died, somebody read the wrong clock.
  virtual bool took_effect() const = 0;
};

/// What a kind of fault strikes: what its subject and object name.
enum class Aim : std::uint8_t {
  link,      ///< the way from subject to object, hosts that talk to each other
  requests,  ///< the same, from a client to its server
  replies,   ///< the same, from a server to its client
  process,   ///< a process, backends included
  clock,     ///< the host of a service (a backend's clock is the time by which promises are kept)
  queue,     ///< the broker
  topic,     ///< the broker, and one of its topics
  redis,     ///< the Redis server
  postgres,  ///< the PostgreSQL that clients are led to
};

/// A kind of fault.
struct Kind {
  std::string_view name;
  std::string_view about;  ///< one line for `firedrill list faults`
  /// The unit of `amount`, and after a semicolon what else there is to say of it; empty where it
  /// means nothing.
  std::string_view amount;
  bool lasts;  ///< whether its duration means anything
  Aim aim;
  std::unique_ptr<ActiveFault> (*begin)(sim::FlashSaleCluster&, const traces::Fault&);
  /// Whether a store may forget what it has acknowledged: a design for which it is the only store
  /// of that cannot keep its promises.
  bool loses_data = false;
  /// Where that depends on how the stores are set up: nothing where it does not.
  bool (*loses_data_in)(const traces::Case&) = nullptr;
};

inline bool loses_data(const Kind& kind, const traces::Case& run) {
  return kind.loses_data || (kind.loses_data_in != nullptr && kind.loses_data_in(run));
}

}  // namespace firedrill::faults
