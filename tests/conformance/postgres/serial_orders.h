#pragma once

#include <cstdint>
#include <optional>

#include "tests/conformance/postgres/interleaving.h"
#include "tests/conformance/postgres/model_run.h"

namespace firedrill::test {

/// Whether committed serializable transactions go one after the other.
enum class SerialFit : std::uint8_t {
  whole,
  /// But for what a unique check has met: it looks at what is there now, not at the snapshot, and
  /// is no read that PostgreSQL notes.
  up_to_a_unique_check,
  none,
};

/// Whether the serializable transactions that committed in that run of the model answered, and
/// left, what they do one after the other in some order. Nothing, where that is not to be asked:
/// not every session is one serializable transaction, made of what depends on rows alone.
std::optional<SerialFit> fits_serial_order(const Interleaving& interleaving, const ModelRun& run);

}  // namespace firedrill::test
