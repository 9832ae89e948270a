#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system/domain/redis_reply.h"
#include "traces/history.h"

namespace firedrill::workload {

/// How the stores' keys are read into a history. Written against the documented layout of the keys
/// (docs/ARCHITECTURE.md), not against the services' code: who watches must not share their bugs.
///
/// What a key is about, and the command that reads it.
struct Watched {
  enum class Kind { counters, plain_stock, log };
  Kind kind;
  std::string product;
  std::vector<std::string> command;  ///< its reply is what `read` takes
};

/// None where nobody watches the key.
std::optional<Watched> watch(std::string_view key);

/// The keys that hold what there is of a product, in either design.
std::vector<std::string> stock_keys(const std::string& product);

/// What the reply to `watched.command` says; none where the key is gone. For a log: its last entry.
std::optional<traces::What> read(const Watched& watched, const RedisReply& reply);

/// One entry of a stock log, as XRANGE gives it: [id, [field, value, ...]].
std::optional<traces::StockEffect> read_log_entry(const std::string& product,
                                                  const RedisReply& entry);

}  // namespace firedrill::workload
